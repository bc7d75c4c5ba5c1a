"""What each predicate of a word, and each check of a rule, accepts and refuses."""

import pytest

from distill.privacy.find import words
from distill.privacy.find.rules import address, email, person, secrets, username

CASES = [
    # of one word
    (words.is_everyday, "the The Will april", "kowalczyk tosh"),
    (words.is_english, "parcel parcels parties don't x", "kowalczyk maria pleease"),
    (words.is_frequent_english, "parcel ordered", "tosh kowalczyk"),
    (words.is_top_500, "the new", "parcel kowalczyk"),
    (words.is_foreign, "bitte gracias", "the kowalczyk"),
    (words.is_contraction, "don't seller’s", "dont kowalczyk's"),
    (words.is_two_joined, "thankyou", "parcel kowalczyk"),
    (words.is_misspelled_english, "thankss pleease", "kowalczyk"),
    (words.is_misspelled_day, "Mondaay febuary", "kowalczyk"),
    (words.is_any_name, "Will maria lopez", "parcel"),
    (words.is_first_name, "maria Olga", "will lopez"),
    (words.is_name, "maria lopez", "will parcel"),
    (words.is_western_first_name, "maria", "chidi will"),
    (words.is_us_first_name, "jennifer", "olga will"),
    (words.can_stand_alone, "lopez", "van mr the"),
    # of what a rule has matched: a slash stands for a space
    (person.opens_with_first_name, "Maria maria/is", "Will Kowalczyk"),
    (person.opens_with_uncommon_word, "Kowalczyk maria", "The/parcel x 12"),
    (person.is_introduced_name, "Will Kowalczyk maria kowalczyk/tosh", "waiting very/tired"),
    (person.is_small_name_after_clear_cue, "brown kowalczyk", "changed the"),
    (person.is_small_name_after_weak_cue, "maria kowalczyk", "brown changed pleease"),
    (person.is_first_or_full_name, "Maria Mark/Kowalczyk Tosh/Olsen", "Kowalczyk Angry/Now"),
    (person.is_first_and_last_name, "Maria/Kowalczyk", "Maria Calvin/Klein Maria/Now"),
    (person.is_short, "one o'neill/sean a/b/c/d/e/f", "12 a/b/c/d/e/f/g"),
    (person.is_signature, "Maria Tosh/Kowalczyk", "Support/Team 12 a/b/c/d/Kowalczyk"),
    (username.is_handle, "maria kx7", "the ab issue"),
    (username.is_handle_with_sign, "maria_82 jd.oe olga-shop", "maria iphone12 2nd well-known ab1"),
    (username.is_handle_with_number, "kowal1 window123", "windows11 maria parcel1"),
    (username.is_dotted_handle, "vintage.lamps", "readme.txt late.please www.shop"),
    (username.is_dashed_handle, "mei-lee soojin-winter", "late-parcel"),
    (secrets.is_not_english, "hunter2 kowalczyk", "wrong"),
    (secrets.is_said_secret, "hunter/two", "at/least"),
    (secrets.is_not_everyday, "kowalczyk", "again"),
    (email.is_said_mailbox, "jsmith/at/acme/com my/dot/name/at/acme/com", "look/at/acme/com"),
    (address.has_non_english_word, "musterweg oak/musterweg", "oak/street"),
    (address.opens_with_state, "NY/10001 ca", "kx/5521"),
]


@pytest.mark.parametrize(
    ("predicate", "accepted", "refused"), CASES, ids=[case[0].__name__ for case in CASES]
)
def test_accepted_and_refused(predicate, accepted, refused):
    assert [one for one in accepted.split() if not predicate(one.replace("/", " "))] == []
    assert [one for one in refused.split() if predicate(one.replace("/", " "))] == []
