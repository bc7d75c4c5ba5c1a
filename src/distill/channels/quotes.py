"""The author's own words of an e-mail, apart from the quoted history and the signature.

History is every line that begins with ">", and all that follows a line with which an e-mail
program opens it: "On ..., X wrote:", "-----Original Message-----", or a block of From, Sent, To and
Subject. Compared with mail-parser-reply 1.36 on 87 bodies in benchmarks/README.md, "Mail history".
"""

import re
from itertools import takewhile
from typing import NamedTuple

from distill.channels.text import flat

_LONGEST = 300  # characters of an opening line, its continuations included
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_ADDRESS = r"[<(][^<>()@\s]+@[^<>()\s]+[>)]"
_CLOCK = r"(?<!\d)\d{1,2}[:.h]\d\d(?!\d)"
_YEAR = r"(?:19|20)\d\d"
_DATE = rf"(?:{_YEAR}[-/.]|\d{{1,2}}[-/.] ?\d{{1,2}}[-/.] ?\d\d)"
_VERB = (
    r"(?:wrote|writes|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|geschreven|geskryf|skrev"
    r"|skrifaði|napisał|napísal|kirjoitti|napsal|написал|написа|пишет|пише|је написао|pisze|yazdı"
    r"|a scris|írta|έγραψε|napisa(?:o|la)|escribiu|va escriure|rašė|rakstīja|kirjutas|idatzi du"
    r"|menulis|đã viết|เขียนว่า|เขียน|ने लिखा|نوشت|写道|寫道|のメール|작성|כתב|كتب)"
)
_EVIDENCE = re.compile(rf"{_CLOCK}|{_ADDRESS}")
_OWN = re.compile(
    r"(?:schrieb ich|schrieben wir|(?:I|we) wrote|skrev jag|schreef ik)\b", re.IGNORECASE
)
_ATTRIBUTIONS = (
    re.compile(
        rf"(?=.*(?:{_CLOCK}|{_ADDRESS}))"
        rf"(?:On|Am|Le|El|Il|Em|A|Op|Den|På|W dniu|Dne|Dnia)\b.*\b{_VERB}.*[:：]"
    ),
    re.compile(
        rf"(?=.*{_CLOCK})(?=.*{_ADDRESS})(?=.*{_YEAR})"
        rf".*(?:{_ADDRESS}|{_CLOCK})(?:[ )]{{0,3}}|[^,.:]{{0,25}}{_VERB}.{{0,10}})[:：]"
    ),
    re.compile(rf"(?=.*{_CLOCK})(?=.*{_ADDRESS})(?=.*{_YEAR}).*{_ADDRESS} {_VERB} \(.*\)[:：]"),
    re.compile(
        rf"(?=.{{0,50}}{_DATE})(?=.*{_CLOCK})[^:]*{_CLOCK}[^:]{{0,60}}{_VERB}[\w() ]{{0,6}}[:：]"
    ),
    re.compile(rf"[\w. /-]{{1,60}} {_VERB} on {_DATE}.*{_CLOCK}.*[:：]"),
    re.compile(rf"\w[\w. '\"-]{{0,60}}{_ADDRESS} {_VERB}[:：]"),
)
_DIGITS = {ord(zero) + n: str(n) for zero in "٠۰०๐" for n in range(10)}
_ORIGINAL = re.compile(
    r"-{2,}.*\b(?:original|origine|originale|ursprüngliche?|oorspronkelijke?|ursprungligt|oprindelig"
    r"|opprinnelig|oryginalna|forwarded|weitergeleitete|transféré|reenviado|inoltrato|encaminhada"
    r"|doorgestuurd|vidarebefordrat|videresendt|исходное|пересылаемое|původní|pôvodná|eredeti"
    r"|orijinal|alkuperäinen|izvorna|originalna|αρχικό|מקורית|原始邮件|原始郵件|邮件原件|回复的原邮件"
    r"|转发邮件|元のメッセージ|원본 메[일시]지?)\b.*-{2,}"
    rf"|-{{2,}}(?=.*{_CLOCK}).*\b{_VERB} ?-{{2,}}"
    r"|(?:begin forwarded message|anfang der weitergeleiteten nachricht|inizio messaggio inoltrato"
    r"|début du message (?:transféré|réexpédié)|inicio del mensaje reenviado) ?:",
    re.IGNORECASE,
)
_FROM, _SENT, _TO, _SUBJECT = (
    re.compile(rf"\**(?:{labels})\*? ?[:：]")
    for labels in (
        "From|Von|De(?: la)?|Da|Van|Från|Fra|Od|Lähettäjä|Feladó|Kimden|Saatja|Nuo|No|Dari|Từ|От"
        "|Від|Šalje|Από|差出人|发件人|寄件者|寄件人|보낸 사람|מאת|من|จาก",
        "Sent|Date|Gesendet|Datum|Envoyé|Enviad[oa](?: el| em)?|Enviat(?: el)?|Fecha|Inviato|Data"
        "|Verzonden|Nosūtīts|تم الإرسال"
        "|Skickat|Sendt|Dato|Lähetetty|Wysłano|Odesláno|Odoslané|Elküldve|Trimis|Gönderil(?:me|di)|Poslano"
        "|Poslato|Saadetud|Išsiųsta|Dikirim|Đã gửi|Отправлено|Дата|Надіслано|Изпратено|Στάλθηκε"
        "|送信日時|日付|发送时间|日期|寄件日期|傳送時間|보낸 날짜|날짜|נשלח|תאריך|التاريخ|ส่ง",
        "To|An|À|Para|A|Aan|Till|Til|Do|Komu|Vastaanottaja|Címzett|Către|Kime|Za|Prima|Per a"
        "|Adressaat|Kam|Kepada"
        "|Đến|Кому|До|Προς|宛先|收件人|收件者|받는 사람|אל|إلى|ถึง",
        "Subject|Betreff|Objet|Asunto|Oggetto|Assunto|Onderwerp|Ämne|Emne|Aihe|Temat|Předmět|Predmet"
        "|Tárgy|Subiect|Konu|Naslov|Zadeva|Teema|Tema|Tēma|Subjek|Perihal|Chủ đề|Тема|Относно|Θέμα"
        "|件名|主题|主旨|제목|נושא|الموضوع|เรื่อง",
    )
)
_DEVICE = re.compile(
    r"(?:sent (?:from|via|with)|get (?=outlook for)|gesendet (?:von|mit|über)|von mein"
    r"|envoyé (?:de|depuis|à partir)|enviado (?:desde|do|a partir)|inviato da|verzonden v"
    r"|verstuurd v|skickat från|sendt fra|wysłane z|отправлено с)\w*\b.*"
    r"\b(?:iphone|ipad|android|samsung|galaxy|huawei|xiaomi|blackberry|outlook|e?-?mail|yahoo|gmx"
    r"|web\.de|proton|\w*phone|mobil\w*|handy|móvil|portable|telefoo?n|telemóvel|celular)\b.{0,60}",
    re.IGNORECASE,
)
_ABOVE = re.compile(  # a help desk's line, below which it takes nothing for an answer
    r"##-.*-##"
    r"|-{2,} ?(?:please )?(?:reply|type your reply|antworte?n?|respon\w*|répon\w*)\b.*-{2,}",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\**(?:Cc|Bcc|Reply-To|Importance|Priority|Attachments?|Kopie|Wichtigkeit|Anlagen?)\*? ?[:：]",
    re.IGNORECASE,
)
_FIELD = re.compile(r"[^\W\d_][^:]{0,30}[:：] ?\S")
_RULE = re.compile(r"[-_=*~]{4,}")


