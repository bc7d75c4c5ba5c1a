"""A few hundred interactions by combination, for rates of rules that no other module wrote."""

from itertools import product

_MATTERS = [
    "My order 07-11223-{n} has not arrived. I want a refund of ${p}.",
    "I bought a brass lamp on May 4 and it arrived broken. Please send me a new item 1100{n}99.",
    "My account anna_{n} was suspended and I cannot log in. How do I get it back?",
    "The seller refuses my return 50{n}777. I paid ${p} for the camera bag.",
    "I was charged twice for order 12-34567-{n}. My bank says the card is fine.",
    "You removed my listing 2200{n}11 yesterday. It is a genuine product.",
    "The tracking of order 31-44444-{n} has not moved since June 3. Can you find out where it is?",
    "The buyer has not paid ${p} for item 3300{n}22. I want to cancel the sale.",
]
_ASIDES = [
    "",
    "I want to talk to a human!",
    "This is ridiculous! How many times do I have to ask!",
    "Please send a copy of this message to my email.",
    "Thank you very much.",
]
_ROLES = ["", "buyer", "seller"]


def chats():
    """Return 400 chats."""
    return [
        f"Customer: {matter.format(n=10000 + 37 * n, p=19 + n)}\nBot: What else? We will email you."
        f"\nCustomer: {aside or 'That is all.'}"
        for n, matter, aside in product(range(10), _MATTERS, _ASIDES)
    ]


def forms():
    """Return 400 forms."""
    return [
        f"Topic: Other\nRole: {_ROLES[(n + at) % 3]}\nName: Eva Cole\nItem number: 4400{10000 + n}"
        f"\nMessage: {matter.format(n=10000 + 37 * n, p=19 + n)} {aside}"
        for n, (at, matter), aside in product(range(10), enumerate(_MATTERS), _ASIDES)
    ]
