r"""Recognizers that a user adds, in the form of Presidio's YAML; Presidio runs them.

anonymize:
  recognizers:
    - name: Loyalty card
      supported_entity: ACCOUNT_ID
      patterns: [{name: loyalty, regex: "\\bLC-\\d{6}\\b", score: 0.9}]
    - {name: Staff, supported_entity: PERSON, deny_list: [Dobby, Winky]}
    - {name: UsPassportRecognizer, type: predefined}

https://microsoft.github.io/presidio/analyzer/adding_recognizers/ documents the keys. An entity of
kinds.TYPES is that type, KEEP makes a value stay, Presidio's own entities are mapped to ours, and
any other is UNKNOWN. Scores compete with those of the rules, 0.4 to 0.99. Context words are
compared with tokens, not lemmas: no language model is downloaded.

Importing Presidio takes seconds (it imports torch and transformers), so it is imported only where
recognizers are added.
"""

from collections.abc import Callable, Iterable
from typing import Any

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


def load(recognizers: list[dict[str, Any]]) -> Callable[[str], list[Scored]]:
    """A function that finds what these recognizers find; ParamsError where Presidio refuses one."""
    languages = sorted({language for one in recognizers for language in _languages(one)} or {"en"})
    try:
        engine = _engine(recognizers, languages)
    except Exception as error:
        raise ParamsError(
            f"anonymize.recognizers: {' '.join(str(error).split())[:300]}; write each as Presidio's"
            " documentation says"
        ) from error

    def find(text: str) -> list[Scored]:
        results = [one for language in languages for one in engine.analyze(text, language)]
        return [
            (one.start, one.end, _TYPE_OF.get(one.entity_type, "UNKNOWN"), one.score)
            for one in results
        ]

    return find


def _engine(recognizers: list[dict[str, Any]], languages: list[str]) -> Any:
    """Presidio's analyzer with these recognizers alone."""
    import tldextract  # noqa: PLC0415 - Presidio only where a recognizer is added
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415
    from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider  # noqa: PLC0415

    # EmailRecognizer would download the list of public suffixes; the package has a copy.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    configuration = {"supported_languages": languages, "recognizers": recognizers}
    provider = RecognizerRegistryProvider(registry_configuration=configuration)
    registry = provider.create_recognizer_registry()
    for recognizer in registry.recognizers:
        _raise_timeouts(recognizer)
    return AnalyzerEngine(
        registry=registry, nlp_engine=_tokenizers(languages), supported_languages=languages
    )


def _languages(recognizer: dict[str, Any]) -> Iterable[str]:
    several = recognizer.get("supported_languages") or ()
    one = recognizer.get("supported_language")
    named = [item["language"] if isinstance(item, dict) else item for item in several]
    return [*named, *([one] if one else [])]


def _tokenizers(languages: list[str]) -> Any:
    """An NLP engine of spaCy's tokenizers, whose lemma of a word is the word in lower case."""
    import spacy  # noqa: PLC0415
    from presidio_analyzer.nlp_engine import SlimSpacyNlpEngine  # noqa: PLC0415

    @spacy.Language.component("lower_case_lemma")
    def lower_case_lemma(doc: Any) -> Any:
        for token in doc:
            token.lemma_ = token.lower_
        return doc

    engine = SlimSpacyNlpEngine(models=[], auto_download=False)
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
        """Yield the matches; raises DetectionError after 20 seconds, whatever `timeout` says."""
        try:
            yield from self._pattern.finditer(text, timeout=min(timeout, _TIMEOUT))
        except TimeoutError as error:
            raise DetectionError("detection_timed_out") from error


def _raise_timeouts(recognizer: Any) -> None:
    """Put strict patterns into a PatternRecognizer; other recognizers have none."""
    import regex  # type: ignore[import-untyped] # noqa: PLC0415

    for pattern in getattr(recognizer, "patterns", ()):
        flags = recognizer.global_regex_flags
        pattern.compiled_regex = _Strict(regex.compile(pattern.regex, flags=flags))
        pattern.compiled_with_flags = flags
