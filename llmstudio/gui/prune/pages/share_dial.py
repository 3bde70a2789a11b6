"""How much goes: one slider and the share in large figures."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from llmstudio.gui.look.figures import share_text
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.steady import SteadySlider
from llmstudio.gui.look.theme import FIGURE, font, space, theme


class ShareDial(QWidget):
    """The share that goes, in whole per cent.

    Signals:
        changed: (share) another share, 0 to `most` per cent.
    """

    changed = Signal(float)

    def __init__(self, of_what: str, name: str, *, most: int, parent: QWidget | None = None) -> None:
        """`of_what`: what stands after the share; `name`: what the slider is called; `most`: per cent, its end."""
        super().__init__(parent)
        self._figure, self._unit, self._note = Label(), Label(of_what), Label(wordWrap=True)
        for label in (self._unit, self._note):
            label.setProperty("role", "muted")
        self.slider = SteadySlider(Qt.Orientation.Horizontal, accessibleName=name)
        self.slider.setRange(0, most)
        self.slider.setPageStep(10)
        self.slider.setTickInterval(10)
        self.slider.valueChanged.connect(self._on_slid)
        head = QHBoxLayout()
        head.addWidget(self._figure, 0, Qt.AlignmentFlag.AlignBaseline)
        head.addWidget(self._unit, 1, Qt.AlignmentFlag.AlignBaseline)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addWidget(self.slider)
        self._column.addWidget(self._note)
        theme.changed.connect(self._dress)
        self._dress()
        self.set_share(0.5)

    @property
    def share(self) -> float:
        """The share that goes."""
        return self.slider.value() / 100

    @property
    def text(self) -> str:
        """What it says: `70 % of the weights that may go`, and the note."""
        return f"{self._figure.text()} {self._unit.text()} {self._note.text()}".strip()

    def set_share(self, share: float) -> None:
        """Show a share without saying so."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(100 * share))
        self._write()

    def set_note(self, text: str) -> None:
        """Say under the slider what this share means in numbers."""
        self._note.setText(text)

    def _write(self) -> None:
        self._figure.setText(share_text(self.share))

    @Slot()
    def _on_slid(self) -> None:
        self._write()
        self.changed.emit(self.share)

    @Slot()
    def _dress(self) -> None:
        self._figure.setFont(font(FIGURE * 1.4, bold=True, tabular=True))
        self._column.setSpacing(space(0.5))
