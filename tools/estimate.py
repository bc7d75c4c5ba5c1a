"""Estimate the cost of the rest of the pipeline by a dry run: `make estimate`.

in   params.yaml, prompts/, data/split and, in .distill/, the cached replies and the spending
out  stage        model   calls   cached   prompt tokens   completion tokens   dollars   at most
     label org    gpt-x   1,448      200         514,110             108,576    $0.42     $2.13
     ...

The stages' own functions run on the real rows with a stub provider. It returns the cached reply
where there is one; elsewhere it counts a call and returns a stand-in, which later stages use. The
dry run reads no API key, sends no request and writes no file.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, product

import annotate
import ask
import edit
import judge
import label
import predict
from distill import paths, records, stage
from distill.errors import InputError
from distill.ledger import Ledger
from distill.llm.cache import Replies
from distill.llm.messages import Provider, Reply, Request
from distill.llm.settings import OpenAI
from distill.llm.store import Store
from distill.params import load
from distill.params.arf import Params
from distill.params.stages import paid, stages
from distill.providers import Rules
from distill.records import Row
from distill.report.estimates import Dollars, Line, Rates, page
from distill.students import served
from distill.tasks.summarize import cascade, format
from distill.tasks.summarize.findings import in_rows
from filter import without_errors


@dataclass
class Output:
    """The rows that a stage will write; those with an id in `unknown` are based on a stand-in."""

    rows: list[Row]
    unknown: set[str]


class Stub:
    """A provider that sends nothing: it returns cached replies and stand-ins, counted in `line`.

    The stand-in of an edit is the unedited summary. The id of a row that gets a stand-in is added
    to `unknown`; a request based on one always counts as a new call, because the actual request
    will differ. A request of a pending batch counts as cached.
    """

    def __init__(self, line: Line, replies: Replies | None, unknown: set[str], stand_in: str):
        self.line, self.replies, self.unknown, self.stand_in = line, replies, unknown, stand_in

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply per request, in order."""
        return map(self._reply, requests)

    def _reply(self, request: Request) -> Reply:
        self.line.calls += 1
        if request.id in self.unknown:
            self.line.stand_ins += 1
        elif (cached := self._cached(request)) is not None:
            self.line.cached += 1
            return cached
        self.unknown.add(request.id)
        if self.replies and self.replies.is_pending(request):
            self.line.cached += 1
        else:
            self.line.answers += request.samples
            self.line.characters += request.characters
        return Reply(
            text=request.rows[0].get("output") or request.rows[0].get("target") or self.stand_in
        )

    def _cached(self, request: Request) -> Reply | None:
        return self.replies and self.replies.cached(self.replies.key(request), request)


