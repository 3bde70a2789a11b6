"""Where jobs are pulled: one long-lived thread a lane, and short look-ups in a thread of their own.

A job is an iterator of events. The worker pulls it and lays the events in a queue; the window takes what has gathered
about 20 times a second, so a job of a thousand steps a second costs the window 20 visits and not a thousand. To pause is
not to pull; a single step is to pull up to the next `TrainStep`. A thread is asked to end, never terminated.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from llmstudio.app.job_runner import report, run, sentence_of
from llmstudio.core.events import ENDS, Event, Failed, Finished, Stopped, TrainStep
from llmstudio.core.work import Stop, WasStopped

JobFactory = Callable[[Stop], Iterator[Event]]
HoldAt = Callable[[Event], bool]
# torch's own threads bring their stacks; macOS gives a second thread half a megabyte, which BLAS overflows.
STACK_BYTES = 16 * 2**20
_NICENESS = 5
_AHEAD = 500  # events that may wait to be taken; a job that says more than the window can show waits for it


class Worker(QThread):
    """Pulls one job at a time. It lives as long as the window: OpenMP keeps a pool of threads for every thread that
    calls it, so a thread for each run would pile them up.

    All methods are called from the window's thread.
    """

    def __init__(self, name: str, *, is_patient: bool = False, parent: QObject | None = None) -> None:
        """`is_patient`: whatever else wants the processor has it first; alone, it is as fast as any."""
        super().__init__(parent)
        self.setObjectName(name)
        self._is_patient = is_patient
        self.setStackSize(STACK_BYTES)
        self._jobs: deque[tuple[JobFactory, Stop, HoldAt]] = deque()
        self._events: deque[Event] = deque()
        self._news = threading.Condition()
        self._ending = False
        self._paused = False
        self._single = False
        self.stop: Stop | None = None

    def submit(self, factory: JobFactory, hold_at: HoldAt | None = None) -> Stop:
        """Begin a job as soon as the thread is free; its events gather for `take`.

        After an event for which `hold_at` is true the job is held, as if paused there: the window itself, which hears of
        events only in bundles, would come too late.
        """
        if not self.isRunning():
            self.start()
        with self._news:
            self._paused = self._single = False
            self.stop = Stop()
            self._jobs.append((factory, self.stop, hold_at or _never))
            self._news.notify_all()
        return self.stop

    def take(self) -> list[Event]:
        """What has gathered since the last call, in order."""
        # Not until there is none left: a job that speaks faster than it is heard would hold the window for good.
        taken = [self._events.popleft() for _ in range(len(self._events))]
        if len(taken) >= _AHEAD:
            with self._news:
                self._news.notify_all()
        return taken

    def pause(self) -> None:
        """Pull no further."""
        with self._news:
            self._paused = True

    def resume(self) -> None:
        """Pull on."""
        with self._news:
            self._paused = self._single = False
            self._news.notify_all()

    def single_step(self) -> None:
        """Pull up to and including the next `TrainStep`, then pause again."""
        with self._news:
            self._paused = self._single = True
            self._news.notify_all()

    @property
    def is_paused(self) -> bool:
        """True while the job is held."""
        return self._paused

    def request_stop(self, *, keep: bool = True) -> None:
        """Ask the running job to end; a paused one is pulled again so that it can."""
        with self._news:
            if self.stop is not None:
                self.stop.request(keep=keep)
            self._news.notify_all()

    def request_end(self) -> None:
        """Ask the thread itself to end, once its job has."""
        with self._news:
            self._ending = True
            if self.stop is not None:
                self.stop.request(keep=self.stop.keep)
            self._news.notify_all()

    def run(self) -> None:
        """The thread: waits for a job, pulls it to its end, waits again."""
        if self._is_patient:
            _give_way()
        while True:
            with self._news:
                self._news.wait_for(lambda: self._jobs or self._ending)
                if not self._jobs:
                    return
                factory, stop, hold_at = self._jobs.popleft()
            try:
                self._pull(run(factory, stop), stop, hold_at)
            except BaseException as error:  # whatever it is: the lane must be free again, and somebody hear of it
                self._events.append(Failed(message=sentence_of(error), report=report(error)))

    def _pull(self, events: Iterator[Event], stop: Stop, hold_at: HoldAt) -> None:
        for event in events:
            is_end = isinstance(event, ENDS)
            with self._news:  # held before it is heard of: else someone could be told that it goes on
                self._paused = self._paused or (not is_end and hold_at(event))
                self._events.append(event)
            if is_end:
                continue  # exhausts the iterator, so that what the job held is let go in this thread
            with self._news:
                if self._single and isinstance(event, TrainStep):
                    self._single = False
                self._news.wait_for(
                    lambda: stop.requested or (len(self._events) < _AHEAD and (self._single or not self._paused))
                )


def _give_way() -> None:
    """Let the window's thread go first: where cores are few, it would wait for a whole time slice behind each of ours.

    On Linux a thread has a niceness of its own, and the threads it starts (torch's) have it too; elsewhere Qt's priorities
    do the same.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
    else:
        QThread.currentThread().setPriority(QThread.Priority.LowPriority)


def _never(_event: Event) -> bool:
    return False


class Looker(QThread):
    """Runs short functions one after another; a newer question of the same asker takes the place of an older one.

    Signals:
        answered: (number, result, Failed or None) of a question.
    """

    answered = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("look")
        self.setStackSize(STACK_BYTES)
        self._questions: dict[Any, tuple[int, Callable[[], Any], bool]] = {}
        self._news = threading.Condition()
        self._ending = False

    def ask(self, key: Any, number: int, function: Callable[[], Any], *, is_urgent: bool = False) -> None:
        """Answer `function()` as `number`, in place of any question that still waits under the same key."""
        if not self.isRunning():
            self.start()
        with self._news:
            self._questions.pop(key, None)
            self._questions[key] = (number, function, is_urgent)
            self._news.notify_all()

    def request_end(self) -> None:
        """Ask the thread to end after the question in hand."""
        with self._news:
            self._ending = True
            self._news.notify_all()

    def run(self) -> None:
        """The thread: the oldest urgent question first, then the oldest."""
        _give_way()
        while True:
            with self._news:
                self._news.wait_for(lambda: self._questions or self._ending)
                if self._ending:
                    return
                urgent = (key for key, (_, _, is_urgent) in self._questions.items() if is_urgent)
                number, function, _ = self._questions.pop(next(urgent, next(iter(self._questions))))
            end = list(run(lambda stop, function=function: _answer(function), Stop()))[-1]
            if isinstance(end, Stopped):  # a question has an answer, or none that it waits for
                end = Failed(message=WasStopped().words)
            failed = end if isinstance(end, Failed) else None
            self.answered.emit(number, end.result["answer"] if isinstance(end, Finished) else None, failed)


def _answer(function: Callable[[], Any]) -> Iterator[Event]:
    yield Finished(result={"answer": function()})
