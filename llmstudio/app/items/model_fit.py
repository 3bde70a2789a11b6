"""Which models can read a corpus: how much of its text is unknown to the tokenizers that their weights belong to."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from llmstudio.app.items.ancestry import tokenizer_item_of
from llmstudio.app.items.tokenizer_fit import unknown_to
from llmstudio.core.errors import StudioError
from llmstudio.store.project import About, Project

MOST = 0.5
"""Share of a text that may be unknown for anything to be learned of it: of more, less is read than not."""


def unknown_to_models(project: Project, corpus: str, models: Iterable[About]) -> dict[str, float]:
    """Share of a sample of the corpus that each model cannot read, 0 to 1, by the models' names.

    A model whose tokenizer cannot be opened is left out.

    Raises:
        StudioError: There is no such corpus, or it is damaged.
    """
    text, shares = project.about("corpus", corpus), {}
    for model in models:
        with suppress(StudioError):
            shares[model.name] = unknown_to(tokenizer_item_of(project, model), text)
    return shares
