"""How a run stands, said once: whoever shows a figure of a run, going on or over, takes it from here.

Everything follows from the newest step, the looks at held-out text and how the run ended, so that a living run and the same
run read back from disk say the same.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from llmstudio.app.items.locks import writer
from llmstudio.app.runs.at_work import is_at_work
from llmstudio.app.runs.whole_figures import whole_figures
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Noted, Started
from llmstudio.core.models.checkpoint.folders import checkpoint_folders, has_begun, step_of
from llmstudio.core.tasks import TASKS
from llmstudio.core.training.history import looks_in_place, read_end
from llmstudio.core.words import Words, words
from llmstudio.store.model_card import Result
from llmstudio.store.project import About, Project

HEADLINES = {task.headline.name: task.headline for task in TASKS.values()}
"""Headline figures by name, those of the tasks."""

MEASURES = tuple(HEADLINES)
"""Their names."""

UNITS: dict[str, Words] = {name: headline.unit for name, headline in HEADLINES.items()}
"""What each of `MEASURES` counts."""

STATES: dict[str, Words] = {
    "training": words("in training"),
    "paused": words("paused"),
    "stopped": words("stopped"),
    "finished": words("finished"),
    "diverged": words("diverged"),
    "broken_off": words("broken off"),
    "not_begun": words("not begun"),
    "pruned": words("pruned"),
    "compacted": words("made smaller"),
    "quantized": words("quantised"),
}


LIVE = ("training", "paused")
"""States in which a run may say something else in a moment."""


@dataclass(frozen=True)
class Quality:
    """A figure for text that nobody learned from.

    Attributes:
        measure: One of `MEASURES`.
        value: In bits, or as a share.
        step: Step of the weights that were measured.
        is_whole: Whether on all of the validation text, and not on a sample of it.
    """

    measure: str
    value: float
    step: int
    is_whole: bool


def quality_told(quality: Quality) -> Words:
    """The figure with its unit, and whether it is of a sample: "1.494 bits per byte on a sample"."""
    return HEADLINES[quality.measure].told(quality.value, is_whole=quality.is_whole)


def rank(quality: Quality | None) -> tuple[int, float]:
    """For sorting, the best first: figures of one measure stand together, since no two measures can be compared."""
    if quality is None:
        return len(MEASURES), 0.0
    return MEASURES.index(quality.measure), -quality.value if HEADLINES[quality.measure].more_is_better else quality.value


@dataclass(frozen=True)
class RunSummary:
    """How a run stands.

    Attributes:
        name: The model's name.
        state: One of `STATES`; empty if nothing is known.
        step: Steps taken, for a pruned model those of the model it was made from; None if not known.
        total_steps: Steps planned; None where time is the limit, or nothing is known.
        quality: Of its best weights, those that chat, export and pruning take; None before the first look.
        latest: Of the newest weights that were looked at.
        zipped: Bits per byte that a general compressor needs for the same text; None if not known.
        tokens: Tokens read, each pass counted.
        tokens_per_second: Over all of the run, looks included; 0 before the first step.
        seconds: What the run took itself: no break between sittings, no pause, no sleep. Of one that has finished, with the
            making up of texts before its first step.
        remark: What of it is lost; None if nothing is.
        computing: In which numbers and with how many threads it computes, and why; empty if that was not kept.
        earlier: Loss on the text that its parent had learned from, at the first look and at the last, nats a token; None
            where nobody measured it.
    """

    name: str
    state: str = ""
    step: int | None = None
    total_steps: int | None = None
    quality: Quality | None = None
    latest: Quality | None = None
    zipped: float | None = None
    tokens: int = 0
    tokens_per_second: float = 0.0
    seconds: float = 0.0
    remark: Words | None = None
    computing: Words = field(default_factory=lambda: Words(""))
    earlier: tuple[float, float] | None = None

    @property
    def bits_per_byte(self) -> float | None:
        """Of the best weights; None where the family has no such figure, or before the first look."""
        found = self.quality
        return found.value if found is not None and found.measure == "bits_per_byte" else None


def summarize(
    name: str,
    looks: Iterable[Evaluated],
    *,
    state: str,
    step: int = 0,
    tokens: int = 0,
    seconds: float = 0.0,
    total_steps: int | None = None,
) -> RunSummary:
    """Put a run's figures together: its newest step, what had been read and how long it took by then, and its looks."""
    seen = [look for look in looks if look.split == "val"]
    best = next((look for look in reversed(seen) if look.is_best or look.of_step is not None), None)
    zipped = next((z for look in reversed(seen) if (z := look.figures.get("zip_bits_per_byte")) is not None), None)
    latest = next((found for look in reversed(seen) if (found := _quality(look)) is not None), None)
    earlier = [loss for look in looks_in_place(seen) if (loss := look.figures.get("parent_loss")) is not None]
    return RunSummary(
        name=name,
        state=state,
        step=step,
        total_steps=total_steps,
        quality=(_quality(best) if best is not None else None) or latest,
        latest=latest,
        zipped=zipped if zipped is not None and math.isfinite(zipped) else None,
        tokens=tokens,
        tokens_per_second=tokens / seconds if seconds > 0 else 0.0,
        seconds=seconds,
        earlier=(earlier[0], earlier[-1]) if earlier else None,
    )


