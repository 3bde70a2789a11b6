"""The built-in samples, each a press away, with a line on what it is; shown while there is nothing else to show."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from llmstudio.core.corpus.config import SAMPLE
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import space, theme


class SampleList(QWidget):
    """A sentence on how to begin, and a button for each sample.

    Signals:
        picked(str): The source (`sample:NAME`) that was pressed.
    """

    picked = Signal(str)

    def __init__(self, text: str, samples: Mapping[str, tuple[str, str]], parent: QWidget | None = None) -> None:
        """`samples`: label and help by name."""
        super().__init__(parent)
        self.buttons: dict[str, QPushButton] = {}
        inner = QWidget()
        self._grid = QGridLayout(inner)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for row, (name, (label, help_text)) in enumerate(samples.items()):
            button = QPushButton(label, accessibleDescription=help_text)
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            button.setProperty("source", f"{SAMPLE}{name}")
            button.clicked.connect(self._press)
            about = Label(help_text, wordWrap=True)
            about.setProperty("role", "muted")
            self._grid.addWidget(button, row, 0)
            self._grid.addWidget(about, row, 1, Qt.AlignmentFlag.AlignVCenter)
            self.buttons[name] = button
        self._grid.setColumnStretch(1, 1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(inner)
        scroll.setSizeAdjustPolicy(QScrollArea.SizeAdjustPolicy.AdjustToContents)
        self._text = Label(text, wordWrap=True)
        self._column = QVBoxLayout(self)
        self._column.addStretch(1)
        self._column.addWidget(self._text)
        self._column.addWidget(scroll, 8)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _press(self) -> None:
        self.picked.emit(self.sender().property("source"))

    def _restyle(self) -> None:
        side = space(6)
        self._column.setContentsMargins(side, 0, side, 0)
        self._column.setSpacing(space(3))
        self._grid.setHorizontalSpacing(space(2))
        self._grid.setVerticalSpacing(space(1.5))
