"""What the pages share that begin with one sentence: its field, another one at a press, the answer, and rows below it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from llmstudio.app.inspecting.subject import Subject
from llmstudio.gui.inspect.pages.page import Page, chip
from llmstudio.gui.look.label import Label
from llmstudio.gui.session.session import Session


class SentencePage(Page):
    """A page about one sentence.

    Attributes:
        edit: What is read.
        another: Puts the next sentence that the model has not learned from into the field.
        answer: What comes out.
        grid: The rows below it.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._next = 0
        self.edit = self.field(self.field_label())
        self.another = chip(self.tr("Another sentence"))
        self.another.clicked.connect(self.show_another)
        self.foot(self.another)
        self.answer = Label(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self.answer.setProperty("role", "title")
        self.column.addWidget(self.answer)
        self._rows = QWidget()
        rest = QVBoxLayout(self._rows)
        rest.setContentsMargins(0, 0, 0, 0)
        self.grid = QGridLayout()
        rest.addLayout(self.grid)
        rest.addStretch(1)
        self.column.addWidget(self._rows, 1)

    def minimumSizeHint(self) -> QSize:
        """As high as all of it at this width: the tab scrolls, so nothing within the page needs to."""
        hint = super().minimumSizeHint()
        return QSize(hint.width(), max(hint.height(), self.column.totalMinimumHeightForWidth(self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """At another width texts take other heights."""
        super().resizeEvent(event)
        self.updateGeometry()

    def field_label(self) -> str:
        """What the field is called."""
        return self.tr("Your text")

    def between(self, *widgets: QWidget) -> None:
        """Put these between the answer and the rows."""
        for widget in widgets:
            self.column.insertWidget(self.column.indexOf(self._rows), widget)

    def beside(self, *widgets: QWidget) -> None:
        """Put these beside what offers another sentence."""
        for widget in widgets:
            self.foot_row.insertWidget(self.foot_row.count() - 1, widget)

    def worded(self, sentence: str) -> str:
        """A sentence as it is put into the field; an empty one where the model knows none."""
        return sentence

    def sentences(self) -> tuple[str, ...]:
        """What is offered to begin with."""
        return self.subject.sentences if self.subject is not None else ()

    def start(self, subject: Subject) -> None:
        """Offer the first sentence."""
        self._next = 0
        self.another.setVisible(len(self.sentences()) > 1)
        if beginning := self.worded(next(iter(self.sentences()), "")):
            self.offer(self.edit, beginning)

    @Slot()
    def show_another(self) -> None:
        """Read the next sentence."""
        if offered := self.sentences():
            self._next = (self._next + 1) % len(offered)
            self.put(self.edit, self.worded(offered[self._next]))
            self.run()
