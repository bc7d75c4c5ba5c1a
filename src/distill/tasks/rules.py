"""Deterministic Python in the place of a large model: what the default and the tests run on.

Rules read a request's variables, never its messages, and answer every task of the pipeline. They
are honest, not clever: the teacher extracts and errs by its nature, the editor cuts by simple
rules and sometimes cuts too much.
"""

from collections.abc import Callable, Iterable, Iterator

from distill.errors import ModelError
from distill.llm.messages import Reply, Request
from distill.tasks.summarize.rules.editor import fix
from distill.tasks.summarize.rules.judge import annotate, judge
from distill.tasks.summarize.rules.teacher import summarize

Variables = dict[str, str]

TASKS: dict[str, Callable[[Variables], str]] = {
    "summarize": lambda given: summarize(given["text"]),
    "fix": lambda given: fix(given["code"], given["summary"]),
    "annotate": lambda given: annotate(given["channel"], given["text"], given["summary"]),
    "judge": lambda given: judge(given["channel"], given["text"], given["summary"]),
}


class Rules:
    """A provider that needs no network, no key and no accelerator."""

    def complete(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Yield one reply for each request, in their order; the same request, the same reply.

        Raises ModelError for a task that no rule knows.
        """
        for request in requests:
            if request.task not in TASKS:
                known = ", ".join(TASKS)
                raise ModelError(f"rules know no task {request.task!r}; known: {known}")
            yield Reply(TASKS[request.task](request.variables))
