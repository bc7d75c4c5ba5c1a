"""What the rest of the pipeline will cost, before anything is paid: `make estimate`.

in   params.yaml, prompts/, data/split and, in .distill/, the kept replies and what was spent
out  stage        model   calls   kept   prompt tokens   completion tokens   dollars   at most
     label org    gpt-x   1,448    200         514,110             108,576    $0.42     $2.13
     ...

The stages' own functions run on the real rows, with a provider that asks nobody: it gives the kept
reply where there is one; elsewhere it counts a call and gives a stand-in, on which the stages after
it go on. No key is read, no request made and no file written.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, product

import annotate
import judge
import label
import predict
import revise
from distill import paths, records, stage
from distill.errors import InputError
from distill.ledger import Ledger
from distill.llm.cache import Replies
from distill.llm.messages import Provider, Reply, Request
from distill.llm.settings import OpenAI
from distill.llm.store import Store
from distill.params import load
from distill.params.arf import Params
from distill.params.stages import paid
from distill.providers import Rules
from distill.records import Row
from distill.report.estimates import Line, Rates, page
from distill.students import served
from distill.tasks.summarize import format


@dataclass
class Known:
    """Rows as a stage will write them; those of `unknown` ids rest on a stand-in."""

    rows: list[Row]
    unknown: set[str]


class Nobody:
    """A provider that asks nobody: kept replies and stand-ins, counted in `line`.

    An edit's stand-in is the summary as it was. A row that got a stand-in joins `unknown`, and
    what rests on one is counted as a call, be it kept or not: it will be another one. What a batch
    will bring is not asked anew, so it counts as kept.
    """

    def __init__(self, line: Line, replies: Replies | None, unknown: set[str], stand_in: str):
        self.line, self.replies, self.unknown, self.stand_in = line, replies, unknown, stand_in

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order."""
        return map(self._reply, requests)

    def _reply(self, request: Request) -> Reply:
        self.line.calls += 1
        if request.id in self.unknown:
            self.line.stand_ins += 1
        elif (kept := self._kept(request)) is not None:
            self.line.kept += 1
            return kept
        self.unknown.add(request.id)
        if self.replies and self.replies.is_pending(request):
            self.line.kept += 1
        else:
            self.line.answers += request.samples
            self.line.characters += request.characters
        return Reply(
            text=request.rows[0].get("output") or request.rows[0].get("target") or self.stand_in
        )

    def _kept(self, request: Request) -> Reply | None:
        return self.replies and self.replies.cached(self.replies.key(request), request)


