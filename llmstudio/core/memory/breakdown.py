"""The bytes of a run as a table: what each part of the model takes of each kind of memory.

    part         weights  gradients  optimizer  activations
    embed           8192       8192      16384            0
    layers.0        3072       3072       6144        40960
    layers.1        3072       3072       6144        40960
    norm              64         64        128            0
    head               0          0          0            0
    temporary          -          -          -         8192    beside the model: see `models.config`
    logits             -          -          -        65536    with what the loss makes of them
    libraries          -          -          -        16384    what they keep, and holes: a share of the activations
    look               -          -          -            0    what a look at the held-out text takes beyond a step
    table              0          0          0            -    of hashed features beside the network, where it is learned
    teacher            0          -          -            0    one that is asked along, and what its guesses take
    classes            0          0          0            0    the head for classes, and their scores, where texts are sorted

What a technique changes is arithmetic on such a table: a function that takes one and returns another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

KINDS = ("weights", "gradients", "optimizer", "activations")
LOGITS, LIBRARIES, LOOK, TABLE, CLASSES = "logits", "libraries", "look", "table", "classes"
TEACHER = "teacher"


@dataclass(frozen=True)
class Entry:
    """One cell of the table.

    Attributes:
        part: A part of the model, by its name in `ModelConfig`, or what lies beside it.
        kind: One of `KINDS`.
        num_bytes: What it takes.
        input_bytes: Of a layer's activations those that came in: whoever keeps only these can compute the others again.
    """

    part: str
    kind: str
    num_bytes: int
    input_bytes: int = 0

    @property
    def is_layer(self) -> bool:
        """Whether it is of a numbered layer, and not of what stands before, behind or beside the layers."""
        return "layers." in self.part


@dataclass(frozen=True)
class Breakdown:
    """All cells; parts in the order of the model, then what lies beside it."""

    entries: tuple[Entry, ...]

    @property
    def total(self) -> int:
        """All bytes."""
        return sum(entry.num_bytes for entry in self.entries)

    def by_kind(self) -> dict[str, int]:
        """Bytes of each kind, over all parts."""
        return {kind: sum(entry.num_bytes for entry in self.entries if entry.kind == kind) for kind in KINDS}

    def by_part(self) -> dict[str, int]:
        """Bytes of each part, over all kinds."""
        found = dict.fromkeys((entry.part for entry in self.entries), 0)
        for entry in self.entries:
            found[entry.part] += entry.num_bytes
        return found

    def changed(self, where: Callable[[Entry], bool], to: Callable[[Entry], float]) -> Breakdown:
        """A copy in which the entries of which `where` is true take as many bytes as `to` says, rounded."""
        entries = (replace(entry, num_bytes=round(to(entry))) if where(entry) else entry for entry in self.entries)
        return Breakdown(tuple(entries))
