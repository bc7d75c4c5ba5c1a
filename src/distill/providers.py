"""Assembles the provider that params.yaml configures: the offline rules, or an endpoint's layers.

batch     the batch API, for most requests at half the price, where `batch` is set
pool      concurrent requests, replies in order        (complete)
gate      egress check: only anonymized texts leave    ┐
cache     cached replies and single-flight             │ (answer)
client    retries, rate limits, deadlines, budget      │
dialect   the protocol of chat completions             ┘
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import cast

from distill import paths
from distill.errors import ModelError
from distill.llm.cache import Cached
from distill.llm.endpoint.batch import Batches
from distill.llm.endpoint.client import FREE, Endpoint
from distill.llm.endpoint.gate import Gate
from distill.llm.endpoint.hosts import is_inside
from distill.llm.endpoint.pool import Pool
from distill.llm.messages import Provider, Reply, Request
from distill.llm.settings import OpenAI
from distill.llm.store import Store
from distill.params.shared import Shared
from distill.privacy.seal import is_cleared, key
from distill.records import Row
from distill.students import served

LOCAL = {  # the module and class of a student on this machine, by its kind
    "causal": ("distill.students.generate", "LocalStudent"),
    "encoder": ("distill.students.encoder_answers", "EncoderStudent"),
}


class Rules:
    """The offline provider, which answers each request by the request's own rule."""

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one deterministic reply per request, in order.

        Raises ModelError for a request without a rule.
        """
        for request in requests:
            if request.rule is None:
                raise ModelError(f"{request.task}: no offline rule exists; name an endpoint")
            yield Reply(request.rule(), more=tuple(rule() for rule in request.more_rules))


def connect(params: Shared, stage: str, llm: str) -> Provider:
    """Return the provider of the `llms` entry `llm`, for use by `stage`.

    Raises ParamsError where the environment variable of the API key or of the secret is not set.
    """
    config = params.llm(llm)
    return remote(config, params, stage, llm) if isinstance(config, OpenAI) else Rules()


def remote(config: OpenAI, params: Shared, stage: str, name: str, version: str = "") -> Provider:
    """Return the provider of an endpoint with all of its layers.

    `name` is the endpoint, whose price applies; `version` distinguishes models of one name in the
    cache. Raises ParamsError where the environment variable of the API key or of the secret is not
    set.
    """
    store = Store()
    price = params.costs.prices.get(name, FREE)
    endpoint = Endpoint(config, stage, store, price, params.costs.budget)
    cached = Cached(endpoint, config, store, version)
    gate = (
        None
        if is_inside(config)
        else Gate(cached, config, stage, _clearance(params), _tracing(params))
    )
    width = 2 * config.concurrency
    pool = Pool(
        gate or cached,
        width,
        lambda: endpoint.backing_off + cached.waiting,
        endpoint.session,
        endpoint.stop,
    )
    return Batches(pool, endpoint, cached, gate) if config.batch else pool


def student(params: Shared, system: str) -> Provider:
    """Return a student: on this machine, or at the endpoint that its `predict.endpoint` names."""
    config, settings = params.served(system), params.student(system)
    adapter = paths.model(system) if system in params.runs else None
    if config is None:
        module, kind = LOCAL[settings.kind]
        local = import_module(module)  # torch: light stages must not load it
        return cast(Provider, getattr(local, kind)(settings, adapter))
    return remote(
        config, params, "predict", str(settings.predict.endpoint), served.version(adapter)
    )


def _tracing(params: Shared) -> Callable[[Request], bool]:
    """Return the predicate of requests that say nothing personal beyond their cleared rows."""
    if params.egress == "public" or params.anonymize is None:
        return lambda request: True
    added = params.anonymize.added
    trace = import_module("distill.privacy.trace")  # detectors, 0.2 s: an inside host needs none

    def traced(request: Request) -> bool:
        said = [message["content"] for message in request.messages]
        said += _texts(request.schema)
        return bool(trace.is_traced(said, [row["input"] for row in request.rows], added))

    return traced


def _texts(schema: object) -> Iterator[str]:
    """Yield the texts of a JSON schema, such as the names of classes, each of which is sent."""
    if isinstance(schema, str):
        yield schema
    elif isinstance(schema, Mapping):
        yield from (text for part in schema.values() for text in _texts(part))
    elif isinstance(schema, list | tuple):
        yield from (text for part in schema for text in _texts(part))


def _clearance(params: Shared) -> Callable[[Row], bool]:
    """Return the predicate of rows that may leave: sealed by anonymize, or all of a public set."""
    if params.egress == "public":
        return lambda row: True
    if params.anonymize is None:
        return lambda row: False
    secret = key(params.anonymize, params.on_sample)
    return partial(is_cleared, policy=params.anonymize, secret=secret)
