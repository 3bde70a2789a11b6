"""What each parameter is for. Modules declare it where they make their parameters; nobody guesses it from a name.

Optimizers, pruning, first weights and forecasts ask for it. Torch is not needed to name a role.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from torch import nn

M = TypeVar("M", bound="nn.Module")
_KEY = "roles"


class Role(StrEnum):
    """What a parameter is for."""

    EMBEDDING = "embedding"  # a table: one row a token, or a place
    HEAD = "head"  # a table of tokens that writes: one row a token
    MATRIX = "matrix"  # turns vectors into others
    GAIN = "gain"  # a factor for each channel, or layer
    BIAS = "bias"  # an offset for each channel, or token
    CONVOLUTION = "convolution"  # weighs each channel's neighbours
    ADAPTER = "adapter"  # beside a matrix that stays as it is: a part of what is added to it


TABLES = frozenset({Role.EMBEDDING, Role.HEAD})
VECTORS = frozenset({Role.GAIN, Role.BIAS})


def declare(module: M, **roles: Role) -> M:
    """Say what parameters of `module` itself, not of its parts, are for, by their names in it. Returns the module."""
    vars(module)[_KEY] = vars(module).get(_KEY, {}) | roles
    return module


def declared(module: nn.Module) -> dict[str, Role]:
    """What parameters of `module` itself were said to be for."""
    return dict(vars(module).get(_KEY, {}))


def roles_of(model: nn.Module) -> dict[str, Role]:
    """The role of each parameter by its full name, in the model's own order; tied ones once."""
    declared = {
        f"{prefix}.{name}" if prefix else name: role
        for prefix, module in model.named_modules()
        for name, role in vars(module).get(_KEY, {}).items()
    }
    names = [name for name, _ in model.named_parameters()]
    assert declared.keys() >= set(names), f"no role declared: {sorted(set(names) - declared.keys())}"
    return {name: declared[name] for name in names}
