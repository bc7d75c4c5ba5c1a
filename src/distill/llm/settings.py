"""The settings of models, endpoints and prices."""

import re
from ipaddress import ip_network
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from distill.validation import Count, Dollars, Header, Seconds, Section, Share, Slug


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


class Rules(Section):
    """Deterministic Python in the place of a model; needs no network."""

    provider: Literal["rules"]


class Model(Section):
    """A model behind an endpoint: what shapes its answers, and so is a parameter of every stage.

    `temperature` null leaves it to the server; `extra` joins the request's body as it is.
    `json_schema` asks for replies in JSON by their schema, where the server supports it.
    `max_tokens` bounds a reply.
    """

    provider: Literal["openai"]
    model: str
    temperature: Annotated[float, Field(ge=0)] | None = 0.0
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: int | None = None
    extra: dict[str, Any] = {}
    json_schema: bool = True
    max_tokens: Count = 1024

    def sampling(self) -> dict[str, Any]:
        """Return the request's parameters that shape an answer, but for its longest length."""
        named = {"temperature": self.temperature, "top_p": self.top_p, "seed": self.seed}
        return {name: value for name, value in named.items() if value is not None} | self.extra


class Endpoint(Section):
    """An OpenAI-compatible server and how it is reached. No stage depends on any of it.

    The key is read from the variable `api_key_env` and sent in `api_key_header`, as a bearer token
    where that is Authorization; a value of `headers` that starts with $ is read from the variable
    of that name. `allow_hosts`: names or networks inside your own network, which are sent any
    text. A network covers addresses as they stand in `base_url`; a name is never looked up.

    `timeout`: seconds until a call is given up; `retries`: further tries after a fault, while
    other calls have replies; `patience`: seconds without any reply after which the rest is not
    sent. `concurrency`: the most requests in flight; the client finds out how many the server
    takes. `batch` uses the batch API (OpenAI's files and batches), for about half the price and
    within a day.
    """

    base_url: Annotated[str, Field(pattern=r"^https?://[^/]")]
    api_key_env: str | None = None
    api_key_header: Header = "Authorization"
    headers: dict[Header, str] = {}
    allow_hosts: list[Host] = []
    timeout: Seconds = 60.0
    retries: Annotated[int, Field(ge=0)] = 6
    patience: Seconds = 120.0
    concurrency: Count = 64
    requests_per_minute: Count | None = None
    tokens_per_minute: Count | None = None
    batch: bool = False


class OpenAI(Endpoint, Model):
    """A model together with its endpoint: what a client is made from."""


Llm = Annotated[Rules | Model, Field(discriminator="provider")]


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
    """`budget`: dollars that all calls made here may cost together; `prices` by
    name of `endpoints`.

    `machine_hour`: dollars for an hour of the machine that the students run on;
    `tokens_per_second`: tokens that each student generates there in a second, as `predict` prints
    them. No stage but report depends on any of it, so a new price or a raised budget makes nothing
    anew.
    """

    budget: Dollars | None = None
    prices: dict[Slug, Price] = {}
    machine_hour: Dollars | None = None
    tokens_per_second: dict[Slug, Annotated[float, Field(gt=0)]] = {}


class RowStage(Section):
    """A stage that asks a model about every row."""

    llm: str
    max_quarantined: Share
