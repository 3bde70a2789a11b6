"""Texts whose lines share a frame: tags, a time, brackets, a mark between their parts. A model would learn it, too.

Nothing is taken away here. What is seen is said, with a line of the text, so that a person can read the file in another way
or clean it first. Source code and Markdown are made of such signs, and are passed over.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import PurePath

from llmstudio.core.corpus.reading.formats.plain_text import head_lines, lines
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import Words, words

_LINES, _FEWEST = 200, 5
_SHOWN = 80  # characters of the line that is shown
_LONG_HEAD = 20_000
_TAG_SHARE = 0.15  # of the characters, in a text without lines
CODE = frozenset((
    ".md", ".markdown", ".rst", ".adoc", ".tex", ".bib", ".py", ".pyi", ".ipynb", ".c", ".h", ".cc", ".cpp", ".hpp",
    ".cs", ".java", ".kt", ".go", ".rs", ".swift", ".m", ".r", ".jl", ".rb", ".pl", ".php", ".lua", ".sh", ".bash",
    ".bat", ".ps1", ".sql", ".css", ".scss", ".less", ".js", ".mjs", ".jsx", ".ts", ".tsx", ".vue", ".svelte", ".scala",
    ".hs", ".ml", ".clj", ".ex", ".erl", ".f90", ".asm", ".s", ".v", ".vhd", ".cmake", ".gradle", ".dart", ".nim", ".zig",
    ".lisp", ".el", ".scm", ".vim",
))  # fmt: skip
_DATA = (".js", ".ts", ".mjs")  # code by their names, but social networks export their lists so
_TAG = r"</?[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>"
_TAGGED = re.compile(rf"\s*{_TAG}|.*{_TAG}\s*$")
_ANY_TAG = re.compile(_TAG)
_DATE = r"(?:\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,:]\d{1,3})?(?:\s?[AaPp]\.?[Mm]\b\.?)?"
_TIME = re.compile(
    rf"\s*(?:[\[({{<]\s*(?:{_DATE}[ T,]*)?{_CLOCK}"  # in brackets
    rf"|[\[({{<]?\s*{_DATE}[ T,]+{_CLOCK}|\d{{1,2}}:\d{{2}}:\d{{2}}(?:[.,]\d+)?\b"  # behind a date, or with its seconds
    rf"|{_CLOCK}\s+(?:<[^<>]+>|-|[\w ]{{1,30}}:\s)|{_CLOCK}\s*$)"  # before a speaker, or alone
)
_BRACKET = re.compile(r"\s*(?:\[[^\[\]]{1,40}\]|\{[^{}]{1,40}\}|<[^<>]{1,40}>|\(\d+\)|\([^()\s]+ .*\)\s*$)")
_RULE = re.compile(r"\s*([=\-_*#~+])\1{3,}\s*$")
_NUMBER = re.compile(r"\s*\d+(?:[.):]|\s)\s*\S")
_TAB = re.compile(r"\S[^\S\t]*\t[^\S\t]*\S")
_KEY = re.compile(r"[a-z][\w-]*:(?:\s|$)")
_LISTED = re.compile(r"\s*-\s|\s*[\"']?[\w.-]+[\"']?:(?:\s|$)|\s+\S|#|---|\.\.\.")
_SPEAKER = re.compile(r"\s*([A-Z])(?:[.:)]?\s|[.:)]?$)")
_HEADER = re.compile(r"([A-Z][\w-]*): +\S")
_HEADERS = frozenset((
    "from", "to", "subject", "date", "organization", "lines", "newsgroups", "path", "sender", "cc", "reply-to",
    "message-id", "title", "author", "url", "source", "id", "tags", "category", "categories", "published", "language",
    "keywords", "content-type", "content-length",
))  # fmt: skip
# Signs that part columns: several in a row that no sentence has, or words in underscores; not what ends or joins sentences.
_PARTING = re.compile(
    r"""[^\w\s.,;:!?'"()\[\]{}<>/\\\-–—…*`´„“”‘’‚«»&%。，、！？；：（）《》「」・～]{2,}|::+|[-=]{1,3}>|(?<=\s)[|¦](?=\s)|_[^\w\s]_"""
    r"""|(?<!\w)__\w{1,20}__(?!\w)|<(?:sep|SEP|eos|EOS|bos|BOS|tab|s|/s)>|\[(?:SEP|EOS|CLS)\]"""
)
_BEGINNINGS: tuple[tuple[re.Pattern[str], Words], ...] = (
    (re.compile(r"<\?xml\b|<!DOCTYPE\s|<[A-Za-z][\w:.-]*\s[^<>]*xmlns"), words("XML, with its tags")),
    (re.compile(r"WARC/\d"), words("a web archive (WARC), with its headers")),
    (
        re.compile(r"(?:%[^\n]*\n|\s)*@relation\b", re.IGNORECASE),
        words("a table of Weka (ARFF), with its header and quotes"),
    ),
    (
        re.compile(r"(?:var |let |const )?[\w.$\[\]\"']+\s*=\s*[\[{]\s*[\[{\"]"),
        words("JSON inside a program, with its signs"),
    ),
    (re.compile(r"%YAML\b"), words("YAML, with its keys and signs")),
)


