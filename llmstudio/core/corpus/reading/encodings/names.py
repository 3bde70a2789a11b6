"""The encodings that text files come in: how they are called, and which of Python's codecs reads them.

The list is the one that browsers keep, and the pages of DOS and of old Macs beside it. A name may be spelled as Python, as a
web page or as Windows spells it; as in browsers, a file that calls itself ISO 8859-1 is read as Windows-1252 and one that
calls itself GB2312 as GB18030, since that is what such files hold.

Source: WHATWG Encoding Standard, section 4.2 (names and labels).
"""

from __future__ import annotations

import codecs
from functools import cache

from llmstudio.core.words import Words, words

ENCODINGS = {
    "": "automatic",
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Western Europe (Windows-1252, Latin-1)",
    "iso-8859-15": "Western Europe with € (ISO 8859-15)",
    "cp850": "Western Europe (DOS 850)",
    "cp437": "English and Western Europe (DOS 437)",
    "mac-roman": "Western Europe (Macintosh)",
    "cp1250": "Central Europe (Windows-1250)",
    "iso-8859-2": "Central Europe (ISO 8859-2)",
    "cp852": "Central Europe (DOS 852)",
    "mac-latin2": "Central Europe (Macintosh)",
    "iso-8859-16": "Romania and South-Eastern Europe (ISO 8859-16)",
    "cp1257": "Baltic (Windows-1257)",
    "iso-8859-13": "Baltic (ISO 8859-13)",
    "iso-8859-4": "Baltic and Nordic (ISO 8859-4)",
    "cp775": "Baltic (DOS 775)",
    "iso-8859-10": "Nordic (ISO 8859-10)",
    "cp865": "Nordic (DOS 865)",
    "mac-iceland": "Iceland (Macintosh)",
    "iso-8859-3": "Malta and Esperanto (ISO 8859-3)",
    "iso-8859-14": "Celtic (ISO 8859-14)",
    "cp1254": "Turkish (Windows-1254, ISO 8859-9)",
    "cp857": "Turkish (DOS 857)",
    "mac-turkish": "Turkish (Macintosh)",
    "cp1258": "Vietnamese (Windows-1258)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8-r": "Cyrillic (KOI8-R)",
    "koi8-u": "Ukrainian (KOI8-U)",
    "iso-8859-5": "Cyrillic (ISO 8859-5)",
    "cp866": "Cyrillic (DOS 866)",
    "cp855": "Cyrillic (DOS 855)",
    "mac-cyrillic": "Cyrillic (Macintosh)",
    "cp1253": "Greek (Windows-1253)",
    "iso-8859-7": "Greek (ISO 8859-7)",
    "cp737": "Greek (DOS 737)",
    "cp869": "Greek (DOS 869)",
    "mac-greek": "Greek (Macintosh)",
    "cp1255": "Hebrew (Windows-1255)",
    "iso-8859-8": "Hebrew (ISO 8859-8)",
    "cp862": "Hebrew (DOS 862)",
    "cp1256": "Arabic (Windows-1256)",
    "iso-8859-6": "Arabic (ISO 8859-6)",
    "cp720": "Arabic (DOS 720)",
    "cp874": "Thai (Windows-874, TIS-620)",
    "gb18030": "simplified Chinese (GB18030, GBK, GB2312)",
    "big5": "traditional Chinese (Big5)",
    "big5-hkscs": "traditional Chinese (Big5 of Hong Kong)",
    "shift_jis": "Japanese (Shift-JIS)",
    "euc-jp": "Japanese (EUC-JP)",
    "iso-2022-jp": "Japanese mail (ISO-2022-JP)",
    "euc-kr": "Korean (EUC-KR, Windows-949)",
    "iso-2022-kr": "Korean mail (ISO-2022-KR)",
}
"""What can be chosen, by the name it is stored under, with the words that a person chooses by."""

