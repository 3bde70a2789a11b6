"""What a model can do, by what it was trained for."""

from __future__ import annotations

from llmstudio.app.items.ancestry import corpus_facts_of
from llmstudio.core.corpus.records import ANSWERED
from llmstudio.core.models.families import MODELS
from llmstudio.core.tasks import TASKS, TaskFacts
from llmstudio.store.project import About, Project


def task_of_model(model: About) -> TaskFacts | None:
    """What a model was trained for; None if only a newer version knows its family or task."""
    card = model.model_card
    family = MODELS.get(card.family)
    return TASKS.get(card.recipe.task or (family.task if family else ""))


def writes(model: About) -> bool:
    """Whether a model writes texts, so that one can talk to it; of one that only a newer version knows, that is tried."""
    task = task_of_model(model)
    return task is None or task.writes


def writes_on(model: About) -> bool:
    """Whether a model writes from left to right, and so goes on after whatever stands before; else as `writes`."""
    kind = MODELS.get(model.model_card.family)
    return writes(model) and (kind is None or kind.reading == "forwards")


def rewrites(project: Project, model: About) -> bool:
    """Whether a model turns one text into another: it was trained for that, or writes on and has learned pairs, whose rows
    are laid out alike. Of one that only a newer version knows, that is tried.
    """
    task = task_of_model(model)
    if task is None or "rewrite" in task.pages:
        return True
    return task.writes and corpus_facts_of(project, model).get("record_kind") == "pairs"


def answers(project: Project, model: About) -> bool:
    """Whether a model has learned to give answers: its texts had some, and its task learns them. One that fills blanks, say,
    has only read them. Of one whose texts are not known any more nothing is assumed.
    """
    task = task_of_model(model)
    if task is not None and not (task.writes or "rewrite" in task.pages):
        return False
    return corpus_facts_of(project, model).get("record_kind") in ANSWERED
