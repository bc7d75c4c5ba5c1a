# ruff: noqa: E501 - a pattern is easier to read on one line
r"""User names: by field, by context, or by a form that words do not have.

"Username: maria_82", "the seller vintage.lamps", "user name?\nCustomer: albertos1", "@jdoe".
"""

import re

from distill.privacy.find import lexicon
from distill.privacy.find.rules.person import opens_with_first_name
from distill.privacy.find.rules.rule import FIELD, IS, Rule
from distill.privacy.find.words import is_any_name, is_english, is_everyday, is_top_1500

USER_WORD = (
    r"(?:user ?name|user ?id|login|screen ?name|nickname|usuario|benutzername"
    r"|nutzername|nom d['’]utilisateur|identifiant|nome utente|gebruikersnaam)"
)
USER_CUES = "user login screen nick usuario benutzer nutzer identifiant utente gebruiker"
HANDLE = r"[\p{L}\d]+(?:[_.-][\p{L}\d]+)*_?"
MIXED_HANDLE = rf"(?={HANDLE})(?=[\p{{L}}_.-]*[\d_.-])(?=[\d_.-]*\p{{L}}){HANDLE}"

# What opens a product's name or a joined word, and no user name.
_NO_STEMS_WORDS = """
    iphone ipad covid model version size page step windows series part non re pre ex co self well
    multi semi anti one two three follow pick check set sign log pay stand add brand second third
    half full part long short high low best top e t x wi ultra mid
"""
_NO_STEMS = frozenset(_NO_STEMS_WORDS.split())
_FILE_ENDINGS_WORDS = """
    com net org edu gov info html htm pdf jpg jpeg png txt csv doc docx exe zip
"""
_FILE_ENDINGS = frozenset(_FILE_ENDINGS_WORDS.split())
# What opens a sentence after a full stop without a space.
_SENTENCE_OPENINGS_WORDS = """
    the and you please but this that not can are was for with have what when how why they then
    there thank thanks just also yes now will all any get did does our your she him her its who
    where which could would should still only once need want
"""
_SENTENCE_OPENINGS = frozenset(_SENTENCE_OPENINGS_WORDS.split())
_NO_HANDLES = frozenset({"was", "field", "issue", "doesn't", "change", "changed"})


def is_handle(text: str) -> bool:
    """Whether a word after "username" is one: three letters or more, and no everyday word."""
    small = text.casefold()
    return len(text) > 2 and small not in _NO_HANDLES and not is_everyday(small)


def is_tag(text: str) -> bool:
    """Whether a name before "#4471" is a player's: no "order #4471"."""
    name = text.rpartition("#")[0]
    return " " not in name and not (is_english(name) and is_top_1500(name))


def is_signed_handle(text: str) -> bool:
    """Whether the word has a sign or digit that makes it a handle, and is no price or measure."""
    plain = text.strip("@$*")
    signed = re.search(r"[\d_.*~#]|^[@$]", text) is not None
    return signed and not re.fullmatch(r"[\d.,:/-]+\w{0,3}", plain) and is_dotted_or_plain(plain)


def is_dotted_or_plain(text: str) -> bool:
    """Whether the text is no two sentences joined by a full stop, and no file."""
    return not re.fullmatch(
        r"\p{L}+\.\p{L}+".replace("\\p{L}", "[^\\W\\d_]"), text
    ) or is_dotted_handle(text)


def is_mentioned(text: str) -> bool:
    """Whether a word behind "@ " is somebody's handle: no English word, place or brand."""
    key = text.casefold()
    return is_new_handle(text) and key not in lexicon.places() and key not in lexicon.brands()


def is_new_handle(text: str) -> bool:
    """Whether the word is no English word, which "the handle is cracked" has."""
    return is_handle(text) and not is_english(text)


def is_handle_with_sign(text: str) -> bool:
    """Whether the word has digits, dots or underscores, or joins two by a dash; no "iphone12"."""
    stem = re.split(r"[\d_.-]", text.casefold())[0]
    joined = re.fullmatch(r"[^\W\d_]{2,}-[^\W\d_]{3,}", text)
    if len(text) < 4 or stem in _NO_STEMS or re.match(r"\d+(st|nd|rd|th)\b", text):
        return False
    new = joined is not None and not all(map(is_english, text.split("-")))
    return bool(re.search(r"[\d_.]", text)) or new


