"""How likely bytes are as a text in one encoding and one language: the measure by which an encoding is guessed.

A text is read in every encoding that may be meant. For each language written in it, the surprise of the text is added up,
letter after letter (a bigram model of a few everyday sentences); the reading with the least surprise wins. Bytes that are
ASCII say which language it may be, all others decide. Scripts with thousands of signs are measured by what share of them
everybody writes every day.

Surprise is counted in nats: what happens once in n signs surprises by ln n, so 4.6 is once in 100 and 9.2 once in 10,000.
Where no counts decide (signs that the sentences lack), the numbers below are rough frequencies of this kind; the tests
of encodings hold them to real texts in every one of them.

Source: language models of letters, Shannon 1951; for the idea of weighing encodings by them, Li and Momoi 2001.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise

from llmstudio.core.corpus.reading.encodings.everyday_texts import TEXTS

_LATIN = ("en", "de", "fr", "es", "pt", "it", "nl")
_NORTH = ("sv", "da", "no", "fi", "is")
_CENTRAL = ("cs", "sk", "pl", "hu", "sl", "hr", "ro", "sq", "de")
_CYRILLIC = ("ru", "uk", "be", "bg", "sr", "mk")
_WEST = (*_LATIN, *_NORTH, "ca", "sq")
_LATIN_SCRIPT = frozenset((*_WEST, *_CENTRAL, "tr", "lt", "lv", "et", "vi", "eo", "mt", "cy"))
CANDIDATES: dict[str, tuple[float, tuple[str, ...]]] = {
    "utf-8": (0.0, _WEST),
    "cp1252": (0.0, _WEST), "cp1250": (1.0, _CENTRAL), "cp1251": (1.0, _CYRILLIC), "cp1253": (1.0, ("el",)),
    "cp1254": (1.5, ("tr",)), "cp1255": (1.0, ("he",)), "cp1256": (1.0, ("ar", "fa")),
    "cp1257": (1.5, ("lt", "lv", "et")),
    "cp1258": (1.5, ("vi",)), "cp874": (1.0, ("th",)), "koi8-r": (1.5, ("ru", "bg")), "koi8-u": (2.5, ("uk", "be")),
    "iso-8859-2": (2.0, _CENTRAL), "iso-8859-15": (2.5, (*_WEST, "et")), "iso-8859-5": (2.5, _CYRILLIC),
    "iso-8859-7": (2.0, ("el",)), "iso-8859-6": (2.0, ("ar",)), "iso-8859-8": (2.0, ("he",)),
    "iso-8859-13": (2.5, ("lt", "lv")),
    "iso-8859-4": (3.5, ("lt", "lv", "et")), "iso-8859-16": (3.5, ("ro", "hu", "pl", "hr")),
    "iso-8859-3": (3.5, ("eo", "mt")),
    "iso-8859-10": (4.5, ("is",)), "iso-8859-14": (4.0, ("cy",)),
    "cp850": (3.0, _WEST), "cp437": (3.5, _LATIN), "cp852": (3.0, _CENTRAL), "cp866": (2.5, ("ru", "uk", "be", "bg")),
    "cp855": (4.0, ("sr", "mk", "bg", "ru")), "cp857": (3.0, ("tr",)), "cp737": (3.0, ("el",)), "cp869": (4.0, ("el",)),
    "cp862": (3.0, ("he",)), "cp720": (3.5, ("ar",)), "cp775": (3.5, ("lt", "lv", "et")), "cp865": (4.0, ("da", "no")),
    "mac-roman": (3.0, _WEST), "mac-latin2": (3.5, _CENTRAL[:6]), "mac-cyrillic": (3.0, _CYRILLIC),
    "mac-greek": (3.5, ("el",)),
    "mac-turkish": (3.5, ("tr",)), "mac-iceland": (4.0, ("is",)),
    "gb18030": (1.0, ("gb18030",)), "big5": (1.0, ("big5",)), "shift_jis": (1.0, ("ja",)), "euc-jp": (1.0, ("ja",)),
    "euc-kr": (1.0, ("ko",)), "big5-hkscs": (3.0, ("big5",)),
}  # fmt: skip
"""Encodings that are guessed, with their head start in nats (less is likelier) and the languages that they are made for."""

_KANA = "".join(map(chr, range(0x3041, 0x30FF)))
EVERYDAY = {
    "gb18030": "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然"
    "于心学么之都好看起发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回"
    "位分爱老因很给名法间知世什两次使身者被高已其进此话常与活正感本民市新员公司业部区体电工",
    "big5": "的一是了我不人在他有這個上們來到時大地為子中你說生國年著就那和要她出也得裡後自以會家可下而過天去能對小多然"
    "於心學麼之都好看起發當沒成只如事把還用第樣道想作種開美總從無情己面最女但現前些所同日手又行意動方期它頭經長兒回"
    "位分愛老因很給名法間知世什兩次使身者被高已其進此話常與活正感本民市新員公司業部區體電工",
    "ja": _KANA,
    "ko": "이다는에가을를의은한고지도로하사서기대어시자인리나아정보일그전수해스안여라만들부있상것제과조장주원면게우했",
}
"""Signs that everybody writes every day, by encoding or language."""
_EVERYDAY_SETS = {name: frozenset(signs) for name, signs in EVERYDAY.items()}
_WRITING = {  # scripts of the many-byte encodings beside the everyday signs, and the codec that holds the usual signs first
    "gb18030": ("gb2312", 0xD8), "big5": ("big5", 0xC9), "ja": ("euc_jp", 0xD0), "ko": ("euc_kr", 0xC9),
}  # fmt: skip
_PUNCTUATION = frozenset("“”‘’„‚«»‹›–—…·•°§©®™€£ª º¿¡\u00a0\u200c\u200d\u200e\u200f、。，；：？！《》「」『』（）【】؟،؛")
_USUAL_LATIN = frozenset("àâäáãåæçèéêëìíîïñòóôöõøùúûüýßœ")
_ASCII = frozenset("abcdefghijklmnopqrstuvwxyz ")
_HALF_COUNT = 0.5  # of each letter, as if it had been seen that often more: the other half is left for what was never seen
_PRIOR_PAIRS = 4  # pairs behind a letter that are taken for granted as its followers' own frequencies
_UNSEEN_PAIR = 9.0  # two letters that do not follow each other in English
_LOAN = 1.0  # for English in a text of another language, above what it would cost in an English one
_OUT_OF_PLACE = 3.0  # above its own, for a sign that does not belong where it stands: twenty times rarer there
_PUNCTUATION_MARK, _LATIN_GUEST = 4.5, 6.5  # one of the two sets above
_FOREIGN_LETTER, _COMBINING_MARK, _SYMBOL = 9.0, 10.0, 9.0
_DRAWN_LINE = 2.0  # the same piece of a frame again: lines are drawn of many
_KANA_SIGN, _EVERYDAY_SIGN = 4.5, 5.5  # one of some 90 that are common, and of some 240
_WIDE_PUNCTUATION = 5.0
# Signs of a large character set that are not everyday: its common part has 2,350 syllables or 3,755 signs (ln = 7.8, 8.2);
# those of the rest are ten times rarer.
_SYLLABLE, _COMMON_SIGN, _RARE_SIGN = 8.0, 8.2, 10.5
_HALF_WIDTH, _KANA_GUEST, _WIDE_SYMBOL = 8.0, 10.0, 9.5
_OUTSIDE_SET, _SUPPLEMENT, _OUTSIDE_GBK = (
    12.0,
    13.0,
    14.0,
)  # not in the set; in its supplement (three bytes); in no usual set
_BROKEN = 14.0  # nats for a byte that means nothing in an encoding
_CONTROL = 400.0  # for a control sign beyond ASCII, which no text has: Windows has quotes and dashes in these places
BROKEN_UTF8 = 8.0
"""Nats for a byte that breaks UTF-8: dearer than a rare letter, cheaper than nonsense."""
_ENOUGH = 300  # letters of ASCII that tell the language; as they read the same everywhere, more must not outweigh the others
_FOREIGN, _FOREIGN_LIMIT = 0.03, 12.0  # nats for a letter of ASCII in a text of another script, and for all of them
_ODD_FORM = 4.0
_CAPITALS = 3.0  # for a text in capitals alone: one in twenty
_VIETNAMESE = "\u0302\u0306\u031b"  # circumflex, breve and horn are part of a letter in Windows-1258, tones stand behind it
_MISPLACED = re.compile(r"(?<=[^\W\d_])[“”„«»‚‹›•°§©®™€£¿¡†‡](?=[^\W\d_])|(?<=\s)[“”„‘’‚](?=\s)|(?<=[^\W\d_])[‚„]")
_SELDOM_INSIDE = re.compile(r"(?<=[^\W\d_])(?:[—–…‘]|(?<!l)·)(?=[^\W\d_])")
_FIGURES = re.compile(rb"\d+")
_WORD = re.compile(r"[^\W\d_]{2,}")


def surprise(data: bytes, encoding: str, codec: str) -> float:
    """Nats of surprise at `data` as a text in this encoding, by the language that makes it least."""
    text = codecs.getincrementaldecoder(codec)("replace").decode(data)  # a character that the end cuts in two does no harm
    start, languages = CANDIDATES[encoding]
    folded = [_fold(sign) for sign in text]
    pairs = Counter(pairwise([" ", *folded, " "]))
    del pairs[" ", " "]  # figures and gaps say nothing of a language
    if encoding == "utf-8":
        start -= (_BROKEN - BROKEN_UTF8) * text.count("\ufffd")
    elif languages[0] not in _LATIN_SCRIPT:
        start += min(_FOREIGN_LIMIT, _FOREIGN * sum("a" <= sign <= "z" for sign in folded))
    return start + _form_surprise(text) + min(_language(pairs, language) for language in languages)


def _fold(sign: str) -> str:
    if sign <= "\x7f":
        return sign.lower() if sign.isalpha() else " "
    lower = sign.lower()
    return lower if len(lower) == 1 else sign


def _language(pairs: Counter[tuple[str, str]], language: str) -> float:
    if language in EVERYDAY:
        return sum(count * _sign(pair, language) for pair, count in pairs.items())
    model, english = _model(language), _model("en")
    total = plain = 0.0
    num_plain = 0
    for pair, count in pairs.items():
        if (cost := model.get(pair)) is None:
            cost = _cost(pair, language)
            model[pair] = cost
        if pair[0] in _ASCII and pair[1] in _ASCII:  # a foreign text may hold English, at a price
            plain += count * min(cost, english.get(pair, _UNSEEN_PAIR) + _LOAN)
            num_plain += count
        else:
            total += count * cost
    return total + plain * min(1.0, _ENOUGH / max(1, num_plain))


@cache
def _model(language: str) -> dict[tuple[str, str], float]:
    """Nats for each pair of letters in a language's everyday sentences; other pairs are added as they are asked for."""
    singles, pairs = _counts(language)
    total = sum(singles.values())
    model: dict[tuple[str, str], float] = {}
    letters = [*singles]
    for first in letters:
        for second in letters:
            alone = (singles[second] + _HALF_COUNT) / (total + len(letters))
            seen = pairs.get((first, second), 0)
            model[first, second] = -math.log((seen + _PRIOR_PAIRS * alone) / (singles[first] + _PRIOR_PAIRS))
    return model


