"""A text before and after cleaning, side by side, with every changed character tinted.

In: both texts and where they differ, from `differences`, which may run on another thread. Out: nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import color, font, theme

Range = tuple[int, int]
# Words of alphabets stay whole; signs, spaces and each CJK character stand alone.
_PARTS = re.compile(r"[^\W_\u3040-\u9fff\uac00-\ud7af]+|\s|.", re.DOTALL)
# Beyond this many parts in one changed block, the block is tinted whole: finer comparison takes time by the square.
_FINE = 4000
_TINTED = 2000  # places


def differences(before: str, after: str) -> tuple[list[Range], list[Range]]:
    """Where two texts differ: ranges (start, end) of what is gone in `before`, and of what is new in `after`.

    Lines are compared first, then words and signs within the lines that differ.
    """
    gone: list[Range] = []
    new: list[Range] = []
    old_lines, new_lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for (a, b), (c, d) in _blocks(old_lines, new_lines):
        old_parts, new_parts = _PARTS.findall("".join(old_lines[a:b])), _PARTS.findall("".join(new_lines[c:d]))
        old_start, new_start = sum(map(len, old_lines[:a])), sum(map(len, new_lines[:c]))
        fine = len(old_parts) + len(new_parts) <= _FINE
        whole = [((0, len(old_parts)), (0, len(new_parts)))]
        for (e, f), (g, h) in _changed(old_parts, new_parts) if fine else whole:
            _add(gone, old_start, old_parts, e, f)
            _add(new, new_start, new_parts, g, h)
    return gone, new


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Range, Range]]:
    """Blocks of lines that differ; as many lines on both sides belong together one by one."""
    for (a, b), (c, d) in _changed(old, new):
        if b - a == d - c:
            yield from (((a + i, a + i + 1), (c + i, c + i + 1)) for i in range(b - a))
        else:
            yield (a, b), (c, d)


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Range, Range]]:
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if kind != "equal":
            yield (a, b), (c, d)


def _add(ranges: list[Range], offset: int, parts: Sequence[str], first: int, last: int) -> None:
    if last > first:
        start = offset + sum(map(len, parts[:first]))
        ranges.append((start, start + sum(map(len, parts[first:last]))))


class TextPreview(QWidget):
    """Two read-only texts that scroll together; the second hides where nothing is changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.before, self.after = self._pane(self.tr("Text as it is")), self._pane(self.tr("Text after cleaning"))
        self._before_title, self._after_title = Label(self), Label(self)
        self._ranges: tuple[Sequence[Range], Sequence[Range]] = ((), ())
        self._muted: Sequence[Range] = ()
        self._shown = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        self._right = QWidget(self)
        for holder, title, pane in (
            (QWidget(self), self._before_title, self.before), (self._right, self._after_title, self.after),
        ):  # fmt: skip
            column = QVBoxLayout(holder)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            column.addWidget(title)
            column.addWidget(pane, 1)
            row.addWidget(holder, 1)
        self.before.verticalScrollBar().valueChanged.connect(self._follow)
        theme.changed.connect(self._tint)
        self.show_texts("", "")

    def show_texts(
        self,
        before: str,
        after: str,
        gone: Sequence[Range] = (),
        new: Sequence[Range] = (),
        *,
        title: str = "",
        item: str = "",
        muted: Sequence[Range] = (),
    ) -> None:
        """Show a text and what becomes of it; `title` names the text, and what is `muted` in it is no part of it.

        The place in it is kept while `item`, where it comes from, stays: only how it is read or cleaned has changed. Another
        one begins at its top.
        """
        is_same = item == self._shown
        self._shown = item
        is_changed = before != after
        for pane, text in ((self.before, before), (self.after, after)):
            if pane.toPlainText() != showable(text):
                place = pane.verticalScrollBar().value()
                pane.setPlainText(showable(text))
                pane.verticalScrollBar().setValue(place)
            if not is_same:
                pane.verticalScrollBar().setValue(0)
        self._right.setVisible(is_changed)
        self._before_title.setText(title if not is_changed else self.tr("{title}, as it is").format(title=title))
        changes = max(len(gone), len(new))
        many = plural(self.tr("after cleaning: {n|place|places} changed"), n=f"{changes:,}")
        self._after_title.setText(self.tr("after cleaning: 1 place changed") if changes == 1 else many)
        self._ranges = (_in_qt(before, gone), _in_qt(after, new))
        self._muted = _in_qt(before, muted)
        self._tint()

    def _pane(self, name: str) -> QPlainTextEdit:
        pane = QPlainTextEdit(self, readOnly=True, accessibleName=name)
        pane.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        return pane

    def _follow(self, value: int) -> None:
        ours, theirs = self.before.verticalScrollBar(), self.after.verticalScrollBar()
        theirs.setValue(round(value * theirs.maximum() / ours.maximum()) if ours.maximum() else 0)

    def _tint(self) -> None:
        removed, added = QTextCharFormat(), QTextCharFormat()
        # Strike and underline tell the two apart without colour.
        removed.setFontStrikeOut(True)
        added.setFontUnderline(True)
        for look, name in ((removed, "error"), (added, "good")):
            tint = QColor(color(name))
            tint.setAlpha(60)
            look.setBackground(tint)
        for pane, ranges, look in ((self.before, self._ranges[0], removed), (self.after, self._ranges[1], added)):
            pane.setFont(font())
            pane.setExtraSelections([_selection(pane, span, look) for span in ranges[:_TINTED]])
        if self._muted:
            quiet = QTextCharFormat()
            quiet.setForeground(QColor(color("muted")))
            self.before.setExtraSelections([_selection(self.before, span, quiet) for span in self._muted[:_TINTED]])


def _selection(pane: QPlainTextEdit, span: Range, look: QTextCharFormat) -> QTextEdit.ExtraSelection:
    selection = QTextEdit.ExtraSelection()
    cursor = QTextCursor(pane.document())
    cursor.setPosition(min(span[0], pane.document().characterCount() - 1))
    cursor.setPosition(min(span[1], pane.document().characterCount() - 1), QTextCursor.MoveMode.KeepAnchor)
    selection.cursor, selection.format = cursor, look
    return selection


def _in_qt(text: str, ranges: Sequence[Range]) -> list[Range]:
    """Ranges counted in UTF-16 units, as Qt counts: signs beyond U+FFFF take two."""
    if text.isascii():
        return list(ranges)
    wide = [i for i, c in enumerate(text) if ord(c) > 0xFFFF]
    return [(a + sum(i < a for i in wide), b + sum(i < b for i in wide)) for a, b in ranges]


def showable(text: str) -> str:
    """`text` with a sign for each control character, as many characters as before; few fonts draw U+2400 and its kin."""
    return "".join("↵" if c == "\r" else "□" if _is_control(c) else c for c in text)


def _is_control(char: str) -> bool:
    return (ord(char) < 32 and char not in "\n\t") or 0x7F <= ord(char) < 0xA0
