"""What the train tab knows of runs: those on disk, the one that is going on, and what an unfinished one has kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.runs.outlook import outlook
from llmstudio.app.runs.run_summary import Quality, RunSummary, as_kept, quality_told
from llmstudio.app.runs.weighted import weighs_answers
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Started, Stopped, TrainStep
from llmstudio.core.models.checkpoint.folders import has_begun, holds_training_state
from llmstudio.core.recipe import Recipe
from llmstudio.core.training.history import read_history
from llmstudio.core.words import Words, words
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.store.project import About, Project

UNFINISHED = ("training", "stopped", "diverged")


def is_run(about: About) -> bool:
    """True for models that were trained here, not made of another by pruning."""
    return bool(about.model_card.state) and not about.model_card.is_pruned


def can_go_on(about: About) -> bool:
    """True if its run was stopped, left all bounds, or ended with the program, and can go on or begin again."""
    state = about.model_card.state
    if state == "diverged" or state not in UNFINISHED:
        return state == "diverged"  # at another rate, from weights that were good; these may be those of the beginning
    return holds_training_state(about.path) or not has_begun(about.path)


def can_learn_on(about: About) -> bool:
    """True if a new run can begin with its weights."""
    return has_begun(about.path)


def needs_same_memory(about: About, recipe: Recipe, tokenizer: About) -> bool:
    """True if a run took what `recipe` would: same shape of model, same vocabulary, same batch, same optimizer."""
    if about.parent("tokenizer").id != tokenizer.id:
        return False
    try:
        own = recipe_of(about)
    except StudioError:  # of a newer version, or damaged: whoever opens it is told
        return False
    names = ("batch_size", "optimizer", "number_format", "device")
    same = all(getattr(own.training, name) == getattr(recipe.training, name) for name in names)
    return same and (own.model, own.task) == (recipe.model, recipe.task)


def read_run(project: Project, about: About) -> tuple[RunData, int | None]:
    """A run from disk, and how many steps it was to take as it was last begun; None if it was given time instead."""
    history = read_history(about.path)
    begun = [event.total for event in history.events if isinstance(event, Started)]
    run = RunData.from_history(about.name, history)
    run.weighs_answers = run.weighs_answers or weighs_answers(project, about)  # a run of before has not said so
    return run, begun[-1] if begun and not about.model_card.recipe.has_clock else None


def ask_run(session: Session, name: str, then: Callable[[tuple[RunData, int | None]], None], *, owner: QObject) -> None:
    """Have a run read from disk, see `read_run`."""
    session.ask(partial(read_run, session.project, session.project.about("model", name)), then, owner=owner)


def standing_of(session: Session, run: RunData, total_steps: int | None) -> RunSummary:
    """How a run stands that does not go on here, as it is kept where it is kept at all."""
    found = run.summary(total_steps=total_steps)
    about = session.items.find("model", run.name)
    return as_kept(found, session.project, about) if about is not None else found


def speaks_of_training(event: Event) -> bool:
    """True for the events of a training run, alone or inside another job, such as the tour."""
    return event.job == "train"


def done_message(end: Finished, found: Quality | None = None) -> Words:
    """What came out of a run; `found` is known of its model."""
    name, steps, quality = end.result.get("model", ""), f"{end.step:,}", end.result.get("bits_per_byte")
    if end.result.get("ended_early"):
        said = words(
            "“{name}” ended early, after {n|step|steps}: its loss on held-out text made no more progress.",
            name=name,
            n=steps,
        )
        need = words("It reached {quality} bits per byte.", quality=f"{quality:.3f}") if quality else None
        return words("{said} {need}", said=said, need=need) if need else said
    if not quality and found is not None:
        told = quality_told(found)
        return words("“{name}” has learned for {n|step|steps}: {quality}.", name=name, n=steps, quality=told)
    if not quality:
        return words("“{name}” has learned for {n|step|steps}.", name=name, n=steps)
    return words(
        "“{name}” has learned for {n|step|steps} and reached {quality} bits per byte.",
        name=name,
        n=steps,
        quality=f"{quality:.3f}",
    )


def stopped_message(end: Stopped) -> Words:
    """What is left of a run that was stopped, and whether it would pay to go on."""
    kept, more = _kept_message(end), outlook(end.result)
    return words("{kept} {outlook}", kept=kept, outlook=more) if more is not None else kept


def _kept_message(end: Stopped) -> Words:
    if end.result.get("kept"):
        best, last = end.result.get("best_step"), end.result.get("steps")
        if best and last and best < last:
            return words(
                "Stopped at step {last}. The model is kept, and its run can go on. Chat and Prune use the weights of step"
                " {best}, the best.",
                last=f"{last:,}",
                best=f"{best:,}",
            )
        return words("Stopped. The model is kept, and its run can go on.")
    return words("Stopped. Nothing was kept.")


class LiveRun:
    """The run that is going on, put together from what it says and, if it was begun earlier, from what it had kept."""

    def __init__(self, started: Started) -> None:
        self.name = started.item
        self.first_step = started.step
        self.total_steps = started.total
        self.data = RunData(started.item)
        self._said: list[Event] | None = [] if started.step else None

    @property
    def needs_past(self) -> bool:
        """True while the steps before this sitting are not known yet."""
        return self._said is not None

    def add(self, events: Iterable[Event]) -> bool:
        """Take what the run says. Returns whether there is anything new to draw."""
        events = list(events)
        if self._said is not None:
            self._said += events
        for event in events:
            if isinstance(event, TrainStep):
                self.total_steps = event.total or self.total_steps
        return self.data.add(events)

    def set_past(self, past: RunData) -> RunData:
        """Put the steps of earlier sittings before this one's. Returns the run as a whole."""
        past.cut(self.first_step)
        past.add(self._said or ())
        self._said, self.data = None, past
        return past
