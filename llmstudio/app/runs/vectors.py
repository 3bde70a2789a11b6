"""Word vectors that a new model begins with: read before anything is made, and afterwards no longer needed."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from llmstudio.core.events import Event
from llmstudio.core.recipe import Recipe
from llmstudio.core.word_vectors.kept import WordVectors
from llmstudio.core.work import Stop
from llmstudio.store.project import About


def with_vectors(recipe: Recipe, tokenizer: About, stop: Stop) -> Generator[Event, None, tuple[Recipe, WordVectors | None]]:
    """The vectors that a recipe names, of the words of a tokenizer, and the recipe as it is kept: with the file's name, and
    not with the place where it lies on this computer. None if reading was stopped.

    Raises:
        StudioError: As `read_word_vectors`.
    """
    from llmstudio.core.tokenizer.tokenizer import Tokenizer
    from llmstudio.core.word_vectors.reading import read_word_vectors
    from llmstudio.core.word_vectors.whole_words import whole_words

    path = Path(recipe.teach.word_vectors).expanduser()
    vocabulary = whole_words(Tokenizer.load(tokenizer.path))
    vectors = yield from read_word_vectors(path, vocabulary, recipe.model, job="train", stop=stop)
    return replace(recipe, teach=replace(recipe.teach, word_vectors=path.name)), vectors
