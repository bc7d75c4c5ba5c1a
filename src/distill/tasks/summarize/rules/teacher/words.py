"""Word lists of the teacher: verbs and their forms, spellings of chats, small function words."""

from functools import lru_cache


def listed(words: str) -> list[str]:
    """Return the words of a text."""
    return words.split()


MODALS = frozenset(listed("can could will would shall should must may might cannot"))
ADVERBS = frozenset(
    listed(
        """already also always again actually clearly completely even finally first just
        immediately initially last literally never not now often only originally really recently
        simply still then twice usually definitely currently kindly therefore later accidentally
        probably quite certainly obviously repeatedly simply either barely hardly fully totally"""
    )
)
BASE = frozenset(
    listed(
        """accept access activate add admire admit advise agree allow answer apologize appeal
        appear apply appreciate approve argue arrange arrive ask assume attach authorize
        believe bid bill blame block book bother break bring buy call cancel care change
        charge check choose claim clear click close collect come complain complete confirm
        connect consider contact contain continue correct cover create credit damage deal
        decide decline deduct delete deliver demand deny depend deserve disable dispatch
        dispute do download drop edit email enable enclose end enter escalate exchange
        expect expedite expire explain express extend fail feel figure file fill find fit
        fix follow forget forward get give go guess hand happen have hear help hold hope
        ignore include inquire insist inspect investigate involve issue keep know lack lead
        leave let like list live lock log look lose love make mark match mean mention
        message miss move need notice notify object occur offer open order owe own pack pay
        pick place plan point prefer press pretend prevent print process produce promise
        prove provide pull purchase pursue push quit raise reach react realize receive
        recognize redeem refer refund refuse register reject relate release relist rely
        remain remember remind remove reopen repair repeat replace reply report request
        require reschedule reset resolve respond restore restrict return reverse review run
        say see seem select sell send serve set share ship show sign sort speak speed stall
        start stay step stop store submit suggest supply support suspect suspend switch take
        talk tell think tick track transfer travel trigger trust try turn understand unlock
        update upgrade upload use vanish verify visit void wait waive want warn wish wonder
        work worry write"""
    )
)
# base form: (past, past participle)
IRREGULAR = {
    "be": ("was", "been"),
    "become": ("became", "become"),
    "begin": ("began", "begun"),
    "break": ("broke", "broken"),
    "bring": ("brought", "brought"),
    "buy": ("bought", "bought"),
    "choose": ("chose", "chosen"),
    "come": ("came", "come"),
    "cost": ("cost", "cost"),
    "cut": ("cut", "cut"),
    "deal": ("dealt", "dealt"),
    "do": ("did", "done"),
    "fall": ("fell", "fallen"),
    "feel": ("felt", "felt"),
    "find": ("found", "found"),
    "forget": ("forgot", "forgotten"),
    "get": ("got", "got"),
    "give": ("gave", "given"),
    "go": ("went", "gone"),
    "have": ("had", "had"),
    "hear": ("heard", "heard"),
    "hold": ("held", "held"),
    "keep": ("kept", "kept"),
    "know": ("knew", "known"),
    "leave": ("left", "left"),
    "lose": ("lost", "lost"),
    "make": ("made", "made"),
    "mean": ("meant", "meant"),
    "meet": ("met", "met"),
    "pay": ("paid", "paid"),
    "put": ("put", "put"),
    "read": ("read", "read"),
    "run": ("ran", "run"),
    "say": ("said", "said"),
    "see": ("saw", "seen"),
    "sell": ("sold", "sold"),
    "send": ("sent", "sent"),
    "set": ("set", "set"),
    "speak": ("spoke", "spoken"),
    "spend": ("spent", "spent"),
    "steal": ("stole", "stolen"),
    "take": ("took", "taken"),
    "tell": ("told", "told"),
    "think": ("thought", "thought"),
    "throw": ("threw", "thrown"),
    "understand": ("understood", "understood"),
    "wear": ("wore", "worn"),
    "win": ("won", "won"),
    "write": ("wrote", "written"),
}
PAST = frozenset(past for past, _ in IRREGULAR.values())
PARTICIPLES = frozenset(done for _, done in IRREGULAR.values())
PARTICIPLE_OF = dict(IRREGULAR.values())
AUXILIARIES = (
    frozenset(listed("is are was were am be been has have had do does did being")) | MODALS
)
# Spellings of chats, by lower-case word.
SPELLINGS = {
    "u": "you", "ur": "your", "urs": "yours", "r": "are", "n": "and", "ws": "was", "wus": "was",
    "hv": "have", "hav": "have", "hvnt": "have not", "havnt": "have not", "cnt": "cannot",
    "cant": "cannot", "dnt": "do not", "dont": "do not", "didnt": "did not", "doesnt": "does not",
    "isnt": "is not", "wasnt": "was not", "hasnt": "has not", "havent": "have not",
    "wont": "will not", "couldnt": "could not", "wouldnt": "would not", "wudnt": "would not",
    "arent": "are not", "shouldnt": "should not", "shud": "should", "cud": "could",
    "wud": "would", "im": "I am", "ive": "I have", "id": "id", "ill": "I will", "i": "I",
    "its": "its", "thats": "that is", "whats": "what is", "wats": "what is", "wheres": "where is",
    "hows": "how is", "theres": "there is", "youre": "you are", "wanna": "want to",
    "gonna": "going to", "gotta": "have to", "gimme": "give me", "lemme": "let me",
    "plz": "please", "pls": "please", "plss": "please", "thx": "thanks", "becos": "because",
    "coz": "because", "cuz": "because", "bcz": "because", "cos": "because", "dis": "this",
    "dat": "that", "da": "the", "wht": "what", "wat": "what", "whn": "when", "hw": "how",
    "nt": "not", "bt": "but", "jst": "just", "abt": "about", "sm1": "someone", "ppl": "people",
    "rlly": "really", "realy": "really", "tho": "though", "tmrw": "tomorrow", "tmr": "tomorrow",
    "tomorow": "tomorrow", "2day": "today", "atm": "at the moment", "rn": "right now",
    "bday": "birthday", "msg": "message", "frm": "from", "wit": "with", "nd": "and",
    "snd": "send", "rcvd": "received", "recvd": "received", "recieved": "received",
    "recieve": "receive", "recived": "received", "returnd": "returned", "orderd": "ordered",
    "replacemnt": "replacement", "replacment": "replacement", "refnd": "refund",
    "refudn": "refund", "delivry": "delivery", "delivrd": "delivered", "deliverd": "delivered",
    "adress": "address", "addres": "address", "documnts": "documents", "importnt": "important",
    "mney": "money", "cheked": "checked", "alredy": "already", "evrything": "everything",
    "somthing": "something", "beleive": "believe", "acount": "account", "accnt": "account",
    "acc": "account", "pkg": "package", "prod": "product", "qty": "quantity",
    "crtical": "critical", "urgnt": "urgent", "urgnetly": "urgently", "seperate": "separate",
    "definately": "definitely", "thier": "their", "wich": "which", "totaly": "totally",
    "broke": "broke", "brokn": "broken", "damged": "damaged", "dammaged": "damaged",
    "shiping": "shipping", "trackng": "tracking", "cancled": "cancelled", "canceled": "cancelled",
    "wrng": "wrong", "diff": "different", "syntetic": "synthetic", "thosse": "those", "ya": "yes",
    "hd": "had", "gud": "good", "bin": "been", "thnk": "think", "knw": "know", "wen": "when",
    "ths": "this", "giv": "give", "jus": "just", "thnx": "thanks", "tnx": "thanks", "kno": "know",
    "dey": "they", "wid": "with", "plzz": "please", "smthng": "something",
    "somethin": "something", "becoz": "because", "thts": "that is", "tym": "time",
    "fone": "phone", "thng": "thing", "shd": "should", "chk": "check", "enuf": "enough",
    "obv": "obviously", "wil": "will", "arnd": "around", "rediclious": "ridiculous",
    "dissapointed": "disappointed", "tht": "that", "hve": "have", "embarassed": "embarrassed",
    "tkn": "taken", "thru": "through", "til": "until", "asap": "as soon as possible",
    "info": "information",
}  # fmt: skip
CONTRACTIONS = {
    "i'm": "I am", "won't": "will not", "can't": "cannot", "shan't": "shall not",
    "let's": "let us", "it's": "it is", "that's": "that is", "there's": "there is",
    "here's": "here is", "what's": "what is", "where's": "where is", "who's": "who is",
    "how's": "how is", "he's": "he is", "she's": "she is", "y'all": "you all",
    "cant't": "cannot", "when's": "when is", "why's": "why is", "ain't": "is not",
}  # fmt: skip
FOREIGN_SLANG = frozenset(
    listed(
        """yaar kya bhi hai nahi nhi bhai arre mera mujhe kab kyun kaise abhi tha thi ho raha rahi
        wtf omg lol lmao ugh kinda sorta hmm uh um uhh umm ugh huh jeez smh tbh freakin freaking
        wth ffs arrey arre na baba dude matlab agar aaj mila lakh ka ki ke se toh ji acha accha
        sum fr troble nope darn blasted crazy rubbish nonsense insane guys sumthin nd ya yea
        guess screwed crap hell damn bloody shit stupid"""
    )
)


