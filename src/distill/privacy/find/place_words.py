# ruff: noqa: E501 - a list is easier to read on few lines
"""Words of postal addresses in many languages, by what they are in one: a street, a premise, a town."""

from functools import lru_cache

import regex  # type: ignore[import-untyped]

from distill.privacy.find import lexicon
from distill.privacy.find.words import is_english, is_top

_STREET_WORDS = """
    street str st avenue ave av road rd lane ln drive dr boulevard blvd court ct close crescent cres
    terrace parkway pkwy highway hwy alley mews grove trail circle cir way square sq place pl row walk
    gardens heights hill hills estate court quay wharf nagar nager nagara nagarvelur colony marg
    chowk vihar enclave layout salai puram pura puri bagh ganj gunj peth wadi halli extension extn
    society residency apts apartments apartment towers complex bazaar bazar mohalla gali gate gata gatan
    vagen vägen veien vei vej gade straat straße strasse allee platz weg utca út útja körút tér ulica
    ulitsa prospekt sokak sok sokağı cad cadde caddesi mah mahallesi mahalle bulvarı dori cho chome ku
    gu dong ro gil jalan jln lorong persiaran taman kampung kg village junction cross bypass circus
    parade esplanade concession sideroad line rue chemin impasse via viale piazza corso calle avenida
    avda paseo carrera plaza rua travessa alameda estrada praça largo
"""


_STREETS = frozenset(_STREET_WORDS.split())


_BEFORE_WORDS = """
    bd bld boul calle c/ cl avenida avda av paseo carrera cra plaza via viale piazza corso vicolo rua travessa
    alameda estrada praça rue chemin impasse allée quai boulevard route place jalan jln lorong taman
    persiaran ul al os plac aleja osiedle ulica prospekt ulitsa
"""


_BEFORE = frozenset(_BEFORE_WORDS.split())  # words that stand before the street's own name


_ENDINGS = regex.compile(
    r"\p{L}{2,}(?:gatan|gata|gaten|vägen|vegen|veien|veg|vei|vej|gade|allé|straße|strasse|stra[sß]e|str"
    r"|straat|laan|plein|gracht|kade|dijk|weg|gasse|allee|platz|damm|ufer|ring|steig|utca|katu|tie|kuja"
    r"|polku|tänav|iela|gatvė|stien|bakken|plass|torget|haven)"
)


_PREMISE_WORDS = """
    flat apt apartment unit suite ste room rm floor fl house hno h.no hse door d.no plot lot block blk
    bldg building tower wing shop villa bungalow sector phase stage ward site gali lane road rd no nr
    n° nº no. dno khasra survey level lvl box pobox p.o.box rr piso puerta apto bloco casa km tlf appt
    bât étage esc escalera planta local sala conjunto kat daire lgh tr top stiege og eg
"""


_PREMISES = frozenset(_PREMISE_WORDS.split())


_WITHIN_WORDS = """
    north south east west new old main upper lower great little high park city town village near opp
    opposite behind beside next lake river church station market mall school college temple hospital
    bridge floor cross post office po dist district tehsil taluk state county province the of de la le
    les los las del des du di da do dos das el al van der den von zum zur am im and & first second third
    po. st. saint san santa santo sankt stage phase sector house home
"""


_WITHIN = frozenset(_WITHIN_WORDS.split())


_STOP_WORDS = """
    please thanks thank order ordered number customer agent bot name phone email call delivery deliver
    delivered send sent ship shipped refund return returned item items product pls plz my your his her
    its it's is was are were be been have has had do does did can could will would should i you he she
    we they me him them us it this that these those what when where which who how why because so but if
    or not no yes ok okay for from with without about at on to in by as instead than then there here
    just only also still now today tomorrow yesterday day days week weeks month months year years hour
    hours minute minutes am pm off percent free price rs inr usd eur gbp dollars rupees euros pounds
    hr hrs min mins gb tb mb kg km mah mp inch inches any some all both each one two three four five six seven eight nine ten live living lives
    moved address zip code pin ring twice want need
"""


_STOPS = frozenset(_STOP_WORDS.split())


_SHORTENED = frozenset(("h.no", "hno", "d.no", "dno", "p.obox", "p.o.box", "pobox", "no:", "no.:"))


_WORDS = {"premise": _PREMISES, "before": _BEFORE, "street": _STREETS, "within": _WITHIN}


@lru_cache(lexicon.REMEMBERED)
def word_kind(word: str) -> str:
    """Return what a word may be in an address, "stop" where none goes on past it."""
    key = word.casefold().rstrip(".")
    if key.replace(" ", "") in _SHORTENED:
        return "premise"
    for kind, known in _WORDS.items():
        if key in known:
            return kind
    if len(key) == 1 and word[-1] == "." and key != "i":
        return "within"
    return _other_kind(key, word[0].islower())


def _other_kind(key: str, small: bool) -> str:
    """The kind of a word that is on none of the lists of words of addresses."""
    if key in _STOPS or is_top(key, 500 if small else 100):
        return "stop"
    if key in lexicon.places():
        return "town"
    english = is_english(key)
    if _ENDINGS.fullmatch(key) and not english:
        return "ending"
    if not small:
        return "name"
    return "plain" if english else "new"
