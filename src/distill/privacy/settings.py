"""The settings of anonymization."""

import json
from typing import Any, Literal, NamedTuple

from pydantic import field_validator

from distill.privacy.kinds import NER_KINDS, TYPES, Action
from distill.validation import Count, Section, Share


class Added(NamedTuple):
    """Detectors that params.yaml adds to the rules, in a form that can be hashed and pickled.

    `ner` names an NER model; `recognizers` is the JSON of a list of Presidio recognizers.
    """

    ner: str | None = None
    recognizers: str = "[]"


ONLY_RULES = Added()


class Anonymize(Section):
    """`secret_env` names the environment variable with the key of the surrogates.

    `policy` says what is done with each type of personal data; a type that it leaves out is
    replaced. Mode `strict` also replaces each of the customer's words that is neither English nor
    occurs in `min_share` of the channel's interactions and in `min_documents` of them. `ner`
    names an NER model to add. `recognizers` are recognizers to add, in the form of Presidio's YAML
    (find/presidio.py).
    """

    secret_env: str
    max_quarantined: Share
    mode: Literal["rules", "strict"] = "rules"
    policy: dict[str, Action] = {}
    min_share: Share = 0.01
    min_documents: Count = 5
    ner: str | None = None
    recognizers: list[dict[str, Any]] = []

    @property
    def added(self) -> Added:
        """The detectors that are added to the rules."""
        return Added(self.ner, json.dumps(self.recognizers))

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