def past(base: str) -> str:
    """Return a verb's past tense."""
    return IRREGULAR[base][0] if base in IRREGULAR else _regular(base)


def participle(word: str) -> str:
    """Return the past participle of a verb in the past tense."""
    return PARTICIPLE_OF.get(word, word)


def singular(base: str) -> str:
    """Return the third person singular of a verb's base form."""
    special = {"have": "has", "do": "does", "be": "is", "am": "is", "go": "goes", "are": "is"}
    if base in special:
        return special[base]
    if base.endswith("y") and base[-2:-1] not in set("aeiou"):
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "x", "z", "ch", "sh", "ss")) else "s")


SINGULARS = frozenset(map(singular, BASE))
# Verbs of one syllable and one vowel, or with a stressed end, double their last consonant.
_DOUBLED = frozenset(
    listed(
        "stop ship drop plan fit step clip commit refer admit forget transfer prefer submit occur"
    )
)


def _regular(base: str) -> str:
    if base in _DOUBLED:
        return base + base[-1] + "ed"
    if base.endswith("y") and base[-2:-1] not in set("aeiou"):
        return base[:-1] + "ied"
    return base + ("d" if base.endswith("e") else "ed")


def is_past(word: str) -> bool:
    """Return whether the word is or may be a past tense."""
    return word in PAST or (word.endswith("ed") and len(word) > 3)


