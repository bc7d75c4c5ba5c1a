"""What the tests of e-mail share: a channel, the header fields of a message, why one is refused."""

import pytest

from distill.channels import mail
from distill.channels.raw import UnusableRowError
from distill.channels.settings import Email

EMAIL = Email(
    format="email",
    fields={"From": "from", "To": "to", "Subject": "subject"},
)
HEAD = "From: Eva Cole <eva@mail.example>\nTo: help@shop.example\nSubject: My parcel\n"


def reason(content: bytes) -> str:
    """Why a message cannot be used."""
    with pytest.raises(UnusableRowError) as error:
        mail.letter(content, "a", EMAIL)
    return error.value.reason
