"""Look-ups: short functions run off the window's thread, whose answers come back into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.core.events import Failed
from llmstudio.gui.session.worker import Looker


@dataclass(frozen=True)
class Question:
    """What is asked, by whom, and who hears the answer; see `Session.ask`."""

    function: Callable[[], Any]
    then: Callable[[Any], None]
    owner: QObject
    failed: Callable[[Failed], None] | None
    is_long: bool


class Questions(QObject):
    """Asks and answers.

    Signals:
        refused: The `Failed` of a question whose asker does not listen for it.
    """

    refused = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._lookers = (Looker(self), Looker(self))  # for what is answered at once, and for what takes its time
        for looker in self._lookers:
            looker.answered.connect(self._on_answer)
        self._open: dict[int, Question] = {}
        self._numbers: dict[tuple[int, str], int] = {}
        self._num_asked = 0

    def ask(self, question: Question) -> None:
        """Take a question in the place of an open one of the same asker, whose answer is dropped."""
        number = self._num_asked = self._num_asked + 1
        then = question.then
        slot = (id(question.owner), getattr(then, "__qualname__", repr(then)))
        self._open.pop(self._numbers.get(slot, 0), None)
        self._numbers[slot] = number
        self._open[number] = question
        self._lookers[question.is_long].ask(slot, number, question.function, is_urgent=_is_seen(question.owner))

    @property
    def are_open(self) -> bool:
        """True while any answer is waited for."""
        return bool(self._open)

    @property
    def are_in_sight(self) -> bool:
        """True while an answer is waited for in a place that can be seen."""
        return any(_is_seen(question.owner) for question in self._open.values() if shiboken6.isValid(question.owner))

    def request_end(self) -> None:
        """Ask the threads to end; `are_over` tells when they have."""
        for looker in self._lookers:
            looker.request_end()

    @property
    def are_over(self) -> bool:
        """True when no thread of look-ups runs any more."""
        return not any(looker.isRunning() for looker in self._lookers)

    @Slot(int, object, object)
    def _on_answer(self, number: int, answer: Any, refusal: Failed | None) -> None:
        question = self._open.pop(number, None)
        if question is None or not shiboken6.isValid(question.owner):
            return
        if refusal is None:
            question.then(answer)
        else:
            (question.failed or self.refused.emit)(refusal)


def _is_seen(owner: QObject) -> bool:
    """Whether a widget, or what an object belongs to, can be seen now."""
    at: QObject | None = owner
    while at is not None and not at.isWidgetType():
        at = at.parent()
    return at is not None and at.isVisible()  # type: ignore[attr-defined]
