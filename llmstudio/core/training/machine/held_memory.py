"""What a run takes in memory: the most so far, and now and then by kind."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping

from torch import Tensor, nn

from llmstudio.core.memory.measure import HighWater, by_kind, gpu_bytes
from llmstudio.core.models.weights.sparse.standing_in import learned_weights
from llmstudio.core.training.optimizers import Optimizers

_TELL_MEMORY_S = 0.2


class HeldMemory:
    """Counts what the tensors of a run take, and asks the process for the rest.

    Args:
        base_bytes: Memory of the process before the model was built.
        device: Where the tensors lie.
        model: Its weights, and where they stand if only the nonzeros are kept; gradients are counted while they exist.
        optimizers: What they remember.
        beside: A model that is read and never learns: a teacher.
    """

    def __init__(
        self,
        base_bytes: int,
        device: str,
        model: nn.Module,
        optimizers: Optimizers,
        *,
        beside: nn.Module | None = None,
    ) -> None:
        self._base_bytes, self._on_gpu = base_bytes, device != "cpu"
        self._parameters, self._optimizers = [*model.parameters()], optimizers
        places = sum(weight.place_bytes for weight in learned_weights(model).values())
        read = beside.parameters() if beside is not None else ()
        # Tables of positions, which nobody learns, are the rest's.
        self._weights = _bytes([*self._parameters, *read]) + places
        self._high_water, self._told = HighWater(), -math.inf

    def peak(self) -> int:
        """The most that was held beyond the base so far; on a GPU what is held there now."""
        return gpu_bytes() if self._on_gpu else self._high_water.bytes() - self._base_bytes

    def by_kind(self) -> Mapping[str, int]:
        """Bytes by kind as `by_kind` counts them; empty if they were told a moment ago."""
        now = time.perf_counter()
        if now - self._told < _TELL_MEMORY_S:
            return {}
        self._told = now
        gradients = _bytes(p.grad for p in self._parameters if p.grad is not None)
        kinds = {"weights": self._weights, "gradients": gradients, "optimizer": self._optimizers.num_bytes()}
        return by_kind(self._base_bytes, kinds, on_gpu=self._on_gpu)


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(t.numel() * t.element_size() for t in tensors)
