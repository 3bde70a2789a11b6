"""Where something went wrong is said: a bar inside the place it concerns, with the way out as a button.

Also the last net: what nobody caught becomes one plain sentence and a report to copy, and goes to the log. Nobody ever
sees a traceback in a window.
"""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from types import TracebackType

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

import llmstudio
from llmstudio.app.computer.hardware import version as package_version
from llmstudio.app.job_runner import report as make_report
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Failed, Noted
from llmstudio.core.shortage import shortage_of
from llmstudio.core.words import Words, words
from llmstudio.gui.forms.remedy_buttons import remedy_buttons, remove_buttons
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import icon, say, space, theme
from llmstudio.gui.shared.layout.flow import Flow

log = logging.getLogger("llmstudio")


class MessageBar(QFrame):
    """One message in place: a sign, a sentence, its remedies as buttons. Hidden while there is nothing to say.

    A message speaks of what was in sight when it was said. Whoever owns the bar says what is (`turn_to`), and what was said
    of another thing goes with its buttons, which would act on the wrong one.

    Signals:
        remedy: A `Remedy` whose button was pressed.
        dismissed: The person closed it.
        leads: Whether the message in sight ends in the next step, whose button is filled: then no other one is.
    """

    remedy = Signal(object)
    dismissed = Signal()
    leads = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "message")
        self._level, self._report = "info", ""
        self._subject: object = None
        self._about: object = None  # what the message in sight is about
        self._sign = Label()
        self._sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._text = Label(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._close = QToolButton(toolTip=self.tr("Close this message"), accessibleName=self.tr("Close this message"))
        self._close.clicked.connect(self._dismiss)
        self._buttons = Flow()
        middle = QVBoxLayout()
        middle.addWidget(self._text)
        middle.addLayout(self._buttons)
        row = QHBoxLayout(self)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(middle, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._row = row
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def text(self) -> str:
        """The sentence in sight; empty while there is none."""
        return self._text.text() if not self.isHidden() else ""

    def show_message(
        self,
        message: Words | str,
        *,
        level: str = "info",
        remedies: tuple[Remedy, ...] = (),
        next_step: Remedy | None = None,
    ) -> None:
        """Say something. `level` is info, warning or error; `next_step` is the one of the remedies to be pressed now."""
        self._show(message if isinstance(message, str) else say(message), level, remedies, "", next_step)

    @Slot(object)
    def show_noted(self, noted: Noted) -> None:
        """Say what a job remarks, with its ways out."""
        self.show_message(noted.message, level=noted.level, remedies=noted.remedies)

    def show_failed(self, failed: Failed) -> None:
        """Say what a job or a look-up could not do."""
        self._show(say(failed.message), "error", failed.remedies, failed.report)

    def show_error(self, error: StudioError) -> None:
        """Say what a person can mend."""
        self._show(say(error.words), "error", error.remedies, "")

    def clear(self) -> None:
        """Nothing to say any more."""
        self._end()

    def turn_to(self, subject: object, *, keep: bool = False) -> None:
        """This is in sight now, under any name that can be compared: what was said of anything else goes.

        With `keep`, what was said already is about this too.
        """
        if keep:
            self._about = subject
        elif subject not in (self._subject, self._about):
            self.clear()
        self._subject = subject

    def expect(self, subject: object) -> None:
        """What has just been said is about this, which comes into sight later: it stays when that is turned to."""
        self._about = subject

    def refusal(self) -> Callable[[Failed], None]:
        """Who is to be told if a look-up that begins now fails: said only if the same thing is in sight by then."""
        return partial(self._show_refused, self._subject)

    def withdraw(self, *actions: str) -> None:
        """Take these ways out off the message in sight: what they would change is no longer there."""
        for place in reversed(range(self._buttons.count())):
            button = self._buttons.itemAt(place).widget()
            if getattr(button.property("remedy"), "action", "") in actions:
                self._buttons.takeAt(place)
                button.hide()  # gone at once: until it is deleted it could still be pressed
                button.deleteLater()

    def _show_refused(self, subject: object, failed: Failed) -> None:
        if subject == self._subject:
            self.show_failed(failed)

    def _end(self) -> None:
        self.hide()
        self.leads.emit(False)

    def _show(
        self, text: str, level: str, remedies: tuple[Remedy, ...], report: str, next_step: Remedy | None = None
    ) -> None:
        self._level, self._report, self._about = level, report, self._subject
        self._text.setText(text)
        self._text.setAccessibleName(text)
        remove_buttons(self._buttons)
        for button in remedy_buttons(remedies, self._press):
            if next_step is not None and button.property("remedy") == next_step:
                button.setProperty("role", "verb")
            self._buttons.addWidget(button)
        if report:
            copy = QPushButton(self.tr("Copy report"))
            copy.clicked.connect(self._copy)
            self._buttons.addWidget(copy)
        self._restyle()
        self.show()
        self.leads.emit(next_step is not None)

    @Slot()
    def _press(self) -> None:
        button = self.sender()
        assert isinstance(button, QPushButton)
        self._end()
        self.remedy.emit(button.property("remedy"))

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)

    @Slot()
    def _dismiss(self) -> None:
        self._end()
        self.dismissed.emit()

    @Slot()
    def _restyle(self) -> None:
        ink = {"info": "accent"}.get(self._level, self._level)
        self._sign.setPixmap(icon(self._level, ink).pixmap(QSize(space(2.25), space(2.25))))
        self._close.setIcon(icon("close", "muted"))
        self._row.setContentsMargins(space(1.5), space(), space(), space())
        self._row.setSpacing(space())
        self._buttons.setSpacing(space())
        self.setProperty("level", self._level)
        self.style().unpolish(self)
        self.style().polish(self)


class Net(QObject):
    """Catches what nobody caught, in any thread, and says it in the window's thread.

    Signals:
        caught: A `Failed` with a plain sentence and a report to copy.
    """

    caught = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.last_report = ""

    def spread(self) -> None:
        """Take over Python's hooks for uncaught errors."""
        sys.excepthook = self._on_error
        threading.excepthook = self._on_thread_error

    def _on_thread_error(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._on_error(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _on_error(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.error("uncaught: %s", "".join(traceback.format_exception(kind, error, trace)))
        if issubclass(kind, KeyboardInterrupt):
            QGuiApplication.quit()
            return
        if isinstance(error, StudioError):
            self.caught.emit(Failed(message=error.words, remedies=error.remedies))
            return
        if (short := shortage_of(error)) is not None:
            self.caught.emit(Failed(message=short.words))
            return
        self.last_report = make_report(error)
        template = "Something went wrong inside the program ({kind}). You can go on; please report it."
        self.caught.emit(Failed(message=words(template, kind=kind.__name__), report=self.last_report))


def crash_told(trace: str) -> Failed:
    """What is said at the start after a crash of the whole program, which could say nothing itself."""
    sentence = words("llmstudio crashed the last time. What had been saved by then is whole; please report it.")
    return Failed(message=sentence, report=f"{versions()}\n\n{trace}")


def versions() -> str:
    """What a report begins with: the versions of this program and of what it stands on."""
    return "\n".join(
        (
            f"llmstudio {llmstudio.__version__}",
            f"Python {platform.python_version()}, {platform.platform()}",
            f"Qt {qVersion()}, PySide6 {package_version('PySide6-Essentials')}, torch {package_version('torch')}",
        )
    )
