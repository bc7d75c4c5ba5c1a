"""All rules in one table, each type of personal data in a file of its own.

Where values overlap, the higher score wins, then the longer value, then the earlier rule. To find
more of a type, add a row to its file; to add a type, add it to privacy/kinds.py, a file here and
its surrogate.
"""

from distill.privacy.find.rules.accounts import ACCOUNTS
from distill.privacy.find.rules.address import ADDRESSES
from distill.privacy.find.rules.birth import DATES_OF_BIRTH
from distill.privacy.find.rules.devices import DEVICES
from distill.privacy.find.rules.email import EMAILS
from distill.privacy.find.rules.ip import IPS
from distill.privacy.find.rules.keys import KEYS
from distill.privacy.find.rules.national_id import NATIONAL_IDS
from distill.privacy.find.rules.payment import PAYMENT
from distill.privacy.find.rules.person import PEOPLE
from distill.privacy.find.rules.phone import PHONES
from distill.privacy.find.rules.secrets import SECRETS
from distill.privacy.find.rules.stays import WHAT_STAYS
from distill.privacy.find.rules.username import USERNAMES

TABLE = (
    *WHAT_STAYS,
    *ACCOUNTS,
    *KEYS,
    *SECRETS,
    *EMAILS,
    *PAYMENT,
    *NATIONAL_IDS,
    *IPS,
    *DEVICES,
    *DATES_OF_BIRTH,
    *PHONES,
    *ADDRESSES,
    *USERNAMES,
    *PEOPLE,
)