@cache
def _counts(language: str) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    text = " ".join(TEXTS[language].split())
    if language == "vi":
        text = _split_tones(text)
    folded = [" ", *(_fold(sign) for sign in text if sign not in _PUNCTUATION), " "]
    return Counter(folded), Counter(pairwise(folded))


@cache
def _letters(language: str) -> frozenset[str]:
    return frozenset(_counts(language)[0])


def _cost(pair: tuple[str, str], language: str) -> float:
    """Nats for a pair of signs of which the language's sentences lack one."""
    first, second = (sign if sign != "İ" or language != "tr" else "i" for sign in pair)
    letters = _letters(language)
    if second in letters:  # behind a sign that is none of the language
        singles, _ = _counts(language)
        is_strange = first.isalpha() and second != " " and not (first in _USUAL_LATIN and language in _LATIN_SCRIPT)
        return -math.log(singles[second] / sum(singles.values())) + (_OUT_OF_PLACE if is_strange else 0.0)
    if second in _ASCII:
        return _model("en").get((first if first in _ASCII else " ", second), _UNSEEN_PAIR) + _LOAN
    if second == "\ufffd":
        return _BROKEN
    is_out_of_place = first != " " and first not in _PUNCTUATION and (not second.isalpha() or _is_strange(first, letters))
    if language not in _LATIN_SCRIPT and first in letters and first not in _ASCII:
        is_out_of_place = True  # a letter of another script inside a word
    return _stranger(second, first) + (_OUT_OF_PLACE if is_out_of_place and second not in _PUNCTUATION else 0.0)


