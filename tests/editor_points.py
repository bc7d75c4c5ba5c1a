"""Points as language models write them, for tests of the editor; none was made by the teacher.

(code, point, words that must go, words that must stay); nothing stays of a point of noise alone.
"""

FEELING = "sentiment_inferred_frustrated"
AGENT = "unn_content_requests_agent"
COPY = "unn_content_webform_email_copy"
REDUNDANT = "unn_content_redundant"

NOISE = [
    (FEELING, "The customer is frustrated with the lack of communication", "frustrat"),
    (FEELING, "Customer expresses frustration and disappointment", "frustrat"),
    (FEELING, "The user seems quite annoyed", "annoy"),
    (FEELING, "Customer is upset about the situation", "upset"),
    (FEELING, "Customer feels angry and disappointed", "angry"),
    (AGENT, "The customer would like to speak with a live agent", "agent"),
    (AGENT, "Customer repeatedly requests a human representative", "representative"),
    (AGENT, "Customer asks to be transferred to a supervisor", "supervisor"),
    (AGENT, "Customer does not want to chat with a bot and asks for a real person", "person"),
    (AGENT, "User is requesting to be connected with customer service", "customer service"),
    (COPY, "The customer would like a copy of this message sent to their email", "copy"),
    (COPY, "Customer requests an email copy of the submitted form", "copy"),
    (COPY, "Customer asked to receive a copy of the form via email", "copy"),
]
MIXED = [
    (
        FEELING,
        "Customer is frustrated that order 12-34567-89012 arrived broken",
        "frustrat",
        ["12-34567-89012", "arrived broken"],
    ),
    (
        FEELING,
        "The customer is very upset because the refund of $45.00 has not been issued",
        "upset",
        ["refund of $45.00 has not been issued"],
    ),
    (
        FEELING,
        "Customer expressed frustration that they were charged twice for item 110012345678",
        "frustrat",
        ["charged twice", "110012345678"],
    ),
    (
        FEELING,
        "Frustrated customer reports that the seller refuses to accept the return",
        "frustrat",
        ["seller refuses", "return"],
    ),
    (
        FEELING,
        "Customer is disappointed with the quality of the leather jacket purchased on May 4",
        "disappoint",
        ["quality of the leather jacket", "May 4"],
    ),
    (
        FEELING,
        "Customer wants a replacement by Friday and is annoyed about the delay",
        "annoy",
        ["wants a replacement by Friday"],
    ),
    (
        FEELING,
        "The package was left outside in the rain, which frustrated the customer",
        "frustrat",
        ["left outside in the rain"],
    ),
    (
        FEELING,
        "Customer is angry about being billed £19.99 after cancelling the subscription",
        "angry",
        ["billed £19.99", "cancelling the subscription"],
    ),
    (
        FEELING,
        "The customer, who is frustrated, has contacted the seller three times",
        "frustrat",
        ["contacted the seller three times"],
    ),
    (
        FEELING,
        "Customer is upset and threatens to dispute the charge with their bank",
        "upset",
        ["dispute the charge with their bank"],
    ),
    (
        AGENT,
        "Customer wants to speak to an agent about the refund of $20",
        "agent",
        ["refund of $20"],
    ),
    (
        AGENT,
        "The customer asks for a human agent because their account was locked on June 3",
        "agent",
        ["account was locked on June 3"],
    ),
    (
        AGENT,
        "Customer has not received order 55-11111-22222 and asks to speak with a representative",
        "representative",
        ["not received order 55-11111-22222"],
    ),
    (
        AGENT,
        "Customer wants to talk to a real person regarding a defective coffee machine",
        "person",
        ["defective coffee machine"],
    ),
    (
        AGENT,
        "Customer requests a supervisor since the seller has ignored return 5098765432",
        "supervisor",
        ["seller has ignored return 5098765432"],
    ),
    (
        AGENT,
        "The customer wants a full refund, and wants to be connected to a live agent",
        "agent",
        ["wants a full refund"],
    ),
    (
        AGENT,
        "Customer would like to speak with someone to dispute a charge of $99.50",
        "someone",
        ["dispute a charge of $99.50"],
    ),
    (
        COPY,
        "Customer requests a refund of $20 and a copy of this form by email",
        "copy",
        ["refund of $20"],
    ),
    (
        COPY,
        "The customer wants the listing restored and asks for a copy of the message via email",
        "copy",
        ["wants the listing restored"],
    ),
    (
        COPY,
        "Customer says item 110012345678 lacks parts and wants an email copy of the form",
        "copy",
        ["110012345678 lacks parts"],
    ),
    (
        COPY,
        "Customer requests a copy of this message by email and wants case 1234567890 reopened",
        "copy",
        ["case 1234567890 reopened"],
    ),
]
UNTOUCHED = [
    (FEELING, "Customer reports that the seller sent the wrong size"),
    (FEELING, "Customer is happy to accept a partial refund of $10"),
    (FEELING, "The parcel was delivered to a neighbour on May 2"),
    (AGENT, "The seller asked the customer to contact the courier"),
    (AGENT, "Customer needs a shipping label for return 5098765432"),
    (AGENT, "Customer wants the seller to replace the lamp"),
    (AGENT, "The support team replied on March 3 that everything was fine"),
    (COPY, "Customer needs a copy of the invoice for order 12-34567-89012"),
    (COPY, "Customer received a counterfeit copy of the book"),
    (COPY, "Customer wants the email address on the account changed"),
]
# (points, the number of the point that only repeats another one; None if none does)
REPEATS = [
    (
        [
            "Order 12-34567-89012 has not arrived",
            "Customer reports that order 12-34567-89012 was not delivered",
        ],
        1,
    ),
    (["Customer wants a refund", "The lamp arrived damaged", "Customer is requesting a refund"], 2),
    (["The lamp arrived with a broken foot", "Customer states that the lamp has a broken foot"], 1),
    (["Account was suspended on May 4", "Customer's account was suspended on May 4"], 1),
    (["Order 12-34567-89012 has not arrived", "Order 99-34567-89012 has not arrived"], None),
    (["The lamp arrived", "The lamp has not arrived"], None),
    (
        [
            "Customer wants to return the lamp",
            "Customer wants to know who pays for the return shipping",
        ],
        None,
    ),
    (["Customer is a seller", "The buyer has not paid", "Customer sold a lamp on May 4"], None),
]
