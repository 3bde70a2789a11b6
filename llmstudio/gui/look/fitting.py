"""A text in little room: what tells it from others is left, and no word of it is cut."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    """A name in so many pixels: what it begins with like another is cut first, then its middle."""
    if metrics.horizontalAdvance(name) <= room:
        return name
    shared = max((_num_shared(name, other) for other in others), default=0)
    if shared < 2:
        return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
    for kept in range(shared - 1, -1, -1):
        cut = f"{name[:kept]}…{name[shared:]}"
        if metrics.horizontalAdvance(cut) <= room:
            return cut
    return metrics.elidedText(f"…{name[shared:]}", Qt.TextElideMode.ElideRight, room)


def _num_shared(one: str, other: str) -> int:
    """With how many characters both begin."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
