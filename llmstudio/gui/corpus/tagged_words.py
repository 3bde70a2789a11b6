"""Tagged sentences for the eye: each word with its tag behind it, and where the tags stand, so that they can be muted.

In: records of tagged words. Out: a text and ranges in it.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.core.corpus.records import Record
from llmstudio.gui.corpus.text_preview import Range

_BEHIND = "/"  # as people write tagged words by hand: the/DET mill/NOUN


def tagged_words(record: Record) -> tuple[str, list[Range]]:
    """A sentence as it is shown, and the ranges of its tags. A word outside all spans (O) has none.

    Characters that say where words begin are shown as words with bars between them.
    """
    if set(record["tags"]) <= {"B", "I"}:
        return _parted(record)
    shown, ranges, at = [], [], 0
    for word, tag in zip(record["words"], record["tags"], strict=True):
        behind = "" if tag == "O" else f"{_BEHIND}{tag}"
        if behind:
            ranges.append((at + len(word), at + len(word) + len(behind)))
        shown.append(word + behind)
        at += len(word) + len(behind) + 1
    return " ".join(shown), ranges


def _parted(record: Record) -> tuple[str, list[Range]]:
    text, ranges = "", list[Range]()
    for sign, tag in zip(record["words"], record["tags"], strict=True):
        if tag == "B" and text:
            ranges.append((len(text), len(text) + 3))
            text += " | "
        text += sign
    return text, ranges


def all_tagged_words(records: Sequence[Record], joint: str = "\n\n") -> tuple[str, list[Range]]:
    """Several sentences below each other."""
    text, ranges = "", list[Range]()
    for record in records:
        text += joint if text else ""
        shown, own = tagged_words(record)
        ranges += [(start + len(text), end + len(text)) for start, end in own]
        text += shown
    return text, ranges
