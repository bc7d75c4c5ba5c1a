"""An NER model of the user's own, by name: "spacy/en_core_web_lg", "transformers/<model>" or
"gliner/<model>". None is the default, and nothing is downloaded for it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from distill.errors import ParamsError

TYPES = ("PERSON", "ADDRESS")  # a model's other labels are left to the rules
_OF_LABEL = {
    "PERSON": "PERSON",
    "PER": "PERSON",
    "NAME": "PERSON",
    "ADDRESS": "ADDRESS",
    "STREET_ADDRESS": "ADDRESS",
    "STREET": "ADDRESS",
}
_ASKED = ["person", "address"]  # of GLiNER, which finds what it is asked for
_UNLIMITED = 1_000_000  # tokens, of a model that names no limit

Labelled = Iterable[tuple[int, int, str]]


def load(name: str) -> Callable[[str], Iterator[tuple[int, int, str]]]:
    """What finds (start, end, type) with a named model; ParamsError where it is not there."""
    kind, _, model = name.partition("/")
    makers = {"spacy": _spacy, "transformers": _transformers, "gliner": _gliner}
    try:
        find = makers[kind](model)
    except (ImportError, OSError, ValueError) as error:
        raise ParamsError(
            f"anonymize.ner: {name} cannot be loaded ({' '.join(str(error).split())[:200]});"
            " install it or correct the name"
        ) from error

    def typed(text: str) -> Iterator[tuple[int, int, str]]:
        for start, end, label in find(text):
            if label.upper() in _OF_LABEL and start < end:
                yield start, end, _OF_LABEL[label.upper()]

    return typed


def _spacy(model: str) -> Callable[[str], Labelled]:
    import spacy  # noqa: PLC0415 - a model's library only where it is asked for

    nlp = spacy.load(model)
    return lambda text: [(e.start_char, e.end_char, e.label_) for e in nlp(text).ents]


def _transformers(model: str) -> Callable[[str], Labelled]:
    from transformers import AutoConfig, AutoTokenizer, pipeline  # noqa: PLC0415

    tokenizer: Any = AutoTokenizer.from_pretrained(model)
    most = getattr(AutoConfig.from_pretrained(model), "max_position_embeddings", _UNLIMITED)
    tokenizer.model_max_length = min(tokenizer.model_max_length, most)
    # Of a longer text, a model would read the first part alone: it is given overlapping ones.
    tagger: Any = pipeline(
        "token-classification",
        model=model,
        tokenizer=tokenizer,
        aggregation_strategy="simple",
        stride=min(tokenizer.model_max_length, _UNLIMITED) // 4,
    )
    return lambda text: [(e["start"], e["end"], e["entity_group"]) for e in tagger(text)]


def _gliner(model: str) -> Callable[[str], Labelled]:
    from gliner import GLiNER  # type: ignore[import-not-found]  # noqa: PLC0415

    tagger = GLiNER.from_pretrained(model)
    return lambda text: [
        (e["start"], e["end"], e["label"]) for e in tagger.predict_entities(text, _ASKED)
    ]