class Parts(NamedTuple):
    """Each part line by line, "" where it is missing; a signature is on one, joined by commas."""

    message: str
    signature: str
    quoted: str


def parts(text: str) -> Parts:
    """Take a body apart; what no rule recognises is the message."""
    plain = text if text.isascii() else _DIRECTIONS.sub("", text)
    lines = [flat(line) for line in plain.splitlines()]
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
        elif size or _opens_history(lines, at, bool(message)):
            quoted += lines[at:]
            break
        elif _ABOVE.fullmatch(line):
            if message:
                quoted += lines[at:]
                break
        elif line == "--":
            own = signature
        elif len(line) <= _LONGEST and _DEVICE.fullmatch(line):
            signature.append(line)
        elif line and not _RULE.fullmatch(line):
            own.append(line)
        at += max(size, 1)
    return Parts(
        "\n".join(message),
        ", ".join(filter(None, map(flat, signature))),
        "\n".join(filter(None, (line.lstrip("> ") for line in quoted))),
    )


def _attribution(lines: list[str], at: int) -> int:
    """Return how many lines from `at` on are one "On ..., X wrote:"; 0 where none begins."""
    joined = {size: _joined(lines[at : at + size]) for size in (1, 2, 3)}
    if not any(joined.values()):
        return 0
    for pattern in _ATTRIBUTIONS:
        for size, line in joined.items():
            if line and pattern.fullmatch(line):
                later = (_joined(lines[at + skipped : at + size]) for skipped in range(1, size))
                return 0 if any(map(pattern.fullmatch, later)) else size
    return 0


def _joined(lines: list[str]) -> str:
    """Return lines that may be one attribution as one line, "" for others."""
    if not lines or not lines[-1].endswith((":", "：")) or sum(map(len, lines)) > _LONGEST:
        return ""
    line = " ".join(lines)
    line = line if line.isascii() else line.translate(_DIGITS)
    return line if _EVIDENCE.search(line) and not _OWN.search(line) else ""


def _opens_history(lines: list[str], at: int, answered: bool) -> bool:
    """Return whether a line opens the history; header fields do so only below an answer.

    A body that begins with them, one without a recipient, and one in which they follow another
    field is a web form sent by e-mail.
    """
    first, block = lines[at], lines[at + 1 : at + 9]
    in_form = at > 0 and _FIELD.match(lines[at - 1]) is not None
    if len(first) > _LONGEST:
        return False
    if not (answered and not in_form and _has_sender_and_time(first, block)):
        return _ORIGINAL.fullmatch(first) is not None
    if any(map(_TO.match, block)) and any(map(_SUBJECT.match, block)):
        return True
    fields = takewhile(_FIELD.match, block)
    return re.search(_ADDRESS, first) is not None and all(map(_is_known, fields))


def _has_sender_and_time(first: str, block: list[str]) -> bool:
    """Return whether a block begins with either of the two, and has the other."""
    pairs = ((_FROM, _SENT), (_SENT, _FROM))
    return any(one.match(first) and any(map(other.match, block)) for one, other in pairs)


def _is_known(line: str) -> bool:
    return any(name.match(line) for name in (_SENT, _TO, _SUBJECT, _OTHER))


def _next(lines: list[str], at: int) -> str:
    return next((lines[place] for place in range(at, len(lines)) if lines[place]), "")
