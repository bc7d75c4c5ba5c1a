"""Personal data is found, and replaced by artificial values of the same type."""

import json
import os
import re
import subprocess
import sys
import time

import pytest
from conftest import REPO
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from distill.errors import ParamsError
from distill.privacy.draws import artificial_names
from distill.privacy.find import numbers
from distill.privacy.find.detect import Span, find, find_all, searching
from distill.privacy.find.lines import Lines
from distill.privacy.find.rules import TABLE
from distill.privacy.find.rules.rule import Rule
from distill.privacy.find.vocabulary import DocumentFrequency, Ordinary
from distill.privacy.kinds import IDENTIFIERS, TYPES, DetectionError
from distill.privacy.replace import REPLACE, _words, is_surrogate, second_look
from distill.privacy.replace import replace as treat
from distill.privacy.seal import SAMPLE_KEY
from distill.privacy.seen import Seen
from distill.privacy.settings import Added
from distill.privacy.surrogates import Surrogates

KEY = b"a test's own key"


def replace(text: str, key: bytes, row: str, policy=REPLACE) -> tuple[str, list[str]]:
    return treat(text, find(text), Surrogates(key, row), policy)


def surrogate(key: bytes, row: str, type: str, value: str) -> str:
    return Surrogates(key, row).of(type, value)


def found(text: str) -> list[tuple[str, str]]:
    return [(span.type, text[span.start : span.end]) for span in find(text)]


EXAMPLES = [
    ("Customer: my name is joseph banter and I wait", "PERSON", "joseph banter"),
    ("Customer: My name is Will.", "PERSON", "Will"),
    ("Bot: Hello Maria, how can I help?", "PERSON", "Maria"),
    (
        "Customer: Please help.\nKind regards, Anil van der Berg",
        "PERSON",
        "Anil van der Berg",
    ),
    ("Name: o'neill, sean", "PERSON", "o'neill"),
    ("Bot: What is your name?\nCustomer: Thandi Moyo", "PERSON", "Thandi Moyo"),
    (
        "Customer: write to ana.ruiz+x@mail.example.com.",
        "EMAIL",
        "ana.ruiz+x@mail.example.com",
    ),
    ("Customer: czhang@emailcom", "EMAIL", "czhang@emailcom"),
    ("Customer: ana at gmail dot com", "EMAIL", "ana at gmail dot com"),
    ("Customer: (555) 234-9876", "PHONE", "(555) 234-9876"),
    ("Customer: +49 30 9018 20", "PHONE", "+49 30 9018 20"),
    ("Customer: call me on 98 76 54 32 10", "PHONE", "98 76 54 32 10"),
    (
        "Customer: 12 Oak Street, Apt 4, Troy, IL 62704",
        "ADDRESS",
        "12 Oak Street, Apt 4, Troy, IL 62704",
    ),
    ("Customer: Musterstraße 12, 10115 Berlin", "ADDRESS", "Musterstraße 12, 10115 Berlin"),
    ("Customer: Calle Mayor 7, 28013 Madrid", "ADDRESS", "Calle Mayor 7, 28013 Madrid"),
    ("Customer: paid by 4111-1111-1111-1111", "CREDIT_CARD", "4111-1111-1111-1111"),
    ("Customer: to DE89 3704 0044 0532 0130 00", "IBAN", "DE89 3704 0044 0532 0130 00"),
    ("Customer: from 81.2.69.142 today", "IP", "81.2.69.142"),
    ("Customer: from 2001:470::1 today", "IP", "2001:470::1"),
    ("Username: maria_82", "USERNAME", "maria_82"),
    ("Customer: the seller vintage.lamps is rude", "USERNAME", "vintage.lamps"),
    ("Customer: I was born on March 3, 1985", "DATE_OF_BIRTH", "March 3, 1985"),
    ("Customer: my SSN is 123 45 6789", "NATIONAL_ID", "123 45 6789"),
    ("Customer: DNI 12345678Z", "NATIONAL_ID", "12345678Z"),
    ("Customer: my password is hunter2!", "PASSWORD", "hunter2!"),
    ("Customer: my pin is 4821", "PASSWORD", "4821"),
    (
        "Agent: What is your mother's maiden name?\nCustomer: Kowalczyk",
        "SECURITY_ANSWER",
        "Kowalczyk",
    ),
    ("Agent: Your account id?\nCustomer: yes, KX77PWVAJ2", "ACCOUNT_ID", "KX77PWVAJ2"),
    ("Customer: order 07-11223-45678 never came", "ORDER_ID", "07-11223-45678"),
    ("Customer: my order number is 3348917502", "ORDER_ID", "3348917502"),
    ("Item number: 110012345678", "ITEM_ID", "110012345678"),
    ("Customer: return 5012345678 is open", "RETURN_ID", "5012345678"),
    ("Customer: see case number 1234567890", "CASE_ID", "1234567890"),
    ("Customer: transaction 2087341190012T", "TRANSACTION_ID", "2087341190012T"),
    ("Customer: tracking AB123456789US", "REFERENCE_ID", "AB123456789US"),
    ("Customer: zip code 62704", "ADDRESS", "62704"),
    ("Customer: 12 oak street raleigh, nc 62704", "ADDRESS", "12 oak street raleigh, nc 62704"),
    ("Agent: Username?\nCustomer: albertos1", "USERNAME", "albertos1"),
    ("<customer_name>joseph banter</customer_name>", "PERSON", "joseph banter"),
]