# Words that the teacher spells right where a customer mistypes them, besides the verbs' forms.
_MORE = frozenset(
    listed(
        """account address advertised agent amount auction authentic battery because before buyer
        cancellation cancelled certificate charger colour complete completely condition
        confirmation country coupon courier credit customer customs damaged damage date decision
        defective delivered delivery depot description device different discount document email
        empty error evidence expired feedback funds genuine guarantee human immediately
        incomplete information instead insulting invoice label leather listing message missing
        money negative neighbour nobody notice number online order original other package
        packaging parcel partial password payment payout person phone photo photos picture
        please policy positive present price problem product promised purchase question really
        reason receipt refund rejected replacement representative result return returned right
        seller service shipping signature something somebody statement status still subscription
        support suspended system their there these thing third tired today tomorrow tracking
        transaction transfer username voucher warning weeks where which while without wrapping
        writing wrong yesterday twice same with about after always anybody another waiting
        missing shipping tracking wrapping action running cancelling three seven eight five four
        nine from form form want would like true four times again these more days week month
        made many much over some such sale size used very what been both case code copy days
        each else fees goes gone hand high hour item just late left long mail mark mind name
        need next none once only open page part past post rule same seen sent shop show side
        site some soon sort step take team text that them then they this time told took turn
        upon user view want warn well went were will with word work year your shattered cracked
        scratched stained search card read hard state stated screen release greyed window glass
        exempt sister brother mother father present celebration"""
    )
)
VOCABULARY = frozenset(
    word
    for word in (
        BASE | PAST | PARTICIPLES | AUXILIARIES | ADVERBS | SINGULARS | _MORE
        | {past(base) for base in BASE}
    )
    if len(word) > 3
)  # fmt: skip


_COMMON = frozenset(
    listed(
        """human agent person please would want when where there which their order return refund
        parcel reason money back card item need have with this that seller buyer received
        arrived"""
    )
)


@lru_cache(maxsize=65536)
def corrected(word: str) -> str:
    """Return the word without a slip of the fingers, if exactly one known word is that near.

    A letter is only put back into very common words, so that no name of an item is altered.
    """
    if len(word) < 3 or not word.isalpha() or not word.islower() or word in VOCABULARY:
        return word
    at = range(len(word))
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in at[:-1]}
    single = {word[:i] + word[i + 1 :] for i in at[:-1] if word[i] == word[i + 1]}
    letters = "abcdefghijklmnopqrstuvwxyz"
    longer = {word[:i] + letter + word[i:] for i in at[1:] for letter in letters}
    known = ((swapped | single) & VOCABULARY) | (longer & _COMMON)
    return known.pop() if len(known) == 1 else word
