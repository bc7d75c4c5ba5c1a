r"""Recognizers that a user adds, in the form of Presidio's YAML; Presidio runs them.

anonymize:
  recognizers:
    - name: Loyalty card
      supported_entity: ACCOUNT_ID
      patterns: [{name: loyalty, regex: "\\bLC-\\d{6}\\b", score: 0.9}]
    - {name: Staff, supported_entity: PERSON, deny_list: [Dobby, Winky]}
    - {name: UsPassportRecognizer, type: predefined}

The keys are those of Presidio's documentation ("Adding recognizers"). An entity of kinds.TYPES is
that type, KEEP makes a value stay, Presidio's own entities are mapped to ours, and any other is
UNKNOWN. Scores compete with those of the rules, 0.4 to 0.99. Context words are compared with
tokens, not lemmas, so that no language model is downloaded. Recognizers that send the text to a
server are refused.

Presidio is imported only where recognizers are added: it takes seconds, and imports torch.
"""

from collections.abc import Callable, Iterable
from typing import Any

from pydantic import ValidationError

from distill.errors import ParamsError
from distill.privacy.kinds import KEEP, TYPES, DetectionError

Scored = tuple[int, int, str, float]  # start, end, type, score

_TIMEOUT = 20.0  # seconds for one pattern on one text
_TYPE_OF = {
    **{name: name for name in (*TYPES, KEEP)},
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "IBAN_CODE": "IBAN",
    "IP_ADDRESS": "IP",
    "LOCATION": "ADDRESS",
    "US_BANK_NUMBER": "ACCOUNT_ID",
    **dict.fromkeys(
        (
            "US_SSN",
            "US_ITIN",
            "US_PASSPORT",
            "US_DRIVER_LICENSE",
            "UK_NHS",
            "UK_NINO",
            "ES_NIF",
            "ES_NIE",
            "IT_FISCAL_CODE",
            "PL_PESEL",
            "DE_TAX_ID",
            "IN_AADHAAR",
            "IN_PAN",
        ),
        "NATIONAL_ID",
    ),
}


def _faults(error: ValidationError) -> str:
    """Return the faults by their keys: "name: Field required"."""
    faults = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return "; ".join(faults)


def load(recognizers: list[dict[str, Any]]) -> Callable[[str], list[Scored]]:
    """A function that finds what these recognizers find; ParamsError where Presidio refuses one."""
    try:
        engine = _engine(recognizers)
    except Exception as error:
        cause = error.__cause__ or error
        message = _faults(cause) if isinstance(cause, ValidationError) else str(cause)
        raise ParamsError(
            f"anonymize.recognizers: {' '.join(message.split())[:300]}; write each as Presidio's"
            " documentation says"
        ) from error
    languages = sorted({one.supported_language for one in engine.registry.recognizers})

    def find(text: str) -> list[Scored]:
        results = [one for language in languages for one in engine.analyze(text, language)]
        return [
            (one.start, one.end, _TYPE_OF.get(one.entity_type, "UNKNOWN"), one.score)
            for one in results
        ]

    return find


def _engine(recognizers: list[dict[str, Any]]) -> Any:
    """Presidio's analyzer with these recognizers alone."""
    import tldextract  # noqa: PLC0415 - Presidio only where recognizers are added
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415
    from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider  # noqa: PLC0415

    # EmailRecognizer would download the list of public suffixes, of which the package has a copy.
    offline: Any = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    tldextract.extract = offline
    _refuse_unknown_keys(recognizers)
    languages = sorted({language for one in recognizers for language in _languages(one)} or {"en"})
    registry = RecognizerRegistryProvider(
        registry_configuration={"supported_languages": languages, "recognizers": recognizers}
    ).create_recognizer_registry()
    if not registry.recognizers:  # Presidio would load all its own instead
        raise ValueError("none is enabled; enable one or remove them")
    for recognizer in registry.recognizers:
        _make_safe(recognizer)
    return AnalyzerEngine(
        registry=registry, nlp_engine=_tokenizers(languages), supported_languages=languages
    )


def _refuse_unknown_keys(recognizers: list[dict[str, Any]]) -> None:
    """Raise ValueError for a key of a custom recognizer that Presidio would ignore."""
    from presidio_analyzer.input_validation.yaml_recognizer_models import (  # noqa: PLC0415
        CustomRecognizerConfig,
    )

    for recognizer in recognizers:
        unknown = sorted(recognizer.keys() - CustomRecognizerConfig.model_fields.keys())
        if unknown and recognizer.keys() & {"patterns", "deny_list"}:
            raise ValueError(f"unknown key {unknown[0]!r} of {recognizer.get('name')!r}")


def _languages(recognizer: dict[str, Any]) -> Iterable[str]:
    several = recognizer.get("supported_languages") or ()
    one = recognizer.get("supported_language")
    named = [item["language"] if isinstance(item, dict) else item for item in several]
    return [*named, *([one] if one else [])]


def _tokenizers(languages: list[str]) -> Any:
    """An NLP engine of spaCy's tokenizers, whose lemma of a word is the word in lower case."""
    import spacy  # noqa: PLC0415
    from presidio_analyzer.nlp_engine import SlimSpacyNlpEngine  # noqa: PLC0415
    from spacy.language import Language  # noqa: PLC0415

    @Language.component("lower_case_lemma")
    def lower_case_lemma(doc: Any) -> Any:
        for token in doc:
            token.lemma_ = token.lower_
        return doc

    engine: Any = SlimSpacyNlpEngine(models=[], auto_download=False)
    engine.nlp = {}
    for language in languages:
        engine.nlp[language] = spacy.blank(language)
        engine.nlp[language].add_pipe("lower_case_lemma")
    return engine


class _Strict:
    """A compiled pattern that raises DetectionError on a timeout.

    PatternRecognizer logs a TimeoutError and goes on without the pattern, which would be a leak.
    """

    def __init__(self, pattern: Any) -> None:
        self._pattern = pattern

    def finditer(self, text: str, timeout: float) -> Iterable[Any]:
        """Yield the matches; raises DetectionError after 20 seconds or `timeout`."""
        try:
            yield from self._pattern.finditer(text, timeout=min(timeout, _TIMEOUT))
        except TimeoutError as error:
            raise DetectionError("detection_timed_out") from error


def _make_safe(recognizer: Any) -> None:
    """Make the timeouts of a recognizer's patterns errors; ValueError if it sends text away."""
    import regex  # type: ignore[import-untyped] # noqa: PLC0415
    from presidio_analyzer import PatternRecognizer, RemoteRecognizer  # noqa: PLC0415

    remote: Any = RemoteRecognizer
    by_pattern: Any = PatternRecognizer
    if isinstance(recognizer, remote):
        raise ValueError(f"{recognizer.name} sends texts to a server before they are anonymized")
    if isinstance(recognizer, by_pattern):
        flags = recognizer.global_regex_flags
        for pattern in recognizer.patterns:
            strict = _Strict(regex.compile(pattern.regex, flags=flags))
            pattern.compiled_regex, pattern.compiled_with_flags = strict, flags