# As speech recognition writes: no capitals, no punctuation, letters and digits one by one.
SPOKEN = [
    ("this is mary jones calling", "PERSON", "mary jones"),
    ("this is kowalczyk calling about the order", "PERSON", "kowalczyk"),
    ("first name tobias last name brandt", "PERSON", "brandt"),
    ("name kruegerman", "PERSON", "kruegerman"),
    ("brandt", "PERSON", "brandt"),
    ("ana b kruger", "PERSON", "ana b kruger"),
    ("my email is john dot smith at gmail dot com", "EMAIL", "john dot smith at gmail dot com"),
    ("its j o h n at yahoo dot com", "EMAIL", "j o h n at yahoo dot com"),
    ("my email is john smith gmail com thanks", "EMAIL", "john smith gmail com"),
    ("email address is jsmith acme com", "EMAIL", "jsmith acme com"),
    ("jsmith22examplecom", "EMAIL", "jsmith22examplecom"),
    ("order number a b c one two three", "ORDER_ID", "a b c one two three"),
    ("the booking is q w 3 r 5 7 and late", "ORDER_ID", "q w 3 r 5 7"),
    ("claim number is kx 5521 please", "CASE_ID", "kx 5521"),
    ("qz 4431", "ACCOUNT_ID", "qz 4431"),
    ("call five five five two three four nine", "ACCOUNT_ID", "five five five two three four nine"),
    ("the card ending in 4412 was charged", "ACCOUNT_ID", "4412"),
    ("last four digits of my ssn are 4821", "NATIONAL_ID", "4821"),
    ("4111 2222 3333 4444", "CREDIT_CARD", "4111 2222 3333 4444"),
    ("zip code for my area is 62704", "ADDRESS", "62704"),
    ("my password is hunter two", "PASSWORD", "hunter two"),
    ("password is hunter 22 please", "PASSWORD", "hunter 22"),
    ("the security code on the card 991", "PASSWORD", "991"),
]


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("distill.privacy.seal", ["distill.privacy.find", "faker", "presidio_analyzer", "torch"]),
        ("distill.privacy.survey", ["presidio_analyzer", "spacy", "torch", "transformers"]),
    ],
)
def test_an_import_loads_nothing_that_it_does_not_need(module, unneeded):
    code = f"import sys, {module}; sys.exit(sorted(set({unneeded}) & sys.modules.keys()) or 0)"
    source = {"PYTHONPATH": str(REPO / "src")}
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | source)


