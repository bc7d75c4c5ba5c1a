"""Which provider answers is configuration: here, above all of them, one is put together.

batch     where `batch` is set: most of it for half the price, before the rest is asked below
pool      many requests at once, replies in order          (complete)
gate      nothing leaves but what anonymize cleared        ┐
cache     nothing is paid twice, nor asked twice at once   │ (answer)
client    retries, limits, deadlines, the budget           │
dialect   the words of the protocol                        ┘
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

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
from distill.params.arf import Params
from distill.params.shared import Shared
from distill.privacy.seal import is_cleared, key
from distill.records import Row


class Rules:
    """The offline provider: each request is answered by the rule that it carries."""

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order; the same request, the same reply.

        Raises ModelError for a request that no rule answers.
        """
        for request in requests:
            if request.rule is None:
                raise ModelError(f"{request.task}: no rule answers this; name an endpoint")
            yield Reply(request.rule())


def connect(params: Shared, stage: str, llm: str) -> Provider:
    """Return the provider of an entry of `llms`, for the use of `stage`.

    Raises ParamsError where a key's or the secret's environment variable is not set.
    """
    config = params.llm(llm)
    return remote(config, params, stage, llm) if isinstance(config, OpenAI) else Rules()


def remote(config: OpenAI, params: Shared, stage: str, name: str, version: str = "") -> Provider:
    """Return the provider of an endpoint, with all that stands around it.

    `name` is the endpoint's, whose price counts; `version` tells apart models of one name. Raises
    ParamsError where a key's or the secret's environment variable is not set.
    """
    store = Store()
    price = params.costs.prices.get(name, FREE)
    endpoint = Endpoint(config, stage, store, price, params.costs.budget)
    cached = Cached(endpoint, config, store, version)
    gate = None if is_inside(config) else Gate(cached, config, stage, _clearance(params))
    width = 2 * config.concurrency
    pool = Pool(
        gate or cached, width, lambda: endpoint.backing_off + cached.waiting, endpoint.session
    )
    return Batches(pool, endpoint, cached, gate) if config.batch else pool


def _clearance(params: Shared) -> Callable[[Row], bool]:
    """Return what says whether a row may leave: ARF's rows carry anonymize's seal, no others do."""
    if not isinstance(params, Params):
        return lambda row: False
    secret = key(params.anonymize, params.on_sample)
    return partial(is_cleared, policy=params.anonymize, secret=secret)