def is_handle_with_number(text: str) -> bool:
    """Whether the handle is no English word with one or two digits or signs, as "windows11" is."""
    stem = re.split(r"[\d-]", text.casefold())[0]
    return is_handle_with_sign(text) and (not is_english(stem) or len(text) - len(stem) > 2)


def is_dotted_handle(text: str) -> bool:
    """Whether two words joined by a dot are neither a file, a domain nor two sentences."""
    first, last = text.split(".")
    return last not in _FILE_ENDINGS and first != "www" and last not in _SENTENCE_OPENINGS


def is_dashed_handle(text: str) -> bool:
    """Whether the first of two joined words is a name or not English: "mei-lee"."""
    first = text.split("-", maxsplit=1)[0]
    return not is_english(first) or (is_any_name(first) and not is_top_1500(first))


# Where a profile's address ends in its owner's name.
_PROFILES = r"(?:linkedin\.com/(?:in|pub)|facebook\.com|fb\.com|fb\.me|m\.me|instagram\.com|instagr\.am|twitter\.com|x\.com|t\.me|telegram\.me|tiktok\.com|github\.com|gitlab\.com|wa\.me|api\.whatsapp\.com/send\?phone|youtube\.com(?:/(?:c|user|channel))?|reddit\.com/(?:u|user)|paypal\.me|paypal\.com/paypalme|venmo\.com(?:/u)?|cash\.app|snapchat\.com/add|pinterest\.(?:com|co\.uk|de)|medium\.com|twitch\.tv|etsy\.com/(?:people|shop)|ebay\.(?:com|co\.uk|de)/usr|steamcommunity\.com/(?:id|profiles)|vk\.com|xing\.com/profile|threads\.net|flickr\.com/(?:people|photos)|soundcloud\.com|signal\.me|discord\.gg|discord\.com/users|vinted\.\w+/member|strava\.com/athletes|quora\.com/profile|about\.me|linktr\.ee|patreon\.com|onlyfans\.com|behance\.net|keybase\.io|calendly\.com|mastodon\.social)"
_SERVICE = r"(?:discord|insta(?:gram)?|ig|snap(?:chat)?|twitter|telegram|tg|tiktok|skype|wechat|kik|steam|xbox|psn|gamertag|gamer ?tag|venmo|cash ?app|zelle|paypal|ebay|etsy|vinted|depop|poshmark|reddit|github|twitch|roblox|epic|battle ?net|fb|facebook|messenger|viber|mastodon|threads|linkedin|handle|nick(?:name)?|screen ?name|user ?name|profile|account)"
_SERVICE_CUES = "^discord ^insta ^ig ^snap ^twitter ^telegram ^tg ^tiktok ^skype ^wechat ^kik ^steam ^xbox ^psn ^gamer ^venmo ^cash ^zelle ^paypal ^ebay ^etsy ^vinted ^depop ^poshmark ^reddit ^github ^twitch ^roblox ^epic ^battle ^fb ^facebook ^messenger ^viber ^mastodon ^threads ^linkedin ^handle ^nick ^screen ^user ^profile ^account"
SIGNED_HANDLE = r"[@$~]?[\p{L}\d](?:[\p{L}\d]|[_.*~^#!-](?=[\p{L}\d_*]))*\*{0,3}"