class TestFind:
    @pytest.mark.parametrize(("text", "type", "value"), EXAMPLES)
    def test_each_type(self, text, type, value):
        assert (type, value) in found(text)

    @pytest.mark.parametrize(("text", "type", "value"), SPOKEN)
    def test_each_type_as_spoken(self, text, type, value):
        assert (type, value) in found(f"Customer: {text}")

    @pytest.mark.parametrize(
        "text",
        [
            "look at amazon com for the price, it is on gmail com too",
            "my email is not working on amazon com",
            "my password is at least 8 characters and the pin has 4 digits",
            "i ordered 3 64gb phones and 2 500 gb drives, size 10 b",
            "i got an rtx 4070 and a dell xps 13 in my order instead of a ps5",
            "a 2 bedroom flat, 3 nights, from 5 pm to 10 am, one or two more",
            "this is ridiculous and i want a refund, i am tired and angry",
            "the item name is wrong, my name change failed and i lost the last name change form",
            "thankyou",
            "heloo",
            "order status",
            "i sold the velvet keychain",
            "il mio account, 3 e poi 4 o 5",
        ],
    )
    def test_what_must_stay_as_spoken(self, text):
        assert found(f"Customer: {text}") == []

    @pytest.mark.parametrize(
        "text",
        [
            "Customer: it was $24.99 on March 3 or 03/14/2025, within 24-48 hours, on the 10th",
            "Customer: The code WELCOME5 takes nothing off, nor does promo code BIGDEAL.",
            "Customer: I bought Harley & Sons boots and a Black & Decker sander at Acme Inc.",
            "Customer: it came on Mondaay, in Febuary, and broke on Wendesday",
            "Customer: Pleease cancel it. Recieved the wrong one, plz.",
            "Customer: Ich habe das Paket nicht bekommen. Bitte helfen Sie mir mit dem Konto.",
            "Customer: the password reset did not work, I forgot my password.",
            "Customer: 64gb, 1500 rs, 2pm and 5000 INR",
            "Customer: I am Frustrated. This is Ridiculous. Thanks, Support Team.",
            "Bot: Hello there! Hi Customer, thank you.",
            "Item name: Marshall Amp 1960\nCustomer: my iphone12 and a WH-1000XM4",
        ],
    )
    def test_what_must_stay(self, text):
        assert found(text) == []

    @pytest.mark.parametrize(
        ("name", "mention"),
        [
            ("Joseph Banter", "joseph"),
            ("Joseph Banter", "BANTER"),
            ("Joseph Banter", "J. Banter"),
            ("Joseph Banter", "Jospeh"),
            ("Joseph Banter", "josephbanter92"),
            ("Joseph Banter", "jbanter"),
            ("Joseph Banter", "J.B."),
            ("Crystal Minh", "crystal minh"),
        ],
    )
    def test_every_form_in_which_a_person_is_mentioned(self, name, mention):
        text = f"Customer: My name is {name}.\nAgent: so {mention} wrote it"
        assert mention in [value for _, value in found(text)]

    @pytest.mark.parametrize(
        "text",
        [
            "Customer: I spoke to Gijsbrecht Öztürk yesterday about the parcel",
            "Customer: yesterday olga krylova promised a refund",
            "Customer: Tosh Olsen told me so",
            "Customer: then JILDAU S BOUTS called back and was kind",
        ],
    )
    def test_names_without_a_cue(self, text):
        assert [type for type, _ in found(text)] == ["PERSON"]

    def test_the_nearest_word_decides_the_type_of_a_number(self):
        assert found("Customer: for order 123456 I opened case 1234567") == [
            ("ORDER_ID", "123456"),
            ("CASE_ID", "1234567"),
        ]

    def test_no_line_that_holds_a_match_is_left_out(self):
        """What a rule says of cues, digits and lines is true wherever its pattern matches."""
        texts = [text for text, *_ in EXAMPLES] + [f"Customer: {text}" for text, *_ in SPOKEN]
        for rule in TABLE:
            everywhere = Rule(rule.type, rule.score, rule.pattern, rule.check)
            for text in texts:
                assert list(searching(rule)(Lines(text))) == list(
                    searching(everywhere)(Lines(text))
                ), (rule, text)

    def test_a_pattern_that_takes_too_long_is_an_error_and_no_leak(self, monkeypatch):
        monkeypatch.setattr("distill.privacy.find.detect._TIMEOUT", 1e-9)
        with pytest.raises(DetectionError, match=r"^detection_timed_out$"):
            find("Customer: my name is Ana " * 2_000)

    def test_time_is_linear_in_the_length_of_a_text(self):
        """In quadratic time, this one line of many names took minutes."""
        said = "I am Ana Ruiz, order 07-11223-{}, ana{}@mail.example. Where is my parcel? "
        text = "Customer: " + "".join(said.format(n, n) for n in range(10_000, 11_500))
        start = time.process_time()
        text, inserted = replace(text, KEY, "c-1")
        assert second_look(text, inserted) == []
        assert time.process_time() - start < 30

    def test_other_mentions_of_a_value_are_found(self):
        text = "Bot: Hi.\nCustomer: I am Maria Lopez. lopez here, (555) 234-9876, 5552349876, MARIA"
        assert found(text) == [
            ("PERSON", "Maria Lopez"),
            ("PERSON", "lopez"),
            ("PHONE", "(555) 234-9876"),
            ("PHONE", "5552349876"),
            ("PERSON", "MARIA"),
        ]

    @given(
        st.text(alphabet="ab e\u0301\U0001f642\u200d\U0001f467\u05e9\u05dc\u200f\n:.", max_size=40)
    )
    def test_offsets_hold_in_any_script(self, noise):
        text = f"Customer: {noise} ana.ruiz@mail.example {noise}"
        assert ("EMAIL", "ana.ruiz@mail.example") in found(text)

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=200))
    def test_spans_are_ordered_inside_the_text_and_apart(self, text):
        end = 0
        for span in find(text):
            assert end <= span.start < span.end <= len(text)
            assert span.type in TYPES
            end = span.end


