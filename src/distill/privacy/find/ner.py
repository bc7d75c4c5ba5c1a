"""NER models that a user adds: "spacy/en_core_web_lg", "transformers/<model>", "gliner/<model>".

No model is the default, and none is downloaded then. Each library is imported on its first use.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from distill.errors import ParamsError

# Labels of models and their types; what has another label is left to the rules.
_TYPE_OF = {
    "PERSON": "PERSON",
    "PER": "PERSON",
    "NAME": "PERSON",
    "ADDRESS": "ADDRESS",
    "STREET_ADDRESS": "ADDRESS",
    "STREET": "ADDRESS",
}
_GLINER_LABELS = ["person", "address"]  # GLiNER takes the labels to find as input
# Pipes of spaCy's models that take most of the time, and that entities do not need.
_NOT_NEEDED = ["tagger", "parser", "morphologizer", "attribute_ruler", "lemmatizer", "senter"]
_UNLIMITED = 1_000_000  # tokens; the limit of a model that names none

_LINE = re.compile(r"[^\n]+")
_LABEL = re.compile(r"[^\W\d_][^:\n]{0,19}:(?= |$)", re.MULTILINE)  # "Agent: ..."
_WORDS = re.compile(r"[^\W_](?:[^\n]*[^\W_])?")

Labelled = Iterable[tuple[int, int, str]]


def load(name: str) -> Callable[[str], Iterator[tuple[int, int, str]]]:
    """A function that finds (start, end, type); raises ParamsError for a missing model."""
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
            if label.upper() in _TYPE_OF:
                for part in _within_lines(text, start, end):
                    yield *part, _TYPE_OF[label.upper()]

    return typed


def _within_lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a span on each of its lines, without labels and other signs at the ends.

    A model may read "thanks\nAgent" as one name, after which every "Agent:" would be replaced.
    """
    for line in _LINE.finditer(text, text.rfind("\n", 0, start) + 1, end):
        label = _LABEL.match(text, line.start())
        begin = max(start, label.end() if label else line.start())
        part = _WORDS.search(text, begin, max(begin, min(end, line.end())))
        if part:
            yield part.span()


def _spacy(model: str) -> Callable[[str], Labelled]:
    import spacy  # noqa: PLC0415 - imported on first use

    nlp: Any = spacy.load(model, exclude=_NOT_NEEDED)
    if "tok2vec" in nlp.pipe_names and "ner" not in nlp.get_pipe("tok2vec").listening_components:
        nlp.remove_pipe("tok2vec")
    return lambda text: [(e.start_char, e.end_char, e.label_) for e in nlp(text).ents]


def _transformers(model: str) -> Callable[[str], Labelled]:
    from transformers import AutoConfig, AutoTokenizer, pipeline  # noqa: PLC0415

    tokenizer: Any = AutoTokenizer.from_pretrained(model)
    most = getattr(AutoConfig.from_pretrained(model), "max_position_embeddings", _UNLIMITED)
    tokenizer.model_max_length = min(tokenizer.model_max_length, most)
    # A text beyond the model's length is read in overlapping windows; it would be truncated.
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
        (e["start"], e["end"], e["label"]) for e in tagger.predict_entities(text, _GLINER_LABELS)
    ]