def summary_of(project: Project, about: About) -> RunSummary:
    """A model of the project, as the disk has it. Milliseconds, however long its run was.

    Raises:
        StudioError: What its run said is damaged.
    """
    card, result = about.model_card, about.model_card.result or Result()
    if card.is_pruned:
        folders = checkpoint_folders(about.path)
        at_step = step_of(folders[-1]) if folders else None
        measured = next(
            (
                Quality(measure, value, at_step, is_whole=True)
                for measure in MEASURES
                if (value := result.figures.get(measure)) is not None and at_step is not None
            ),
            None,
        )
        return RunSummary(about.name, card.last_step.verb, step=at_step, quality=measured, latest=measured)
    history = read_end(about.path)
    last: Any = history.steps[-1] if len(history.steps) else None
    begun = [event.total for event in history.events if isinstance(event, Started)]
    step = int(last["step"]) if last is not None else result.steps
    found = summarize(
        about.name,
        history.evaluations,
        state="",
        step=step,
        tokens=int(last["tokens"]) if last is not None else 0,
        seconds=float(last["seconds"]) if last is not None else 0.0,
        total_steps=begun[-1] if begun and not card.recipe.has_clock else None,
    )
    lost = [event.message for event in history.events if isinstance(event, Noted) and "steps_lost_after" in event.details]
    return as_kept(replace(found, remark=lost[-1] if lost else None), project, about)


def as_kept(found: RunSummary, project: Project, about: About) -> RunSummary:
    """What a run said of itself, with what its model's item knows of its end."""
    state = run_state(project, about, found.step or 0)
    card = about.model_card
    found = replace(found, state=state, computing=card.computing)
    if card.result and (state == "finished" or found.quality is None):
        found = replace(_with_result(found, card.result), seconds=card.result.seconds or found.seconds)
    return found if state in LIVE else _with_whole(found, about)


def summaries(project: Project) -> dict[str, RunSummary]:
    """Of every model of a project, by name; one whose run cannot be read says only its name and state."""
    found = {}
    for about in project.items("model"):
        try:
            found[about.name] = summary_of(project, about)
        except (StudioError, KeyError, TypeError, ValueError):
            found[about.name] = RunSummary(about.name, about.model_card.state)
    return found


def as_facts(found: RunSummary) -> dict[str, Any]:
    """What a list or another program is told of a run."""
    told: dict[str, Any] = {"state": found.state}
    if found.step is not None:
        told["steps"] = found.step
    if found.quality is not None:
        told |= {
            "quality": quality_told(found.quality),
            found.quality.measure: found.quality.value,
            "is_whole": found.quality.is_whole,
            "at_step": found.quality.step,
            "measured_on": "all of the validation text" if found.quality.is_whole else "a sample of the validation text",
        }
    if found.seconds:
        told |= {"tokens": found.tokens, "tokens_per_second": found.tokens_per_second, "seconds": found.seconds}
    if found.earlier is not None:
        begun, now = found.earlier
        told["forgotten"] = words(
            "{change} nats a token on the text learned from before: {begun:.3f} at the beginning, {now:.3f} now",
            change=f"{now - begun:+.3f}",
            begun=begun,
            now=now,
        )
    if found.remark is not None:
        told["remark"] = str(found.remark)
    return told | ({"computing": str(found.computing)} if found.computing.template else {})


def _quality(look: Evaluated) -> Quality | None:
    for measure in MEASURES:
        value = look.figures.get(measure)
        if value is not None and math.isfinite(value):
            return Quality(measure, float(value), look.weights_step, look.is_whole)
    return None


def run_state(project: Project, about: About, step: int) -> str:
    """How a model's run stands that has come to `step`, as one of `STATES`; empty for none.

    A killed run cannot say that it was. It shows: the run has no end but nobody is at work on it, or it has steps after its
    last end. If it had no checkpoint by then, it counts as not begun and starts at step 0.
    """
    state, result = about.model_card.state, about.model_card.result or Result()
    went_on = state in ("stopped", "finished") and step > (result.steps or step)
    if state != "training" and not went_on:
        return state if state in STATES else ""
    at_work = writer(project)
    is_ours = at_work is not None and at_work.get("pid") == os.getpid()
    if at_work is not None and not (is_ours and not is_at_work(about.path)):
        return "training"
    return "broken_off" if has_begun(about.path) else "not_begun"


def _with_whole(found: RunSummary, about: About) -> RunSummary:
    """With what was measured of the same weights on all of the text, where the run itself measured a sample of it."""
    own = found.quality
    if own is None or own.is_whole or (kept := whole_figures(about.path, about.model_card.hash)) is None:
        return found
    value = kept.figures.get(own.measure)
    if value is None or not math.isfinite(value) or kept.step != own.step:
        return found
    quality = replace(own, value=value, is_whole=True)
    is_latest = found.latest is not None and found.latest.step == own.step
    return replace(found, quality=quality, latest=quality if is_latest else found.latest)


def _with_result(found: RunSummary, result: Result) -> RunSummary:
    """With the figure that the run ended with, which is on all of the text; histories of early versions do not say so."""
    bits = result.bits_per_byte
    if bits is None or not math.isfinite(bits):
        return found
    step = found.quality.step if found.quality is not None else found.step or 0
    quality = Quality("bits_per_byte", bits, step, is_whole=True)
    return replace(found, quality=quality, latest=quality)
