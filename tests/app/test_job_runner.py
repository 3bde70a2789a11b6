from __future__ import annotations

from collections.abc import Iterator

import pytest

from llmstudio.app.job_runner import run
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import ENDS, Event, Failed, Finished, Noted, Started, Stopped
from llmstudio.core.words import words
from llmstudio.core.work import Stop, check

NOTE = Noted(job="part", parents=("work",), step=3, message=words("so far"))


def job(*said: Event, error: BaseException | None = None, log: list[str] | None = None) -> Iterator[Event]:
    try:
        yield from said
        if error is not None:
            raise error
    finally:
        if log is not None:
            log.append("closed")


@pytest.mark.parametrize("end", [Finished(result={"n": 1}), Stopped(), Failed(message=words("x"))])
def test_that_a_jobs_own_end_is_the_end(end: Event) -> None:
    heard = list(run(lambda stop: job(NOTE, end, Noted(message=words("after"))), Stop()))
    assert heard == [NOTE, end]


def test_that_a_mistake_a_person_can_mend_is_told_with_its_remedies() -> None:
    remedy = Remedy("retry", words("Again"))
    heard = list(run(lambda stop: job(NOTE, error=StudioError("No {x}.", x="text", remedies=(remedy,))), Stop()))
    end = heard[-1]
    assert isinstance(end, Failed)
    assert (str(end.message), end.remedies, end.report) == ("No text.", (remedy,), "")
    assert (end.job, end.step) == ("work", 3)


@pytest.mark.parametrize("error", [ZeroDivisionError("division"), RuntimeError("x"), AssertionError(), KeyError("k")])
def test_that_the_unexpected_is_a_plain_sentence_with_a_report(error: Exception) -> None:
    end = list(run(lambda stop: job(NOTE, error=error), Stop()))[-1]
    assert isinstance(end, Failed)
    assert "Traceback" not in str(end.message)
    assert "Traceback" in end.report
    assert type(error).__name__ in end.report
    assert "llmstudio" in end.report


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory"), RuntimeError("CUDA out of memory.")]
)
def test_that_too_little_memory_is_said_in_words_that_help(error: Exception) -> None:
    begun = Started(job="train", title=words("Training"))
    end = list(run(lambda stop: job(begun, error=error), Stop()))[-1]
    assert isinstance(end, Failed)
    assert "a smaller batch" in str(end.message)
    end = list(run(lambda stop: job(error=error), Stop()))[-1]
    assert isinstance(end, Failed)
    assert "close other programs" in str(end.message), "what has no batch is not told to have a smaller one"


def test_that_a_job_that_cannot_even_begin_fails_in_words() -> None:
    def factory(stop: Stop) -> Iterator[Event]:
        raise StudioError("There is no such model.")

    (end,) = run(factory, Stop())
    assert isinstance(end, Failed)


def test_that_a_job_without_an_end_is_noticed() -> None:
    heard = list(run(lambda stop: job(NOTE), Stop()))
    assert sum(isinstance(event, ENDS) for event in heard) == 1
    assert isinstance(heard[-1], Failed)


@pytest.mark.parametrize("error", [None, ZeroDivisionError()])
def test_that_a_job_is_closed_whatever_happens(error: Exception | None) -> None:
    log: list[str] = []
    list(run(lambda stop: job(NOTE, Finished(), error=error, log=log), Stop()))
    assert log == ["closed"]


def test_that_closing_the_run_closes_the_job() -> None:
    log: list[str] = []
    running = run(lambda stop: job(NOTE, NOTE, log=log), Stop())
    next(running)
    running.close()
    assert log == ["closed"]


def test_that_an_interrupt_is_nobody_elses_business() -> None:
    with pytest.raises(KeyboardInterrupt):
        list(run(lambda stop: job(error=KeyboardInterrupt()), Stop()))


class _Panic(BaseException):
    """As a library written in Rust raises it: no Exception."""


def test_that_a_panic_ends_in_failed_with_a_report() -> None:
    def panic(stop: Stop) -> Iterator[Event]:
        yield Started(title=words("Breaking"))
        raise _Panic("index out of bounds")

    end = list(run(panic, Stop()))[-1]
    assert isinstance(end, Failed)
    assert "index out of bounds" in end.report


def test_that_a_job_that_is_stopped_in_the_middle_of_a_look_up_was_stopped_and_has_not_failed() -> None:
    stop = Stop()

    def looks_up(own: Stop) -> Iterator[Event]:
        yield NOTE
        check(own)
        own.request()
        check(own)

    end = list(run(looks_up, stop))[-1]
    assert isinstance(end, Stopped)
    assert (end.job, end.step) == ("work", 3)
