"""What a file is by its first bytes, where it is not what its channel says."""

import re
from pathlib import Path

from distill.channels import raw
from distill.channels.settings import Turns
from distill.errors import InputError

_BYTES = 65_536
_BINARY: dict[bytes, tuple[str, str]] = {  # first bytes -> what it is, and the remedy
    b"\x1f\x8b": ("compressed by gzip", "let its name end in .gz"),
    b"BZh": ("compressed by bzip2", "let its name end in .bz2"),
    b"\xfd7zXZ\x00": ("compressed by xz", "let its name end in .xz"),
    b"\x28\xb5\x2f\xfd": ("compressed by zstd", "decompress it with `zstd -d`"),
    b"PK\x03\x04": ("a zip archive or an Office document", "unpack it, or export text"),
    b"PK\x05\x06": ("an empty zip archive", "remove it"),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "unpack it"),
    b"Rar!": ("a rar archive", "unpack it"),
    b"%PDF": ("a PDF document", "export text instead"),
    b"\xd0\xcf\x11\xe0": (
        "an Office document or an Outlook message",
        "save it as .eml or .csv",
    ),
    b"!BDN": ("an Outlook mailbox (.pst)", "export it as .mbox, for example with readpst"),
    b"PAR1": ("a Parquet file", "write it as JSON lines"),
    b"ARROW1": ("an Arrow file", "write it as JSON lines"),
    b"Obj\x01": ("an Avro file", "write it as JSON lines"),
    b"SQLite format 3": ("an SQLite database", "export its table as .csv"),
    b"\x89PNG": ("a picture", "remove it"),
    b"\xff\xd8\xff": ("a picture", "remove it"),
    b"GIF8": ("a picture", "remove it"),
    b"ID3": ("a recording", "transcribe it"),
    b"RIFF": ("a recording", "transcribe it"),
    b"OggS": ("a recording", "transcribe it"),
    b"ORC": ("an ORC file", "write it as JSON lines"),
    b"\x89HDF": ("an HDF5 file", "write it as JSON lines"),
    b"\x04\x22\x4d\x18": ("compressed by lz4", "decompress it with `lz4 -d`"),
    b"PGDMP": ("a dump of a PostgreSQL database", "export the table as .csv"),
    b"\x80\x04\x95": ("a Python pickle", "write it as JSON lines"),
    b"{\\rtf": ("a document in RTF", "export text instead"),
    b"Salted__": ("encrypted by OpenSSL", "decrypt it"),
    b"-----BEGIN PGP MESSAGE": ("encrypted by PGP", "decrypt it"),
    b"age-encryption.org": ("encrypted by age", "decrypt it"),
    b"version https://git-lfs": ("a pointer of Git LFS", "fetch the file with `git lfs pull`"),
}
_MESSENGER = re.compile(
    rb"(?:\xe2\x80\x8e)?\[?\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? \d{1,2}[:.]\d\d[^\n]{0,20}(?:\] | - )"
)
_SCRIPT = re.compile(rb"(?:window\.|var |let |const |export |module\.|self\.)[^\n\[{]*=?\s*[\[{]")
_WIDE = {  # first bytes -> encoding, the longer first
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def head(path: Path) -> bytes:
    """Return the first bytes of a file, decompressed."""
    with raw.opened(path) as stream:
        return stream.read(_BYTES)


def check(path: Path, begin: bytes, wide: bool = False) -> None:
    """Raise InputError where the first bytes are those of a binary file or of an archive.

    `wide`: whether the format may be in UTF-16.
    """
    for first, (what, remedy) in _BINARY.items():
        if begin.startswith(first):
            raise InputError(f"{path}: {what}; {remedy}")
    if begin[257:262] == b"ustar":
        raise InputError(f"{path}: a tar archive; unpack it")
    if not wide and (encoding := _wide(begin)):
        to = "-t UTF-8"
        raise InputError(f"{path}: in {encoding}; convert it with `iconv -f {encoding} {to}`")


def _wide(begin: bytes) -> str:
    for first, encoding in _WIDE.items():
        if begin.startswith(first):
            return encoding
    zeros = [byte == 0 for byte in begin[:4]]
    if zeros == [False, True, True, True] and begin[:1].isascii() and begin[0] >= ord(" "):
        return "UTF-32LE"
    if zeros == [False, True, False, True]:
        return "UTF-16LE"
    return "UTF-16BE" if zeros == [True, False, True, False] else ""


def check_rows(path: Path, begin: bytes, channel: Turns) -> None:
    """Raise InputError where a file that should hold JSON holds something else."""
    check(path, begin)
    first = begin.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x1e")
    if first.startswith(b"<"):
        raise InputError(f"{path}: XML or HTML, not JSON; set the channel's format to xml")
    if first.startswith((b"From ", b"Return-Path:", b"Received:", b"Delivered-To:")):
        raise InputError(f"{path}: e-mail, not JSON; set the channel's format to email")
    names = (name.encode() for name in (channel.role, channel.text))
    header = first.partition(b"\n")[0]
    if not first.startswith((b"{", b"[")) and all(name in header for name in names):
        raise InputError(f"{path}: a table, not JSON; let its name end in .csv")
    if _MESSENGER.match(first):
        raise InputError(
            f"{path}: a chat as WhatsApp exports it, not JSON; make a row of each turn"
        )
    if _SCRIPT.match(first):
        raise InputError(f"{path}: JavaScript, not JSON; delete all before its first [ or {{")
    if first and not re.search(rb"(?m)^[ \t\x1e]*[\[{]", begin.removeprefix(b"\xef\xbb\xbf")):
        raise InputError(
            f"{path}: not JSON: no line begins with {{ or [; if it is a table, let its name end in"
            " .csv, or else move it elsewhere"
        )


def check_mail(path: Path, begin: bytes) -> None:
    """Raise InputError where a file that should hold e-mail is JSON or XML."""
    check(path, begin)
    first = begin.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first in (b"{", b"[", b"<"):
        what, name = ("XML or HTML", "xml") if first == b"<" else ("JSON", "turns")
        raise InputError(f"{path}: {what}, not e-mail; set the channel's format to {name}")


def check_xml(path: Path, begin: bytes) -> None:
    """Raise InputError where a file that should hold XML is JSON or e-mail."""
    check(path, begin, wide=True)
    first = begin.removeprefix(b"\xef\xbb\xbf").lstrip()
    if first.startswith((b"{", b"[")):
        raise InputError(f"{path}: JSON, not XML; set the channel's format to turns")
    if first.startswith((b"From ", b"Return-Path:", b"Received:")):
        raise InputError(f"{path}: e-mail, not XML; set the channel's format to email")
