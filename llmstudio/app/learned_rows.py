"""Some rows of a text as a run would learn them: what is read, who speaks, and which tokens are learned.

The rows are those of the run's own dataset and batches, made of the first records of the text; nothing here decides what is
learned. Nothing is kept.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmstudio.app.computer.engine import load_engine
from llmstudio.app.items.ancestry import tokenizer_item_of
from llmstudio.core.corpus.config import SPLITS
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import ASSISTANT, END, PAD, STORY, USER
from llmstudio.core.work import Stop, check
from llmstudio.store.project import Project

if TYPE_CHECKING:
    from llmstudio.core.batch import Batch
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

NUM_ROWS = 6
_RECORDS = 400  # of the training part, from which the rows are made
_MOST_TOKENS = 400  # of a row that are shown
_SPEAKERS = {STORY: "story", USER: "user", ASSISTANT: "assistant"}
_IGNORED = -100


@dataclass(frozen=True)
class Stretch:
    """Tokens in a row that are of one speaker and count alike.

    Attributes:
        text: What they spell; empty for a sign.
        who: story, user, assistant; "source" for what is answered without a speaker; empty for plain text.
        weight: How much each counts in the loss; 0 for what is only read.
        sign: "begins" where a speaker's sign stands, "end" for the sign that ends an answer or a text.
        mark: The tag that is to be told of these tokens; empty where there is none.
    """

    text: str
    who: str = ""
    weight: float = 0.0
    sign: str = ""
    mark: str = ""


@dataclass(frozen=True)
class LearnedRow:
    """A row.

    Attributes:
        documents: Its stretches, for each document in it; several where rows are packed.
        classes: What is to be told of the whole row; empty where that is nothing.
        is_cut: Whether more tokens follow that are not shown.
    """

    documents: tuple[tuple[Stretch, ...], ...]
    classes: tuple[str, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True)
class LearnedRows:
    """Rows of a batch.

    Attributes:
        rows: Some of them.
        share: Share of the batch's tokens that are learned in full, 0 to 1; of marked rows what is learned is no token.
        rest: How much tokens outside answers count; None where there are no answers, or they count like the rest.
        has_marks: Whether classes or tags are learned, and no tokens.
    """

    rows: tuple[LearnedRow, ...]
    share: float
    rest: float | None
    has_marks: bool


def learned_rows(
    project: Project, recipe: Recipe, *, corpus: str, tokenizer: str, start: str = "", stop: Stop | None = None
) -> LearnedRows:
    """The first batch that a run would make of the beginning of a text.

    Args:
        project: Where everything lies.
        recipe: How the run learns.
        corpus: The text, by name.
        tokenizer: By name; not looked at where `start` is given.
        start: The model that the run begins with, whose tokenizer is taken; empty for none.
        stop: Looked at in between.

    Raises:
        StudioError: Something is not there, the text does not suit the task, or there is too little of it.
    """
    about = project.about("corpus", corpus)
    item = tokenizer_item_of(project, project.about("model", start)) if start else project.about("tokenizer", tokenizer)
    for _ in load_engine():
        check(stop)
    from llmstudio.core.dataset.encoding import encode_corpus
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

    training = replace(recipe.training, batch_size=NUM_ROWS, grad_accumulation_steps=1)
    recipe, cutter = replace(recipe, training=training), Tokenizer.load(item.path)
    with tempfile.TemporaryDirectory(prefix="llmstudio-") as folder:
        job = encode_corpus(
            _beginning(about.path), cutter, Path(folder), config=recipe.task_facts.dataset, stop=stop or Stop()
        )
        for _ in job:
            check(stop)
        dataset = Dataset.open(Path(folder))
        task = recipe.make_task(dataset, cutter)
        batch = task.batches().batch(0)
        found = _rows(batch, cutter, dataset, is_hiding=recipe.task_facts.task.startswith("masked"))
        del dataset, task  # a mapped file cannot be removed everywhere
    rest = training.context_weight if batch.weights is not None and training.context_weight < 1 else None
    return LearnedRows(tuple(found), _share(batch), rest, batch.labels is not None)


def _share(batch: Batch) -> float:
    """The share of a batch's tokens that count in full."""
    if batch.targets is None:
        return 0.0
    is_learned = batch.targets != _IGNORED
    if batch.weights is not None:
        is_learned &= batch.weights == 1
    return min(1.0, int(is_learned.sum()) / max(1, batch.num_tokens))


def _beginning(folder: Path) -> Corpus:
    """A corpus of which only the first records are there; held out nothing."""
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.corpus.records import Record

    class Beginning(Corpus):
        def records(self, split: str = "train") -> Iterator[Record]:
            return itertools.islice(super().records(split), _RECORDS if split == SPLITS[0] else 0)

    return Beginning(folder)