USERNAMES: tuple[Rule, ...] = (
    Rule(
        "USERNAME",
        0.97,
        rf"(?i)(?<![\w-]){_PROFILES}/{{1,2}}[@$=~]?\K(?!(?:home|login|help|about|share|sharer|watch|explore|p|reel|groups|pages|marketplace|in|search|hashtag|status|terms|privacy|support)\b)[^\s/?#<>\"',;]{{2,}}(?<![.!)])",
        cues="/",
    ),
    Rule(
        "USERNAME",
        0.97,
        r"(?i)(?<![\w-])api\.whatsapp\.com/send\?phone=\K\d{6,}",
        cues="whatsapp",
        digit=True,
    ),
    Rule(
        "USERNAME",
        0.93,
        r"(?<![\w#])[\p{L}][\p{L}\d._ -]{1,30}(?<=[\p{L}\d._])#\d{4,5}(?!\w)",
        is_tag,
        cues="#",
        digit=True,
    ),
    Rule(
        "USERNAME",
        0.9,
        rf"(?i:\b{_SERVICE}\b(?: (?:id|name|handle|tag|user ?name|account|user|profile|is|are|was|me|at|on|it['’]?s|my|nick|there|as|under|called))*(?: ?[:=] ?| (?=[\p{{L}}\d@$]*[*~#_@$\d.])|(?<=is|as|at) )[\"'“(]?)\K{SIGNED_HANDLE}",
        is_signed_handle,
        cues=_SERVICE_CUES,
    ),
    Rule(
        "USERNAME",
        0.86,
        r"(?i:\b(?:(?:my|his|her|their|our|the) )?(?:discord|insta(?:gram)?|ig|snap(?:chat)?|twitter|telegram|tiktok|skype|kik|steam|xbox|psn|gamer ?tag|venmo|cash ?app|etsy|vinted|depop|reddit|github|twitch|roblox|handle|nick(?:name)?|screen ?name|user ?name)(?: (?:id|name|handle|tag|user ?name|account|nick))* (?:is|was):? [\"'“(@]?)\K\p{L}[\p{L}\d_.-]{2,}(?<![.-])",
        is_new_handle,
        cues=_SERVICE_CUES,
    ),
    Rule(
        "USERNAME",
        0.86,
        r"(?i:\b(?:discord|insta(?:gram)?|ig|snap(?:chat)?|twitter|telegram|tiktok|skype|kik|steam|xbox|psn|gamer ?tag|reddit|github|twitch|roblox|epic|riot|origin|switch) (?:id|name|handle|tag|nick(?:name)?|user(?:name)?)(?: (?:is|was))?:? [\"'“(@]?)\K\p{L}[\p{L}\d_.-]{3,}(?<![.-])",
        is_new_handle,
        cues=_SERVICE_CUES + " ^riot ^origin ^switch",
    ),
    Rule(
        "USERNAME",
        0.86,
        r"(?i:\b(?:user|usr|login|log ?in|username|id)[: ]{1,2})\K[\p{L}\d][\p{L}\d_.@-]{2,}(?=,?(?: and)? (?i:pass(?:word)?|pw|pwd|pin)\b(?! (?:is|was|does|did|not|reset)))",
        is_handle,
        cues="^pass ^pw ^pin",
    ),
    Rule(
        "USERNAME",
        0.86,
        r"(?i:\b(?:type|typed|typing|enter|entered|entering) (?:in )?)\K[\p{L}\d][\p{L}\d_.@-]{2,}(?= (?:then|and then|followed by|with|and|/) \S*[\d!?*$%#@_-])",
        is_handle,
        cues="typ enter",
    ),
    Rule("USERNAME", 0.85, r"(?<![\w/])/?u/\K[\w-]{3,20}", cues="u/"),
    Rule(
        "USERNAME",
        0.7,
        r"(?<![\w*])\p{L}[\p{L}\d]*(?:\*[\p{L}\d]+)*\*[\p{L}]*\d+(?![\w*])",
        cues="*",
        digit=True,
    ),
    Rule(
        "USERNAME",
        0.88,
        rf"{FIELD}(?i:(?:my |the )?{USER_WORD}){IS}[^\s,;<]{{1,60}}",
        cues=USER_CUES,
        across=True,
    ),
    Rule(
        "USERNAME",
        0.84,
        rf"(?i:\b(?:{USER_WORD}(?: on [\w ]{{1,20}})? (?:is|was|es|ist|est|è):?|{USER_WORD} ?[:=]|user ?name|usuario|benutzername) [\"'“‘(@]?)\K{HANDLE}",
        is_handle,
        cues=USER_CUES,
    ),
    Rule(
        "USERNAME",
        0.84,
        rf"(?i:\b{USER_WORD} [\"'“‘(@]?)\K{MIXED_HANDLE}",
        is_handle_with_sign,
        cues=USER_CUES,
    ),
    Rule(
        "USERNAME",
        0.84,
        r"(?i:\b(?:user|account|seller|buyer|member|profile|store|shop|handle|nick|(?:us\w+|my|your|login|customer) id|known as|in as|in question|out of|i am|i['’]?m|vendedora?"
        r"|compradora?|(?:ver)?käufer(?:in)?|vende(?:ur|use)|ache?te(?:ur|use)|cuenta|konto|compte|venditore|acquirente"
        r"|password(?: reset)? (?:for|of|di|de|von|für|pour)|login for|log in to)"
        rf"\b(?: (?:name|id|is|was|called|named|under|with|es|ist|est))*[:,]? [\"'“‘(@]?)\K{MIXED_HANDLE}",
        is_handle_with_sign,
        cues="^user ^account ^seller ^buyer ^member ^profile ^store ^shop ^handle ^nick ^id known ^as ^question ^out ^am ^im 'm ’m ^vend ^compr käufer ^ach cuenta konto compte acquirente ^password ^log",
    ),
    Rule(
        "USERNAME",
        0.84,
        rf"(?i:\b{USER_WORD}[^\n]{{0,80}}\n[^:\n]{{1,20}}: (?:it['’]?s |it is |sure,? )?)\K{HANDLE}(?=[.,!]?$)",
        is_handle,
        cues=USER_CUES,
        across=True,
    ),
    Rule(
        "USERNAME",
        0.63,
        r"(?<![\w@.\[{</])(?!\p{Lu}{2})\p{L}[\p{L}\d.-]*_[\p{L}\d_.-]*[\p{L}\d](?!\w)",
        cues="_",
    ),
    Rule(
        "USERNAME",
        0.63,
        r"\b(?<![@.$#/-])\p{Ll}{3,}+-?\d{1,6}(?![\w-])",
        is_handle_with_number,
        digit=True,
    ),
    Rule(
        "USERNAME",
        0.62,
        r"^(?:[^:\n]{1,20}: )?\s*\K(?=\p{L}+\d)[\p{L}\d]{5,20}(?=[.!]?\s*$)",
        is_handle_with_number,
        digit=True,
    ),
    Rule(
        "USERNAME",
        0.63,
        r"\b(?<![@.$#/-])\p{Ll}{3,}+-\p{Ll}{3,}(?![\w@-])",
        opens_with_first_name,
        cues="-",
    ),
    Rule(
        "USERNAME",
        0.63,
        r"\b(?<![@.$#/-])\p{Ll}{3,}+\.\p{Ll}{3,}+(?![\w@-]|\.\w)",
        is_dotted_handle,
        cues=".",
    ),
    Rule("USERNAME", 0.8, r"(?<!\w)[@#] ?\K\p{Lu}+\p{Ll}+\p{Lu}\w+", cues="@ #"),
    Rule(
        "USERNAME",
        0.8,
        r"(?<![\w.@])@ \K\p{L}[\p{L}\d_-]{2,}(?![\w@])",
        is_mentioned,
        cues="@ ",
    ),
    Rule(
        "USERNAME",
        0.8,
        r"^(?:[^:\n]{1,20}: )?@ \K\p{L}[\p{L}\d_.-]{2,}(?<![.-])(?=$|[,:]| )",
        is_handle,
        cues="@ ",
    ),
    Rule("USERNAME", 0.8, r"(?<![\w.@])@\K\p{L}[\w.]*\w", cues="@"),
    Rule(
        "USERNAME",
        0.63,
        r"(?i:\b(?:from|by|to|with|of|named|against|contacted|messaged|reported) )\K\p{Ll}{3,}\d{2,4}(?![\w-])",
        is_handle_with_sign,
        digit=True,
    ),
    Rule(
        "USERNAME",
        0.63,
        r"(?i:\b(?:fro?m|for|by|with|of|as|named|called|against|user|seller|buyer|contacted|messaged|reported|id|id is|de|di|du|von|für|pour|par|por) )\K\p{Ll}{3,}-\p{Ll}{3,}(?![\w@-])",
        is_dashed_handle,
        cues="-",
    ),
)
