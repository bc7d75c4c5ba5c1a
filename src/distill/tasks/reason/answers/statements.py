"""Where a text states its final answer: "Answer: 5", "the answer is 5", "#### 5", "\\boxed{5}"."""

import re
from dataclasses import dataclass

LONGEST = 8_000  # characters from the end of a text that are read; an answer comes last
_BOX = 500  # most characters in a box
_MARK = re.compile(
    r"""\#{4}
    | (?:\bfinal\s+)?\b(?:answer|ans)\b(?:\s*\([^)\n]{0,40}\))?
      (?:[ \t]+(?:to|for|of|in)\b[^.:=\n]{1,80}?)?
      \s*(?:(?:\b(?:is|are|was)|\b(?:would|should|will|must)\s+be|\bequals)\b\s*:?
           | [:=→⇒]|[-=]>|[-–—](?=\s)|(?=\n))
    | ^\s*A\s*:""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_COMMANDS = [
    (re.compile(r"<<[^<>\n]{0,200}>>"), ""),  # GSM8K's calculator annotations
    (re.compile(r"<\s*(?:final_?)?answer\s*>", re.IGNORECASE), "\nAnswer: "),
    (re.compile(r"</?[A-Za-z][^<>\n]{0,40}>"), " "),
    (re.compile(r"\\(?:text(?:bf|it|rm)?|math(?:rm|bf|it)|operatorname)\s*\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}"), r" \1/\2"),
    (re.compile(r"\\[dt]?frac\s*(\d)\s*(\d)"), r" \1/\2"),
    (re.compile(r"\\(?:times|cdot)(?![a-z])"), "×"),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\[,;!: ]|\\q?quad(?![a-z])|\^\{?\\circ\}?|\\[()\[\]]"), " "),
    (re.compile(r"\\([$%#&_])"), r"\1"),
    (re.compile(r"\\(?:left|right)(?![a-z])"), ""),
    (re.compile(r"\*\*|__|`+"), ""),
    (re.compile(r"(?<!\S)\*(?=\S)|(?<=\S)\*(?=[\s.,;:!?]|$)", re.MULTILINE), ""),
]
_BOXED = re.compile(r"\\f?boxed\s*\{")
_NOT_THIS = re.compile(r"\bnot\s+[^,;.:\n]{1,60}?\s*(?:[,;]|\bbut\b)\s*(?:but\b)?", re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """A text as it is (`source`) and without markup, and its statements of an answer, last first.

    A statement is what follows "Answer:" and the like, up to the next such mark.
    """

    source: str
    text: str
    stated: tuple[str, ...]


def read(text: str) -> Text:
    """Return the text without Markdown, HTML and simple LaTeX, and what it states as its answer.

    Of a text longer than LONGEST, the end is read.
    """
    text = text[-LONGEST:]
    plain = _unboxed(text)
    for pattern, by in _COMMANDS:
        plain = pattern.sub(by, plain)
    return Text(text, plain, tuple(_NOT_THIS.sub(" ", one) for one in stated(plain)))


def stated(text: str) -> list[str]:
    """Return what follows each mark of an answer, the last first."""
    marks = list(_MARK.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [text[mark.end() : end] for mark, end in zip(marks, ends, strict=False)][::-1]


def pieces(statement: str) -> list[str]:
    """Return the sentences of a statement, split at line breaks and full stops."""
    return [
        piece for piece in re.split(r"\n|(?<!\b[A-Za-z])\.(?:\s+|$)", statement) if piece.strip()
    ]


def boxed(text: str) -> list[tuple[int, int, str]]:
    """Return start, end and content of every "\\boxed{...}" with matched braces."""
    found = []
    for match in _BOXED.finditer(text):
        depth = 1
        for at in range(match.end(), min(match.end() + _BOX, len(text))):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            if depth == 0:
                found.append((match.start(), at + 1, text[match.end() : at]))
                break
    return found


def _unboxed(text: str) -> str:
    for start, end, content in reversed(boxed(text)):
        text = f"{text[:start]}\nAnswer: {content}\n{text[end:]}"
    return text
