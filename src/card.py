"""Write a run's model card next to its adapter: base, data, settings and ratings.

in   data/dataset/r1                     the version's shards, for their hash
     data/curves/tiny-r1/metrics.json    {"step": 800, "dev": {"loss": 0.0533}, ...}
     data/ledger/finetune-tiny-r1.json   {"in": 1680, "ok": 1680, ...}
     metrics/plots/ratings.csv           tiny-r1,botchat,judge,4.29,4.12,4.45,200,1
     metrics/effects.json                [{"system": "tiny-r1", "against": "teacher", ...}, ...]
     metrics/verdict.json                [{"name": "judge", "answer": "The judge ...", ...}, ...]
     models/base/<base>/README.md        the base's name on the hub, and its licence
out  models/tiny-r1/README.md            base, dataset version and hash, settings, ratings
"""

import csv
import json
from pathlib import Path
from typing import Any

from distill import paths, records, stage
from distill.llm.settings import Model
from distill.params import load
from distill.params.arf import Params
from distill.records import Row
from distill.report.arf import hub
from distill.report.arf.comparisons import first_run
from distill.report.page import JUDGE, Conclusion, read_verdict
from distill.stats import tables
from distill.stats.intervals import Estimate

HEADER = ["Measure", "Channel", "Mean rating", "Difference to the teacher"]

RECIPE = """\
The folder is complete but for the base: tokenizer, chat template (which renders the training's
prompts by itself), generation settings (greedy), and below `prompts/` the words in which it is
asked. From the repository's root, with `PYTHONPATH=src`, this gives the pipeline's own summaries,
where `dtype` is that of the run's predictions:

```python
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer, GenerationConfig

from distill.production import chat

run = "models/{name}"
text = "Customer: my order 07-11223-45678 never came"
model = AutoPeftModelForCausalLM.from_pretrained(run, dtype="auto").merge_and_unload()
tokenizer = AutoTokenizer.from_pretrained(run)
prompt = tokenizer.apply_chat_template(
    chat.messages(run, "{channel}", text),
    add_generation_prompt=True,
    return_dict=True,
    return_tensors="pt",
)
settings = GenerationConfig.from_pretrained(run, max_new_tokens={tokens})
output = model.generate(**prompt, generation_config=settings)
answer = output[0, prompt["input_ids"].shape[1] :]
print(tokenizer.decode(answer, skip_special_tokens=True).strip())
```

`make serve RUN={name}` serves it.
"""


def card(name: str, params: Params, digest: str, trained: Row, rated: str) -> str:
    """Return the model card.

    `trained` is {"steps": 800, "dev_loss": 0.0533, "rows": 1680, "left_out": 3}, `rated` the
    section on the ratings, `digest` the SHA-256 of the dataset version.
    """
    run = params.runs[name]
    student = params.students[run.student]
    phases = run.phases or [sorted(params.channels)]
    order = ", then ".join(" + ".join(phase) for phase in phases)
    return f"""
# {name}

A LoRA adapter that summarises customer interactions, trained on dataset version `{run.version}`.

| | |
|---|---|
| base | `{student.base}` |
| dataset | `data/dataset/{run.version}`, sha256 of its shards `{digest}` |
| channels | {order} |
| rows of train and dev | {trained["rows"]}; {trained["left_out"]} longer ones excluded |
| LoRA | `{json.dumps(student.lora.model_dump())}` |
| training | `{json.dumps(student.train.model_dump())}` |
| longest prompt with summary | {student.max_length} tokens |
| seed | {run.seed_or(params.seed)} |
| steps | {trained["steps"]} |
| dev loss at the end, on {" + ".join(phases[-1])} | {trained["dev_loss"]:.4f} |

{rated}

{RECIPE.format(name=name, channel=phases[-1][0], tokens=student.predict.max_new_tokens)}
## Use, data and limits

It summarises interactions of the channels above, in the words of its prompts and in English, for
people who can look at the interaction. It was trained on
{_data(params)},
labelled by `{_model(params, params.label.llm)}` and rated by `{_model(params, params.judge.llm)}`.
Its answers lose and invent facts as often as the ratings say. Other channels, languages and tasks
were not tried. The terms of the labelling model's provider may restrict training on its output.

{hub.licence(hub.base(student.base))}
"""


def rated(lines: list[list[str]], verdict: list[Conclusion]) -> str:
    """Return the table of the ratings below what their judge is worth."""
    judged = next(one.answer for one in verdict if one.name == JUDGE)
    heading, _, table = tables.Table("Ratings", HEADER, lines).markdown().partition("\n")
    return f"""{heading}

{judged}
{table}
Mean ratings from 1 to 5 of the test rows, with 95% intervals; differences are paired by row, p is
corrected by Holm's method. Ratings of several trainings are those of all runs that differ from this
one in their seed alone."""


def _data(params: Params) -> str:
    if params.on_sample:
        return "a synthetic corpus of made-up interactions"
    return "customers' interactions whose personal data was replaced by artificial values"


def _model(params: Params, llm: str) -> str:
    found = params.llms[llm]
    return found.model if isinstance(found, Model) else "deterministic rules"


def ratings(name: str, means: list[Row], effects: list[Row]) -> list[list[str]]:
    """Return a line per measure and channel: the mean, and the difference to the teacher.

    `means` are the lines of metrics/plots/ratings.csv, `effects` those of metrics/effects.json.
    """
    above = {
        (effect["measure"], effect["channel"]): _estimate(effect, "delta")
        for effect in effects
        if effect["system"] == name and effect["against"] == paths.TEACHER
    }
    return [
        [
            row["measure"],
            row["channel"],
            tables.mean_cell(_estimate(row, "mean")),
            tables.delta_cell(above.get((row["measure"], row["channel"]))),
        ]
        for row in means
        if row["system"] == name
    ]


def _estimate(row: Row, value: str) -> Estimate:
    """An estimate from a line of a CSV file, where empty is unknown, or of effects.json."""
    middle, low, high = (
        None if row[key] in {"", None} else float(row[key]) for key in (value, "low", "high")
    )
    return Estimate(middle, low, high, int(row["n"]), row.get("p_holm"), int(row["seeds"]))


def _training(name: str) -> Row:
    last = _read(paths.curves(name) / "metrics.json")
    counts = _read(paths.ledger("finetune", name))
    return {
        "steps": last["step"],
        "dev_loss": last["dev"]["loss"],
        "rows": counts["ok"],
        "left_out": counts["in"] - counts["ok"],
    }


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def main() -> None:
    """Write the card of the run that the command line names."""
    args = stage.parser(__doc__, "run").parse_args()
    params = load(args.params)
    name = stage.known("run", args.run, params.runs)
    with (paths.METRICS / "plots/ratings.csv").open(encoding="utf-8", newline="") as lines:
        means = list(csv.DictReader(lines))
    lines = ratings(first_run(params, name), means, _read(paths.METRICS / "effects.json"))
    section = rated(lines, read_verdict(paths.METRICS / "verdict.json"))
    digest = records.digest(paths.dataset(params.runs[name].version))
    run = params.runs[name]
    own = [row for row in means if row["system"] == first_run(params, name)]
    head = hub.head(name, hub.base(params.students[run.student].base), run.version, own)
    text = head + card(name, params, digest, _training(name), section)
    records.write_text(paths.model(name) / "README.md", text)


if __name__ == "__main__":
    stage.main(main)
