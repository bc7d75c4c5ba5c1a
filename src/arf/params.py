"""params.yaml, validated as a whole before a stage does anything."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from xml.etree.ElementTree import Element

import yaml
from pydantic import AfterValidator, BaseModel, Field, ValidationError, field_validator

from arf import paths, prompts, taxonomy
from arf.errors import ParamsError
from arf.privacy.kinds import NER_KINDS, TYPES, Action
from arf.validation import STRICT, Slug, problem


def _host(name: str) -> str:
    try:
        return str(ip_network(name))
    except ValueError as error:
        if re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name):
            return name
        raise ValueError(
            f"{name!r} must be a host's name in small letters, without a port, or a network"
            " such as 10.0.0.0/8"
        ) from error


Host = Annotated[str, AfterValidator(_host)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]
Dollars = Annotated[float, Field(ge=0)]


class Section(BaseModel):
    """A part of params.yaml: an unknown key is an error."""

    model_config = STRICT


class Sample(Section):
    """The made-up corpus of the offline default."""

    rows: Count


class Sizes(Section):
    """Rows of the held-out splits of one channel."""

    test: Count
    dev: Count
    audit: Count


class ChannelBase(Section):
    """What every channel says, whatever its raw format."""

    sizes: Sizes
    train: Count


class Turns(ChannelBase):
    """JSON lines of turns; `roles` maps raw roles to labels, null drops a role.

    `id: null` names rows by file and line; `turns: null` reads lines that are bare lists of turns.
    """

    format: Literal["turns"]
    id: str | None
    turns: str | None
    role: str
    text: str
    roles: dict[str, str | None]


def _place(path: str) -> str:
    inside = path.rpartition("@")[0] if "@" in path else path
    try:
        Element("record").findall(inside.strip("/") or ".")
    except (SyntaxError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path!r} is no path inside a record; write it as customer/name, or customer/@id for"
            " an attribute"
        ) from error
    return path


Place = Annotated[str, AfterValidator(_place)]


class Xml(ChannelBase):
    """XML files of many records; `fields` maps labels to paths inside a record."""

    format: Literal["xml"]
    id: Place
    record: str
    fields: Annotated[dict[str, Place], Field(min_length=1)]


Header = Annotated[str, Field(pattern=r"^[!-9;-~]+$")]


class Email(ChannelBase):
    """.eml and .mbox files; `fields` maps labels to headers, the body's labels are set.

    `quoted` is the history that a message quotes, "Quoted"; `signature` is its "Signature".
    """

    format: Literal["email"]
    fields: Annotated[dict[str, Header], Field(min_length=1)]
    quoted: Literal["keep", "drop"] = "drop"
    signature: Literal["keep", "drop"] = "keep"


Channel = Annotated[Turns | Xml | Email, Field(discriminator="format")]


class Anonymize(Section):
    """`secret_env` names the environment variable that keys the surrogates.

    `policy` says per type of personal data what is done with it, `replace` where it says nothing.
    Mode `strict` also replaces each of the customer's words that is neither English nor occurs in
    `min_documents` interactions of the channel. `ner` names a model of your own that joins in.
    """

    secret_env: str
    max_quarantined: Share
    mode: Literal["rules", "strict"] = "rules"
    policy: dict[str, Action] = {}
    min_documents: Count = 5
    ner: str | None = None

    @field_validator("policy")
    @classmethod
    def _known_types(cls, policy: dict[str, Action]) -> dict[str, Action]:
        unknown = sorted(set(policy) - set(TYPES))
        if unknown:
            raise ValueError(f"unknown type {unknown[0]!r}; known: {', '.join(TYPES)}")
        return policy

    @field_validator("ner")
    @classmethod
    def _known_kind(cls, name: str | None) -> str | None:
        if name is not None and name.partition("/")[0] not in NER_KINDS:
            raise ValueError(f"{name!r} must be one of {', '.join(NER_KINDS)}, then /<model>")
        return name


class Split(Section):
    """`near_duplicate`: the Jaccard similarity from which two rows share a split."""

    near_duplicate: Annotated[float, Field(gt=0, le=1)]


class Rules(Section):
    """Deterministic Python in the place of a model; needs no network."""

    provider: Literal["rules"]


class OpenAI(Section):
    """Any OpenAI-compatible endpoint.

    The key is read from the variable `api_key_env` and sent in `api_key_header`, as a bearer's
    where that is Authorization; a value of `headers` that starts with $ is read from the variable
    of that name. `allow_hosts`: names or networks inside your own network, which are sent any
    text. A network covers addresses as they stand in `base_url`; a name is never looked up.

    `temperature` null leaves it to the server; `extra` joins the body as it is. `json_schema` asks
    for replies in JSON by their schema, where the server knows how.

    `timeout`: seconds until a call is given up; `retries`: further tries after a fault, while
    other calls have replies; `patience`: seconds without any reply after which the rest is not
    asked. `concurrency`: the
    most requests in flight; what the server can take of them is found out. `batch` asks through
    the batch API (OpenAI's files and batches), for about half the price and within a day.
    """

    provider: Literal["openai"]
    model: str
    base_url: Annotated[str, Field(pattern=r"^https?://[^/]")]
    api_key_env: str | None = None
    api_key_header: Header = "Authorization"
    headers: dict[Header, str] = {}
    allow_hosts: list[Host] = []
    temperature: Annotated[float, Field(ge=0)] | None = 0.0
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: int | None = None
    extra: dict[str, Any] = {}
    json_schema: bool = True
    max_tokens: Count = 1024
    timeout: Seconds = 60.0
    retries: Annotated[int, Field(ge=0)] = 6
    patience: Seconds = 120.0
    concurrency: Count = 64
    requests_per_minute: Count | None = None
    tokens_per_minute: Count | None = None
    batch: bool = False

    def sampling(self) -> dict[str, Any]:
        """What shapes an answer beside its words and its longest length."""
        named = {"temperature": self.temperature, "top_p": self.top_p, "seed": self.seed}
        return {name: value for name, value in named.items() if value is not None} | self.extra


Llm = Annotated[Rules | OpenAI, Field(discriminator="provider")]


class Price(Section):
    """Dollars per million tokens; `batch` is the share of it that the batch API asks."""

    prompt: Dollars
    completion: Dollars
    batch: Share = 0.5

    def dollars(self, prompt_tokens: float, completion_tokens: float) -> float:
        """What so many tokens cost."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6

    def as_batch(self) -> "Price":
        """What tokens cost by the batch API."""
        share = self.batch
        return Price(prompt=share * self.prompt, completion=share * self.completion, batch=share)


class Costs(Section):
    """`budget`: dollars that all calls made here may cost together; `prices` by name of `llms`.

    `machine_hour`: dollars for an hour of the machine that the students run on. No stage but
    report depends on any of it, so a new price or a raised budget makes nothing anew.
    """

    budget: Dollars | None = None
    prices: dict[Slug, Price] = {}
    machine_hour: Dollars | None = None


class RowStage(Section):
    """A stage that asks a model about every row."""

    llm: str
    max_quarantined: Share


class Judge(RowStage):
    """One rating a row, unless `samples` asks for the mean of several, or `weighted` for G-Eval's.

    `weighted`: the ratings' mean by the probabilities that the model gives them (G-Eval, arXiv
    2303.16634, section 2.3), from an endpoint that offers log probabilities.
    """

    samples: Count = 1
    weighted: bool = False


class Analyze(RowStage):
    """The annotator looks at the rows of `splits`; the deterministic checks at every row."""

    splits: list[Literal["train", "dev", "audit"]]


class Revision(Section):
    """A dataset version made from its parent by a cascade of targeted fixes per channel.

    `prompts` is the folder of prompts/ that holds <code>.txt for every fix.

    `guard` verifies each edit and keeps the parent's text where it fails; `only_flagged` edits
    just the rows in which the error was found.
    """

    parent: Slug
    llm: str
    prompts: Slug
    fixes: dict[str, list[str]]
    guard: bool = False
    only_flagged: bool = False
    max_quarantined: Share = 0.02


class Lora(Section):
    """The adapter's shape (paper, section 5.4: r 8, alpha 16, dropout 0.1, all linear layers)."""

    r: Count
    alpha: Count
    dropout: Annotated[float, Field(ge=0, lt=1)]
    target: str | list[str]


class Train(Section):
    """Training settings of our choice; `save_steps` sets how much a killed run repeats."""

    epochs: Annotated[float, Field(gt=0)]
    batch: Count
    learning_rate: Annotated[float, Field(gt=0)]
    warmup: Share
    accumulate: Count = 1
    save_steps: Count = 100


class Predict(Section):
    """Greedy generation: rows at once, and the longest summary in tokens.

    `llm` names an endpoint of `llms` that serves the student in the place of this machine: a run's
    adapter under the run's name, the student out of the box under the name of its base.
    """

    batch: Count
    max_new_tokens: Count
    llm: Slug | None = None


class Student(Section):
    """A small model: `base` is a folder or a hub name."""

    base: str
    max_length: Count
    lora: Lora
    train: Train
    predict: Predict
    max_quarantined: Share = 0.05


class Run(Section):
    """One training: `phases` lists the channels of each phase in turn; one joint phase if empty."""

    student: Slug
    version: Slug
    phases: list[Annotated[list[str], Field(min_length=1)]] = []


class Report(Section):
    """`bootstrap`: resamples behind every interval."""

    bootstrap: Annotated[int, Field(ge=100)]


class Review(Section):
    """What experts annotate: rows of a version's audit split, or of a system's test rows.

    Every expert annotates the `overlap` first rows of each channel, so that their agreement can be
    measured; the rest is dealt out. `feedback` further rows are drawn from the thumbs down of
    data/feedback; Table 1 and the judge's calibration leave them out.
    """

    of: Slug
    overlap: Annotated[int, Field(ge=0)]
    feedback: Annotated[int, Field(ge=0)] = 0


class Params(Section):
    """The whole of params.yaml."""

    seed: Annotated[int, Field(ge=0, lt=2**32)]
    source: str
    rows_per_shard: Count | None = None
    sample: Sample
    channels: Annotated[dict[Slug, Channel], Field(min_length=1)]
    anonymize: Anonymize
    split: Split
    llms: dict[Slug, Llm]
    label: RowStage
    versions: list[Slug]
    analyze: Analyze
    revisions: dict[Slug, Revision]
    students: dict[Slug, Student]
    runs: dict[Slug, Run]
    systems: list[Slug]
    judge: Judge
    report: Report
    review: Review
    costs: Costs

    def price(self, llm: str) -> Price | None:
        """What the tokens of an entry of `llms` cost, by the batch API where that is used.

        None where `costs` gives no price; rules are free.
        """
        config, price = self.llms[llm], self.costs.prices.get(llm)
        if not isinstance(config, OpenAI):
            return Price(prompt=0, completion=0)
        return price.as_batch() if price is not None and config.batch else price

    def student(self, system: str) -> Student:
        """The student of a run, or the one that is judged out of the box."""
        return self.students[self.runs[system].student if system in self.runs else system]

    @property
    def served(self) -> dict[str, str]:
        """The students' systems that are asked where they are served: each with its `llms` name."""
        asked = {
            system: self.student(system).predict.llm
            for system in self.systems
            if system != paths.TEACHER
        }
        return {system: llm for system, llm in asked.items() if llm is not None}

    @property
    def on_sample(self) -> bool:
        """Whether the interactions are the made-up ones, whose truth is known."""
        return Path(self.source) == paths.SAMPLE


def load(path: Path = Path("params.yaml")) -> Params:
    """Read and validate the file; raises ParamsError naming the key and the mend."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ParamsError(f"{path}: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise ParamsError(f"{path}: expected a map of sections at the top level")
    try:
        params = Params.model_validate(values)
    except ValidationError as error:
        raise ParamsError(f"{path}: {problem(error)}") from error
    for key, fault in _conflicts(params):
        raise ParamsError(f"{path}: {key}: {fault}")
    for key, fault in _taxonomy_conflicts(params):
        raise ParamsError(f"{taxonomy.PATH}: {key}: {fault}")
    return params


def _taxonomy_conflicts(params: Params) -> list[tuple[str, str]]:
    """Channels of codes that are neither in use nor ready to be: misspelt, they hide the code."""
    return [
        (
            f"{code.group}.{code.code}.channels",
            f"{channel!r} is under no channels and has no prompts/judge/{channel}.txt; correct it",
        )
        for code in taxonomy.load().values()
        for channel in code.channels
        if channel not in params.channels and prompts.fault(f"judge/{channel}", prompts.COMPARE)
    ]


def _conflicts(params: Params) -> list[tuple[str, str]]:
    """Names that point nowhere, in the order in which they are met."""
    return [
        *_channel_conflicts(params),
        *_prompt_conflicts(params),
        *_llm_conflicts(params),
        *_judge_conflicts(params),
        *_cost_conflicts(params),
        *_name_conflicts(params),
        *_revision_conflicts(params),
        *_run_conflicts(params),
        *_review_conflicts(params),
    ]


def _channel_conflicts(params: Params) -> list[tuple[str, str]]:
    problems = []
    for name, channel in params.channels.items():
        key = f"channels.{name}"
        if isinstance(channel, Turns):
            if "Customer" not in channel.roles.values():
                fault = 'no role maps to "Customer"; say which one is the customer'
                problems.append((f"{key}.roles", fault))
            if channel.turns is None and channel.id is not None:
                fault = "a line that is a list of turns has no field for it; set it to null"
                problems.append((f"{key}.id", fault))
        else:
            problems += [
                (f"{key}.fields.{label}", "no label of a form or mail; choose another one")
                for label in channel.fields
                if label == "Customer" or not re.fullmatch(r"[^:\s](?:[^:\n]{0,38}[^:\s])?", label)
            ]
        if isinstance(channel, Email):
            problems += [
                (f"{key}.fields.{label}", "the label is the body's own; choose another one")
                for label in ("Message", "Signature", "Quoted")
                if label in channel.fields
            ]
    return problems


def _prompt_conflicts(params: Params) -> list[tuple[str, str]]:
    used: list[tuple[str, str, tuple[str, ...]]] = [("analyze", "annotate", prompts.COMPARE)]
    for name in params.channels:
        key = f"channels.{name}"
        used.append((key, f"summarize/{name}", prompts.SUMMARIZE))
        used.append((key, f"judge/{name}", prompts.COMPARE))
    return [
        (key, fault) for key, name, variables in used if (fault := prompts.fault(name, variables))
    ]


def _llm_conflicts(params: Params) -> list[tuple[str, str]]:
    used = {
        "label.llm": params.label.llm,
        "analyze.llm": params.analyze.llm,
        "judge.llm": params.judge.llm,
        **{f"revisions.{name}.llm": revision.llm for name, revision in params.revisions.items()},
    }
    served = {
        f"students.{name}.predict.llm": student.predict.llm
        for name, student in params.students.items()
        if student.predict.llm is not None
    }
    known = ", ".join(params.llms)
    unknown = [
        (key, f"{name!r} is not under llms; known: {known}")
        for key, name in (used | served).items()
        if name not in params.llms
    ]
    return unknown + [
        (key, f"{name!r} serves no students; name an endpoint, or null for this machine")
        for key, name in served.items()
        if isinstance(params.llms.get(name), Rules)
    ]


def _judge_conflicts(params: Params) -> list[tuple[str, str]]:
    judge, llm = params.judge, params.llms.get(params.judge.llm)
    if judge.weighted and judge.samples > 1:
        return [("judge.weighted", "is another way than samples; choose one of them")]
    if (judge.weighted or judge.samples > 1) and isinstance(llm, Rules):
        key = "weighted" if judge.weighted else "samples"
        return [(f"judge.{key}", "rules give one rating, always the same; name an endpoint")]
    if judge.samples > 1 and isinstance(llm, OpenAI) and llm.temperature == 0:
        where = f"llms.{judge.llm}.temperature"
        return [("judge.samples", f"would all be alike; raise {where} above 0")]
    return []


def _cost_conflicts(params: Params) -> list[tuple[str, str]]:
    problems = [
        (f"costs.prices.{name}", f"is not under llms; known: {_names(params.llms)}")
        for name in params.costs.prices
        if name not in params.llms
    ]
    if params.costs.budget is not None:
        problems += [
            (
                f"costs.prices.{name}",
                "missing; a budget needs every endpoint's price",
            )
            for name, llm in params.llms.items()
            if isinstance(llm, OpenAI) and name not in params.costs.prices
        ]
    return problems


def _name_conflicts(params: Params) -> list[tuple[str, str]]:
    """Names given twice: versions and systems have folders, and annotations tell them by name."""
    owners = {paths.ORG: "the teacher's version", paths.TEACHER: "the teacher"}
    problems = []
    for section in ("revisions", "students", "runs"):
        for name in getattr(params, section):
            key = f"{section}.{name}"
            owner = owners.setdefault(name, key)
            if section == "runs" and name == paths.BASE:
                owner = "the offline student in models/base"
            if owner != key:
                problems.append((key, f"the name is taken by {owner}; choose another one"))
    return problems


def _revision_conflicts(params: Params) -> list[tuple[str, str]]:
    problems = []
    known = [paths.ORG, *params.revisions]
    if sorted(params.versions) != sorted(known):
        problems.append(
            ("versions", f"must list org and every revision, each once: {', '.join(known)}")
        )
    for name, revision in params.revisions.items():
        key = f"revisions.{name}"
        if revision.parent not in known:
            problems.append(
                (f"{key}.parent", f"{revision.parent!r} does not exist; known: {', '.join(known)}")
            )
        elif name in _ancestors(params, name):
            problems.append((f"{key}.parent", "a version cannot descend from itself"))
        for channel, codes in revision.fixes.items():
            where = f"{key}.fixes.{channel}"
            if channel not in params.channels:
                problems.append((where, f"unknown channel; known: {', '.join(params.channels)}"))
            else:
                problems += [
                    (where, fault)
                    for code in codes
                    if (fault := _fix_fault(code, channel, revision.prompts))
                ]
    return problems


def _ancestors(params: Params, version: str) -> list[str]:
    found: list[str] = []
    while (
        version in params.revisions and (version := params.revisions[version].parent) not in found
    ):
        found.append(version)
    return found


def _fix_fault(code: str, channel: str, folder: str) -> str:
    entry = taxonomy.load().get(code)
    if entry is None:
        return f"{code!r} is not in {taxonomy.PATH}; correct the code or define it there"
    if not entry.applies_to(channel):
        return f"{code} applies to {', '.join(entry.channels)} only ({taxonomy.PATH})"
    name = f"{folder}/{code}"
    return prompts.fault(name, prompts.FIX) and prompts.fault(name, (*prompts.FIX, "interaction"))


def _run_conflicts(params: Params) -> list[tuple[str, str]]:
    problems = []
    known = [paths.TEACHER, *params.students, *params.runs]
    if sorted(params.systems) != sorted(known):
        problems.append(
            ("systems", f"must list the teacher, every student and every run: {', '.join(known)}")
        )
    for name, run in params.runs.items():
        key = f"runs.{name}"
        if run.student not in params.students:
            problems.append(
                (
                    f"{key}.student",
                    f"{run.student!r} is not under students: {_names(params.students)}",
                )
            )
        if run.version not in params.versions:
            problems.append(
                (f"{key}.version", f"{run.version!r} does not exist: {', '.join(params.versions)}")
            )
        problems += [
            (f"{key}.phases", f"unknown channel {channel!r}; known: {_names(params.channels)}")
            for phase in run.phases
            for channel in phase
            if channel not in params.channels
        ]
        problems += [
            (f"{key}.phases", f"{channel!r} stands twice in one phase; name it once")
            for phase in run.phases
            for channel in sorted(set(phase))
            if phase.count(channel) > 1
        ]
    return problems


def _review_conflicts(params: Params) -> list[tuple[str, str]]:
    of, known = params.review.of, [*params.versions, *params.systems]
    if of in known:
        return []
    return [("review.of", f"{of!r} is neither a version nor a system; known: {', '.join(known)}")]


def _names(mapping: dict[str, Any]) -> str:
    return ", ".join(mapping)
