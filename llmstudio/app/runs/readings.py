"""What a model's weights have read: in its own run, and in the runs of all models that it began from.

Each run counts up to the step of the weights that were used on: its best, or those that the next model began with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from llmstudio.app.items.ancestry import UNKNOWN, name_now, recipe_of, rows_of
from llmstudio.app.items.create import find_dataset
from llmstudio.app.runs.run_summary import summary_of
from llmstudio.app.runs.starting import dealt_alike, is_same_text
from llmstudio.core.errors import StudioError
from llmstudio.core.models.checkpoint.card import read_card
from llmstudio.core.models.checkpoint.folders import checkpoint_folders, step_of
from llmstudio.core.training.history import read_history
from llmstudio.core.words import Words, words
from llmstudio.store.lineage import Parent
from llmstudio.store.project import About, Project


@dataclass(frozen=True)
class Reading:
    """A text, and how much of it was read.

    Attributes:
        corpus: What it is called now.
        tokens: Tokens read of it, each pass counted.
        passes: How many times the training part that is; None if not known.
        share: Which part of the corpus may be learned from, the rest being held out.
        is_in_order: Whether each run read on where the one before it had stopped, so nothing came again before the rest.
    """

    corpus: str
    tokens: int
    passes: float | None
    share: float = 1.0
    is_in_order: bool = True


@dataclass(frozen=True)
class ReadSoFar:
    """Everything that a model's weights have read.

    Attributes:
        own: The text of its own run, read by any of its forebears too; None if that is not known.
        before: Other texts that its forebears read, the latest first.
        gone: The model that is missing or damaged, so that what lies before it is unknown; empty if none is.
    """

    own: Reading | None = None
    before: tuple[Reading, ...] = ()
    gone: str = ""


@dataclass(frozen=True)
class _Run:
    """One run of a line of descent: its model, and what it had read by the step that counts."""

    model: About
    tokens: int


def read_so_far(project: Project, model: About) -> ReadSoFar:
    """What the best weights of a model have read, over all of its line of descent.

    Raises:
        StudioError: The history of one of its runs is damaged.
    """
    runs, gone = _runs(project, model)
    if not runs:  # of files that name each other as parents none need be of a run
        return ReadSoFar(gone=gone)
    groups = list[list[_Run]]()
    for run in runs:
        corpus = run.model.parent("corpus")
        same = next((group for group in groups if is_same_text(group[0].model, corpus)), None)
        if same is None:
            groups.append([run])
        else:
            same.append(run)
    follows = {run.model.id: _reads_on(run, before) for run, before in zip(runs, [*runs[1:], None], strict=True)}
    found = [_reading(project, group, follows) for group in groups]
    return ReadSoFar(found[0], tuple(found[1:]), gone)


def told(reading: Reading) -> Words:
    """A reading in words: "58,230 tokens of Tales (0.82 times its text)"."""
    if reading.passes is None:
        return words("{n|token|tokens} of {corpus}", n=reading.tokens, corpus=reading.corpus)
    return words(
        "{n|token|tokens} of {corpus} ({often} times its training text)",
        n=reading.tokens,
        corpus=reading.corpus,
        often=f"{reading.passes:.2g}" if reading.passes < 10 else f"{reading.passes:,.0f}",
    )


def as_facts(read: ReadSoFar) -> list[dict[str, Any]]:
    """What another program is told: a text each, that of the model's own run first."""
    texts = (*((read.own,) if read.own is not None else ()), *read.before)
    return [{"corpus": text.corpus, "tokens": text.tokens, "passes": text.passes, "told": str(told(text))} for text in texts]


def _runs(project: Project, model: About) -> tuple[list[_Run], str]:
    """The runs of a model's line of descent, the latest first, and the name of the model that is missing, if one is."""
    items = {item.id: item for item in project.items("model")}
    found, step = list[_Run](), ""
    while True:
        items.pop(model.id, None)  # each comes once, whatever the files say
        card = model.model_card
        if card.is_pruned:
            step = _own_step(model) or step
        else:
            try:
                found.append(_Run(model, _tokens(project, model, step)))
            except StudioError:
                if not found:
                    raise
                return found, model.name
        parent = card.last_step.parent
        if parent is None:
            return found, ""
        if parent.id not in items:
            return found, parent.name or UNKNOWN
        # A pruned model has its parent's step; a grown one says with which it began.
        model, step = items[parent.id], step if card.is_pruned else parent.step


def _own_step(pruned: About) -> str:
    folders = checkpoint_folders(pruned.path)
    return str(step_of(folders[-1])) if folders else ""


def _tokens(project: Project, model: About, at_step: str) -> int:
    """Tokens that a run had read at a step; empty for that of its best weights."""
    found = summary_of(project, model)
    best = found.quality.step if found.quality is not None else None
    step = int(at_step) if at_step.isdecimal() else best
    if step is None or step >= (found.step or 0):
        return found.tokens
    steps = read_history(model.path).steps
    then = steps["tokens"][steps["step"] <= step]
    return int(then[-1]) if len(then) else 0


def _reading(project: Project, runs: list[_Run], follows: dict[str, bool]) -> Reading:
    model, tokens = runs[0].model, sum(run.tokens for run in runs)
    corpus: Parent = model.parent("corpus")
    name = name_now(project, "corpus", corpus) or UNKNOWN
    parents = {role: model.parent(role) for role in ("corpus", "tokenizer")}
    made = find_dataset(project, parents, rows_of(model))
    if made is None:
        return Reading(name, tokens, None)
    parts = made.dataset_card.tokens
    own = parts.get("train", 0)
    is_in_order = all(follows[run.model.id] for run in runs[:-1])
    return Reading(name, tokens, tokens / own if own and tokens else None, own / max(1, sum(parts.values())), is_in_order)


def _reads_on(run: _Run, before: _Run | None) -> bool:
    """Whether a run's batches follow, in the same text, those of the run that it began from."""
    if before is None or not is_same_text(before.model, run.model.parent("corpus")):
        return False
    try:
        folders = checkpoint_folders(run.model.path)
        first = read_card(folders[-1]).run.standing.get("first_deal") if folders else None
        return bool(first) and dealt_alike(recipe_of(before.model), recipe_of(run.model))
    except StudioError:  # whoever asks for the model itself is told
        return False
