"""Which part of its model a parameter belongs to, and how deep that lies. Modules declare it; nobody guesses from a name.

Parts are those of `ModelConfig`: `embed`, `layers.0` and on, `norm`, `head`, and with `source.` before them those of a half
that reads. Teaching a model asks for it: the deeper a part, the more general is what it knows.

    head, norm, layers.3    0
    layers.2                1
    layers.1                2
    layers.0                3
    embed                   4
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from torch import nn

M = TypeVar("M", bound="nn.Module")
_OF_ALL, _OF_EACH = "part", "parts"


def belongs(module: M, part: str) -> M:
    """Say that all parameters of `module` and of what is in it belong to `part`. Returns the module."""
    vars(module)[_OF_ALL] = part
    return module


def belong(module: M, **parts: str) -> M:
    """Say to which part parameters of `module` itself belong, by their names in it. Returns the module."""
    vars(module)[_OF_EACH] = vars(module).get(_OF_EACH, {}) | parts
    return module


def placed_as(module: M, other: nn.Module) -> M:
    """Say that `module` belongs wherever `other`, in whose place it stands, was said to belong. Returns the module."""
    vars(module).update({key: vars(other)[key] for key in (_OF_ALL, _OF_EACH) if key in vars(other)})
    return module


def parts_of(model: nn.Module) -> dict[str, str]:
    """The part of each parameter by its full name, in the model's own order; tied ones once.

    Empty for what a change has added without saying where it belongs.
    """
    whole = {prefix: vars(module)[_OF_ALL] for prefix, module in model.named_modules() if _OF_ALL in vars(module)}
    single = {
        f"{prefix}.{name}" if prefix else name: part
        for prefix, module in model.named_modules()
        for name, part in vars(module).get(_OF_EACH, {}).items()
    }
    return {name: single.get(name) or _nearest(name, whole) for name, _ in model.named_parameters()}


def depths(parts: Iterable[str]) -> dict[str, int]:
    """How many layers lie above each part within its half; what stands above or beside all layers lies at 0."""
    named = list(dict.fromkeys(parts))
    layers: dict[str, int] = {}
    for part in named:
        half, numbered, _ = part.rpartition("layers.")
        if numbered:
            layers[half] = layers.get(half, 0) + 1
    deep = {part: _depth(part, layers) for part in named}
    return deep | ({"embed": max(layers.values(), default=0)} if "embed" in deep else {})


def _depth(part: str, layers: dict[str, int]) -> int:
    half, numbered, number = part.rpartition("layers.")
    return layers[half] - 1 - int(number) if numbered else 0


def _nearest(name: str, whole: dict[str, str]) -> str:
    """The part of the nearest module around a parameter that says one."""
    while name:
        name = name.rpartition(".")[0]
        if name in whole:
            return whole[name]
    return ""