class Forecast:
    """The pipeline from label to judge, run once with nobody behind its endpoints."""

    def __init__(self, params: Params, store: Store | None):
        self.params, self.store = params, store
        self.rates = Rates(store.spent() if store else [])
        self._lines: list[Line] = []
        self._made: dict[tuple[str, str], Known] = {}

    def lines(self) -> list[Line]:
        """Return what each stage that asks an endpoint will ask, in the pipeline's order."""
        run = {
            "label": self._labelled,
            "annotate": self._annotated,
            "revise": self.version,
            "predict": self._predict,
            "judge": self._judge,
        }
        asked = paid(self.params)
        for one in asked:
            run[one.name](one.key)
        order = [(one.name, one.key) for one in asked]
        lines = [line for line in self._lines if (line.stage, line.key) in order]
        return sorted(lines, key=lambda line: order.index((line.stage, line.key)))

    def _labelled(self, key: str) -> Known:
        return self.version(key) if key == paths.ORG else self.predictions(key)

    def version(self, name: str) -> Known:
        """A dataset version."""
        if name == paths.ORG:
            return self._once("label", name, lambda: self._label(name, label.LEARNED))
        return self._once("revise", name, lambda: self._revise(name))

    def predictions(self, system: str) -> Known:
        """A system's summaries; the teacher's stand in for those that no student made yet."""
        made = self._once("label", paths.TEACHER, lambda: self._label(paths.TEACHER, ["test"]))
        teacher = Known([{**row, "output": row["target"]} for row in made.rows], made.unknown)
        folder = paths.predictions(system)
        if system == paths.TEACHER:
            return teacher
        tests = {row["id"] for row in records.read(paths.split("test"))}
        rows = list(records.read(folder)) if folder.exists() else []
        if rows and all(row["id"] in tests for row in rows):
            return Known(rows, set())
        return Known(teacher.rows, {row["id"] for row in teacher.rows})

    def _once(self, stage: str, key: str, make: Callable[[], Known]) -> Known:
        if (stage, key) not in self._made:
            self._made[stage, key] = make()
        return self._made[stage, key]

    def _label(self, key: str, splits: Iterable[str]) -> Known:
        unknown: set[str] = set()
        teacher = self._provider("label", key, self.params.label.llm, unknown)
        rows = chain.from_iterable(records.read(paths.split(name)) for name in splits)
        made = label.label(rows, teacher, Ledger("label", key))
        return Known([{**row, "target": text, "edits": []} for row, text in made], unknown)

    def _annotated(self, version: str) -> Known:
        return self._once("annotate", version, lambda: self._annotate(version))

    def _annotate(self, version: str) -> Known:
        settings, known = self.params.annotate, self.version(version)
        unknown = set(known.unknown)
        annotator = self._provider("annotate", version, settings.llm, unknown)
        ledger = Ledger("annotate", version)
        return Known(list(annotate.annotate(known.rows, annotator, settings, ledger)), unknown)

    def _revise(self, version: str) -> Known:
        revision = self.params.revisions[version]
        parent = self.version(revision.parent)
        unknown, flagged = set(parent.unknown), dict[tuple[str, str], str]()
        if revision.only_flagged:
            flagged = self._flagged(version)
            unknown |= self._annotated(revision.parent).unknown
        editor = self._provider("revise", version, revision.llm, unknown)
        ledger = Ledger("revise", version)
        return Known(list(revise.revise(parent.rows, revision, flagged, editor, ledger)), unknown)

    def _flagged(self, version: str) -> dict[tuple[str, str], str]:
        """What the parent's findings flag; a row whose errors are unknown has each of them."""
        revision = self.params.revisions[version]
        made = self._annotated(revision.parent)
        codes = set(chain.from_iterable(revision.fixes.values()))
        known = revise.found_by_machines(self.version(revision.parent).rows, made.rows)
        return known | dict.fromkeys(product(made.unknown, codes), "")

    def _predict(self, system: str) -> None:
        """What a served student is asked."""
        config, name = self.params.served(system), self.params.student(system).predict.endpoint
        assert config is not None
        adapter = paths.model(system) if system in self.params.runs else None
        is_there = adapter is None or served.weights(adapter).exists()
        version = (
            served.version(adapter) if is_there else "to be trained"
        )  # nothing is cached of it
        line = Line("predict", system, str(name), config.model, config.max_tokens)
        model = self._nobody(line, config, set(), version)
        rows = records.read(paths.split("test"))
        deque(predict.predict(rows, model, Ledger("predict", system)), maxlen=0)

    def _judge(self, system: str) -> None:
        known = self.predictions(system)
        model = self._provider("judge", system, self.params.judge.llm, set(known.unknown))
        rows = judge.rated(records.read(paths.split("test")), known.rows)
        deque(
            judge.judge(rows, system, model, self.params.judge, Ledger("judge", system)), maxlen=0
        )

    def _provider(self, stage: str, key: str, llm: str, unknown: set[str]) -> Provider:
        config = self.params.llm(llm)
        if not isinstance(config, OpenAI):
            return Rules()
        line = Line(stage, key, llm, config.model, config.max_tokens)
        return self._nobody(line, config, unknown)

    def _nobody(self, line: Line, config: OpenAI, unknown: set[str], version: str = "") -> Nobody:
        self._lines.append(line)
        replies = Replies(config, self.store, version) if self.store else None
        return Nobody(line, replies, unknown, self._stand_in(config.model))

    def _stand_in(self, model: str) -> str:
        """A summary as long as those that label got, or as is assumed."""
        characters = self.rates.reply("label", model)[0] * self.rates.token(model)[0]
        return format.render(["word " * round(characters / len("word "))])


def main() -> None:
    """Print the estimate."""
    params = load()
    if not paid(params):
        print("Rules answer every stage: no call, no token, no dollar")
        return
    if not paths.SPLIT.exists():
        raise InputError(f"{paths.SPLIT} does not exist; `dvc repro split` makes it, unpaid")
    store = Store(dry_run=True) if paths.replies().exists() else None
    forecast = Forecast(params, store)
    lines = forecast.lines()
    spent, pending = (store.spent_dollars(), store.pending_dollars()) if store else (0.0, 0.0)
    for said in page(lines, params, forecast.rates, spent, pending):
        print(said)


if __name__ == "__main__":
    stage.main(main)
