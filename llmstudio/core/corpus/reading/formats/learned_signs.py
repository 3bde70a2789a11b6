"""Signs in a text that are no words, and that a model would learn like words: pictures, names of recordings, tags, quotes.

Nothing is taken away. A table says what each kind of sign is and what share of the lines must hold it; one that is seen is
said with a line of the text, so that a person can clean the file first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from llmstudio.core.corpus.reading.formats.frames import CODE
from llmstudio.core.corpus.reading.formats.plain_text import head_lines
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import Words, words

_LINES = 400
_DOCUMENTS = 20
_LONG, _SHORT = 100_000, 1000  # characters of a line that are looked at: for places in it, and for how it begins
_SHOWN = 80  # characters of the line that are shown
_MARKDOWN = (".md", ".markdown", ".mdown", ".rst", ".ipynb")
_LETTERS = re.compile(r"data:[\w/+.-]{3,60};base64,|[A-Za-z0-9+/]{200,}")
_TAGGED = re.compile(r"\S+[/_|](?:[A-Z$]{1,5}|[a-z]{2,4}[$*+-]{0,2}(?:-[a-z]{2})?|[^\w\s]{1,2})")
_ID = re.compile(
    r"(?!\d{4}-\d\d-\d\d\s)(?=[^\s-]*[-_]|[A-Z]{1,4}\d{3,}[A-Z]\d)(?:[A-Za-z0-9]{1,40}[-_]){0,8}[A-Za-z0-9]{0,40}\d\s+[^\W\d_]"
)
_TIMED = re.compile(r"\S+\s+[\dA-Z]\s+(?:\S+\s+)?\d+\.\d+\s+\d+\.\d+\s")
_PRAAT = re.compile(r"\s*(?:xmin|xmax)\s*=\s*[\d.]+")
_WORD = re.compile(r"\d+(?:-\d+)?\t\S+(?:\t\S+){3,}\s*$|\S+(?:[ \t]+\S+){0,4}[ \t]+(?:O|[BIESLU]-[A-Za-z]\w*)\s*$")
_TEMPLATE = re.compile(r"<[|｜][\w▁ -]{1,40}[|｜]>|<(?:start|end)_of_turn>")
_TABLE = re.compile(r"\s*\|.*\|\s*$")
_QUOTED = re.compile(r">{1,2}[ \t]?[^>\s]")
_UNSEEN = re.compile("[\u200b\u2060]")


@dataclass(frozen=True)
class _Sign:
    """A kind of sign.

    Attributes:
        what: It is, for a sentence.
        place: Where a line holds it; -1 if it does not.
        share: Of the lines that must hold it.
        fewest: Such lines there must be.
        is_markup: True if Markdown is made of it.
    """

    what: Words
    place: Callable[[str], int]
    share: float = 0.0
    fewest: int = 1
    is_markup: bool = False


def learned_signs(texts: Iterable[str], name: str = "") -> list[Remark]:
    """What the lines of some texts hold beside words, a warning for each kind; of programs, pictures alone.

    Args:
        texts: The beginning of a file, or the first texts of a column.
        name: Of the file; its ending tells Markdown and programs.
    """
    ending = PurePath(name).suffix.lower()
    is_markup = ending in _MARKDOWN
    signs = _SIGNS[:1] if ending in CODE and not is_markup else _SIGNS
    told = [line for text in texts for line in head_lines(text)[:_LINES]][:_LINES]
    found = []
    for sign in signs if told else ():
        places = [(line, at) for line in told if (at := sign.place(line)) >= 0]
        if len(places) < max(sign.fewest, sign.share * len(told)) or (sign.is_markup and is_markup):
            continue
        line, at = places[0]
        message = words(
            "It holds {what}: this is learned as it stands, like the words. One of the lines: “{line}”.",
            what=sign.what,
            line=_shown(line[max(0, at - _SHOWN // 2) :]),
        )
        found.append(Remark(message, "warning", key=f"sign {sign.what.template}"))
    return found


def _begins(pattern: re.Pattern[str]) -> Callable[[str], int]:
    return lambda line: 0 if pattern.match(line[:_SHORT]) else -1


def _holds(pattern: re.Pattern[str]) -> Callable[[str], int]:
    return lambda line: found.start() if (found := pattern.search(line[:_LONG])) else -1


def _picture(line: str) -> int:
    """Where a file spelled in letters begins: capitals, small letters and figures in one long word."""
    for found in _LETTERS.finditer(line[:_LONG]):
        word = found[0]
        if word.startswith("data:") or all(re.search(kind, word) for kind in ("[a-z]", "[A-Z]", "[0-9]")):
            return found.start()
    return -1


def _tagged(line: str) -> int:
    """0 if nearly all words bear a tag, as in the/DT bell/NN."""
    tokens = line[:_SHORT].split()
    return 0 if len(tokens) > 2 and sum(map(bool, map(_TAGGED.fullmatch, tokens))) >= 0.9 * len(tokens) else -1


_SIGNS = (
    _Sign(words("pictures or other files spelled in letters (base64)"), _picture),
    _Sign(words("the marks of a chat template"), _holds(_TEMPLATE), 0.1, 3),
    _Sign(words("signs without width, which nobody sees"), _holds(_UNSEEN), 0.05, 3),
    _Sign(words("names of recordings before them, as in transcripts of speech (Kaldi)"), _begins(_ID), 0.8, 8),
    _Sign(words("names and times of recordings before them (STM, CTM)"), _begins(_TIMED), 0.7, 5),
    _Sign(words("the marks and times of a recording (Praat)"), _begins(_PRAAT), 0.2, 5),
    _Sign(words("one word a line with its tags (CoNLL)"), _begins(_WORD), 0.7, 8),
    _Sign(words("a tag at each word, as in bell/NN"), _tagged, 0.6, 4),
    _Sign(words("tables drawn with | and -"), _begins(_TABLE), 0.3, 5),
    _Sign(words("what others wrote, quoted with > as in mail"), _begins(_QUOTED), 0.1, 4, is_markup=True),
)


def _shown(line: str) -> str:
    told = "".join(sign if sign.isprintable() else "·" for sign in line.strip().replace("\t", " → ")[: _SHOWN + 1])
    return told if len(told) <= _SHOWN else told[:_SHOWN] + "…"


def watched(documents: Iterable[str], remarks: list[Remark]) -> Iterator[str]:
    """The same documents; what the first of them hold is added to `remarks` at their end."""
    first: list[str] = []
    for document in documents:
        if len(first) < _DOCUMENTS:
            first.append(document[:_LONG])
        yield document
    remarks += learned_signs(first)
