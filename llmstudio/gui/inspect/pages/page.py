"""What all pages of Inspect share: a text to try, a question that is asked off the window's thread, and its answer."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from llmstudio.app.inspecting.subject import Subject
from llmstudio.core.events import Failed
from llmstudio.gui.inspect.pages.question import Question
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import space, theme
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.marked_edit import MarkedEdit

PAUSE_MS = 350  # a pause in typing after which a text is looked at


class Page(QWidget):
    """One way of playing with a model.

    Attributes:
        name: As in `Subject.pages`.
        title: What its chip is called.
        verb: What the tab's button does here.
        why: What is seen, in two sentences.
        source: Where the idea comes from.
        settings: What stands at the left while the page is in front; None for nothing.
        is_busy: It makes other models of the one in sight, which stays in sight meanwhile.
        subject: The model it is about.
        question: What it is asked; `question.ask` is what every page asks with.
        column: The page's layout, from top to bottom.
        foot_row: What one may do beside the verb.

    Signals:
        refused: The `Failed` that a question ended in.
        said: A `Noted` that is worth reading beside the answer.
    """

    name = ""
    refused = Signal(object)
    said = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.verb = self.why = self.source = ""
        self.settings: QWidget | None = None
        self.is_busy = False
        self.subject: Subject | None = None
        self._session = session
        self._starts: dict[int, str] = {}
        self._is_stale = False
        self.question = Question(session, self)
        self.question.failed.connect(self._on_failed)
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.run)
        self.foot_row = QHBoxLayout()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        theme.changed.connect(self._on_theme)

    # what a page says

    def start(self, subject: Subject) -> None:
        """Put the beginnings that suit a model into the fields."""

    def clear(self) -> None:
        """Show nothing of another model."""

    def unanswered(self) -> None:
        """A question was refused: no older answer stands beside it."""
        self.clear()

    def look(self) -> None:
        """Ask what this page is about, with what is written in it."""
        raise AssertionError("every page asks its own question")

    # what the tab does

    def set_subject(self, subject: Subject) -> None:
        """This model from now on; it is asked when somebody looks."""
        self.stop()
        self.subject, self._is_stale = subject, True
        self.question.model = subject.model
        self.clear()
        self.start(subject)
        self._pause.stop()
        if self.isVisible():
            self.wake()

    def forget(self) -> None:
        """No model from now on."""
        self.stop()
        self.subject, self._is_stale = None, False
        self._pause.stop()
        self.clear()

    def wake(self) -> None:
        """Somebody looks: ask, if nothing was asked of this model yet."""
        if self.subject is not None and self._is_stale:
            self.run()

    @Slot()
    def run(self) -> None:
        """Ask now."""
        self._pause.stop()
        if self.subject is not None:
            self._is_stale = False
            self.look()

    @Slot()
    def stop(self) -> None:
        """Give up the question on its way, if there is one; what is in sight stays."""
        self.question.stop()

    def leave(self) -> None:
        """Nobody looks any more: what is asked would only keep others waiting, and is asked again for the next who does."""
        if self.question.is_open:
            self.stop()
            self._is_stale = True

    @property
    def model(self) -> str:
        """The model's name; empty while there is none."""
        return self.subject.model if self.subject is not None else ""

    # what pages are made with

    def soon(self) -> None:
        """Ask once the person pauses."""
        self._pause.start()

    def field(
        self, label: str, *, lines: tuple[int, int] = (2, 5), live: bool = False, beside: QHBoxLayout | None = None
    ) -> MarkedEdit:
        """A field with its label, below the others or in a row; `live` asks at every pause in typing."""
        edit = MarkedEdit(name=label, mark_help="", min_lines=lines[0], max_lines=lines[1])
        name = muted(label)
        name.setBuddy(edit)
        column = self.column
        if beside is not None:
            column = QVBoxLayout()
            scaled(self, lambda: column.setSpacing(space()))
            column.setAlignment(Qt.AlignmentFlag.AlignTop)
            beside.addLayout(column, 1)
        column.addWidget(name)
        column.addWidget(edit)
        if live:
            edit.textChanged.connect(self.soon)
        return edit

    def offer(self, edit: MarkedEdit, text: str) -> None:
        """Put a beginning into a field, unless it holds the person's own words."""
        if edit.text.strip() and edit.text != self._starts.get(id(edit)):
            return
        self.put(edit, text)

    def put(self, edit: MarkedEdit, text: str) -> None:
        """Put a text of ours into a field, asking nothing yet."""
        self._starts[id(edit)] = text
        edit.setPlainText(text)
        self._pause.stop()

    def foot(self, *widgets: QWidget) -> None:
        """A row with what one may do beside the verb, and what is waited for."""
        row = self.foot_row
        for widget in widgets:
            row.addWidget(widget)
        row.addWidget(self.question.waiting)
        row.addWidget(self.question.halt)
        row.addStretch(1)
        self.column.addLayout(row)

    @Slot(object)
    def _on_failed(self, failed: Failed) -> None:
        self.unanswered()
        if self.isVisible():
            self.refused.emit(failed)

    @Slot()
    def _on_theme(self) -> None:
        self.restyle()

    def restyle(self) -> None:
        """Take the sizes and colours in force."""
        self.column.setSpacing(space())


def muted(text: str) -> Label:
    """A small grey label."""
    label = Label(text, wordWrap=True)
    label.setProperty("role", "muted")
    return label


def chip(text: str, tip: str = "") -> QPushButton:
    """A small round button."""
    button = QPushButton(text, toolTip=plain(tip))
    button.setProperty("role", "chip")
    return button