def added(*recognizers: dict) -> Added:
    return Added(recognizers=json.dumps(recognizers))


LOYALTY = {
    "name": "Loyalty card",
    "supported_entity": "ACCOUNT_ID",
    "patterns": [{"name": "loyalty", "regex": r"\bL\d{3}\b", "score": 0.9}],
}


class TestAddedRecognizers:
    """A user's recognizers, written as Presidio's documentation says."""

    def found(self, text: str, *recognizers: dict) -> list[tuple[str, str]]:
        return [(s.type, text[s.start : s.end]) for s in find(text, added(*recognizers))]

    def test_a_pattern_finds_what_no_rule_does(self):
        text = "Customer: my card is L123"
        assert self.found(text) == []
        assert self.found(text, LOYALTY) == [("ACCOUNT_ID", "L123")]

    def test_a_deny_list_and_a_type_of_the_users_own(self):
        staff = {"name": "Staff", "supported_entity": "STAFF", "deny_list": ["the boss"]}
        assert self.found("Customer: the boss said so", staff) == [("UNKNOWN", "the boss")]

    def test_context_words_raise_a_score_above_a_threshold(self):
        weak = LOYALTY | {
            "patterns": [{"name": "weak", "regex": r"\bL\d{3}\b", "score": 0.1}],
            "context": ["loyalty"],
            "score_thresholds": {"default": 0.3},
        }
        assert self.found("Customer: it was about L123", weak) == []
        assert self.found("Customer: my loyalty card is L123", weak) == [("ACCOUNT_ID", "L123")]

    def test_a_predefined_recognizer_by_name_asks_no_server(self, monkeypatch):
        monkeypatch.setattr("socket.socket.connect", None)
        predefined = [{"name": name, "type": "predefined"} for name in PREDEFINED]
        text = "Customer: ana@mail.co.uk, 0xABC, bitcoin 16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ"
        assert self.found(text, *predefined) == [
            ("EMAIL", "ana@mail.co.uk"),
            ("UNKNOWN", "16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ"),
        ]

    def test_another_language_than_english(self):
        german = LOYALTY | {"supported_language": "de"}
        assert self.found("Customer: L123", german) == [("ACCOUNT_ID", "L123")]

    def test_a_value_of_type_keep_stays(self):
        brands = {"name": "Brands", "supported_entity": "KEEP", "deny_list": ["Maria Lopez"]}
        text = "Customer: I ordered the Maria Lopez gown"
        assert self.found(text) == [("PERSON", "Maria Lopez")]
        assert self.found(text, brands) == []

    def test_a_timeout_is_an_error_and_no_leak(self, monkeypatch):
        """Presidio itself logs a pattern's timeout and goes on without the pattern."""
        monkeypatch.setattr("distill.privacy.find.presidio._TIMEOUT", 1e-9)
        slow = LOYALTY | {"patterns": [{"name": "p", "regex": r"(a|b|ab)+$", "score": 0.9}]}
        with pytest.raises(DetectionError, match=r"^detection_timed_out$"):
            find("Customer: " + "ab" * 2_000 + "!", added(slow))

    def test_an_exception_is_an_error_that_names_it(self, monkeypatch):
        def fail(*_: object, **__: object) -> None:
            raise KeyError("a value of the text")

        monkeypatch.setattr("presidio_analyzer.PatternRecognizer.analyze", fail)
        with pytest.raises(DetectionError, match=r"^detection_failed:KeyError$"):
            find("Customer: hello", added(LOYALTY))

    def test_a_recognizer_that_asks_a_server_is_refused(self):
        from presidio_analyzer import RemoteRecognizer

        class Elsewhere(RemoteRecognizer):
            def __init__(self, supported_language="en", name="Elsewhere", context=None):
                super().__init__(["PERSON"], name, supported_language, "1")

            def load(self): ...
            def analyze(self, *_): ...
            def get_supported_entities(self): ...

        elsewhere = {"name": "Elsewhere", "type": "predefined"}
        with pytest.raises(ParamsError, match="Elsewhere sends texts to a server"):
            find("Customer: hello", added(elsewhere))

    @pytest.mark.parametrize(
        ("recognizer", "message"),
        [
            ({"name": "Nobody", "type": "predefined"}, "'Nobody' not found"),
            (LOYALTY | {"patterns": [{"name": "p", "regex": "(", "score": 1}]}, "missing \\)"),
            (LOYALTY | {"patterns": [{"name": "p", "regex": "a", "score": 2}]}, "between 0 and 1"),
            (LOYALTY | {"contxt": ["card"]}, "unknown key 'contxt' of 'Loyalty card'"),
            (LOYALTY | {"enabled": False}, "none is enabled"),
            ({"supported_entity": "PERSON", "deny_list": ["x"]}, "name: Field required"),
        ],
    )
    def test_a_faulty_recognizer_is_one_clear_line(self, recognizer, message):
        with pytest.raises(ParamsError, match=rf"^anonymize.recognizers: .*{message}") as error:
            find("Customer: hello", added(recognizer))
        assert "\n" not in str(error.value)