# Where Python's codec of that name reads less than the files hold.
_CODECS = {
    "shift_jis": "cp932", "euc-kr": "cp949", "big5": "cp950", "utf-8": "utf-8-sig", "iso-2022-jp": "iso2022_jp_ext",
}  # fmt: skip
# Names that Python does not know or means more narrowly, all in lower case with hyphens.
_ALSO_CALLED = {
    "cp1252": "iso-8859-1 iso8859-1 iso88591 latin-1 latin1 l1 ascii us-ascii ansi x-cp1252 iso-ir-100",
    "cp1254": "iso-8859-9 iso8859-9 latin-5 latin5",
    "cp874": "iso-8859-11 iso8859-11 tis-620 windows-874 dos-874",
    "cp1255": "iso-8859-8-i logical",
    "iso-8859-8": "iso-8859-8-e",
    "gb18030": "gb2312 gbk gb-2312-80 x-gbk chinese cp936",
    "shift_jis": "windows-31j x-sjis sjis ms-kanji cp932",
    "euc-jp": "x-euc-jp",
    "iso-2022-jp": "csiso2022jp",
    "euc-kr": "ks-c-5601-1987 cp949 windows-949 uhc korean",
    "big5": "cp950 x-x-big5 cn-big5",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "mac-roman": "macintosh x-mac-roman mac",
    "mac-latin2": "x-mac-ce macce",
    "mac-greek": "x-mac-greek",
    "mac-turkish": "x-mac-turkish",
    "koi8-u": "koi8-ru",
    "koi8-r": "koi8 koi",
    "utf-16": "unicode ucs-2 utf-16-le utf-16le utf-16-be utf-16be unicodefffe unicodefeff",
    "utf-8": "unicode-1-1-utf-8 utf8 utf-8-sig x-unicode20utf8",
}
_SPELLINGS = {spelled: name for name, listed in _ALSO_CALLED.items() for spelled in listed.split()}


SURE = 0.6
"""From here on a guess is called found; below it is called a guess."""


def is_guess(confidence: float) -> bool:
    """Whether an encoding that was found with this confidence, 0 to 1, is to be called a guess."""
    return confidence < SURE


def called(encoding: str) -> Words:
    """What a person calls an encoding; one that is not of our list by its own name."""
    return words(ENCODINGS.get(canonical(encoding)) or encoding.upper())


def read_as(encoding: str, confidence: float) -> Words:
    """An encoding as it was found, 0 to 1 sure: "UTF-8", "Greek (ISO 8859-7), which is a guess"."""
    name = called(encoding)
    if is_guess(confidence):
        return words("{encoding}, which is a guess", encoding=name)
    if confidence < 1 and encoding != "utf-8":
        return words("{encoding}, found by its letters", encoding=name)
    return name


def canonical(name: str) -> str:
    """The name in `ENCODINGS` of what somebody calls an encoding; the name as it was given if no such encoding is known."""
    folded = name.strip().strip("\"'").lower().replace("_", "-").replace(" ", "-")
    for spelled in (folded, folded.removeprefix("cs"), folded.removeprefix("x-"), folded.replace("-", "")):
        if spelled in _SPELLINGS:
            return _SPELLINGS[spelled]
        if spelled in _by_codec():
            return spelled
        try:
            found = codecs.lookup(spelled.replace("windows-", "cp").replace("ibm", "cp").replace("dos-", "cp")).name
        except (LookupError, ValueError):
            continue
        if found in _SPELLINGS or found.replace("_", "-") in _SPELLINGS:
            return _SPELLINGS.get(found) or _SPELLINGS[found.replace("_", "-")]
        for ours, codec in _by_codec().items():
            if found == codec:
                return ours
    return name


def codec_of(encoding: str) -> str:
    """Python's codec for an encoding of our list; UTF-8 takes a byte order mark away."""
    return _CODECS.get(encoding, encoding)


@cache
def _by_codec() -> dict[str, str]:
    """Python's own name for each codec; asked for only where a name is, since it loads fifty modules."""
    names = {name: codecs.lookup(name).name for name in ENCODINGS if name}
    return names | {"utf-16-le": "utf-16", "utf-16-be": "utf-16-be"}
