"""One number that matters, large, with its unit and, small and grey, what to compare it with."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from llmstudio.gui.colors import FIGURE
from llmstudio.gui.theme import font, space, theme


class BigNumber(QWidget):
    """A figure, its unit, and a remark below it; a dash while there is none."""

    def __init__(self, unit: str, *, explanation: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figure, self._unit = QLabel("–"), QLabel(unit)
        self._remark = QLabel(" ")
        for label in (self._unit, self._remark):
            label.setProperty("role", "muted")
        # A remark that is too long is cut rather than let the whole window grow.
        self._remark.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setToolTip(f"<p>{explanation}</p>" if explanation else "")
        head = QHBoxLayout()
        head.setSpacing(space(0.75))
        head.addWidget(self._figure, 0, Qt.AlignmentFlag.AlignBaseline)
        head.addWidget(self._unit, 1, Qt.AlignmentFlag.AlignBaseline)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._remark)
        theme.changed.connect(self._dress)
        self._dress()
        self.set_value("")

    @property
    def text(self) -> str:
        """Figure, unit and remark as one would read them out."""
        parts = (self._figure.text(), self._unit.text(), self._remark.text())
        return " ".join(part for part in parts if part.strip())

    def set_value(self, figure: str, remark: str = "", *, unit: str | None = None) -> None:
        """Show a figure as text (empty for none yet), a remark, and another unit if one is given."""
        self._figure.setText(figure or "–")
        self._remark.setText(remark or " ")
        self._remark.setToolTip(remark)
        if unit is not None:
            self._unit.setText(unit)
        self.setAccessibleName(self.text)

    def _dress(self) -> None:
        self._figure.setFont(font(FIGURE, bold=True, tabular=True))
