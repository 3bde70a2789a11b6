from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from llmstudio.core.events import Event, Failed, Finished, Started
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.gui.session.worker import STACK_BYTES, Looker, Worker


def forever(stop: Stop) -> Iterator[Event]:
    yield Started(title=words("Waiting"))
    while not stop.requested:
        time.sleep(0.002)
        yield Started(title=words("Waiting"))
    yield Finished()


def finish(worker: Worker | Looker) -> None:
    worker.request_end()
    assert worker.wait(5000)


def gathered(worker: Worker, qtbot: QtBot) -> list[Event]:
    events: list[Event] = []

    def is_over() -> bool:
        events.extend(worker.take())
        return bool(events) and isinstance(events[-1], Finished | Failed)

    qtbot.waitUntil(is_over)
    return events


def test_that_a_thread_that_is_asked_to_end_stops_its_job_first(qtbot: QtBot) -> None:
    worker = Worker("work")
    stop = worker.submit(forever)
    qtbot.waitUntil(lambda: bool(worker.take()))
    finish(worker)
    assert stop.requested
    assert isinstance(worker.take()[-1], Finished)


def test_that_a_held_thread_can_be_asked_to_end(qtbot: QtBot) -> None:
    worker = Worker("work")
    worker.submit(forever)
    worker.pause()
    qtbot.wait(30)
    finish(worker)
    assert worker.isFinished()


def test_that_a_thread_that_never_worked_ends_at_once() -> None:
    worker = Worker("work")
    worker.request_end()
    worker.start()
    assert worker.wait(5000)


def test_that_a_job_that_cannot_even_be_made_fails_with_a_sentence(qtbot: QtBot) -> None:
    def broken(stop: Stop) -> Iterator[Event]:
        raise RuntimeError("no job")

    worker = Worker("work")
    worker.submit(broken)
    events = gathered(worker, qtbot)
    assert isinstance(events[-1], Failed)
    assert "no job" in events[-1].report
    finish(worker)


def test_that_what_a_job_holds_is_let_go_in_its_own_thread(qtbot: QtBot) -> None:
    closed_in: list[bool] = []

    def job(stop: Stop) -> Iterator[Event]:
        try:
            yield Finished()
        finally:
            closed_in.append(QThread.currentThread() is worker)

    worker = Worker("work")
    worker.submit(job)
    gathered(worker, qtbot)
    qtbot.waitUntil(lambda: bool(closed_in))
    assert closed_in == [True]
    finish(worker)


def test_that_threads_have_a_stack_that_blas_does_not_overflow() -> None:
    assert Worker("work").stackSize() == Looker().stackSize() == STACK_BYTES == 16 * 1024 * 1024


def test_that_a_job_holds_itself_exactly_at_the_event_it_was_told_to(qtbot: QtBot) -> None:
    def job(stop: Stop) -> Iterator[Event]:
        for step in range(100):
            yield Started(title=words("Step"), step=step)
        yield Finished()

    worker = Worker("work")
    worker.submit(job, lambda event: event.step in (10, 20))
    seen: list[Event] = []
    for held_at in (10, 20):
        qtbot.waitUntil(lambda: worker.is_paused)
        qtbot.wait(30)
        seen += worker.take()
        assert [event.step for event in seen] == list(range(held_at + 1))
        worker.resume()
    assert isinstance(gathered(worker, qtbot)[-1], Finished)
    finish(worker)


def test_that_a_job_that_says_more_than_can_be_shown_waits_and_nothing_of_it_is_lost(qtbot: QtBot) -> None:
    def floods(stop: Stop) -> Iterator[Event]:
        for step in range(20_000):
            yield Started(step=step, title=words("Talking"))
        yield Finished()

    worker = Worker("work")
    worker.submit(floods)
    qtbot.wait(100)  # nobody listens
    first = worker.take()
    assert 1 < len(first) < 2000
    events = [*first, *gathered(worker, qtbot)]
    assert [event.step for event in events[:-1]] == list(range(20_000))
    finish(worker)


def test_that_a_job_waiting_to_be_heard_can_be_asked_to_end(qtbot: QtBot) -> None:
    def floods(stop: Stop) -> Iterator[Event]:
        while not stop.requested:
            yield Started(title=words("Talking"))
        yield Finished()

    worker = Worker("work")
    worker.submit(floods)
    qtbot.wait(50)
    finish(worker)
    assert isinstance(worker.take()[-1], Finished)


class _Panic(BaseException):
    """As a library written in Rust raises it: no Exception."""


@pytest.mark.parametrize("error", [_Panic("index out of bounds"), SystemExit(1), KeyboardInterrupt()])
def test_that_a_lane_is_free_again_whatever_its_job_raises(qtbot: QtBot, error: BaseException) -> None:
    def broken(stop: Stop) -> Iterator[Event]:
        yield Started(title=words("Breaking"))
        raise error

    worker = Worker("work")
    worker.submit(broken)
    assert isinstance(gathered(worker, qtbot)[-1], Failed)
    worker.submit(lambda stop: iter([Finished(result={"answer": 1})]))
    assert gathered(worker, qtbot)[-1].result == {"answer": 1}
    finish(worker)
