"""An e-mail's own words, apart from the history that it quotes and from its signature.

History is what stands behind ">", and what follows the line with which an e-mail program opens
it: "On ..., X wrote:", "-----Original Message-----" or a block of From, Sent and Subject.
"""

import re
from typing import NamedTuple

from distill.channels.raw import flat

_LONGEST = 300  # characters of an opening line, its continuations included
_ADDRESS = r"<[^<>@\s]+@[^<>\s]+>"
_CLOCK = r"\b\d{1,2}[:.h]\d\d\b"
_VERB = (
    r"(?:wrote|writes|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev|napisał"
    r"|kirjoitti|napsal|написал|пишет)"
)
_ATTRIBUTIONS = (
    re.compile(
        rf"(?=.*(?:{_CLOCK}|{_ADDRESS}))"
        rf"(?:On|Am|Le|El|Il|Em|A|Op|Den|På|W dniu|Dne|Dnia)\b.*\b{_VERB}.*[:：]"
    ),
    re.compile(rf"(?=.*{_CLOCK})(?=.*{_ADDRESS}).*[:：]"),
)
_ORIGINAL = re.compile(
    r"-{2,}.*\b(?:original|origine|originale|ursprüngliche?|oorspronkelijke?|ursprungligt|oprindelig"
    r"|opprinnelig|oryginalna|forwarded|weitergeleitete|transféré|reenviado|inoltrato|encaminhada"
    r"|doorgestuurd|vidarebefordrat|videresendt|исходное|пересылаемое)\b.*-{2,}"
    r"|(?:begin forwarded message|anfang der weitergeleiteten nachricht|inizio messaggio inoltrato"
    r"|début du message (?:transféré|réexpédié)|inicio del mensaje reenviado) ?:",
    re.IGNORECASE,
)
_FROM, _SENT, _SUBJECT = (
    re.compile(rf"\**(?:{labels})\*? ?:")
    for labels in (
        "From|Von|De|Da|Van|Från|Fra|Od|От",
        "Sent|Date|Gesendet|Datum|Envoyé|Enviad[oa](?: el| em)?|Fecha|Inviato|Data|Verzonden"
        "|Skickat|Sendt|Dato|Wysłano|Отправлено|Дата",
        "Subject|Betreff|Objet|Asunto|Oggetto|Assunto|Onderwerp|Ämne|Emne|Temat|Тема",
    )
)
_DEVICE = re.compile(
    r"(?:sent (?:from|via|with)|get (?=outlook for)|gesendet (?:von|mit|über)|von mein"
    r"|envoyé (?:de|depuis|à partir)|enviado (?:desde|do|a partir)|inviato da|verzonden v"
    r"|verstuurd v|skickat från|sendt fra|wysłane z|отправлено с)\w*\b.*"
    r"\b(?:iphone|ipad|android|samsung|galaxy|huawei|xiaomi|blackberry|outlook|e?-?mail|yahoo|gmx"
    r"|web\.de|proton|\w*phone|mobil\w*|handy|móvil|portable|telefoo?n|telemóvel|celular)\b.{0,30}",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-_=*~]{4,}")


class Parts(NamedTuple):
    """One line each, "" where there is none; the signature's lines are joined by commas."""

    message: str
    signature: str
    quoted: str


def parts(text: str) -> Parts:
    """Take a body apart; what no rule recognises is the message."""
    lines = [line.strip() for line in text.splitlines()]
    message: list[str] = []
    signature: list[str] = []
    quoted: list[str] = []
    own, at = message, 0
    while at < len(lines):
        line = lines[at]
        size = _attribution(lines, at)
        if line.startswith(">") or (size and _next(lines, at + size).startswith(">")):
            quoted += lines[at : at + max(size, 1)]
            own = message
        elif size or _opens_history(lines, at):
            quoted += lines[at:]
            break
        elif line == "--":
            own = signature
        elif len(line) <= _LONGEST and _DEVICE.fullmatch(line):
            signature.append(line)
        elif not _RULE.fullmatch(line):
            own.append(line)
        at += max(size, 1)
    return Parts(
        flat(" ".join(message)),
        ", ".join(filter(None, map(flat, signature))),
        flat(" ".join(line.lstrip("> ") for line in quoted)),
    )


def _attribution(lines: list[str], at: int) -> int:
    """How many lines, from here, an "On ..., X wrote:" takes; 0 where none begins."""
    for pattern in _ATTRIBUTIONS:
        for size in (1, 2, 3):
            if _matches(pattern, lines[at : at + size]):
                later = (lines[at + skipped : at + size] for skipped in range(1, size))
                return 0 if any(_matches(pattern, part) for part in later) else size
    return 0


def _matches(pattern: re.Pattern[str], lines: list[str]) -> bool:
    if not lines or not lines[-1].endswith((":", "：")) or sum(map(len, lines)) > _LONGEST:
        return False
    return pattern.fullmatch(" ".join(lines)) is not None


def _opens_history(lines: list[str], at: int) -> bool:
    if len(lines[at]) > _LONGEST:
        return False
    block = lines[at + 1 : at + 9]
    return bool(_ORIGINAL.fullmatch(lines[at])) or bool(
        _FROM.match(lines[at]) and any(map(_SENT.match, block)) and any(map(_SUBJECT.match, block))
    )


def _next(lines: list[str], at: int) -> str:
    return next((lines[place] for place in range(at, len(lines)) if lines[place]), "")
