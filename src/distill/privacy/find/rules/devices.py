# ruff: noqa: E501 - a pattern is easier to read on one line
r"""Where somebody is and what they own: coordinates, plates, devices, wallets, parcels.

"51.501364, -0.141890", "87G8Q257+3V", "reg is LD51 SMR", "VIN 1HGCM82633A004352", "00:1B:44:11:3A:
B7", "IMEI 490154203237518", "bc1qar0srrr7x...", "1Z999AA10123456784", "9400 1000 0000 0000".
"""

from stdnum import imei

from distill.privacy.find.rules.rule import Rule
from distill.privacy.find.words import is_english

_PLATE_WORD = r"(?:(?:number|licen[cs]e|registration|reg|car|vehicle|van|bike|nummern?) ?(?:plate|tag|number|no|reg|schild)\b\.?|plates?|reg(?:istration)?|kennzeichen|matr[íi]cula|immatriculation|targa|placa|nummerplaat|rego)"
_PLATE = r"(?=[A-Z\d -]*\d)(?=[A-Z\d -]*[A-Z])[A-Z\d]{1,4}(?:[ -]?[A-Z\d]{1,4}){1,3}"


def is_imei(text: str) -> bool:
    """Whether a text has the 15 digits of an IMEI, with its Luhn check digit."""
    return bool(imei.is_valid(text.replace("/", "-")))


def is_small_plate(text: str) -> bool:
    """Whether the letters of "bd68 kxe" are no words, as those of "rs50 off" are."""
    return not is_english(text[-3:]) and not is_english(text[:2])


