"""What a model begins from: random weights that follow from the seed, perhaps with word vectors among them, or another
model's checkpoint.

Only the weights are taken from a checkpoint: the optimizer starts empty, and schedule, rate and batch are the new run's
own. Its batches follow those that the weights have seen already, so the same text goes on and does not begin again.
What pruning has set to zero stays zero: the run learns with what is left, so that the new model is as sparse as the old
one. If a run diverges before any checkpoint of its own is known to be good, its start is what is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes import Recorded, apply_all
from llmstudio.core.models.changes.head import OFFSETS
from llmstudio.core.models.changes.lora import merge, without_lora
from llmstudio.core.models.checkpoint.card import Base
from llmstudio.core.models.checkpoint.read import Checkpoint, load_weights
from llmstudio.core.models.checkpoint.verification import weights_hash
from llmstudio.core.models.vocabulary import with_new_tokens
from llmstudio.core.recipe import Recipe
from llmstudio.core.word_vectors.kept import WordVectors
from llmstudio.store.reading import damage_told


@dataclass(frozen=True)
class Start:
    """Where the first weights come from: a checkpoint of a model of the same shape, or chance (None); then the vectors of
    words may be those that others have learned.

    Attributes:
        checkpoint: The checkpoint.
        vectors: These vectors.
        model: Id of the checkpoint's model; empty if that is no item of a project.
        pieces: Of each token that the vocabulary has beyond the checkpoint's, the tokens that stand for it there.
    """

    checkpoint: Checkpoint | None = None
    vectors: WordVectors | None = None
    model: str = ""
    pieces: tuple[tuple[int, ...], ...] = ()

    def build(
        self, kind: str, config: Any, vocab_size: int, seed: int, *, changes: Sequence[Recorded] = ()
    ) -> LanguageModel:
        """A model as it begins, on the processor; the same seed gives the same random weights.

        With a start from another model, the changes made to that model hold here too; then `changes` are made.

        Raises:
            StudioError: There is no family of that name, or the checkpoint's weights do not fit its shape.
        """
        if self.checkpoint is None:
            model = build_model(kind, config, vocab_size, seed, changes=changes)
            if self.vectors is not None:
                _lay(self.vectors, cast(Tensor, cast(nn.Module, model.embed).weight))
            return model
        known = vocab_size - len(self.pieces)
        model = build_model(kind, config, known, seed, changes=self.checkpoint.card.changes)
        load_weights(model, self.checkpoint)
        merge(model)
        if self.pieces:
            model = with_new_tokens(model, kind, self.pieces)
        apply_all(model, changes)
        return model

    @property
    def changes(self) -> tuple[Recorded, ...]:
        """What was done to the model that it begins from, and is there once it is built."""
        return () if self.checkpoint is None else without_lora(self.checkpoint.card.changes)

    def as_base(self, model: LanguageModel, learned: Collection[str]) -> Base:
        """As that from which a checkpoint of `model` reads all that is not `learned`, by name."""
        assert self.checkpoint is not None
        held = self.checkpoint.card.codecs
        names = tuple(name for name in model.state_dict() if name in held and name not in learned and name != OFFSETS)
        folder = self.checkpoint.path
        return Base(self.checkpoint.step, weights_hash(folder), names, self.model, folder.parent.parent.name)

    def first_deal(self, step_rows: int) -> int:
        """The batch of `step_rows` rows that the first step is dealt.

        With the same seed, rows and batch size it is the batch after the last one that the weights have learned from; with
        others the order differs. All batches of all forebears count, from whichever text: an order begun in its middle is
        as random as any.

        Raises:
            StudioError: The checkpoint does not say how far its run had come in numbers that can be counted.
        """
        if self.checkpoint is None:
            return 0
        kept = self.checkpoint.card.run
        with damage_told(self.checkpoint.path):
            rows = whole_count(kept.training.get("batch_size", 0)) * whole_count(
                kept.training.get("grad_accumulation_steps", 1)
            )
            batches = whole_count(kept.standing.get("first_deal") or 0) + whole_count(kept.standing.get("step") or 0)
            return -(-batches * rows // step_rows)


def whole_count(value: Any) -> int:
    """A number read from a file that counts something. Raises ValueError if it cannot."""
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} counts nothing")
    return value


@dataclass(frozen=True)
class ParentText:
    """What the model that a run begins from had learned from.

    Attributes:
        recipe: How it had learned.
        dataset: Its tokens, of the same tokenizer.
    """

    recipe: Recipe
    dataset: Dataset


@torch.no_grad()
def _lay(vectors: WordVectors, table: Tensor) -> None:
    """Put vectors into a table of tokens (V, D), as large on the whole as the random ones that they replace: what stands
    above is made for numbers of that size. Their directions, and which is longer than which, stay.
    """
    ids, given = torch.from_numpy(vectors.ids), torch.from_numpy(vectors.numbers)
    size = given.square().mean().sqrt().clamp_min(1e-12)
    table[ids] = given * (table.square().mean().sqrt() / size)


SCRATCH = Start()
