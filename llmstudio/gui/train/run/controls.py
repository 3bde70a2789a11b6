"""What can be done to a run while it goes on: hold it, take one step, stop it with or without keeping what it learned."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from llmstudio.gui.look.theme import icon, space, theme


class RunControls(QWidget):
    """Four buttons.

    Signals:
        pause_pressed: Hold the run, or let it go on.
        step_pressed: Take a single step.
        keep_pressed: Stop, and keep what was learned.
        discard_pressed: Stop, and throw it away.
    """

    pause_pressed = Signal()
    step_pressed = Signal()
    keep_pressed = Signal()
    discard_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_held = False
        self.pause = QPushButton(toolTip=self.tr("Space holds the run and lets it go on; the model stays in memory"))
        self.step = QPushButton(self.tr("Step"), toolTip=self.tr("Take a single step, then hold"))
        self.keep = QPushButton(self.tr("Stop and keep"), toolTip=self.tr("Save the model as it is; it can go on later"))
        self.discard = QPushButton(self.tr("Discard…"), toolTip=self.tr("Stop and throw this model away"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        pressed = (self.pause_pressed, self.step_pressed, self.keep_pressed, self.discard_pressed)
        for i, (button, signal) in enumerate(zip(self._buttons(), pressed, strict=True)):
            self._grid.addWidget(button, i // 2, i % 2)
            button.clicked.connect(signal)
        theme.changed.connect(self._dress)
        self._dress()

    def show_held(self, is_held: bool, is_stopping: bool = False) -> None:
        """Say whether the run is held, or was asked to end: then nothing else can be asked of it."""
        self._is_held = is_held
        for button in self._buttons():
            button.setEnabled(not is_stopping)
        self.keep.setText(self.tr("Stopping…") if is_stopping else self.tr("Stop and keep"))
        self._dress()

    def _buttons(self) -> tuple[QPushButton, ...]:
        return (self.pause, self.step, self.keep, self.discard)

    @Slot()
    def _dress(self) -> None:
        self.pause.setText(self.tr("Go on") if self._is_held else self.tr("Pause"))
        names = ("play" if self._is_held else "pause", "step", "stop", "trash")
        for button, name in zip(self._buttons(), names, strict=True):
            button.setIcon(icon(name))
            button.setIconSize(QSize(space(1.75), space(1.75)))
        self._grid.setSpacing(space())
