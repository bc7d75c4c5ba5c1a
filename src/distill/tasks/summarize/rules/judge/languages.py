"""The language of the customer, by function words."""

import re

_FUNCTION_WORDS = {
    "german": "der die das und ist nicht ich mein meine habe wurde mit für auf bitte den ein eine",
    "french": "le la les et est pas je mon ma une des pour avec dans vous que été s'il sur mais",
    "spanish": "el los las y es no mi una por para con que pero está del he gracias lo se quiero",
    "italian": "il gli e non mio mia una per con che sono ho della questo grazie vorrei ma di",
    "portuguese": "o os não meu minha uma por para com que está do da recebi obrigado eu foi",
    "dutch": "de het een en niet ik mijn heb met voor van is maar graag dat werd deze",
    "polish": "i nie jest moje mój się na z do że proszę jestem ale jak dziękuję od",
    "english": "the and is not i my a to for with of was it in that have please this",
}
_SETS = {name: frozenset(words.split()) for name, words in _FUNCTION_WORDS.items()}


def identify(text: str) -> str:
    """Return the language's English name in lower case; english where nothing speaks for others."""
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.casefold())
    counts = {name: sum(word in known for word in words) for name, known in _SETS.items()}
    best = max(counts, key=lambda name: counts[name])
    is_clear = counts[best] >= 2 and counts[best] > 1.5 * counts["english"]
    return best if is_clear else "english"


def named(text: str) -> set[str]:
    """Return the languages that a text names."""
    return {name for name in _SETS if re.search(rf"\b{name}\b", text, re.I)}