def _is_strange(sign: str, letters: frozenset[str]) -> bool:
    return sign not in letters and sign not in _ASCII


def _stranger(sign: str, before: str) -> float:
    """Nats for a sign that is no letter of a language, or of any."""
    if sign in _PUNCTUATION:
        return _PUNCTUATION_MARK
    if sign in _USUAL_LATIN:
        return _LATIN_GUEST
    match unicodedata.category(sign):
        case "Ll" | "Lu" | "Lo" | "Lm" | "Lt":
            return _FOREIGN_LETTER
        case "Mn" | "Mc":
            return _COMBINING_MARK
        case "Cc":
            return _CONTROL
        case "Cn" | "Co" | "Cs":
            return _BROKEN
    return _DRAWN_LINE if "\u2500" <= sign <= "\u259f" and before == sign else _SYMBOL


def _sign(pair: tuple[str, str], language: str) -> float:
    """Nats for a sign of a script with thousands of them; what stands before it matters for ASCII only."""
    first, second = pair
    if second in _ASCII:
        return _model("en").get((first if first in _ASCII else " ", second), _UNSEEN_PAIR)
    if second in _EVERYDAY_SETS[language]:
        return _KANA_SIGN if language == "ja" else _EVERYDAY_SIGN
    if second in _PUNCTUATION:
        return _WIDE_PUNCTUATION
    return _usual(second, language)