DEVICES: tuple[Rule, ...] = (
    Rule(
        "LOCATION",
        0.95,
        r"(?<![\w.])[+-]?\d{1,3}\.\d{3,}°?(?: ?[NS])?(?: ?[,;/] ?| )[+-]?\d{1,3}\.\d{3,}°?(?: ?[EWO]\b)?(?![\w.])",
        digit=True,
    ),
    Rule(
        "LOCATION",
        0.95,
        r"\d{1,3} ?° ?(?:\d{1,2}(?:\.\d+)? ?['’′] ?)?(?:\d{1,2}(?:\.\d+)? ?(?:[\"”″]|['’]{2}) ?)?[NSEWO]?(?:[ ,;/]+\d{1,3} ?° ?(?:\d{1,2}(?:\.\d+)? ?['’′] ?)?(?:\d{1,2}(?:\.\d+)? ?(?:[\"”″]|['’]{2}) ?)?[NSEWO]\b)",
        cues="°",
        digit=True,
    ),
    Rule(
        "LOCATION",
        0.9,
        r"(?i:\b(?:lat(?:itude)?|long?(?:itude)?|lng|gps|coord\w*)\b(?: (?:is|are))?[:= ]{1,3})\K[+-]?\d{1,3}\.\d+(?:°? ?[NSEW]\b)?",
        cues="lat lon lng gps coord",
        digit=True,
    ),
    Rule(
        "LOCATION",
        0.93,
        r"(?i)(?<![\w+])(?:[23456789CFGHJMPQRVWX]{8}|[23456789CFGHJMPQRVWX]{4}(?=\+\w{2,3},? [A-Z]))\+[23456789CFGHJMPQRVWX]{2,3}(?!\w)",
        cues="+",
    ),
    Rule("LOCATION", 0.9, r"(?<![\w:/])///\p{Ll}{3,}\.\p{Ll}{3,}\.\p{Ll}{3,}(?![\w.])", cues="///"),
    Rule(
        "DEVICE_ID",
        0.95,
        r"(?<![\w:-])[\da-fA-F]{2}(?:([:-])[\da-fA-F]{2})(?:\1[\da-fA-F]{2}){4,6}(?![\w:-])|(?<![\w.])[\da-fA-F]{4}\.[\da-fA-F]{4}\.[\da-fA-F]{4}(?![\w.])",
        digit=True,
    ),
    Rule(
        "DEVICE_ID",
        0.9,
        r"(?<![\w+.-])\d{2}[ -]?\d{6}[ -]?\d{6}[ -/]?\d(?![\w-])",
        is_imei,
        digit=True,
    ),
    Rule(
        "DEVICE_ID",
        0.9,
        r"(?i:\b(?:imei|meid|iccid|udid|serial|s/n|sn|device id|eid)\b(?: ?(?:number|numbers|num|no|nr|code|is|was|of|the|my|for|phone|device|#))*\.?[:# ]{1,3})\K(?=[A-Z\d -]*\d)[A-Z\d](?:[ -]?[A-Z\d]){5,23}(?![\w-])",
        cues="imei meid iccid udid serial s/n sn device eid",
        digit=True,
    ),
    Rule(
        "VEHICLE_ID",
        0.93,
        r"(?<![\w-])(?=[A-HJ-NPR-Z\d]*\d[A-HJ-NPR-Z\d]*\d)(?=[A-HJ-NPR-Z\d]*[A-Z])[A-HJ-NPR-Z\d]{17}(?![\w-])",
        digit=True,
    ),
    Rule(
        "VEHICLE_ID",
        0.92,
        rf"(?i:\b{_PLATE_WORD}(?: (?:is|was|on|of|the|my|for|car|van))*:? )\K(?:{_PLATE}|(?i:(?=[a-z]{{0,4}} ?-?\d)(?:[a-z\d]{{1,4}}[ -]?){{1,3}}\b))(?![\w-])",
        cues="plate tag reg kennzeichen matr immatriculation targa placa number no schild",
        digit=True,
    ),
    Rule("VEHICLE_ID", 0.62, r"(?<![\w-])[A-Z]{2}\d{2} ?[A-Z]{3}(?![\w-])", digit=True),
    Rule(
        "VEHICLE_ID", 0.62, r"(?<![\w-])[a-z]{2}\d{2} [a-z]{3}(?![\w-])", is_small_plate, digit=True
    ),
    Rule(
        "VEHICLE_ID",
        0.62,
        r"(?<![\w-])[A-Z]{2}[ -]?\d{1,2}[ -]?[A-Z]{1,3}[ -]?\d{4}(?![\w-])",
        digit=True,
    ),
    Rule(
        "ACCOUNT_ID",
        0.95,
        r"(?<!\w)(?=\w{25})(?:0x[\da-fA-F]{40}|(?:bc|tb|ltc)1[ac-hj-np-z02-9]{20,90}|[13LM][1-9A-HJ-NP-Za-km-z]{25,34}(?<=\d[\w]{0,33})|D[1-9A-HJ-NP-Za-km-z]{33}|T[1-9A-HJ-NP-Za-km-z]{33}|r[1-9A-HJ-NP-Za-km-z]{24,34}|4[\dAB][1-9A-HJ-NP-Za-km-z]{93}|addr1[a-z\d]{50,})(?!\w)",
        digit=True,
    ),
    Rule(
        "REFERENCE_ID",
        0.93,
        r"(?<!\w)1Z ?[\dA-Z]{3} ?[\dA-Z]{3} ?\d\d ?\d{4} ?\d{4}(?!\w)",
        digit=True,
    ),
    Rule(
        "REFERENCE_ID",
        0.92,
        r"(?<![\w-])9[2-5]\d{2}(?: ?\d{4}){3,5}(?: ?\d{1,2})?(?![\w-])",
        digit=True,
    ),
    Rule("REFERENCE_ID", 0.92, r"(?<!\w)[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}(?!\w)", digit=True),
    Rule(
        "REFERENCE_ID",
        0.88,
        r"(?i:\b(?:tracking|awb|waybill|consignment|shipment|parcel|usps|ups|fedex|dhl|dpd|hermes|evri|royal mail|bluedart|delhivery|gls)\b(?: ?(?:number|num|no|nr|id|code|ref|is|was|the|my|#|it['’]?s))*\.?[:# ]{1,3})\K(?=[A-Z\d -]*\d[A-Z\d -]*\d[A-Z\d -]*\d[A-Z\d -]*\d)[A-Z]{0,5}\d(?:[ -]?[A-Z\d]){6,30}(?![\w-])",
        cues="tracking awb waybill consignment shipment parcel usps ups fedex dhl dpd hermes evri mail bluedart delhivery gls",
        digit=True,
    ),
)
