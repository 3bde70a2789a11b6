"""The few numbers that matter, large, each with its unit small and grey beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.theme import FIGURE, font, space, theme


@dataclass(frozen=True)
class Figure:
    """A number as it is written, what it counts, and a sentence on what is good (shown on hover)."""

    value: str
    unit: str
    help: str = ""


class FigureRow(QWidget):
    """Figures side by side, from the left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addStretch(1)
        self._places: list[tuple[QWidget, Label, Label]] = []
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_figures(self, figures: Sequence[Figure]) -> None:
        """Show these; places are reused, so that a live number does not flicker."""
        while len(self._places) < len(figures):
            self._add()
        for (holder, value, unit), figure in zip(self._places, figures, strict=False):
            value.setText(figure.value)
            unit.setText(figure.unit)
            holder.setToolTip(plain(figure.help))
            holder.setAccessibleName(f"{figure.value} {figure.unit}")
            holder.show()
        for holder, _, _ in self._places[len(figures) :]:
            holder.hide()
        self._restyle()

    def texts(self) -> list[tuple[str, str]]:
        """The numbers in sight with their units."""
        return [(value.text(), unit.text()) for holder, value, unit in self._places if not holder.isHidden()]

    def _add(self) -> None:
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        value, unit = Label(holder), Label(holder)
        value.setProperty("role", "figure")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        unit.setProperty("role", "unit")
        column.addWidget(value)
        column.addWidget(unit)
        self._row.insertWidget(len(self._places), holder)
        self._places.append((holder, value, unit))

    def _restyle(self) -> None:
        self._row.setSpacing(space(4))
        for _, value, _ in self._places:
            value.setFont(font(FIGURE, bold=True, tabular=True))
