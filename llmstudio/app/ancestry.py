"""What a model was made from: recipe, tokenizer, corpus, dataset, found by id and content whatever they are called now."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from llmstudio.app import recipe as recipes
from llmstudio.app.making import encode, find_dataset
from llmstudio.app.recipe import Recipe
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Event, Stopped, inside
from llmstudio.core.words import words
from llmstudio.core.work import Stop, check
from llmstudio.store.project import About, Project
from llmstudio.store.reading import read_json

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

RECIPE = "recipe.json"
TOKENIZER_FOLDER = "tokenizer"


def recipe_of(model: About) -> Recipe:
    """The recipe a model was grown by. Raises StudioError if it is damaged or of a newer version."""
    return recipes.from_dict(read_json(model.path / RECIPE))


def tokenizer_of(project: Project, model: About) -> Tokenizer:
    """The tokenizer a model was trained with: its own copy, so that it speaks even if the project's is gone.

    Raises:
        StudioError: It is nowhere to be found.
    """
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

    own = model.path / TOKENIZER_FOLDER
    if own.is_dir():
        return Tokenizer.load(own)
    parent = model.made_from.get("tokenizer", {})
    if item := project.by_id("tokenizer", str(parent.get("id", ""))):
        return Tokenizer.load(item.path)
    raise StudioError(
        "The tokenizer of {model} is gone, so its tokens cannot be read: train a new model.",
        model=model.name,
        remedies=(Remedy("open_tab", words("Go to Tokenizer"), "tokenizer"),),
    )


def corpus_of(project: Project, model: About) -> About:
    """The corpus a model learned from, under whatever name it has now.

    Raises:
        StudioError: It is gone.
    """
    parent = model.made_from.get("corpus", {})
    if item := project.by_id("corpus", str(parent.get("id", ""))):
        return item
    raise StudioError(
        "The corpus {corpus} that {model} learned from is gone: import it again, or use a text file.",
        corpus=str(parent.get("name", "?")),
        model=model.name,
    )


def dataset_of(project: Project, model: About, *, job: str, stop: Stop) -> Generator[Event, None, Dataset | None]:
    """The tokens a model was trained on, made anew if they are gone; None if that was stopped.

    Raises:
        StudioError: They are gone, and so is the corpus or the tokenizer, or these are not as they were.
    """
    from llmstudio.core.dataset.tokens import Dataset

    parents = {role: parent_of(model, role) for role in ("corpus", "tokenizer")}
    if found := find_dataset(project, parents):
        return Dataset.open(found.path)
    corpus, tokenizer = corpus_of(project, model), project.by_id("tokenizer", parents["tokenizer"].id)
    if tokenizer is None:
        raise StudioError(
            "The tokenizer {tokenizer} of {model} is gone, so its text cannot be turned into tokens again.",
            tokenizer=parents["tokenizer"].name,
            model=model.name,
        )
    end = yield from inside(job, encode(project, corpus.name, tokenizer.name, stop=stop))
    if isinstance(end, Stopped):
        return None
    if found := find_dataset(project, parents):
        return Dataset.open(found.path)
    raise StudioError("The corpus of {model} is no longer as it was when it learned from it.", model=model.name)


def dataset_at_once(project: Project, model: About, *, job: str, stop: Stop) -> Dataset:
    """As `dataset_of`, for whoever shows no progress; being stopped is an error too."""
    steps = dataset_of(project, model, job=job, stop=stop)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Dataset | None = end.value
            break
    check(stop)
    assert found is not None, "only a stop leaves it out"
    return found


def parent_of(model: About, role: str) -> About:
    """What a model remembers of a parent: id, name and content hash, also when the parent is gone."""
    kept = model.made_from.get(role, {})
    facts = {"hash": kept.get("hash", "")}
    return About(role, str(kept.get("name", "?")), str(kept.get("id", "")), 0.0, facts=facts)
