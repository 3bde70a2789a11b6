"""Beside a conversation: how it is held, how words are drawn, how full the context is, what the model has read."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from llmstudio.core.generation.config import GenerationConfig
from llmstudio.gui.form import Form
from llmstudio.gui.label import Label, plain
from llmstudio.gui.tabs.layout import line
from llmstudio.gui.theme import space, theme
from llmstudio.gui.widgets.context_meter import ContextMeter

WIDTH = 288  # pixels at scale 1


class ChatSettings(QScrollArea):
    """The right-hand pane of the chat.

    Attributes:
        form: The generation settings.
        meter: The context meter.

    Signals:
        mode_chosen: "chat" or "completion".
        changed: A generation setting is different now.
    """

    mode_chosen = Signal(str)
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._modes = QButtonGroup(self, exclusive=True)
        row = QHBoxLayout()
        for mode, label, help_text in (
            ("chat", self.tr("Conversation"), self.tr("Ask about a story; for models that have read conversations.")),
            ("completion", self.tr("Continue a text"), self.tr("The model writes on where the text ends; for every model.")),
        ):
            button = QPushButton(label, checkable=True, toolTip=plain(help_text))
            button.setProperty("role", "chip")
            button.setProperty("mode", mode)
            self._modes.addButton(button)
            row.addWidget(button)
        self._modes.buttonClicked.connect(self._on_mode)
        self._hint = Label(wordWrap=True)
        self._hint.setProperty("role", "muted")
        self.form = Form(GenerationConfig)
        self.form.changed.connect(self._on_changed)
        self.meter = ContextMeter()
        self._read = Label(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.addLayout(row)
        for widget in (self._hint, line(), self.meter, line(), self._read, line(), self.form):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self.setWidget(body)
        body.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.set_mode("chat")

    @property
    def config(self) -> GenerationConfig:
        """The settings in force."""
        return self.form.config

    def set_mode(self, mode: str, hint: str = "") -> None:
        """Show which way of talking is on, and a hint if it does not suit the model."""
        for button in self._modes.buttons():
            button.setChecked(button.property("mode") == mode)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))

    def set_read(self, text: str) -> None:
        """Say what the model has read."""
        self._read.setText(text)

    @property
    def read(self) -> str:
        """What is said of the model's reading."""
        return self._read.text()

    @property
    def hint(self) -> str:
        """The hint in sight; empty if there is none."""
        return self._hint.text()

    def press_mode(self, mode: str) -> None:
        """Press one of the two ways of talking."""
        next(button for button in self._modes.buttons() if button.property("mode") == mode).click()

    @Slot()
    def _on_mode(self) -> None:
        self.mode_chosen.emit(self._modes.checkedButton().property("mode"))

    @Slot(object)
    def _on_changed(self, _config: object) -> None:
        self.changed.emit()

    @Slot()
    def _restyle(self) -> None:
        self.setFixedWidth(round(WIDTH * theme.scale))
        self._column.setContentsMargins(space(1.5), 0, space(0.5), 0)
        self._column.setSpacing(space(1.5))
