"""Beside a conversation: how it is held, how words are drawn, how full the context is, what the model has read."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from llmstudio.app.verbs.generate import new_seed
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.tasks import TASKS
from llmstudio.gui.chat.context_meter import ContextMeter
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.theme import space, theme
from llmstudio.gui.shared.layout.tab_layout import line

WIDTH = 288  # pixels at scale 1


class ChatSettings(QScrollArea):
    """The right-hand pane of the chat.

    Attributes:
        form: The generation settings.
        meter: The context meter.
        lock: Whether the seed in the form is kept for every answer.

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
            (
                "chat",
                self.tr("Conversation"),
                self.tr("Talk with the model; for models that have read conversations or answers."),
            ),
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
        self.form = Form(GenerationConfig, exclude=TASKS["next_token"].idle)  # only such models are talked to here
        self.form.changed.connect(self._on_changed)
        self.lock = QCheckBox(self.tr("Keep this seed"))
        self.lock.setToolTip(
            plain(
                self.tr(
                    "Off: each answer draws a seed of its own, which stands under it. On: every answer begins from this one,"
                    " so the same question gets the same answer, and different ones may end alike."
                )
            )
        )
        self._drawn = self.config.seed
        seed = self.form.row("seed").layout()
        assert isinstance(seed, QGridLayout)
        seed.addWidget(self.lock, seed.rowCount(), 0, 1, 3)
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

    def next_config(self, versions: int = 0) -> GenerationConfig:
        """The settings of the next answer: with a new seed, which the form shows, or with the one that is kept.

        Args:
            versions: Answers to the same message so far. Another one needs another seed; counting on from the kept one
                makes it one that can be had again.
        """
        if self.config.seed != self._drawn:  # a person chose it
            self.lock.setChecked(True)
        if self.lock.isChecked():
            return replace(self.config, seed=(self.config.seed + versions) % 2**31)
        self._drawn = new_seed()
        self.form.put({"seed": self._drawn})
        return self.config

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
