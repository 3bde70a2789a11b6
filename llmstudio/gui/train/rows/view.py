"""Rows as they are learned: who speaks by colour and name, what is learned on a tint, what is only read in grey.

In: `LearnedRows`. It asks nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from llmstudio.app.learned_rows import LearnedRow, LearnedRows, Stretch
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import color, series_color, space, theme
from llmstudio.gui.shared.layout.filled import fill

_SERIES = {"assistant": 0, "user": 1, "source": 1, "story": 2}
_PLAIN = 0
_ALL = 0.98  # of a row's tokens: its first one is only read
_TINT, _TINT_DARK = 0.22, 0.34  # how much of a speaker's colour lies behind what is learned


class RowsView(QWidget):
    """Some rows below each other, under a line that says what the colours mean.

    Attributes:
        found: What is in sight; None while there is nothing.
        rows: Labels of the rows.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: LearnedRows | None = None
        self.rows: list[Label] = []
        self._title = Label(wordWrap=True)
        self._title.setProperty("role", "title")
        self._legend = Label(wordWrap=True)
        self._remark = Label(wordWrap=True)
        self._remark.setProperty("role", "muted")
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space(1.5)))
        self._list = QVBoxLayout()
        scaled(self, lambda: self._list.setSpacing(space(2)))
        for label in (self._title, self._remark, self._legend):
            column.addWidget(label)
        column.addLayout(self._list)
        column.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        body.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        fill(self, scroll)
        theme.changed.connect(self._show)
        self.show_rows(None)

    @property
    def title(self) -> str:
        """What is said above them."""
        return self._title.text()

    @property
    def remark(self) -> str:
        """What is said of them as a whole."""
        return self._remark.text()

    def show_rows(self, found: LearnedRows | None, waiting: str = "") -> None:
        """Show rows; None while there are none, with what is waited for or missing."""
        self.found = found
        self._title.setText(self.tr("What is learned, row by row") if found is not None else waiting)
        self._show()

    @Slot()
    def _show(self) -> None:
        found = self.found
        rows = found.rows if found is not None else ()
        while len(self.rows) < len(rows):
            label = Label(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
            self.rows.append(label)
            self._list.addWidget(label)
        for place, label in enumerate(self.rows):
            label.setVisible(place < len(rows))
            label.set_markup(self._markup(rows[place]) if place < len(rows) else "")
        for label in (self._legend, self._remark):
            label.setVisible(found is not None)
        if found is not None:
            self._remark.setText(self._said(found))
            self._legend.set_markup(self._explained(found))

    def _said(self, found: LearnedRows) -> str:
        if found.has_marks:
            return self.tr("The first batch of this text. The words are read; what is to be predicted of them is learned.")
        if found.share > _ALL:
            return self.tr("The first batch of this text. All of its tokens are learned.")
        said = self.tr("The first batch of this text. {share} of its tokens are learned.")
        if found.rest:
            said = self.tr("The first batch of this text. {share} of its tokens are learned in full.")
        return said.format(share=f"{100 * found.share:.0f} %")

    def _explained(self, found: LearnedRows) -> str:
        """What the colours mean, in these colours."""
        is_marked = found.has_marks
        parts = [_tinted(self.tr("learned"), _PLAIN), _inked(self.tr("only read"), "muted")]
        if found.rest is not None and found.rest > 0:
            parts.insert(1, escape(self.tr("counts {weight}").format(weight=f"{found.rest:g}")))
        said = "  ·  ".join(parts)
        return said if is_marked else f"{said}  ·  {escape(self.tr('⏎ the end, which is a token'))}"

    def _markup(self, row: LearnedRow) -> str:
        documents = [self._document(document) for document in row.documents]
        if row.is_cut:
            documents[-1] += " …"
        beside = " ".join(_tinted(name, _PLAIN) for name in row.classes)
        shown = "<br>".join(documents)
        return f"<p>{beside} &nbsp;{shown}</p>" if beside else f"<p>{shown}</p>"

    def _document(self, stretches: Sequence[Stretch]) -> str:
        return "".join(self._stretch(stretch) for stretch in stretches)

    def _stretch(self, stretch: Stretch) -> str:
        series = _SERIES.get(stretch.who, _PLAIN)
        if stretch.sign == "begins":
            named = {
                "story": self.tr("story"),
                "user": self.tr("user"),
                "assistant": self.tr("answer"),
            }[stretch.who]
            return f' <b><span style="color:{series_color(series).name()}">{escape(named)}</span></b> '
        text = "⏎" if stretch.sign else stretch.text
        if stretch.mark:
            word, after = text.rstrip(), text[len(text.rstrip()) :]
            return f"{_inked(word, 'muted')}<sub>{_tinted(stretch.mark, _PLAIN)}</sub>{after}"
        if stretch.weight == 1:
            return _tinted(text, series)
        return _inked(text, "muted") if stretch.weight == 0 else _inked(text, "text")


def _tinted(text: str, series: int) -> str:
    """A text that is learned: the body's ink on a tint of the speaker's colour, and underlined for who sees no colours."""
    share = _TINT_DARK if theme.is_dark else _TINT
    back = _mixed(color("page"), series_color(series), share).name()
    style = f"background-color:{back}; color:{color('text').name()}; text-decoration:underline"
    return f'<span style="{style}">{_lines(text)}</span>'


def _inked(text: str, ink: str) -> str:
    return f'<span style="color:{color(ink).name()}">{_lines(text)}</span>'


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    """A colour so far from one to another."""
    parts = zip((one.red(), one.green(), one.blue()), (other.red(), other.green(), other.blue()), strict=True)
    return QColor(*(round(a + share * (b - a)) for a, b in parts))
