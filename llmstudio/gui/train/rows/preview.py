"""The button under the text that shows some of its rows as the run would learn them, and the page with these.

What is in force in the form decides: another setting, text or tokenizer, and the rows are made anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QPushButton

from llmstudio.app.learned_rows import LearnedRows, learned_rows
from llmstudio.core.events import Failed
from llmstudio.core.recipe import Recipe
from llmstudio.core.work import Stop
from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session
from llmstudio.gui.train.rows.view import RowsView

translate = QCoreApplication.translate
_PAUSE_MS = 300  # after a change in the form


@dataclass(frozen=True)
class Subject:
    """What rows are made of: a corpus, a tokenizer or a model to begin with, and how the run learns."""

    corpus: str
    tokenizer: str
    start: str
    recipe: Recipe

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return bool(self.corpus and (self.tokenizer or self.start))


def rows_button() -> QPushButton:
    """The button, which stays pressed while the rows are in sight."""
    button = QPushButton(translate("RowsPreview", "See what is learned, row by row"), checkable=True)
    hint = translate("RowsPreview", "Some rows of this text as the model learns them: what is only read is grey.")
    button.setToolTip(plain(hint))
    button.setProperty("role", "chip")
    return button


class RowsPreview(QObject):
    """Shows rows of what is prepared.

    Attributes:
        view: The page.

    Signals:
        turned: The page is to come into sight, or to go.
    """

    turned = Signal()

    def __init__(
        self, session: Session, sides: dict[QPushButton, Callable[[], Subject]], parent: QObject | None = None
    ) -> None:
        """`sides` holds a button of each mode and what that mode is about to learn."""
        super().__init__(parent)
        self._session, self._sides = session, sides
        self.view = RowsView()
        self._shown: Subject | None = None
        self._stop = Stop()
        self._soon = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._soon.timeout.connect(self._ask)
        for button in sides:
            button.toggled.connect(self._on_toggled)

    @property
    def is_on(self) -> bool:
        """Whether the rows should be in sight: the button of the mode in force is pressed."""
        return self._subject is not None

    @property
    def _subject(self) -> Subject | None:
        return next(
            (
                about()
                for button, about in self._sides.items()
                if button.isChecked() and not button.parentWidget().isHidden()
            ),
            None,
        )

    def close(self) -> None:
        """The rows go: a run begins."""
        for button in self._sides:
            button.setChecked(False)

    @Slot()
    def look(self) -> None:
        """Something may be different now."""
        for button, about in self._sides.items():
            button.setEnabled(about().is_whole)
            if not button.isEnabled():
                button.setChecked(False)
        if (subject := self._subject) is not None and subject != self._shown:
            self._soon.start()

    @Slot()
    def _on_toggled(self) -> None:
        self._stop.request()
        self._shown = None
        if self.is_on:
            self._ask()
        self.turned.emit()

    @Slot()
    def _ask(self) -> None:
        subject = self._subject
        if subject is None:
            return
        self._stop.request()
        self._stop = stop = Stop()
        if self._shown is None:
            self.view.show_rows(None, self.tr("Making some rows of “{name}”…").format(name=subject.corpus))
        self._shown, project = subject, self._session.project

        def work() -> LearnedRows:
            return learned_rows(
                project, subject.recipe, corpus=subject.corpus, tokenizer=subject.tokenizer, start=subject.start, stop=stop
            )

        self._session.ask(work, self._on_rows, owner=self, failed=self._on_refused)

    @Slot(object)
    def _on_rows(self, found: LearnedRows) -> None:
        self.view.show_rows(found)

    @Slot(object)
    def _on_refused(self, failed: Failed) -> None:
        if not self._stop.requested:
            self.view.show_rows(None, say(failed.message))
