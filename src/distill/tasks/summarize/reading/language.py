"""Language identification by common words, biased to English because customers write noisily."""

import re
from collections import Counter
from functools import lru_cache

_COMMON = {
    "English": """the and is my i it to a of for was in not have you that this on with but order
        item please can want need never got they me are what how be no from your do when has or
        refund help""",
    "German": """der die das und ist nicht ich mein meine meinen habe ein eine einen mir mich zu
        mit auf für es sie wir bitte wurde noch aber von den dem im kein keine bestellung artikel
        hallo hat bin wie wann war ihr bei nach sehr ware geld""",
    "French": """le la les et est pas je mon ma mes un une des de du pour que qui dans avec vous
        nous il elle bonjour commande été sur ai j'ai n'ai n'est c'est mais ce cette au votre reçu
        très merci toujours""",
    "Spanish": """el la los las y es no mi mis un una de del para que en con yo usted pero por se
        me he ha hola pedido está fue lo su al artículo quiero necesito gracias recibido muy cuándo
        todavía nunca""",
    "Italian": """il lo la gli le e è non mio mia un una di del della per che in con ho ha ma mi
        sono si al ordine articolo ciao buongiorno vorrei ancora stato questo ricevuto molto grazie
        mai nel""",
    "Portuguese": """o a os as e é não meu minha um uma de do da para que em com eu mas por me está
        foi pedido olá quero preciso ainda recebi obrigado muito nunca você""",
    "Dutch": """de het een en is niet ik mijn van voor dat op met maar heb naar bestelling nog er
        te zijn was hallo graag artikel geen kan wil aan ontvangen mij u bij wanneer nooit""",
}
_LANGUAGES_OF_WORD: dict[str, list[str]] = {}
for _language, _words in _COMMON.items():
    for _word in set(_words.split()):
        _LANGUAGES_OF_WORD.setdefault(_word, []).append(_language)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SCRIPTS = (
    ("Russian", re.compile(r"[\u0400-\u04ff]")),
    ("Greek", re.compile(r"[\u0370-\u03ff]")),
    ("Arabic", re.compile(r"[\u0600-\u06ff]")),
    ("Hebrew", re.compile(r"[\u0590-\u05ff]")),
    ("Hindi", re.compile(r"[\u0900-\u097f]")),
    ("Japanese", re.compile(r"[\u3040-\u30ff]")),
    ("Korean", re.compile(r"[\uac00-\ud7af]")),
    ("Chinese", re.compile(r"[\u4e00-\u9fff]")),
)
_FOREIGN = re.compile(r"[\u0370-\u06ff\u0900-\u097f\u3040-\u9fff\uac00-\ud7af]")
_NAMES = re.compile(
    r"\b(?:german|deutsch|french|français|spanish|español|italian|portuguese|dutch|polish|russian"
    r"|greek|arabic|hebrew|hindi|japanese|korean|chinese|turkish|swedish|danish|norwegian|finnish"
    r"|czech|hungarian|romanian|ukrainian|non-english|foreign language|not in english)\b",
    re.IGNORECASE,
)
_LEAST = 5  # words; a shorter text counts as English


@lru_cache(maxsize=1024)
def identify(text: str) -> str:
    """Return the English name of the text's language, "English" in doubt."""
    if _FOREIGN.search(text):
        letters = sum(map(str.isalpha, text))
        for name, script in _SCRIPTS:
            if len(script.findall(text)) > 0.4 * letters:
                return name
    words = _WORD.findall(text[:5000].casefold().replace("’", "'"))
    if len(words) < _LEAST:
        return "English"
    votes = Counter(name for word in words for name in _LANGUAGES_OF_WORD.get(word, ()))
    if not votes:
        return "English"
    best = max(votes, key=lambda name: votes[name])
    is_clear = votes[best] >= 0.2 * len(words) and votes[best] > 1.5 * votes["English"] + 1
    return best if is_clear else "English"


def names_language(text: str) -> bool:
    """Return whether the text names a language other than English."""
    return bool(_NAMES.search(text))