class Forecast:
    """A dry run of the pipeline from label to judge, with stubs in place of its endpoints."""

    def __init__(self, params: Params, store: Store | None):
        self.params, self.store = params, store
        self.rates = Rates(store.spent() if store else [])
        self._lines: list[Line] = []
        self._outputs: dict[tuple[str, str], Output] = {}

    def lines(self) -> list[Line]:
        """Return the calls of each stage that calls an endpoint and has a dry run, in order."""
        run = {
            "label": self._labelled,
            "annotate": self._annotated,
            "revise": self.version,
            "predict": self._predict,
            "ask": self.predictions,
            "edit": self.predictions,
            "judge": self._judge,
        }
        asked = [stage for stage in paid(self.params) if stage.name in run]
        for one in asked:
            run[one.name](one.key)
        order = [(one.name, one.key) for one in asked]
        lines = [line for line in self._lines if (line.stage, line.key) in order]
        return sorted(lines, key=lambda line: order.index((line.stage, line.key)))

    def _labelled(self, key: str) -> Output:
        return self.version(key) if key == paths.ORG else self.predictions(key)

    def version(self, name: str) -> Output:
        """Return a dataset version."""
        if name == paths.ORG:
            return self._once("label", name, lambda: self._label(name, label.LEARNED))
        if name in self.params.filtered:
            return self._once("filter", name, lambda: self._filter(name))
        return self._once("revise", name, lambda: self._revise(name))

    def predictions(self, system: str) -> Output:
        """Return a system's outputs, the teacher's where the student has none yet."""
        if system in self.params.asked:
            return self._once("ask", system, lambda: self._ask(system))
        if system in self.params.edited:
            return self._once("edit", system, lambda: self._edit(system))
        labels = self._once("label", paths.TEACHER, lambda: self._label(paths.TEACHER, ["test"]))
        teacher = Output([{**row, "output": row["target"]} for row in labels.rows], labels.unknown)
        folder = paths.predictions(system)
        if system == paths.TEACHER:
            return teacher
        tests = {row["id"] for row in records.read(paths.split("test"))}
        rows = list(records.read(folder)) if folder.exists() else []
        if rows and all(row["id"] in tests for row in rows):
            return Output(rows, set())
        return Output(teacher.rows, {row["id"] for row in teacher.rows})

    def _once(self, stage: str, key: str, run: Callable[[], Output]) -> Output:
        if (stage, key) not in self._outputs:
            self._outputs[stage, key] = run()
        return self._outputs[stage, key]

    def _label(self, key: str, splits: Iterable[str]) -> Output:
        unknown: set[str] = set()
        teacher = self._provider("label", key, self.params.label.llm, unknown)
        rows = chain.from_iterable(records.read(paths.split(name)) for name in splits)
        labels = label.label(rows, teacher, Ledger("label", key))
        return Output([{**row, "target": text, "edits": []} for row, text in labels], unknown)

    def _ask(self, system: str) -> Output:
        unknown: set[str] = set()
        settings, tests = self.params.asked[system], records.read(paths.split("test"))
        model = self._provider("ask", system, settings.llm, unknown)
        made = ask.predict(tests, settings.prompts, model, Ledger("ask", system))
        return Output(list(made), unknown)

    def _edit(self, system: str) -> Output:
        settings, tests = self.params.edited[system], records.read(paths.split("test"))
        outputs = self.predictions(settings.parent)
        unknown = set(outputs.unknown)
        editor = self._provider("edit", system, settings.llm, unknown)
        revision = self.params.revisions[settings.revision]
        made = edit.edit(tests, outputs.rows, revision, editor, Ledger("edit", system))
        return Output(list(made), unknown)

    def _annotated(self, version: str) -> Output:
        return self._once("annotate", version, lambda: self._annotate(version))

    def _annotate(self, version: str) -> Output:
        settings, dataset = self.params.annotate, self.version(version)
        unknown = set(dataset.unknown)
        annotator = self._provider("annotate", version, settings.llm, unknown)
        ledger = Ledger("annotate", version)
        return Output(list(annotate.annotate(dataset.rows, annotator, settings, ledger)), unknown)

    def _revise(self, version: str) -> Output:
        revision = self.params.revisions[version]
        parent = self.version(revision.parent)
        unknown, flagged = set(parent.unknown), dict[tuple[str, str], str]()
        if revision.only_flagged:
            flagged = self._flagged(version)
            unknown |= self._annotated(revision.parent).unknown
        editor = self._provider("revise", version, revision.llm, unknown)
        ledger = Ledger("revise", version)
        return Output(list(cascade.edit(parent.rows, revision, flagged, editor, ledger)), unknown)

    def _filter(self, version: str) -> Output:
        """Return the rows without an error, those with unknown findings among them."""
        parent = self.params.filtered[version].parent
        dataset, made = self.version(parent), self._annotated(parent)
        known = (row for row in made.rows if row["id"] not in made.unknown)
        found = in_rows(dataset.rows, known, self.params.analyze.checks)
        rows = without_errors(found, Ledger("filter", version))
        return Output(list(rows), dataset.unknown | made.unknown)

    def _flagged(self, version: str) -> dict[tuple[str, str], str]:
        """Return the flagged (id, code) pairs; a row with unknown findings has all codes."""
        revision = self.params.revisions[version]
        made = self._annotated(revision.parent)
        codes = set(chain.from_iterable(revision.fixes.values()))
        rows = self.version(revision.parent).rows
        known = cascade.known(in_rows(rows, made.rows, self.params.analyze.checks), revision)
        return known.found | dict.fromkeys(product(made.unknown, codes), "")

    def _predict(self, system: str) -> None:
        """Count the calls to a served student."""
        config, name = self.params.served(system), self.params.student(system).predict.endpoint
        assert config is not None
        adapter = paths.model(system) if system in self.params.runs else None
        is_there = adapter is None or served.weights(adapter).exists()
        # The placeholder of an untrained adapter's digest matches no cached reply.
        version = served.version(adapter) if is_there else "to be trained"
        line = Line("predict", system, str(name), config.model, config.max_tokens)
        model = self._stub(line, config, set(), version)
        rows = records.read(paths.split("test"))
        deque(predict.predict(rows, model, Ledger("predict", system)), maxlen=0)

    def _judge(self, system: str) -> None:
        outputs = self.predictions(system)
        model = self._provider("judge", system, self.params.judge.llm, set(outputs.unknown))
        rows = judge.rated(records.read(paths.split("test")), outputs.rows)
        deque(
            judge.judge(rows, system, model, self.params.judge, Ledger("judge", system)), maxlen=0
        )

    def _provider(self, stage: str, key: str, llm: str, unknown: set[str]) -> Provider:
        config = self.params.llm(llm)
        if not isinstance(config, OpenAI):
            return Rules()
        line = Line(stage, key, llm, config.model, config.max_tokens)
        return self._stub(line, config, unknown)

    def _stub(self, line: Line, config: OpenAI, unknown: set[str], version: str = "") -> Stub:
        self._lines.append(line)
        replies = Replies(config, self.store, version) if self.store else None
        return Stub(line, replies, unknown, self._stand_in(config.model))

    def _stand_in(self, model: str) -> str:
        """Return a summary of the observed or assumed length of label's replies."""
        characters = self.rates.reply("label", model)[0] * self.rates.token(model)[0]
        return format.render(["word " * round(characters / len("word "))])


def main() -> None:
    """Print the estimate."""
    args = stage.parser(__doc__).parse_args()
    params = load(args.params)
    if not paid(params):
        print("All stages use rules, which are free: no endpoint is called")
        return
    if not paths.SPLIT.exists():
        raise InputError(f"{paths.SPLIT} does not exist; run `dvc repro split`, which is free")
    store = Store(dry_run=True) if paths.replies().exists() else None
    forecast = Forecast(params, store)
    lines = forecast.lines()
    dollars = Dollars(store.spent_dollars(), store.pending_dollars()) if store else Dollars()
    for text in page(lines, params, stages(params), forecast.rates, dollars):
        print(text)


if __name__ == "__main__":
    stage.main(main)
