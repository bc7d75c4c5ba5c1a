"""The settings of a channel: the format of its raw files and the places of their fields."""

from typing import Annotated, Literal
from xml.etree.ElementTree import Element

from pydantic import AfterValidator, BeforeValidator, Field

from distill.validation import Header, Section


def _role(name: object) -> object:
    """Return a role as it is compared: YAML reads true, null and 1 as other than text."""
    if name is None or isinstance(name, bool):
        return "null" if name is None else str(name).lower()
    return str(name) if isinstance(name, int) else name


Role = Annotated[str, BeforeValidator(_role)]


class Turns(Section):
    """Chats in JSON or in tables; `roles` maps raw roles to labels, null drops a role.

    All names are paths inside a row: `author.id`. `id: null` names rows by file and line;
    `turns: null` reads rows that are bare lists of turns, or, with an `id`, rows of one turn each.
    Several `turns` follow one another. The role "*" is every other one; a turn whose role stands
    at `customer` in its row is the customer's. `records` leads to the rows of a document. A role
    may stand above its turn (channels/speakers.py); turns are read by their `order`, if given.
    """

    format: Literal["turns"]
    id: str | None
    turns: str | list[str] | None
    role: str
    text: str
    roles: dict[Role, str | None]
    customer: str | None = None
    records: str | None = None
    order: str | None = None


def _place(path: str) -> str:
    inside = path.rpartition("@")[0] if "@" in path else path
    try:
        Element("record").findall(inside.strip("/") or ".")
    except (SyntaxError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path!r} is no path inside a record; write it as customer/name, or customer/@id for"
            " an attribute"
        ) from error
    return path


Place = Annotated[str, AfterValidator(_place)]


class Xml(Section):
    """XML files of many records; `fields` maps labels to paths inside a record."""

    format: Literal["xml"]
    id: Place
    record: str
    fields: Annotated[dict[str, Place], Field(min_length=1)]


class Email(Section):
    """.eml and .mbox files; `fields` maps labels to headers, the body's labels are set.

    `quoted` decides on the history that a message quotes (label "Quoted"), `signature` on its
    signature (label "Signature").
    """

    format: Literal["email"]
    fields: Annotated[dict[str, Header], Field(min_length=1)]
    quoted: Literal["keep", "drop"] = "drop"
    signature: Literal["keep", "drop"] = "keep"


Channel = Annotated[Turns | Xml | Email, Field(discriminator="format")]
