"""How a run computes: number format and threads, by the one measurement that is kept of this computer, and why.

A measurement taken while other programs kept the processor busy is repeated when the next run begins or somebody asks;
until then only those of its figures are used that hold on a busy processor. The choice is written into the run, which keeps
it when it goes on.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace

from llmstudio.app.computer.hardware import BUSY, Probe, best_number_format, is_quiet, machine, saved_probe
from llmstudio.core.events import Event, Stopped, inside
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop

_RECENT_S = 600.0  # a computer that was busy a moment ago still is
FORMATS = {"fp32": words("32-bit numbers"), "bf16": words("bfloat16"), "fp16": words("16-bit numbers")}

# Whether there is a GPU only the run finds out.
_ASKED_16 = words("the format as its settings say; without a GPU a run computes in 32-bit numbers")


@dataclass(frozen=True)
class Computing:
    """How a run computes.

    Attributes:
        training: The settings with nothing left automatic but the device, which the run itself looks for.
        why: What was chosen, and the reason.
    """

    training: TrainingConfig
    why: Words


def chosen(training: TrainingConfig, *, job: str, stop: Stop) -> Generator[Event, None, Computing | None]:
    """Decide what is automatic, measuring this computer first if there is no measurement to be trusted; None if stopped.

    A computer that is busy is not measured in full: threads that wait for each other would take a minute for it.
    """
    from llmstudio.app.computer.probe import load_now, measure_formats, probe

    if training.number_format != "auto" and training.threads:
        return decide(training, None)
    found = saved_probe()
    if found is None or (not is_quiet(found) and time.time() - found.tried > _RECENT_S):
        if (load := load_now()) > BUSY:
            found = found or measure_formats(load)
        elif isinstance((yield from inside(job, probe(stop=stop))), Stopped):
            return None
        else:
            found = saved_probe()
    return decide(training, found)


def decide(training: TrainingConfig, found: Probe | None) -> Computing:
    """The same for the same settings and the same measurement."""
    if training.number_format != "auto" and training.threads:
        reason = _ASKED_16 if training.number_format == "fp16" else words("as its settings say")
        return Computing(training, _told(training, reason))
    if found is None:
        fixed = replace(training, number_format=_or(training.number_format, "fp32"), threads=training.threads or _cores())
        return Computing(fixed, _told(fixed, words("this computer could not be measured")))
    number_format, reason = _format(training, found)
    # Beside other programs one thread may measure fastest, but not once they rest: use the number of cores instead.
    threads = training.threads or (found.threads if is_quiet(found) else _cores())
    fixed = replace(training, number_format=number_format, threads=threads)
    if not is_quiet(found):
        reason = words(
            "{reason}; other programs took {share} % of the processor then, so it will be measured again",
            reason=reason,
            share=round(100 * found.load),
        )
    return Computing(fixed, _told(fixed, reason))


def _format(training: TrainingConfig, found: Probe) -> tuple[str, Words]:
    if training.number_format != "auto":
        return training.number_format, _ASKED_16 if training.number_format == "fp16" else words(
            "the format as its settings say"
        )
    if training.device not in ("auto", found.device):
        return "fp32", words("the {device} was not measured", device=training.device)
    best, when = best_number_format(found), time.strftime("%Y-%m-%d", time.localtime(found.measured))
    if best == "fp32":
        return best, words("shorter numbers were no faster here when measured on {date}", date=when)
    gain = f"{found.format_gain[best]:.1f}"
    return best, words("measured {gain} times as fast as 32-bit numbers here on {date}", gain=gain, date=when)


def _told(training: TrainingConfig, reason: Words) -> Words:
    return words(
        "{format}, threads: {threads} ({reason})",
        format=FORMATS.get(training.number_format, training.number_format),
        threads=training.threads,
        reason=reason,
    )


def _or(value: str, other: str) -> str:
    return other if value == "auto" else value


def _cores() -> int:
    return machine().cores