PREDEFINED = ("EmailRecognizer", "CryptoRecognizer")

VALUES = {
    "PERSON": ["Maria Lopez", "joseph banter", "DR. ANA RUIZ", "O'Neill", "Lee"],
    "EMAIL": ["maria.lopez82@gmail.com", "X@Y.DE", "ana at gmail dot com"],
    "PHONE": ["(555) 234-9876", "+44 20 7946 0958", "5552349876", "030/901820"],
    "ADDRESS": ["12 Oak Street, Apt 4, Troy, IL 62704", "Musterstraße 12, 10115 Berlin"],
    "CREDIT_CARD": ["4111 1111 1111 1111", "3782-822463-10005"],
    "IBAN": ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"],
    "IP": ["81.2.69.142", "2001:470::1"],
    "USERNAME": ["maria_82", "jdoe-77", "vintage.lamps", "Ab"],
    "DATE_OF_BIRTH": ["03/14/1985", "March 3, 1985", "1985-03-14", "3. Mai 85"],
    "NATIONAL_ID": ["123-45-6789", "12345678Z", "AB123456C"],
    "PASSWORD": ["hunter2!", "Tr0ub4dor&3"],
    "SECURITY_ANSWER": ["Kowalczyk", "fluffy"],
    "ACCOUNT_ID": ["KX77PWVAJ2", "RMA-2291884"],
    "ORDER_ID": ["07-11223-45678", "3348917502"],
    "ITEM_ID": ["110012345678"],
    "TRANSACTION_ID": ["2087341190012T"],
}
EVERY = [(type, value) for type, values in VALUES.items() for value in values]


