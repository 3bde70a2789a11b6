"""The model of a page in memory, or the sentence that says why it does not suit the page."""

from __future__ import annotations

from llmstudio.app.computer.engine import load_engine
from llmstudio.app.inspecting.subject import pages_of_model
from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import words
from llmstudio.core.work import Stop, check
from llmstudio.store.project import Project

MAX_TOKENS = 400
"""What one can take in at a glance, and what is looked up within a breath; of more, it is said how much is left out."""


def ready(project: Project, model: str, page: str, stop: Stop | None = None) -> Loaded:
    """The model in memory, the engine with it.

    Raises:
        StudioError: There is no such model, it does not suit the page, or a stop came in between.
    """
    about = project.about("model", model)
    recipe = recipe_of(about)
    if page not in pages_of_model(project, about):
        raise StudioError(
            "{model} cannot do this. It can {ability}: choose another model.",
            model=model,
            ability=recipe.task_facts.ability,
            remedies=(Remedy("open_tab", words("Train one"), "train"),),
        )
    for _ in load_engine():
        check(stop)
    check(stop)
    loaded = load(project, model)
    check(stop)
    return loaded
