"""What an optimizer is: which parameters it steps, what it keeps of each, how it is made. Forecasts ask without torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from llmstudio.core.models.config import FLOAT
from llmstudio.core.models.roles import Role

if TYPE_CHECKING:
    import torch

Shape = tuple[int, ...]
Groups = list[dict[str, Any]]
Make = Callable[[Groups, Any, "torch.dtype"], "torch.optim.Optimizer"]


@dataclass(frozen=True)
class Optimizer:
    """A rule that turns gradients into steps.

    Attributes:
        label: Its name for people.
        roles: The parameters that it steps; AdamW steps all others.
        state: What it keeps of each of them, by name: a tensor of its shape, but for `step`, which is one number.
        state_bytes: Bytes that it keeps of parameters of these shapes.
        make: Makes it of groups of parameters with their decay, the settings, and what wide products are computed in.
        settings: Settings of training that only some optimizers read, this one among them.
    """

    label: str
    roles: frozenset[Role]
    state: tuple[str, ...]
    state_bytes: Callable[[Iterable[Shape]], int]
    make: Make
    settings: tuple[str, ...] = ()


def moments(count: int, shapes: Iterable[Shape]) -> int:
    """Bytes of so many numbers in 32 bits for each weight."""
    return count * FLOAT * sum(prod(shape) for shape in shapes)
