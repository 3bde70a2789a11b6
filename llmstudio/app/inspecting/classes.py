"""Which classes a model gives a text that was typed."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.app.classes.examples import Examples, by_examples
from llmstudio.app.classes.telling import Sorter, config_of
from llmstudio.app.inspecting.ready import ready
from llmstudio.app.tags.cleaning import tagger_left
from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


@dataclass(frozen=True)
class TextClasses:
    """Which classes a model gives a text.

    Attributes:
        names: Those that it is given.
        chances: Every class with its probability, the likeliest first.
        num_unread: Tokens at the text's end that were not read.
        said: What is to be said of the examples that stood before it.
        is_foreign: Whether the model knows less than half of it.
    """

    names: tuple[str, ...]
    chances: tuple[tuple[str, float], ...]
    num_unread: int = 0
    said: tuple[Words, ...] = ()
    is_foreign: bool = False


def tell_classes(
    project: Project, model: str, text: str, examples: Examples | None = None, *, stop: Stop | None = None
) -> TextClasses:
    """Which classes a model gives a text; with `examples`, these stand before it, and their labels are the classes.

    Raises:
        StudioError: The text is empty, or the model tells no classes.
    """
    loaded = ready(project, model, "classes", stop)
    config, _ = config_of(project, loaded.about)
    reader, said = by_examples(project, loaded, examples) if examples else (None, ())
    sorter = Sorter(loaded, config, reader, tag=tagger_left(project, config.cleaning)[0])
    told = next(sorter.results([(text, None)], stop)).told
    if told is None:
        raise StudioError("There is nothing to read: type a text.")
    return TextClasses(told.names, told.chances, told.num_unread, said, told.is_foreign)
