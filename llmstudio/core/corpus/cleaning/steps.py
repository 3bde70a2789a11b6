"""The cleaning steps, one function each: text in, cleaned text and the number of places changed out.

Every pattern takes time in proportion to the text, whatever the text: a megabyte of one letter must not stop the program.
"""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from llmstudio.core.corpus.cleaning.stop_words import remove_chinese, remove_english

Step = Callable[[str], tuple[str, int]]
Steps = Callable[[Sequence[str]], Iterable[tuple[str, int]]]
"""A step on any number of texts, in order."""

# Tab and newline stay; vertical tab, form feed and the C1 "next line" end lines elsewhere; U+FEFF is a byte order mark.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\ufeff]")
_ASCII_CONTROL = bytes(code for code in range(128) if _CONTROL.match(chr(code)))
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85]")
# A command of a terminal, such as a colour, goes with its letters; a soft hyphen (U+00AD) shows at a line's end only.
_REMOVED = re.compile("\x1b\\[[0-?]{0,40}[ -/]{0,9}[@-~]|[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\ufeff]")
_BLANKS = re.compile(r"[^\S\n]{2,}|[^\S\n \t]")
_EMPTY_LINES = re.compile(r"\n(?:[ \t]?\n){2,}")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|<![A-Za-z][^<>]{0,2000}>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_UNSEEN = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))
_MARKDOWN = (
    (re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\s]{0,2000}(?: \"[^\"\n]{0,200}\")?\)"), r"\1"),
    (re.compile(r"^[ \t]{0,3}(?:```|~~~)[^\n]*\n?", re.MULTILINE), ""),
    (re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^[ \t]{0,3}>[ \t]?", re.MULTILINE), ""),
    (re.compile(r"^[ \t]{0,8}[-*+][ \t]+(?=\S)", re.MULTILINE), ""),
    (re.compile(r"\*\*([^*\n]{1,1000})\*\*"), r"\1"),
    (re.compile(r"(?<![\w*])\*([^*\s][^*\n]{0,1000})\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_{1,2}([^_\s][^_\n]{0,1000})_{1,2}(?![\w_])"), r"\1"),
    (re.compile(r"`([^`\n]{1,1000})`"), r"\1"),
)
_ADDRESS = r"[A-Za-z0-9._~:/?#@!$&'*+,;=%()\[\]-]"
_URL = re.compile(
    rf"(?<![A-Za-z0-9])(?:(?:https?|ftp)://|www\.){_ADDRESS}{{0,2000}}[A-Za-z0-9/=_~%#&-]"
    r"|(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
)
_DIGIT = re.compile(r"\d")


def unicode_form(form: str) -> Step:
    """One spelling for each letter: NFC, or NFKC for compatibility signs as well. Counts lines changed."""

    def step(text: str) -> tuple[str, int]:
        if text.isascii() or unicodedata.is_normalized(form, text):  # type: ignore[arg-type]
            return text, 0
        lines = text.split("\n")
        normal = [unicodedata.normalize(form, line) for line in lines]  # type: ignore[arg-type]
        return "\n".join(normal), sum(a != b for a, b in zip(lines, normal, strict=True))

    return step


def white_space(text: str) -> tuple[str, int]:
    """One space for a run of blanks, one empty line for several."""
    text, blanks = _BLANKS.subn(" ", text)
    text, lines = _EMPTY_LINES.subn("\n\n", text)
    return text, blanks + lines


def control_characters(text: str) -> tuple[str, int]:
    """Without invisible control signs, every line ended by one newline."""
    if not (_has_ascii_control(text) if text.isascii() else _CONTROL.search(text)):
        return text, 0
    count = text.count("\r\n")
    text, ends = _LINE_END.subn("\n", text.replace("\r\n", "\n"))
    text, signs = _REMOVED.subn("", text)
    return text, count + ends + signs


def markup(text: str) -> tuple[str, int]:
    """Without HTML tags, comments, scripts and entities, and without the signs of Markdown; their text stays."""
    count = 0
    for opening, closing in _UNSEEN:
        text, n = _without_between(text, opening, closing)
        count += n
    if "<" in text:
        text, n = _TAG.subn("", text)
        count += n
    if "&" in text:
        text, n = _ENTITY.subn(lambda match: html.unescape(match[0]), text)
        count += n
    for pattern, kept in _MARKDOWN:
        text, n = pattern.subn(kept, text)
        count += n
    return text, count


def urls(text: str) -> tuple[str, int]:
    """Without addresses of pages and mailboxes."""
    if "@" not in text and "://" not in text and "www." not in text:
        return text, 0
    return _URL.subn("", text)


def lower_case(text: str) -> tuple[str, int]:
    """In small letters. Counts letters changed."""
    lowered = text.lower()
    return (text, 0) if lowered == text else (lowered, sum(map(str.isupper, text)))


def punctuation(text: str) -> tuple[str, int]:
    """Without punctuation of all scripts, and without the signs that ASCII counts among it. Counts signs removed."""
    cleaned = _punctuation_signs().sub("", text)
    return cleaned, len(text) - len(cleaned)


def digits(text: str) -> tuple[str, int]:
    """Without the digits of all scripts."""
    return _DIGIT.subn("", text)


def stop_words(languages: str) -> Step:
    """Without stop words of "en", "zh" or "en+zh"."""

    def step(text: str) -> tuple[str, int]:
        count = 0
        if "en" in languages:
            text, count = remove_english(text)
        if "zh" in languages:
            text, more = remove_chinese(text)
            count += more
        return text, count

    return step


def replacements(pairs: Iterable[tuple[str, str]]) -> Step:
    """Each first word replaced by its second, all in one pass, longer words first; letters stand alone, Chinese need not."""
    table = {old: new for old, new in pairs if old}
    pattern = re.compile("|".join(_alone(old) for old in sorted(table, key=len, reverse=True)) or "(?!)")
    return lambda text: pattern.subn(lambda match: table[match[0]], text)


def _has_ascii_control(text: str) -> bool:
    """As the pattern would tell, several times faster."""
    return len(text.encode().translate(None, _ASCII_CONTROL)) < len(text)


def _alone(word: str) -> str:
    before = r"(?<!\w)" if _needs_room(word[0]) else ""
    after = r"(?!\w)" if _needs_room(word[-1]) else ""
    return before + re.escape(word) + after


def _needs_room(sign: str) -> bool:
    """True for letters of scripts that put blanks between words."""
    return sign.isalnum() and not "\u2e80" <= sign <= "\ud7ff" and ord(sign) < 0x20000


def _without_between(text: str, opening: str, closing: str) -> tuple[str, int]:
    if opening not in text and opening.upper() not in text:
        return text, 0
    start, end = re.compile(re.escape(opening), re.IGNORECASE), re.compile(re.escape(closing), re.IGNORECASE)
    kept: list[str] = []
    at = count = 0
    while (begun := start.search(text, at)) and (ended := end.search(text, begun.end())):
        kept.append(text[at : begun.start()])
        at = ended.end()
        count += 1
    return "".join(kept) + text[at:], count


@cache
def _punctuation_signs() -> re.Pattern[str]:
    codes = [c for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c))[0] == "P" or chr(c) in "$+<=>^`|~"]
    runs: list[list[int]] = []
    for code in codes:
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return re.compile("[" + "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in runs) + "]+")
