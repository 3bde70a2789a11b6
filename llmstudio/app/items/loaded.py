"""A model ready to speak: weights, tokenizer, what it says of itself. Those used last are kept in memory.

torch is imported when a model is loaded, not before.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from llmstudio.app.items.ancestry import corpus_facts_of, corpus_of, tokenizer_of
from llmstudio.app.items.corpus_words import words_in
from llmstudio.app.items.shelf import Shelf
from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.models.base import LanguageModel
    from llmstudio.core.models.checkpoint.card import CheckpointCard
    from llmstudio.core.tokenizer.tokenizer import Tokenizer


@dataclass(frozen=True)
class Loaded:
    """A checkpoint in memory, only to be read.

    Attributes:
        model: In evaluation mode.
        tokenizer: The one it was trained with.
        about: The model's item.
        card: What the checkpoint says of itself.
        path: The checkpoint's folder.
        notes: Remarks of loading, such as a damaged checkpoint that was passed over.
        corpus_words: Every word of its corpus; None if there are too many or the corpus is gone.
        record_kind: Of what it learned from: text, pairs, labelled, tagged or turns; empty if unknown.
    """

    model: LanguageModel
    tokenizer: Tokenizer
    about: About
    card: CheckpointCard
    path: Path
    notes: tuple[Words, ...] = ()
    corpus_words: frozenset[str] | None = None
    record_kind: str = ""

    @property
    def step(self) -> int:
        """Optimizer steps the checkpoint has behind it."""
        return self.card.step

    @cached_property
    def num_bytes(self) -> int:
        """Bytes that its weights, their buffers and the words of its corpus take in memory."""
        from llmstudio.core.models.weights.small import memory_bytes

        spelled = self.corpus_words or frozenset[str]()
        return memory_bytes(self.model) + sys.getsizeof(spelled) + sum(map(sys.getsizeof, spelled))


_shelf: Shelf[Loaded] = Shelf()


def load(project: Project, model_name: str, which: str = "best", *, to_write: bool = False) -> Loaded:
    """The model's checkpoint (`best`, `last` or a step), its tokenizer, and the words it has seen.

    One that is loaded `to_write` keeps quantised matrices as integers, and of sparse ones the nonzeros if that is faster
    here; it can do nothing but read and write.

    Raises:
        StudioError: No such model, no whole checkpoint, or its tokenizer is gone.
    """
    from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
    from llmstudio.core.models.weights.small import as_written_with

    about = project.about("model", model_name)
    checkpoint, notes = find_checkpoint(about.path, which)
    is_small = to_write and (checkpoint.card.is_quantized or bool(checkpoint.card.run.pruning))
    key = (str(checkpoint.path), (checkpoint.path / "manifest.json").stat().st_mtime_ns, is_small)
    if kept := _shelf.get(key):
        return kept if kept.about == about else replace(kept, about=about)  # its recipe may be another since
    seen, damage = _words_seen(project, about)
    weights = load_model(checkpoint)
    found = Loaded(
        as_written_with(weights) if is_small else weights,
        tokenizer_of(project, about),
        about,
        checkpoint.card,
        checkpoint.path,
        (*notes, *damage),
        seen,
        str(corpus_facts_of(project, about).get("record_kind", "")),
    )
    _shelf.put(key, found)
    return found


def forget() -> None:
    """Let go of every model in memory."""
    _shelf.clear()


def _words_seen(project: Project, model: About) -> tuple[frozenset[str] | None, tuple[Words, ...]]:
    """The words of its corpus, and why a corpus that is here could not be read: the model can be used all the same."""
    try:
        corpus = corpus_of(project, model)
    except StudioError:
        return None, ()
    try:
        return words_in(corpus), ()
    except StudioError as error:
        return None, (error.words,)
