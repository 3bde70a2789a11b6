"""Units of a model that may go one by one, and where their numbers lie.

Of `up.weight` (F, D) neuron n is row n, which makes what the neuron gives; of `down.weight` (D, F) it is column n, which
reads that. Of `qkv.weight` a group of heads is three blocks of rows: of queries, of keys and of values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(frozen=True)
class Cut:
    """Where numbers of units lie in one dimension of a parameter.

    Attributes:
        name: The parameter's.
        dim: 0 for rows, 1 for columns.
        blocks: Of each block of it where it begins, and how many numbers of it a unit has; they follow each other there.
    """

    name: str
    dim: int
    blocks: tuple[tuple[int, int], ...] = ((0, 1),)

    def stays(self, length: int, kept: Sequence[int], count: int) -> Tensor:
        """(length,) bool: true for what is of a unit that is kept, or of none."""
        gone = torch.ones(count, dtype=torch.bool)
        gone[list(kept)] = False
        mask = torch.ones(length, dtype=torch.bool)
        for start, size in self.blocks:
            mask[start : start + count * size] = ~gone.repeat_interleave(size)
        return mask

    def by_unit(self, numbers: Tensor, count: int) -> Tensor:
        """(count,): the sum of what `numbers`, shaped as the parameter, holds of each unit."""
        others = [dim for dim in range(numbers.dim()) if dim != self.dim]
        line = numbers.sum(others) if others else numbers
        return torch.stack([line[s : s + count * n].view(count, n).sum(1) for s, n in self.blocks]).sum(0)


@dataclass(frozen=True)
class Units:
    """Units of one place, of which any may go.

    Attributes:
        name: Of the place, such as `layers.0.heads`.
        part: A name in `PARTS`.
        count: How many there are.
        written: Numbers that make what they give.
        read: Numbers that read it: a unit is silent where these are zero.
        numbered: Of layers, beginnings of the names of what belongs to one, with its number behind.
        stays: Units that must stay.
        shared: How many units of the shape one of these stands for.
    """

    name: str
    part: str
    count: int
    written: tuple[Cut, ...] = ()
    read: tuple[Cut, ...] = ()
    numbered: tuple[str, ...] = ()
    stays: frozenset[int] = field(default_factory=frozenset)
    shared: int = 1

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """All of their numbers."""
        return self.written + self.read

    def layer_of(self, name: str) -> int | None:
        """Of layers, which one a parameter belongs to; None for none of these."""
        for beginning in self.numbered:
            number, dot, _ = name.removeprefix(beginning).partition(".")
            if name.startswith(beginning) and dot and number.isdecimal() and int(number) < self.count:
                return int(number)
        return None


Kept = Mapping[str, Sequence[int]]
"""Which units stay, in ascending order, by the name of their place; of places that are not named all."""


def cut_away(tensors: Mapping[str, Tensor], places: Sequence[Units], kept: Kept) -> dict[str, Tensor]:
    """A model's tensors by name without the units that are not kept; layers are numbered anew."""
    masks: dict[tuple[str, int], Tensor] = {}
    found = dict(tensors)
    for units in places:
        if units.name not in kept or len(kept[units.name]) == units.count:
            continue
        for cut in units.cuts:
            mask = cut.stays(tensors[cut.name].shape[cut.dim], kept[units.name], units.count)
            key = cut.name, cut.dim
            masks[key] = masks[key] & mask if key in masks else mask
    for (name, dim), mask in masks.items():
        found[name] = found[name].index_select(dim, mask.nonzero().flatten())
    for units in places:
        if units.numbered and units.name in kept:
            found = _numbered_anew(found, units, kept[units.name])
    return found


def _numbered_anew(tensors: Mapping[str, Tensor], units: Units, kept: Sequence[int]) -> dict[str, Tensor]:
    """Layers that stay move up, and with them what stands behind the last one."""
    new = {old: number for number, old in enumerate(kept)}
    found = {}
    for name, tensor in tensors.items():
        beginning = next((b for b in units.numbered if name.startswith(b)), None)
        if beginning is None:
            found[name] = tensor
            continue
        number, dot, rest = name.removeprefix(beginning).partition(".")
        at = new.get(int(number), int(number) - units.count + len(kept) if int(number) >= units.count else None)
        if at is not None:
            found[f"{beginning}{at}{dot}{rest}"] = tensor
    return found
