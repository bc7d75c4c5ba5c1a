"""List the errors in a dataset version by the annotator model (paper, section 5.2).

in   data/dataset/org     {"id": "botchat-000123", "channel": "botchat", "split": "audit",
                           "input": "Customer: ...", "target":
                           "<ul><li>wants a refund</li><li>is frustrated</li></ul>", ...}
out  data/annotated/org   {"id": "botchat-000123", "source": "gpt", "findings":
                           [{"code": "sentiment_inferred_frustrated", "evidence": "is frustrated"}]}

A row without a usable reply has null for its findings. An entry of a reply with an unknown code,
or with a quote that stands nowhere, is dropped; the ledger counts it under `notes`. Experts'
annotations are no input of this stage, so a new one calls no model.
"""

from collections.abc import Iterable, Iterator

from distill import paths, records, stage
from distill.ledger import Ledger
from distill.llm.ask import ask
from distill.llm.messages import Provider
from distill.params import load
from distill.params.arf import Annotate
from distill.providers import connect
from distill.records import Row
from distill.tasks.summarize import questions


def annotate(
    rows: Iterable[Row], annotator: Provider, settings: Annotate, ledger: Ledger
) -> Iterator[Row]:
    """Yield the annotator's findings in each row of the settings' `splits`, in order."""
    entered = ledger.entered(row for row in rows if row["split"] in settings.splits)
    for row, reply in ask(annotator, entered, questions.annotate, ledger):
        findings = None
        if reply.error:
            ledger.quarantine(row["id"], reply.error, reply.detail, reply.text)
        else:
            findings = [
                {"code": error.code, "evidence": error.quote} for error in reply.value.errors
            ]
            ledger.ok()
            ledger.note(reply.value.dropped)
        yield {"id": row["id"], "source": settings.llm, "findings": findings}


def main() -> None:
    """Write the annotator's findings in one dataset version, named on the command line."""
    args = stage.parser(__doc__, "version").parse_args()
    params = load(args.params)
    version = stage.known("version", args.version, params.versions)
    annotator = connect(params, "annotate", params.annotate.llm)
    limit, total = params.annotate.max_quarantined, records.count(paths.dataset(version))
    with Ledger("annotate", version, limit, total) as ledger:
        rows = annotate(records.read(paths.dataset(version)), annotator, params.annotate, ledger)
        records.write_shards(paths.annotated(version), ledger.checked(rows), params.rows_per_shard)


if __name__ == "__main__":
    stage.main(main)
