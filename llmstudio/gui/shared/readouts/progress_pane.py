"""What a running job is at: a sentence, a bar, how much is done, how long it still takes, and a picture of the work itself.

In: `Progress` figures. The picture (text scrolling by, chips appearing) is a widget the tab brings.
"""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from llmstudio.core.events import Progress
from llmstudio.core.words import counted
from llmstudio.gui.look.figures import bytes_text, count_text, duration_text
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import say, space, theme
from llmstudio.gui.shared.readouts.job_bar import JobBar


class ProgressPane(QWidget):
    """A heading, a bar and a body."""

    def __init__(self, body: QWidget, *, hint: str = "", parent: QWidget | None = None) -> None:
        """`hint`: what will appear in `body`."""
        super().__init__(parent)
        self.body = body
        self.hint = Label(hint, self, wordWrap=True, visible=bool(hint))
        self.hint.setProperty("role", "muted")
        self.what, self.done = Label(self), Label(self)
        self.what.setProperty("role", "title")
        self.done.setProperty("role", "muted")
        self.bar = JobBar(self.tr("Progress"), self)
        top = QHBoxLayout()
        top.addWidget(self.what, 1)
        top.addWidget(self.done)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(top)
        self._column.addWidget(self.bar)
        self._column.addWidget(self.hint)
        self._column.addWidget(body, 1)
        self._column.addStretch(0)  # a body that is as high as its content stays at the top
        theme.changed.connect(self._restyle)
        self._restyle()

    def begin(self, title: str) -> None:
        """A job begins; nothing is known yet."""
        self.what.setText(title)
        self.done.setText("")
        self.bar.show_share(0, None)

    def show_progress(self, event: Progress) -> None:
        """Show how far it is."""
        self.what.setText(say(event.what))
        amount = bytes_text if event.unit == "bytes" else count_text
        self.bar.show_share(event.done, event.total)
        if event.total:
            of = say(counted(amount(event.total), event.unit))
            text = self.tr("{done} of {total}").format(done=amount(event.done), total=of)
        else:
            text = say(counted(amount(event.done), event.unit)) if event.done else ""
        if event.remaining_s is not None:
            text = self.tr("{text}  ·  about {time} left").format(text=text, time=duration_text(event.remaining_s))
        self.done.setText(text)

    @Slot()
    def _restyle(self) -> None:
        self._column.setSpacing(space(1.5))


class PassingText(QPlainTextEdit):
    """Text scrolling by: the newest lines at the foot, the oldest forgotten."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, readOnly=True)
        self.setAccessibleName(self.tr("Text as it is read"))
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setMaximumBlockCount(200)

    def pass_by(self, text: str) -> None:
        """Add a piece of text."""
        self.appendPlainText(text)
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
