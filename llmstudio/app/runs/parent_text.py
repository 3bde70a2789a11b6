"""The text that a run's parent had learned from, where it is rehearsed or watched.

What must be known of the parent is kept with the run: it may learn on in another way or be deleted, and the run goes on.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from llmstudio.app.items.ancestry import UNKNOWN, dataset_of, recipe_of
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted
from llmstudio.core.recipe import Recipe
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.lineage import Parent
from llmstudio.store.model_card import HadReadFile
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.training.start import ParentText


def had_read(parent: About) -> HadReadFile:
    """What a run keeps of the model that it begins from, to read its text."""
    return {"recipe": parent.model_card.recipe.whole, "made_from": dict(parent.made_from)}


def parent_text_of(
    project: Project, model: About, recipe: Recipe, *, job: str, stop: Stop
) -> Generator[Event, None, ParentText | None]:
    """What the model that a run begins from had learned from; None if nobody asks for it, or a stop came in between.

    If it is gone, a run that only watches it goes on without, and says so.

    Raises:
        StudioError: It is gone, and is to be rehearsed.
    """
    from llmstudio.core.training.start import ParentText

    if not recipe.teach.reads_parent:
        return None
    step = model.model_card.last_step.parent
    parent = _parent_then(project, model, step) if step is not None else None
    try:
        if parent is None:
            raise StudioError(
                "{parent}, which {model} begins from, is gone, and with it what is to be rehearsed or watched. Bring it back"
                " from a copy, or teach a new model.",
                parent=step.name if step is not None else UNKNOWN,
                model=model.name,
            )
        data = yield from dataset_of(project, parent, job=job, tells_unknown=False, stop=stop)
    except StudioError as error:
        if recipe.teach.rehearsal_share:
            raise
        yield Noted(job=job, message=error.words, level="warning")
        yield Noted(job=job, message=words("What the model forgets is not measured."))
        return None
    return ParentText(recipe_of(parent), data) if data is not None else None


def _parent_then(project: Project, model: About, step: Parent) -> About | None:
    """The parent as it was when the run began; runs of earlier versions know only the one that is there now, if any is."""
    kept = model.model_card.parent_had_read
    if kept is None:
        return project.by_id("model", step.id)
    # Where the project's tokenizer is gone, the run's own copy takes its place.
    return About("model", step.name, step.id, 0.0, kept["made_from"], {"recipe": kept["recipe"]}, model.path)
