"""A trained run in production: the chat that asks it, and the anonymization of what it is shown.

seen = personal.anonymized("Customer: I am Ana Ruiz, where is order 12-34567?", ...)
seen.text      "Customer: I am Eva Cole, where is order 58-20713?"
seen.values    {"Eva Cole": "Ana Ruiz", "58-20713": "12-34567"}
asked = chat.messages("models/smollm2-r1", "botchat", seen.text)
...
personal.restored("<ul><li>Where is order 58-20713?</li></ul>", seen.values)
"""