def shape(text: str) -> str:
    """Digits as 9, letters as a or A by case."""
    cased = re.sub(r"[^\W\d_]", lambda c: "A" if c[0].isupper() else "a", text)
    return re.sub(r"\d", "9", cased)


class TestSurrogate:
    @pytest.mark.parametrize(("type", "value"), EVERY)
    def test_never_the_value_itself_and_always_the_same(self, type, value):
        for number in range(30):
            made = surrogate(KEY, f"c-{number}", type, value)
            assert made.casefold() != value.casefold()
            assert made == surrogate(KEY, f"c-{number}", type, value)

    @pytest.mark.parametrize(("type", "value"), EVERY)
    def test_secret_and_interaction_decide(self, type, value):
        made = {surrogate(KEY, f"c-{number}", type, value) for number in range(20)}
        other = {surrogate(b"another key", f"c-{number}", type, value) for number in range(20)}
        assert len(made) > 10
        assert made != other

    @pytest.mark.parametrize(
        "type",
        ["PHONE", "CREDIT_CARD", "IBAN", "NATIONAL_ID", "ORDER_ID", "TRANSACTION_ID", "PASSWORD"],
    )
    def test_numbers_keep_their_groups(self, type):
        for value in VALUES[type]:
            assert shape(surrogate(KEY, "c-1", type, value)) == shape(value)

    @given(st.from_regex(r"[2-6][0-9]{12,18}", fullmatch=True), st.sampled_from(["", " ", "-"]))
    def test_cards_pass_their_check(self, number, gap):
        value = gap.join(number[i : i + 4] for i in range(0, len(number), 4))
        made = numbers.digits(surrogate(KEY, "c-1", "CREDIT_CARD", value))
        assert luhn.is_valid(made)
        assert made != number

    @given(st.from_regex(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", fullmatch=True))
    def test_accounts_pass_their_check(self, value):
        assert numbers.is_iban(surrogate(KEY, "c-1", "IBAN", value))

    def test_names_keep_structure_and_case(self):
        made = surrogate(KEY, "c-1", "PERSON", "DR. Maria lopez")
        assert re.fullmatch(r"DR\. [A-Z][a-z]+ [a-z]+", made)

    def test_a_name_alone_and_within_the_full_name_get_the_same_surrogate(self):
        full = surrogate(KEY, "c-1", "PERSON", "Maria Lopez")
        assert full == " ".join(
            surrogate(KEY, "c-1", "PERSON", part) for part in ("Maria", "Lopez")
        )
        assert surrogate(KEY, "c-1", "PERSON", "MARIA") == full.split()[0].upper()

    def test_mail_is_built_on_the_artificial_name_and_a_reserved_domain(self):
        first, last = surrogate(KEY, "c-1", "PERSON", "maria lopez").split()
        made = surrogate(KEY, "c-1", "EMAIL", "maria.lopez@gmail.com")
        assert re.fullmatch(rf"{first}\.{last}@example\.(com|net|org)", made)

    def test_spoken_mail_is_built_in_the_same_way(self):
        first, last = surrogate(KEY, "c-1", "PERSON", "maria lopez").split()
        made = surrogate(KEY, "c-1", "EMAIL", "maria dot lopez at gmail dot com")
        assert re.fullmatch(rf"{first} dot {last} at example dot (com|net|org)", made)

    def test_a_phone_in_other_groups_is_the_same_phone(self):
        made = surrogate(KEY, "c-1", "PHONE", "(555) 234-9876")
        assert numbers.digits(made) == surrogate(KEY, "c-1", "PHONE", "5552349876")

    @pytest.mark.parametrize("value", VALUES["DATE_OF_BIRTH"])
    def test_dates_stay_dates(self, value):
        made = surrogate(KEY, "c-1", "DATE_OF_BIRTH", value)
        assert re.sub(r"\d+|[^\W\d_]+", "x", made) == re.sub(r"\d+|[^\W\d_]+", "x", value)

    def test_an_identifier_has_one_surrogate_under_every_type(self):
        made = {surrogate(KEY, "c-1", type, "5012345678") for type in IDENTIFIERS}
        assert len(made) == 1

    def test_numbers_of_items_stay_recognisable_and_prefixes_stay(self):
        made = [surrogate(KEY, f"c-{n}", "ITEM_ID", "110012345678") for n in range(30)]
        assert {number[0] for number in made} == {"1", "2", "3"}
        assert surrogate(KEY, "c-1", "REFERENCE_ID", "RMA-2291884").startswith("RMA-")
        assert surrogate(KEY, "c-1", "TRANSACTION_ID", "2087341190012T").endswith("T")

    def test_gender_is_preserved_where_it_is_known(self):
        women = {surrogate(KEY, f"c-{n}", "PERSON", "Jennifer") for n in range(30)}
        men = {surrogate(KEY, f"c-{n}", "PERSON", "Matthew") for n in range(30)}
        assert not women & set(artificial_names("male")) - set(artificial_names("female"))
        assert not men & set(artificial_names("female")) - set(artificial_names("male"))

    @settings(max_examples=40, deadline=None)
    @given(st.sets(st.sampled_from(artificial_names("last")), min_size=20, max_size=60))
    def test_unequal_values_get_unequal_surrogates(self, people):
        own = Surrogates(KEY, "c-1")
        assert len({own.of("PERSON", name) for name in people}) == len(people)

    def test_no_surrogate_is_a_value_of_the_corpus(self):
        seen = Seen()
        taken = artificial_names("female")[::2]
        for name in taken:
            seen.add("PERSON", name)
        made = {Surrogates(KEY, f"c-{n}", seen).of("PERSON", "Jennifer") for n in range(200)}
        assert not made & set(taken)
        assert len(made) > 50

    def test_an_unknown_type_is_an_error(self):
        with pytest.raises(KeyError):
            surrogate(KEY, "c-1", "SHOE_SIZE", "44")

    @settings(max_examples=100)
    @given(st.sampled_from(TYPES), st.text(min_size=1, max_size=30))
    def test_any_text_gets_a_surrogate(self, type, value):
        assert surrogate(KEY, "c-1", type, value)


TEXT = """Name: Maria Lopez
Email: maria.lopez@gmail.com
Phone: (555) 234-9876
Message: I am Maria, maria_82 on your site. I live at 12 Oak Street, Troy, IL 62704. My order \
07-11223-45678 over $24.99, 03/14/2025 went to lopez. Card 4111 1111 1111 1111, born 3 May 1985."""


class TestReplace:
    def test_nothing_personal_is_left_and_the_rest_stays(self):
        text, inserted = replace(TEXT, SAMPLE_KEY, "c-1", {"ORDER_ID": "keep"})
        for value in ("maria", "lopez", "234", "oak", "troy", "62704", "4111", "1985"):
            assert value not in text.casefold()
        for value in ("07-11223-45678", "$24.99", "03/14/2025", "Message: I am "):
            assert value in text
        assert len(inserted) == 10
        assert second_look(text, inserted) == []

    def test_equal_values_get_equal_surrogates(self):
        text, _ = replace(
            "Customer: I am Maria Lopez.\nBot: Hi Maria!\nCustomer: Lopez!", KEY, "c-1"
        )
        first, last = re.findall(r"I am (\w+) (\w+)", text)[0]
        assert text == f"Customer: I am {first} {last}.\nBot: Hi {first}!\nCustomer: {last}!"

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.sampled_from(EVERY), min_size=1, max_size=4), st.integers(0, 10_000))
    def test_the_second_look_finds_nothing_new(self, values, number):
        said = {"PERSON": "my name is", "USERNAME": "my username is", "DATE_OF_BIRTH": "born on"}
        lines = [f"Customer: {said.get(type, 'it is')} {value}." for type, value in values]
        text, inserted = replace("\n".join(lines), KEY, f"c-{number}")
        assert second_look(text, inserted) == []

    def test_the_second_look_separates_surrogates_from_leftovers(self):
        text, inserted = replace(TEXT, KEY, "c-1")
        assert [span.type for span in second_look(text + " ana@mail.example", inserted)] == [
            "EMAIL"
        ]
        known = {word for made in inserted for word in _words(made)}
        assert all(is_surrogate(made, known) for made in inserted)
        assert not is_surrogate("Maria", known)

    def test_anonymizing_twice_finds_and_replaces_every_surrogate_again(self):
        once, inserted = replace(TEXT, KEY, "c-1")
        twice, again = replace(once, KEY, "c-1")
        assert len(again) == len(inserted)
        assert re.sub(r"\w+", "x", twice) == re.sub(r"\w+", "x", once)
        assert second_look(twice, again) == []


