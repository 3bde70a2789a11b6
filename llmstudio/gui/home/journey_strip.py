"""The journey as stations on a line, each with a tick when something was made there; a press leads there."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.theme import icon, space, theme

_MARK, _SMALL_MARK = 2.5, 1.5  # steps of space that a station's mark takes, and where there is little room


class JourneyStrip(QWidget):
    """Corpus, tokenizer, train, prune, chat, inspect; where the page is narrow, without what each is for.

    Signals:
        pressed: Name of the tab that was pressed.
    """

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        titles = {
            "corpus": (self.tr("Corpus"), self.tr("text to read")),
            "tokenizer": (self.tr("Tokenizer"), self.tr("text in pieces")),
            "train": (self.tr("Train"), self.tr("a model learns")),
            "prune": (self.tr("Prune"), self.tr("most weights go")),
            "chat": (self.tr("Chat"), self.tr("talk to it")),
            "inspect": (self.tr("Inspect"), self.tr("look inside")),
        }
        self._titles = titles
        self._ready: Mapping[str, bool] = {}
        self._done: Mapping[str, bool] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._buttons: dict[str, QToolButton] = {}
        self._arrows: list[Label] = []
        self._needed, self._is_narrow = 0, False
        for name, (title, hint) in titles.items():
            if self._buttons:
                arrow = Label(alignment=Qt.AlignmentFlag.AlignCenter)
                self._arrows.append(arrow)
                self._row.addWidget(arrow)
            button = QToolButton(text=f"{title}\n{hint}", accessibleName=title)
            button.setProperty("role", "station")
            button.setProperty("tab", name)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(self._press)
            self._buttons[name] = button
            self._row.addWidget(button)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_ready(self, ready: Mapping[str, bool], done: Mapping[str, bool]) -> None:
        """Tick the stations where something was made; those that are only `ready` to be used have a full dot, as a tab."""
        self._ready, self._done = dict(ready), dict(done)
        self._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """In new clothes, which come after the theme's word where it is out of sight, it is of another width."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._measure()
            self._fit()

    def minimumSizeHint(self) -> QSize:
        """The names alone, with small marks and without arrows."""
        widths = [button.minimumWidth() for button in self._buttons.values()]
        return QSize(sum(widths) + self._row.spacing() * (len(widths) - 1), super().minimumSizeHint().height())

    def _fit(self) -> None:
        arrows = sum(arrow.sizeHint().width() + self._row.spacing() for arrow in self._arrows)
        marks = len(self._buttons) * (space(_MARK) - space(_SMALL_MARK))
        has_room = self.minimumSizeHint().width() + arrows + marks <= self.width()
        for arrow in self._arrows:
            arrow.setVisible(has_room)
        side = space(_MARK if has_room else _SMALL_MARK)
        for button in self._buttons.values():
            button.setIconSize(QSize(side, side))
        is_narrow = self._needed > self.width()
        if is_narrow == self._is_narrow:
            return
        self._is_narrow = is_narrow
        for name, button in self._buttons.items():
            button.setText(self._titles[name][0] if is_narrow else "\n".join(self._titles[name]))

    @Slot()
    def _press(self) -> None:
        self.pressed.emit(self.sender().property("tab"))

    @Slot()
    def _restyle(self) -> None:
        self._row.setSpacing(space(0.5))
        for name, button in self._buttons.items():
            hint = self._titles[name][1]
            if self._done.get(name, False):
                button.setIcon(icon("check", "accent"))
                hint = self.tr("done: {what}").format(what=hint)
            elif self._ready.get(name, False):
                button.setIcon(icon("state-ready", "accent"))
                hint = self.tr("can be done now: {what}").format(what=hint)
            else:
                button.setIcon(icon("state-empty", "muted"))
            button.setAccessibleDescription(hint)
            button.setToolTip(plain(hint))
        for arrow in self._arrows:
            arrow.setPixmap(icon("next", "muted").pixmap(QSize(space(2), space(2))))
        self._measure()
        self._fit()

    def _measure(self) -> None:
        """How wide the stations are with all their words, and how narrow each may become without."""
        for name, button in self._buttons.items():
            button.setText(self._titles[name][0])
            button.setIconSize(QSize(space(_SMALL_MARK), space(_SMALL_MARK)))
            button.setMinimumWidth(button.sizeHint().width())
            button.setText("\n".join(self._titles[name]))
            button.setIconSize(QSize(space(_MARK), space(_MARK)))
        self._is_narrow = False
        widths = [widget.sizeHint().width() for widget in (*self._buttons.values(), *self._arrows)]
        self._needed = sum(widths) + self._row.spacing() * (len(widths) - 1)
