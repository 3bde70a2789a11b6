"""What a model was made from: recipe, tokenizer, corpus, dataset, found by id and content whatever they are called now."""

from __future__ import annotations

import shlex
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from llmstudio.app.items.create import encode_as, find_dataset
from llmstudio.core import recipe as recipes
from llmstudio.core.dataset.config import DatasetConfig
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Event, Stopped, inside
from llmstudio.core.recipe import Recipe
from llmstudio.core.words import words
from llmstudio.core.work import Stop, check
from llmstudio.store.item_files import RECIPE
from llmstudio.store.lineage import GROWN, PRUNED, QUANTIZED, Parent
from llmstudio.store.project import FOLDERS, About, Project
from llmstudio.store.reading import file_told, read_json

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

TOKENIZER_FOLDER = "tokenizer"
CORPUS = "corpus.json"
"""What a model knows of its corpus, so that it can be handed on without it: name, hash, the kind of its records (which says
how one talks to the model), and how it was read and cleaned.
"""
UNKNOWN = "?"
"""Stands for the name of a parent that a model does not know."""


def recipe_of(model: About) -> Recipe:
    """The recipe a model was grown by. Raises StudioError if it is damaged, of a newer version, or a value out of bounds."""
    with file_told(model.path / RECIPE):
        return recipes.from_dict(model.model_card.recipe.whole)


def rows_of(model: About) -> DatasetConfig:
    """How a text becomes rows for what a model was trained for. Raises StudioError as `recipe_of`."""
    return recipe_of(model).task_facts.dataset


def tokenizer_of(project: Project, model: About) -> Tokenizer:
    """The tokenizer a model was trained with: its own copy, so that it speaks even if the project's is gone.

    Raises:
        StudioError: It is nowhere to be found.
    """
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

    own = model.path / TOKENIZER_FOLDER
    if own.is_dir():
        return Tokenizer.load(own)
    if item := project.by_id("tokenizer", model.parent("tokenizer").id):
        return Tokenizer.load(item.path)
    corpus = _found(project, model, "corpus")
    raise StudioError(
        "The tokenizer of {model} is gone, so its tokens cannot be read: train a new model.",
        model=model.name,
        remedies=(Remedy("open_tab", words("Go to Tokenizer"), "tokenizer", corpus.name if corpus else ""),),
    )


def corpus_of(project: Project, model: About) -> About:
    """The corpus a model learned from, under whatever name it has now.

    Raises:
        StudioError: It is gone.
    """
    if item := _found(project, model, "corpus"):
        return item
    raise StudioError(
        "The corpus {corpus} that {model} learned from is gone from this project. Import the same text in the same way,"
        " under any name; or measure the model on a text file in a terminal.",
        corpus=model.parent("corpus").name or UNKNOWN,
        model=model.name,
        remedies=(Remedy("command", words("Measure it"), value=f"evaluate {shlex.quote(model.name)} --text FILE"),),
    )


def needed_of_corpus(corpus: About) -> dict[str, Any]:
    """What a model keeps of its corpus in its own folder."""
    return {"name": corpus.name} | dict(corpus.corpus_card.needed)


def corpus_facts_of(project: Project, model: About) -> Mapping[str, Any]:
    """What a model needs of its corpus: from its own folder or, for models of earlier versions, from the corpus itself.

    Empty if that is gone.
    """
    path = model.path / CORPUS
    if path.exists():
        held = read_json(path)
        if isinstance(held, dict):
            return held
    item = _found(project, model, "corpus")
    return needed_of_corpus(item) if item else {}


def tokenizer_item_of(project: Project, model: About) -> About:
    """The tokenizer of a model as an item: the project's, or the copy in the model's folder where the project has none.

    Raises:
        StudioError: It is nowhere to be found.
    """
    if item := _found(project, model, "tokenizer"):
        return item
    remembered, own = model.parent("tokenizer"), tokenizer_of(project, model)
    name, facts = remembered.name or UNKNOWN, {"hash": own.hash}
    return About("tokenizer", name, remembered.id, 0.0, facts=facts, path=model.path / TOKENIZER_FOLDER)


