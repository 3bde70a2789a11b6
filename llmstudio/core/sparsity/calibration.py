"""Calibration: what enters each matrix of a model, summed up as Gram matrices, on text that a person chooses.

Matrices are taken in the order of the pass, so that each sees what those before it, already pruned, leave for it. Beside
it the whole model reads the same text: what a matrix should give is what it gives there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.entering import Look, seen_entering
from llmstudio.core.sparsity.methods.gram import damped
from llmstudio.core.tasks.base import Task
from llmstudio.core.tokenizer.config import PAD

_STRANGE = 1.5  # times the usual loss


@dataclass
class Entering:
    """What enters a matrix of width D, summed up.

    Attributes:
        gram: (D, D), the mean of x x'.
        cross: (D, D), the mean of y x', y being what enters it in the whole model.
        count: Tokens, or texts where one vector stands for a text.
    """

    gram: Tensor
    cross: Tensor
    count: int = 0

    def add(self, x: Tensor, y: Tensor) -> None:
        """More of what enters, (N, D), and of what enters in the whole model."""
        self.count += len(x)
        share = 1 / max(1, self.count)
        self.gram += (x.T @ x - len(x) * self.gram) * share
        self.cross += (y.T @ x - len(x) * self.cross) * share

    def target(self, weight: Tensor) -> Tensor:
        """What gives, on what enters now, as nearly as can be what `weight` (O, D) gives in the whole model."""
        turned = (self.cross - self.gram).double() @ torch.linalg.inv(damped(self.gram))
        target: Tensor = (weight.double() + weight.double() @ turned).to(weight.dtype)
        return target


class Calibration:
    """Text, and a way through a model by which what enters is seen.

    Attributes:
        num_batches: That are read for each matrix.
        batch_tokens: Tokens of one, padding left out.
    """

    def __init__(self, whole: LanguageModel, tasks: tuple[Task, Task], tokens: int) -> None:
        """`tasks` are two of the same rows, for the whole model and for that which is pruned: each remembers what it read.

        Raises:
            StudioError: The text does not suffice for a batch.
        """
        self._whole, self._tasks = whole, tasks
        self._batches = tasks[0].batches()
        self.batch_tokens = max(1, int((self._batches.batch(0).ids != PAD).sum()))
        self.num_batches = max(1, round(tokens / self.batch_tokens))
        self._of_source = self._entered_by_source()

    def order(self, names: Sequence[str]) -> list[str]:
        """Those of `names` that something enters, in the order of the pass."""
        seen: dict[str, None] = {}
        self._pass(self._whole, 0, self._batches.batch(0), lambda name, x: seen.update({name: None}))
        return [name for name in seen if name in names]

    def is_strange(self, usual: float | None) -> bool:
        """Whether the whole model does far worse on the text than on what was held out of its own, `usual` nats a token."""
        found = self._pass(self._whole, 0, self._batches.batch(0), lambda name, x: None)
        return usual is not None and found > _STRANGE * usual + 0.5

    def entering(self, model: LanguageModel, names: Sequence[str]) -> Iterator[dict[str, Entering]]:
        """What enters these matrices of `model`: after each batch, what was summed up so far."""
        found: dict[str, Entering] = {}
        for step in range(self.num_batches):
            wanted = self._inputs(self._whole, 0, step, names)
            for name, parts in self._inputs(model, 1, step, names).items():
                for x, y in zip(parts, wanted[name], strict=True):
                    zeros = x.new_zeros(x.shape[1], x.shape[1])
                    found.setdefault(name, Entering(zeros, zeros.clone())).add(x, y)
            yield found

    def _entered_by_source(self) -> set[str]:
        """The matrices that a source enters. Its width tells, so where rows are as wide its last column is left out."""
        batch, found = self._batches.batch(0), set[str]()
        if batch.source is None:
            return found
        source = batch.source if batch.source.shape != batch.ids.shape else batch.source[:, :-1]

        def look(name: str, x: Tensor) -> None:
            if x.shape[:-1] == source.shape:
                found.add(name)

        self._pass(self._whole, 0, replace(batch, source=source), look)
        return found

    def _inputs(self, model: LanguageModel, side: int, step: int, names: Sequence[str]) -> dict[str, list[Tensor]]:
        """What enters in one batch: of each matrix (N, D) for every time that it multiplies, padding left out."""
        found: dict[str, list[Tensor]] = {name: [] for name in names}
        batch = self._batches.batch(step)

        def look(name: str, x: Tensor) -> None:
            if name in found:
                read = batch.source if batch.source is not None and name in self._of_source else batch.ids
                found[name].append(_counted(x, read).float())

        self._pass(model, side, batch, look, seed=step)
        return found

    def _pass(self, model: LanguageModel, side: int, batch: Batch, look: Look, seed: int = 0) -> float:
        """One batch through a model as its task has it, with the same chance each time and nothing dropped: its loss."""
        was_training = model.training
        model.eval()
        try:
            with torch.random.fork_rng(devices=[]), torch.no_grad(), seen_entering(model, look):
                torch.manual_seed(seed)
                batch = batch.to(model.device)
                return float(self._tasks[side].loss(model, batch, max(self._tasks[side].weight(batch), 1e-9)))
        finally:
            model.train(was_training)


def _counted(x: Tensor, ids: Tensor) -> Tensor:
    """(N, D) of what enters: without padding where it has the shape of `ids`, the rows or their sources."""
    if x.dim() == 3 and x.shape[:2] == ids.shape:
        return x[(ids != PAD).to(x.device)]
    if x.dim() == 3 and x.shape[:2] == ids.shape[::-1]:  # recurrent families put time first
        return x[(ids != PAD).T.to(x.device)]
    return x.reshape(-1, x.shape[-1])