@cache
def _usual(sign: str, language: str) -> float:
    codec, first_rare = _WRITING[language]
    if "\uff61" <= sign <= "\uff9f" or "\ue000" <= sign <= "\uf8ff":
        return _HALF_WIDTH if sign >= "\uff61" else _BROKEN
    try:
        spelled = sign.encode(codec)
    except UnicodeError:
        return _OUTSIDE_GBK if len(sign.encode("gb18030")) == 4 else _OUTSIDE_SET
    if len(spelled) != 2:
        return _SUPPLEMENT
    if "\u3041" <= sign <= "\u30ff":  # kana in a Chinese or Korean text
        return _KANA_GUEST
    if not ("\u3400" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7a3"):
        return _WIDE_SYMBOL
    if language == "ko":
        return _SYLLABLE if sign >= "\uac00" else _RARE_SIGN
    return _COMMON_SIGN if spelled[0] < first_rare else _RARE_SIGN


def _form_surprise(text: str) -> float:
    """Nats for capitals in the middle of words or nothing else, and for signs that stand between words and not in them."""
    odd = len(_MISPLACED.findall(text)) + len(_SELDOM_INSIDE.findall(text)) / 2
    found = [word for word in _WORD.findall(text) if not word.isascii()]
    for word in found:
        if not (word.islower() or word.isupper() or word[1:].islower()):
            odd += sum(b.isupper() and a.islower() for a, b in pairwise(word)) + word[:2].isupper()
    return _ODD_FORM * odd + (_CAPITALS if found and all(map(str.isupper, found)) else 0.0)


def _split_tones(text: str) -> str:
    """Vietnamese as Windows-1258 spells it: the letter, then its tone."""
    spelled = []
    for sign in text:
        base, *marks = list(unicodedata.normalize("NFD", sign))
        kept = "".join(mark for mark in marks if mark in _VIETNAMESE)
        tones = "".join(mark for mark in marks if mark not in _VIETNAMESE)
        spelled.append(unicodedata.normalize("NFC", base + kept) + tones)
    return "".join(spelled)


def sample_of(data: bytes, limit: int = 2400) -> bytes:
    """The lines of a text that tell most: those with bytes beyond ASCII, whole, and a few others for the language."""
    lines = list(dict.fromkeys(data.split(b"\n")))  # a line that is repeated tells nothing new
    if len(lines) > 1 and not data.endswith(b"\n") and len(data) > limit:
        lines = lines[:-1]  # cut by the end of the head
    plain = _first((line for line in lines if line.isascii()), limit // 4)
    return plain + b"\n" + _first(_with_new_words(line for line in lines if not line.isascii()), limit)


def _with_new_words(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines with a word beyond ASCII that no line before them has: the same word again is no further evidence."""
    seen: set[bytes] = set()
    for line in lines:
        found = {_FIGURES.sub(b"0", word) for word in line.split() if not word.isascii()}
        if not found <= seen:
            seen |= found
            yield line


def _first(lines: Iterable[bytes], limit: int) -> bytes:
    taken = bytearray()
    for line in lines:
        taken += line + b"\n"
        if len(taken) >= limit:
            break
    return bytes(taken[:limit])
