"""A text in little room: what tells it from others is left, and no word of it is cut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QFontMetricsF

_BETWEEN = re.compile(r" · |, |  +")  # what stands between the parts of a remark


def parts_in(text: str, metrics: QFontMetricsF, room: float) -> str:
    """As many of a remark's parts, from its beginning, as so many pixels hold; only a part that stands alone is cut."""
    ends = [*(found.start() for found in _BETWEEN.finditer(text)), len(text)]
    parts = [text[:end] for end in reversed(ends)]
    shown = next((part for part in parts if metrics.horizontalAdvance(part) <= room), "")
    return shown or metrics.elidedText(parts[-1], Qt.TextElideMode.ElideRight, room)


def name_in(name: str, others: Sequence[str], metrics: QFontMetrics, room: int) -> str:
    """A name in so many pixels: a piece of it goes that leaves it told from all the others, if there is one.

    Of several such pieces it is one between words rather than within them, and the smallest.
    """
    if metrics.horizontalAdvance(name) <= room:
        return name
    cuts = list(_cuts(name, metrics, room))
    if not cuts:
        return metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
    clashes = [sum(_may_be(head, tail, other) for other in others) for head, tail in cuts]
    if min(clashes) and (piece := _piece(name, others, metrics, room)):
        return piece
    best = [cut for cut, alike in zip(cuts, clashes, strict=True) if alike == min(clashes)]
    most = max(len(head) + len(tail) for head, tail in best)

    def rank(cut: tuple[str, str]) -> tuple[bool, int]:
        kept = len(cut[0]) + len(cut[1])
        # A whole word is worth some letters, but not most of them: one long word is cut all the same.
        return 2 * kept < most or not _between_words(name, *cut), -kept

    head, tail = min(best, key=rank)
    return f"{head}…{tail}"


def _cuts(name: str, metrics: QFontMetrics, room: int) -> Iterator[tuple[str, str]]:
    """What may stand before and after the "…": for each beginning the longest end, and the longest of whole words."""
    start = 1
    for kept in range(len(name)):
        start = max(start, kept + 1)
        while start < len(name) and metrics.horizontalAdvance(f"{name[:kept]}…{name[start:]}") > room:
            start += 1
        if metrics.horizontalAdvance(f"{name[:kept]}…{name[start:]}") > room:
            return  # nor does a longer beginning fit
        yield name[:kept], name[start:]
        word = next((at for at in range(start, len(name)) if _begins_word(name, at)), len(name))
        yield name[:kept], name[word:]


def _piece(name: str, others: Sequence[str], metrics: QFontMetrics, room: int) -> str:
    """A piece out of the middle that no other name has; empty if none is short enough."""
    found = []
    for start in range(1, len(name)):
        stop = start + 1
        while stop < len(name) and metrics.horizontalAdvance(f"…{name[start : stop + 1]}…") <= room:
            stop += 1
        piece = name[start:stop]
        if metrics.horizontalAdvance(f"…{piece}…") <= room and not any(piece in other for other in others):
            found.append((not _begins_word(name, start), -len(piece), f"…{piece}…"))
    return min(found)[2] if found else ""


def _begins_word(name: str, at: int) -> bool:
    return name[at].isalnum() and not name[at - 1].isalnum()


def _between_words(name: str, head: str, tail: str) -> bool:
    at = len(head)
    is_whole = not head or not (name[at - 1].isalnum() and name[at].isalnum())
    return is_whole and (not tail or _begins_word(name, len(name) - len(tail)))


def _may_be(head: str, tail: str, other: str) -> bool:
    """Whether another name may stand behind what is left of one."""
    return len(other) >= len(head) + len(tail) and other.startswith(head) and other.endswith(tail)
