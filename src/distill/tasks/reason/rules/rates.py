"""The declared rates of the rule teachers' flaws and of their reviews.

A language model's rates can only be measured; those of these rules are known, so that a report can
print measured rates beside them. How often reviewers approve follows three reviewers that were
measured on published reviews: they approved 71%, 24% and 15% of the rationales without the right
number, and 94%, 85% and 85% of those with it.
"""

from hashlib import blake2b

TEACHERS = ("strict", "hasty", "glib", "plain")
OFF_BY_ONE = "off by one"  # both the first and the last day are counted
IGNORED = "condition ignored"  # an exception, a coupon or a voucher is left out
MISREAD = "wrong premise"  # a number or fact is misread, and yet the verdict is the right one
SLIP = "slip"  # a calculation with a wrong result
# teacher -> flaw -> its probability, given an occasion (see flaws.py)
RATES: dict[str, dict[str, float]] = {
    "strict": {OFF_BY_ONE: 0.5, IGNORED: 0.05, MISREAD: 0.04, SLIP: 0.06},
    "hasty": {OFF_BY_ONE: 0.1, IGNORED: 0.6, MISREAD: 0.05, SLIP: 0.12},
    "glib": {OFF_BY_ONE: 0.05, IGNORED: 0.06, MISREAD: 0.4, SLIP: 0.03},
    "plain": {OFF_BY_ONE: 0.08, IGNORED: 0.1, MISREAD: 0.08, SLIP: 0.08},
}
BLIND = (OFF_BY_ONE, IGNORED)  # flaws that a teacher takes for right in reviews, too
LENIENT = {"strict": 0.15, "hasty": 0.24, "glib": 0.71, "plain": 0.2}  # a review approves unread
ALARMS = {"strict": 0.12, "hasty": 0.12, "glib": 0.04, "plain": 0.08}  # of a sound text
MISBLAMED = {"strict": 0.08, "hasty": 0.25, "glib": 0.2, "plain": 0.1}  # feedback on a wrong cause


def draw(text: str, label: str) -> float:
    """Return a number in [0, 1) that the text and the label determine."""
    digest = blake2b(f"{label}\0{text}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
