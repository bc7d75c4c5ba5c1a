"""Generate the synthetic corpus of the offline default and its hidden truth.

in   sample: {rows: 640, heldout: 200, rates: 1.0}    and    seed: 7    (params.yaml)
out  {"id": "000123", "turns": [{"role": "customer", "text": "Where is my silk scarf?"}]}
     <submission id="000123"><topic>Feedback</topic> ... <message>...</message></submission>
     {"id": "botchat-000123", "channel": "botchat", "intent": "item_not_received", "facts": ...}

The ids of held-out rows begin with "heldout-" in the raw data ("botchat-heldout-000123" later).
DVC keeps the folder until this script runs, which overwrites only what it wrote itself.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

from distill import params, paths, provenance, records, stage
from distill.offline.corpus import Interaction, interactions
from distill.offline.settings import Sample
from distill.records import Row

CHATS = Path("botchat/chats.jsonl")
FORMS = Path("webform/forms.xml")
LEGAL = (
    "By sending this form you accept our terms & conditions. Do not share passwords with anyone."
)
BROWSERS = ["Mozilla/5.0 (X11; Linux)", "Mozilla/5.0 (iPhone)", "Mozilla/5.0 (Windows NT 10.0)"]


def sample(seed: int, settings: Sample) -> Iterator[tuple[str, Interaction]]:
    """Yield (channel, interaction): all chats, then all forms, each in the order of their ids."""
    for channel in ("botchat", "webform"):
        made = interactions(channel, seed, settings.rows, settings.heldout, settings.rates)
        for interaction in made:
            yield channel, interaction


def xml(forms: Iterable[Row], seed: int) -> Iterator[str]:
    """Yield the lines of an XML export of all forms, as irregular as real exports."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield "<!-- export of the contact form -->\n<submissions>\n"
    for form in forms:
        yield from submission(form, Random(f"{seed}/xml/{form['id']}"))
    yield "</submissions>\n"


def submission(form: Row, rng: Random) -> Iterator[str]:
    """Yield the lines of one form; an empty field is an empty element or none."""
    yield f'<submission id="{form["id"]}" locale="any" version="{rng.randrange(2, 5)}">\n'
    if rng.random() < 0.5:
        pixel = '<pixel src="/t?a=1&amp;b=2"/>'
        yield f'  <tracking campaign="c{rng.randrange(100)}">{pixel}</tracking>\n'
    encode = _with_references if rng.random() < 0.2 else escape
    yield f"  <topic>{escape(form['topic'])}</topic>\n"
    for group in ("customer", "item", "order"):
        fields = {path: text for path, text in form.items() if path.startswith(f"{group}/")}
        inner = "".join(_field(path, encode(text), rng) for path, text in fields.items())
        yield f"  <{group}>{inner}</{group}>\n"
    if rng.random() < 0.3:
        yield "  <!-- message as typed -->\n"
    cdata = rng.random() < 0.3
    text = f"<![CDATA[{form['message']}]]>" if cdata else encode(form["message"])
    yield f'  <message format="plain">{text}</message>\n'
    yield f"  <browser>{rng.choice(BROWSERS)}</browser>\n"
    if rng.random() < 0.5:
        yield f"  <legal>{escape(LEGAL)}</legal>\n"
    yield "</submission>\n"


def _with_references(text: str) -> str:
    """Return the text with non-ASCII letters as character references: &#233;."""
    return escape(text).encode("ascii", "xmlcharrefreplace").decode()


def _field(path: str, text: str, rng: Random) -> str:
    name = path.split("/")[1]
    if not text and rng.random() < 0.5:
        return ""
    return f"<{name}>{text}</{name}>"


def main() -> None:
    """Write data/sample; raises InputError where somebody put anything else there."""
    args = stage.parser(__doc__).parse_args()
    settings = params.load(args.params)
    provenance.check(paths.SAMPLE, paths.TRUTH)
    rows = list(sample(settings.seed, settings.sample))
    chats = [interaction.raw for channel, interaction in rows if channel == "botchat"]
    forms = [interaction.raw for channel, interaction in rows if channel == "webform"]
    lines = (json.dumps(chat, ensure_ascii=False) + "\n" for chat in chats)
    provenance.write(paths.SAMPLE / CHATS, lines)
    provenance.write(paths.SAMPLE / FORMS, xml(forms, settings.seed))
    records.write(paths.TRUTH, (interaction.truth for _, interaction in rows))


if __name__ == "__main__":
    stage.main(main)