def name_now(project: Project, role: str, parent: Parent) -> str:
    """What a parent is called now; if it is gone, what it was called: by now that may be the name of another item."""
    found = parent_now(project, role, parent)
    return found.name if found is not None else parent.name


def is_name_of_another(project: Project, role: str, parent: Parent) -> bool:
    """Whether a parent is gone and something else is called by its name now."""
    there = {item.name for item in project.items(_kind_of(role))}
    return parent_now(project, role, parent) is None and parent.name in there


def parent_now(project: Project, role: str, parent: Parent) -> About | None:
    """A parent as it is here now, known by its id and else by its content; None if it is gone."""
    items = project.items(_kind_of(role))
    same = [item for item in items if parent.id and item.id == parent.id]
    alike = [item for item in items if parent.hash and item.hash == parent.hash]
    return next(iter([*same, *alike]), None)


def _kind_of(role: str) -> str:
    return role if role in FOLDERS else "model"


def _found(project: Project, model: About, role: str) -> About | None:
    """A parent of a model: by id and content, else by its content alone (imported or built again), else by its id."""
    parent, items = model.parent(role), project.items(role)
    alike = [item for item in items if parent.hash and item.hash == parent.hash]
    same = [item for item in items if parent.id and item.id == parent.id]
    return next(iter([*(item for item in alike if item in same), *alike, *same]), None)


def ancestors(model: About, models: Iterable[About]) -> Iterator[About]:
    """What a model was pruned from, and what that was pruned from, as far as it is there; the nearest first.

    Each comes once, whatever the files say: they may be changed by hand until a model is its own ancestor.
    """
    known = {item.id: item for item in models}
    known.pop(model.id, None)
    parent = known.pop(pruned_from(model), None)
    while parent is not None:
        yield parent
        parent = known.pop(pruned_from(parent), None)


def pruned_from(model: About) -> str:
    """Id of the model that this one was pruned or quantised from, or of the pruned one that it has learned on from, which
    heals it; empty of any other: one that learned on from whole weights is a new beginning.
    """
    step = model.model_card.last_step
    is_smaller = step.verb in (PRUNED, QUANTIZED) or is_healed(model)
    return step.parent.id if is_smaller and step.parent is not None else ""


def is_healed(model: About) -> bool:
    """Whether it has learned on after its weights were pruned, once or several times."""
    verbs = [step.verb for step in model.model_card.lineage]
    while len(verbs) > 1 and verbs[-2:] == [GROWN, GROWN]:
        verbs.pop()
    lost = [verb for verb in verbs if verb != QUANTIZED]
    return lost[-2:] == [PRUNED, GROWN] and verbs[-1] == GROWN


def dataset_of(
    project: Project, model: About, *, job: str, tells_unknown: bool = True, stop: Stop
) -> Generator[Event, None, Dataset | None]:
    """The tokens a model was trained on, made anew if they are gone; None if that was stopped.

    That much of the text is unknown to the model is told where they are made anew, unless the caller tells it.

    Raises:
        StudioError: They are gone, and so is the corpus or the tokenizer, or these are not as they were.
    """
    from llmstudio.core.dataset.tokens import Dataset

    parents, config = {role: model.parent(role) for role in ("corpus", "tokenizer")}, rows_of(model)
    if found := find_dataset(project, parents, config):
        return Dataset.open(found.path)
    corpus, tokenizer = corpus_of(project, model), tokenizer_item_of(project, model)
    end = yield from inside(
        job,
        encode_as(project, corpus, tokenizer, config=config, model=model.name, tells_unknown=tells_unknown, stop=stop),
    )
    if isinstance(end, Stopped):
        return None
    if found := find_dataset(project, parents, config):
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
