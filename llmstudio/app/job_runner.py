"""How a job is pulled: whatever happens inside, its stream ends in exactly one of `Finished`, `Stopped`, `Failed`.

This and the window's hook are the only places that catch everything.
"""

from __future__ import annotations

import platform
import sys
import traceback
from collections.abc import Callable, Generator, Iterator

import llmstudio
from llmstudio.core.errors import StudioError
from llmstudio.core.events import ENDS, Event, Failed, Stopped
from llmstudio.core.shortage import shortage_of
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop, WasStopped

JobFactory = Callable[[Stop], Iterator[Event]]


def run(job_factory: JobFactory, stop: Stop) -> Generator[Event, None, None]:
    """Pull the job that `job_factory(stop)` makes. Closing this closes the job."""
    last: Event | None = None
    events: Iterator[Event] | None = None
    try:
        events = job_factory(stop)
        for event in events:
            last = event
            if isinstance(event, ENDS):
                break
            yield event
        else:
            raise AssertionError("a job ended without saying so")
    except WasStopped:
        last = Stopped(job=_job(last), step=_step(last))
    except StudioError as error:
        last = Failed(job=_job(last), step=_step(last), message=error.words, remedies=error.remedies, paths=error.paths)
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic in a library written in Rust is no Exception
        last = Failed(job=_job(last), step=_step(last), message=sentence_of(error, _job(last)), report=report(error))
    finally:
        if isinstance(events, Generator):
            events.close()
    yield last


def report(error: BaseException) -> str:
    """What a person may copy and send: versions and the trace, nothing of their texts."""
    torch = sys.modules.get("torch")
    try:
        trace = "".join(traceback.format_exception(error))
    except MemoryError:
        trace = repr(error)
    lines = [
        f"llmstudio {llmstudio.__version__}",
        f"Python {platform.python_version()}, {platform.platform()}",
        f"torch {torch.__version__}" if torch else "torch not loaded",
        "",
        trace,
    ]
    return "\n".join(lines)


def sentence_of(error: BaseException, job: str = "") -> Words:
    """What a person is told of a failure that nobody foresaw, in the job of this name."""
    if (short := shortage_of(error, job)) is not None:
        return short.words
    return words(
        "This should not have happened ({kind}): please report it, with the copied report.", kind=type(error).__name__
    )


def _job(event: Event | None) -> str:
    return event.path[0] if event and event.path else ""


def _step(event: Event | None) -> int:
    return event.step if event else 0