class TestOrdinary:
    def test_english_and_frequent_words_stay_and_the_rest_goes(self):
        counted = DocumentFrequency()
        for _ in range(3):
            counted.add("Customer: the grommelwick of Zorbo", [])
        text = "Customer: my grommelwick and blorp from Zorbo\nBot: ask blorp"
        words = counted.frequent(0.1, 3)
        spans = Ordinary(words, others=["Bot"]).unusual(text, [])
        assert [text[span.start : span.end] for span in spans] == ["blorp"]

    def test_what_is_known_to_be_personal_or_to_stay_is_left_alone(self):
        text = "Customer: it was $24.99 on 03/14/2025, call 5552349876"
        assert list(Ordinary().unusual(text, find_all(text))) == []

    @pytest.mark.parametrize(
        ("text", "new"),
        [
            ("Customer: it is for Olga Young now", ["Young"]),  # next to a name
            ("Agent: yes, that is Brown Kowalczyk", ["Brown"]),  # in anybody's turn
            ("Customer: garden cottage, 12 Oak Street", ["garden", "cottage"]),  # an address
            ("Customer: Hi Olga. Young people like it", []),  # the next sentence
            ("Customer: write to Olga about the parcel", []),
            ("Customer: you sent it to 12 Oak Street and not to me", []),
        ],
    )
    def test_an_ordinary_word_next_to_a_name_or_address_goes(self, text, new):
        personal = re.compile("Olga|Kowalczyk|12 Oak Street").search(text)
        kind = "ADDRESS" if "12" in personal[0] else "PERSON"
        spans = Ordinary(others=["Agent"]).unusual(text, [Span(*personal.span(), kind)])
        assert [text[span.start : span.end] for span in spans] == new

    def test_neither_rare_words_nor_names_are_ordinary(self):
        counted = DocumentFrequency()
        counted.add("Customer: Maria said blorp", [])
        counted.add("Customer: Maria said", [])
        assert counted.frequent(0.1, 2) == ["customer", "said"]
