"""Which classes a model gives a text that was typed."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.app.classes.telling import Sorter, config_of
from llmstudio.app.inspecting.ready import ready
from llmstudio.app.tags.cleaning import tagger_left
from llmstudio.core.errors import StudioError
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


@dataclass(frozen=True)
class TextClasses:
    """Which classes a model gives a text.

    Attributes:
        names: Those that it is given.
        chances: Every class with its probability, the likeliest first.
        num_unread: Tokens at the text's end that were not read.
    """

    names: tuple[str, ...]
    chances: tuple[tuple[str, float], ...]
    num_unread: int = 0


def tell_classes(project: Project, model: str, text: str, *, stop: Stop | None = None) -> TextClasses:
    """Which classes a model gives a text.

    Raises:
        StudioError: The text is empty, or the model tells no classes.
    """
    loaded = ready(project, model, "classes", stop)
    config, _ = config_of(project, loaded.about)
    told = next(Sorter(loaded, config, tag=tagger_left(project, config.cleaning)[0]).results([(text, None)])).told
    if told is None:
        raise StudioError("There is nothing to read: type a text.")
    return TextClasses(told.names, told.chances, told.num_unread)
