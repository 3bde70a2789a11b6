"""Whether a model's training loss is another measure than its loss on held-out text: said of every run, old ones too."""

from __future__ import annotations

from llmstudio.app.items.ancestry import corpus_facts_of, recipe_of
from llmstudio.core.corpus.records import ANSWERED
from llmstudio.core.errors import StudioError
from llmstudio.store.project import About, Project


def weighs_answers(project: Project, model: About) -> bool:
    """Whether its training counts answers for more than the rest. False where its recipe or its text is not known."""
    try:
        kind = corpus_facts_of(project, model).get("record_kind")
        return recipe_of(model).weighs_answers(have_answers=kind in ANSWERED)
    except StudioError:  # whoever opens it is told
        return False
