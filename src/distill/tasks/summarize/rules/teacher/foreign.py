"""Interactions in other languages: the language, what it is about, and its identifiers."""

import re

from distill.tasks.summarize.rules.teacher import kinds, words
from distill.tasks.summarize.rules.teacher.interaction import Interaction

_FUNCTION_WORDS = {
    "": words.listed(
        "the a is my i and to of it not for on in you was have this with that be me at"
    ),
    "German": words.listed(
        "der die das ich nicht und ist mein meine bitte ein eine mit zu es habe von den"
    ),
    "Spanish": words.listed("el la los mi que no y por un una con de he se lo para es en al del"),
    "French": words.listed("le la les mon ma je ne pas et un une est pour que de vous avec ce il"),
    "Italian": words.listed("il lo la gli mio mia che non e un una con di ho per si sono del è"),
    "Portuguese": words.listed("o a os meu minha que não e um uma com de para por eu foi do da"),
    "Dutch": words.listed("de het een ik niet en is mijn met van voor dat op te heb er wil"),
}
_MATTERS = {
    "a missing delivery": r"nicht (?:an|ge|da)|no ha llegado|pas (?:arriv|reçu)|non è (?:arriv"
    r"|mai)|sparit|paquete|pacco|colis|sendung|paket|pakket|kwam|livr|corriere|tracking",
    "a damaged item": r"kaputt|beschädigt|defekt|roto|dañad|mal estado|cassé|abîm|endommag|rotto"
    r"|danneggi|geht nicht an|quebrad|stuk",
    "a refund": r"erstatt|geld|reembols|dinero|rembours|argent|rimbors|soldi|terugbetal",
    "a return": r"zurück|rücksend|devol|retour|renvoy|restitu|reso\b|rendere",
    "a replacement": r"ersatz|neues gerät|reemplaz|remplac|sostitu",
    "their account": r"konto|cuenta|compte|account|conto\b|passwor|contraseña",
    "a payment": r"zahlung|bezahl|pago|cobr|paiement|pagament|carta|tarjeta|karte",
    "a cancellation": r"stornier|cancelar|annul",
}


def language(text: str) -> str:
    """Return the name of a foreign language, "" for English or a language that is unknown."""
    tokens = re.findall(r"[^\W\d_]+", text.casefold())
    counts = {
        name: sum(word in common for word in tokens) for name, common in _FUNCTION_WORDS.items()
    }
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] > counts[""] and counts[best] >= 2 else ""


def points(interaction: Interaction, language: str) -> list[str]:
    """Return a point with the language and the matters, and one with the identifiers."""
    text = interaction.text
    matters = [name for name, cues in _MATTERS.items() if re.search(cues, text, re.IGNORECASE)]
    about = f" about {' and '.join(matters[:2])}" if matters else ""
    told = [f"Customer writes in {language}{about}"] if about or kinds.values(text) else []
    names = [f"{value.label or 'reference'} {value.text}".strip() for value in kinds.values(text)]
    prices = [f"an amount of {price[0]}" for price in kinds.PRICE.finditer(text)]
    values = list(dict.fromkeys(names + prices))
    return [*told, *([f"The message mentions {' and '.join(values[:3])}"] if values else [])]