def _rows(batch: Batch, tokenizer: Tokenizer, dataset: Dataset, *, is_hiding: bool) -> Iterator[LearnedRow]:
    for row in range(min(NUM_ROWS, len(batch.ids))):
        ids = batch.ids[row].tolist()
        labels = None if batch.labels is None else batch.labels[row].tolist()
        if labels is not None:
            yield _marked(ids, labels, tokenizer, dataset)
            continue
        assert batch.targets is not None, "rows without marks have targets"
        targets = batch.targets[row].tolist()
        weights = [1.0] * len(ids) if batch.weights is None else batch.weights[row].tolist()
        weights = [round(weight, 6) * (target != _IGNORED) for weight, target in zip(weights, targets, strict=True)]
        if batch.source is not None:
            read = [(id, 0.0) for id in batch.source[row].tolist() if id != PAD]
            tokens = [[*read, (ids[0], 0.0), *_following(targets, weights)]]
        elif is_hiding:  # a hidden token stands where it is guessed
            tokens = [[(t if w else id, w) for id, t, w in zip(ids, targets, weights, strict=True) if id != PAD]]
        else:
            tokens = [
                [(ids[first], 0.0), *_after(ids[first:last], targets[first:last], weights[first:last])]
                for first, last in _documents(batch, row)
            ]
        cut = [_stretches(document[:_MOST_TOKENS], tokenizer) for document in tokens]
        yield LearnedRow(tuple(cut), is_cut=any(len(document) > _MOST_TOKENS for document in tokens))


def _documents(batch: Batch, row: int) -> list[tuple[int, int]]:
    """Where each document of a row begins, and the place behind it."""
    length = batch.ids.shape[1]
    if batch.documents is None:
        return [(0, length)]
    numbers = batch.documents[row].tolist()
    starts = [place for place in range(length) if place == 0 or numbers[place] != numbers[place - 1]]
    return list(zip(starts, [*starts[1:], length], strict=True))


def _after(ids: list[int], targets: list[int], weights: list[float]) -> Iterator[tuple[int, float]]:
    """The tokens behind the first one, each with what it counts: as the next one that is read, or as the last target."""
    for place, (target, weight) in enumerate(zip(targets, weights, strict=True)):
        following = ids[place + 1] if place + 1 < len(ids) else PAD
        token = target if target != _IGNORED else following
        if token == PAD:
            return
        yield token, weight


def _following(targets: list[int], weights: list[float]) -> Iterator[tuple[int, float]]:
    return ((t, w) for t, w in zip(targets, weights, strict=True) if t != _IGNORED)


def _stretches(tokens: list[tuple[int, float]], tokenizer: Tokenizer) -> tuple[Stretch, ...]:
    """Tokens with what they count, those of one kind together."""
    from llmstudio.core.tokenizer.streaming import TextStream

    stream, found, who = TextStream(tokenizer), list[Stretch](), ""
    if ASSISTANT in (ids := [id for id, _ in tokens]) and ids[0] not in _SPEAKERS:
        who = "source"
    for id, weight in tokens:
        if id in _SPEAKERS or id == END:
            who = _SPEAKERS.get(id, who)
            sign = "end" if id == END else "begins"
            found.append(Stretch("", who, weight, sign))
            stream = TextStream(tokenizer)
            continue
        text = stream.push(id)
        if found and (found[-1].who, found[-1].weight, found[-1].sign) == (who, weight, ""):
            found[-1] = replace(found[-1], text=found[-1].text + text)
        else:
            found.append(Stretch(text, who, weight))
    return tuple(found)


def _marked(ids: list[int], labels: Any, tokenizer: Tokenizer, dataset: Dataset) -> LearnedRow:
    """A row whose marks are learned: those of the whole row, or one at the first token of every word."""
    from llmstudio.core.tokenizer.streaming import TextStream

    names, sets = dataset.mark_names, dataset.mark_sets
    ids = [id for id in ids if id != PAD]
    stream, found = TextStream(tokenizer), list[Stretch]()
    for place, id in enumerate(ids[:_MOST_TOKENS]):
        mark = labels[place] if isinstance(labels, list) else _IGNORED
        told = ", ".join(names[number] for number in sets[mark]) if mark != _IGNORED else ""
        text = "" if id == END else stream.push(id)
        if told or not found:
            found.append(Stretch(text, weight=float(bool(told)), mark=told))
        elif text:
            found[-1] = replace(found[-1], text=found[-1].text + text)
    classes = tuple(names[number] for number in sets[labels]) if not isinstance(labels, list) else ()
    return LearnedRow((tuple(found),), classes, is_cut=len(ids) > _MOST_TOKENS)
