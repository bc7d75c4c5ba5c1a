"""What other people's messages hold: every letter and digit of it is found, and the rest stays."""

import pytest

from distill.privacy.find import ner, shapes
from distill.privacy.find.detect import find
from distill.privacy.find.fold import fold

# [[...]] marks what is personal.
FOUND = [
    "mail me at [[a&#110;na&#64;posteo&#46;de]] or [[ana%40posteo.de]]",
    "card [[４１１１ １１１１ １１１１ １１１１]]",
    "write to [[zoe\u200b.k@gm\u200bail.com]]",
    "my login is jdoe7 and pw is [[Winter2024!]]",
    "https://shop.example.com/reset?token=[[9f86d081884c7d659a2feaa0]]",
    "the key is [[AKIAIOSFODNN7EXAMPLE]]",
    "passphrase: [[correct horse battery staple]]",
    "the code they texted is [[five nine oh two two seven]]",
    "sort code [[20-45-77]] account [[40218395]]",
    "ifsc [[HDFC0001234]] ac no [[50100 2345 6789]]",
    "Aadhaar [[2345 6789 0124]]",
    "cpf [[529.982.247-25]]",
    "send it to [[Blk 456 Ang Mo Kio Ave 10 #08-122 Singapore 560456]]",
    "deliver at [[plot no 45, phase 2, udyog vihar, gurgaon 122016]]",
    "home: [[Drottninggatan 71 C, 111 36 Stockholm]]",
    "go to [[1450 Rue Crescent, Montréal QC H3G 2B5]]",
    "it is [[221b baker st, london nw1 6xe]] thanks",
    "this is [[chidinma nwosu]] calling about my order",
    "меня зовут [[Ольга Петрова]]",
    "[[Rain]] signed for it, she is my daughter",
    "my bro [[tunde]] has it",
    "born on the [[third of May nineteen eighty-one]]",
    "pin is [[51.501364, -0.141890]]",
    "mac [[00:1B:44:11:3A:B7]]",
    "wallet [[0x52908400098527886E0F7030069857D2E4169EE7]]",
    "steamcommunity.com/id/[[gabenfan]]",
    "mi correo es [[luisa.marin arroba yahoo punto es]]",
    "ref [[B as in Bravo, 4, T as in Tango, nine nine]]",
    "the sms said [[482 913]] but your page wont take it",
    "backup codes are [[7gk2-m9xw]] and [[p3vd-88qz]]",
    "i type [[hollyb]] then [[Turnip?2020]]",
    "signed in as [[r.delgado]] using [[moonRise-88]]",
    "session=[[s%3Aq8Zt1LrPx0vYc7]] says the browser",
    "my password:\n[[hunter2]]",
    "BIC [[DEUTDEFF500]] konto [[0532013000]]",
    "ssn [[one two three, four five, six seven eight nine]]",
    "call [[९८७६५४३२१०]]",
    "card [[4\ufe0f\u20e35\ufe0f\u20e33\ufe0f\u20e39 1488 0343 6467]]",
    "ma&#8203;il [[ma&#8203;ria.lopez\\u{40}mail.es]]",
    "[[大阪市北区梅田1-2-3 〒530-0001]]",
    "[[Vestergade 9, 2. tv, 8000 Aarhus C]] is right",
    "its a white golf [[bd68 kxe]]",
    "psn id [[xXDarkGoatXx]]",
    "thanks @ [[jaz_o]] and @ [[brillomand]]",
    "its B for bravo, [[A for alpha, X for x-ray]]",
    "hi this is [[temperance mbatha]], order late",
    "hier ist [[jörg pfannkuch]], bitte zurückrufen",
    "pls update 2 [[mrs d kapoor]] not mr",
    "his wife is called [[xiomara]], she picked it up",
    "mai [[pankaj]] bol raha hu",
    "i swear [[freddie]] and [[sharma]] laughed",
    "[[Graves]] and [[Torres]] came, so did [[Kylie minogue]]",
    "ask [[JohnSmith]] why [[Rose]] left",
    "she told me that [[Trifonov]] was late, better than [[Barkley]] was",
]
STAYS = [
    "just refund the 1000 rs",
    "its a HUGE amount. 10000 rs gone",
    "received a Nokia 1100 instead",
    "I ordered a 65-inch Sony TV",
    "waiting for the full 48-hour window",
    "a set of Milton water bottles",
    "the Bose QuietComfort ones",
    "I'm furiousss and i cut my finger",
    "your package was misrouted",
    "Becoz i DIDN'T get it, plzzz help",
    "it arrives by Sunday, within 24-48 hours",
    "promotional code for 300 rupees",
    "I wanted the Air Fryer, the hazel and rosemary soap",
    "that Nokia was broken, my Airdopes is dead",
    "State Bank of India, cash on delivery, from Delhi, India",
    "memorable word on the account",
    "rs50 off, 5g phone, i have 25 off",
    "see you @ home, @ work or @ Flipkart",
    "Amazon and Flipkart are the same",
]


@pytest.mark.parametrize("marked", FOUND)
def test_every_letter_and_digit_is_found(marked):
    pieces = [part.split("]]") for part in f"Customer: {marked}".split("[[")]
    text, wanted = pieces[0][0], []
    for value, rest in pieces[1:]:
        wanted += range(len(text), len(text) + len(value))
        text += value + rest
    covered = {i for span in find(text) for i in range(span.start, span.end)}
    assert [text[i] for i in wanted if text[i].isalnum() and i not in covered] == []


@pytest.mark.parametrize("text", STAYS)
def test_ordinary_words_amounts_and_things_stay(text):
    assert find(f"Customer: {text}") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my name is Wei Petrov No rush though", "Wei Petrov"),
        ("my name is dmitri dubois uh you there", "dmitri dubois"),
        ("regards, Ana Ruiz Thanks", "Ana Ruiz"),
    ],
)
def test_a_name_ends_where_its_sentence_goes_on(text, name):
    text = f"Customer: {text}"
    assert [text[span.start : span.end] for span in find(text)] == [name]


def test_a_folded_text_knows_where_its_characters_stood():
    text = "e\u0301a &amp;#64; x"
    folded = fold(text)
    assert folded.text == "éa @ x"
    assert text[slice(*folded.place(3, 4))] == "&amp;#64;"


@pytest.mark.parametrize(
    "text",
    ["4539 1488\t0343 6467", "4539*1488*0343*6467", "4539,1488,0343,6467", "a n a @ m a i l . e s"],
)
def test_shapes_know_numbers_and_addresses_with_any_sign_between(text):
    assert [text[a:b] for a, b in shapes.find(text)]


def test_shapes_know_numbers_but_neither_amounts_nor_dates():
    text = "on 2024-02-28 i paid rs 250000, ref 405-822-0910, pin 400076, 20000 mah"
    assert [text[a:b] for a, b in shapes.find(text)] == ["405-822-0910", "400076"]


def test_a_models_names_end_with_the_line_and_leave_labels_alone():
    text = "Customer: kthxbye\nAgent: Sure, Ana"
    parts = list(ner._within_lines(text, 10, 23))
    assert [text[a:b] for a, b in parts] == ["kthxbye"]