def frame_of(name: str, head: str) -> Remark | None:
    """What the lines of a text share beside their words, as a warning; None if nothing, or in source code.

    Args:
        name: The file's name.
        head: Its beginning.
    """
    start = head.lstrip("\ufeff \t\r\n")
    ending = PurePath(name).suffix.lower()
    is_code = ending in CODE
    for opening, what in _BEGINNINGS:
        if opening.match(start) and (not is_code or ending in _DATA):
            message = words("It is {what}: all of it is learned as it stands, like the words.", what=what)
            return Remark(message, "warning", key=f"frame {what.template}")
    if is_code:
        return None
    told = head_lines(start)[:_LINES]
    tags = sum(map(len, _ANY_TAG.findall(start[:_LONG_HEAD])))
    if tags > _TAG_SHARE * min(len(start), _LONG_HEAD) and told:
        return _shared(_FRAMES[0][0], next(filter(_ANY_TAG.search, told)))
    if len(told) < _FEWEST:
        return _header(header_of(start))
    if mark := _parting(told):
        return _shared(words("the mark {mark}", mark=mark), next(line for line in told if mark in line))
    for frame, is_framed, share in _FRAMES:
        framed = [line for line in told if is_framed(line)]
        if len(framed) >= max(_FEWEST, share * len(told)):
            return _shared(frame, framed[0])
    if _is_listed(told):
        return _shared(words("keys, dashes or indents, as in YAML"), next(line for line in told if _KEY.match(line)))
    if speakers := _speakers(told):
        return _shared(
            words("one of the signs {signs} before them, as in conversations", signs=", ".join(speakers)), told[0]
        )
    return _header(header_of(start))


def frame_in_column(column: str, texts: Sequence[str]) -> Remark | None:
    """As `frame_of`, of a column: most of its texts begin with lines of a header, as where each is a whole mail."""
    headers = list(filter(None, map(header_of, texts)))
    if len(headers) < max(_FEWEST, 0.8 * len(texts)):
        return None
    message = words(
        "The texts of {column} begin with lines of a header, as mail does: they are learned as they stand. One of them:"
        " “{line}”.",
        column=column,
        line=_line(headers[0]),
    )
    return Remark(message, "warning")


_FRAMES: tuple[tuple[Words, Callable[[str], object], float], ...] = (
    (words("tags"), _TAGGED.match, 0.5),
    (words("times, as in chats, logs and subtitles"), _TIME.match, 0.2),
    (words("a tab between their parts, as in a table"), _TAB.search, 0.3),
    (words("brackets"), _BRACKET.match, 0.6),
    (words("rules between them"), _RULE.match, 0.15),
    (words("a number before them"), _NUMBER.match, 0.8),
)
"""What lines share, how a line is told to have it, and the share of lines that must."""


def _shared(frame: Words, line: str) -> Remark:
    message = words(
        "Its lines hold {frame}: this is learned as it stands, like the words. One of them: “{line}”.",
        frame=frame,
        line=_line(line),
    )
    return Remark(message, "warning", key=f"frame {frame}")


def _line(line: str) -> str:
    shown = " → ".join(part.strip() for part in line.strip().split("\t"))
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def _parting(told: Sequence[str]) -> str:
    """A mark that stands in nearly all lines; empty if there is none."""
    found = Counter(mark for line in told for mark in set(_PARTING.findall(line)) if line.strip() != mark)
    mark, count = next(iter(found.most_common(1)), ("", 0))
    return mark if count >= max(_FEWEST, 0.8 * len(told)) else ""


def _header(line: str) -> Remark | None:
    if not line:
        return None
    message = words(
        "It begins with lines of a header, as mail does: they are learned as they stand. One of them: “{line}”.",
        line=_line(line),
    )
    return Remark(message, "warning", key="frame header")


def _speakers(told: Sequence[str]) -> list[str]:
    """The two or three capital letters of which one stands before each line; nothing if they may be words."""
    found = Counter(first[1] if (first := _SPEAKER.match(line)) else "" for line in told)
    is_told = 2 <= len(found) <= 3 and "" not in found and min(found.values()) >= max(_FEWEST, 0.1 * len(told))
    return sorted(found) if is_told and not found.keys() <= {"A", "I", "O"} else []


def _is_listed(told: Sequence[str]) -> bool:
    keys = sum(_KEY.match(line) is not None for line in told)
    below = sum(line[0] in " -" for line in told)
    return keys >= 2 and below >= 0.3 * len(told) and all(map(_LISTED.match, told))


def header_of(text: str) -> str:
    """The first of the lines of a header, name and value, that stand above a text; empty if there are none."""
    above: list[str] = []
    for line in lines([text[:_LONG_HEAD].lstrip("\ufeff\r\n")]):
        if not (line or "").strip():
            break
        above.append(line or "")
    named = [found for line in above if (found := _HEADER.match(line))]
    names = {found[1].lower() for found in named}
    is_header = len(names) >= 3 and len(names & _HEADERS) >= 2 and len(named) >= 0.8 * len(above)
    return above[0] if is_header and len(above) < text.count("\n") else ""
