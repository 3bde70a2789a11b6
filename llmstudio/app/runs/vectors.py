"""Word vectors that a new model begins with: read or counted before anything is made, and afterwards no longer needed."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.core.events import Event
from llmstudio.core.recipe import Recipe
from llmstudio.core.word_vectors.kept import WordVectors
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project

COUNTED = "corpus:"
"""Before the name of a corpus whose text vectors are counted from."""
_KEPT = "model:"
"""Before the id of a model that keeps the vectors that it began with."""


def as_kept(model: About, recipe: Recipe) -> Recipe:
    """A recipe that begins with the same vectors as a model, from that model's folder: the file that they were read from may
    lie elsewhere by now, and a recipe keeps its name alone.

    Raises:
        StudioError: The model's vectors are damaged.
    """
    named = recipe.teach.word_vectors
    is_file = bool(named) and named == recipe_of(model).teach.word_vectors and not named.startswith(COUNTED)
    if not is_file or WordVectors.load(model.path) is None:
        return recipe
    return replace(recipe, teach=replace(recipe.teach, word_vectors=_KEPT + model.id))


def with_vectors(
    project: Project, recipe: Recipe, tokenizer: About, stop: Stop
) -> Generator[Event, None, tuple[Recipe, WordVectors | None]]:
    """The vectors that a recipe names, of the words of a tokenizer, and the recipe as it is kept: with the file's name, and
    not with the place where it lies on this computer. None if reading was stopped.

    Raises:
        StudioError: As `read_word_vectors` or `count_word_vectors`, or there is no such corpus.
    """
    from llmstudio.core.tokenizer.tokenizer import Tokenizer
    from llmstudio.core.word_vectors.reading import read_word_vectors
    from llmstudio.core.word_vectors.whole_words import whole_words

    named, cut = recipe.teach.word_vectors, Tokenizer.load(tokenizer.path)
    if named.startswith(_KEPT) and (model := project.by_id("model", named.removeprefix(_KEPT))) is not None:
        told = recipe_of(model).teach.word_vectors
        return replace(recipe, teach=replace(recipe.teach, word_vectors=told)), WordVectors.load(model.path)
    if named.startswith(COUNTED):
        from llmstudio.core.corpus.corpus import Corpus
        from llmstudio.core.word_vectors.counting import count_word_vectors

        corpus = project.about("corpus", named.removeprefix(COUNTED))
        texts, width = Corpus(corpus.path).texts(), recipe.model.embed_dim
        return recipe, (yield from count_word_vectors(texts, cut, width, name=corpus.name, job="train", stop=stop))
    path = Path(named).expanduser()
    vectors = yield from read_word_vectors(path, whole_words(cut), recipe.model, job="train", stop=stop)
    return replace(recipe, teach=replace(recipe.teach, word_vectors=path.name)), vectors
