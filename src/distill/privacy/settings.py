"""The settings of anonymization."""

from typing import Literal

from pydantic import field_validator

from distill.privacy.kinds import NER_KINDS, TYPES, Action
from distill.validation import Count, Section, Share


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
