"""Taps: the named points of a forward pass, where one may look at what passes or put something else in its place.

A model's `forward` calls its tap with the name of each point and the tensor that passes there; what the tap returns goes on.

    embed               (B, T, D)     the vectors of the tokens, as the table gives them
    layers.N            (B, T, D)     what layer N (from 0) leaves for the next; of layers that run as one kernel, the
                                      last alone
    hidden              (B, T, D)     what the head reads
    latent              (B, Z)        the point of the latent space that a sentence is written from
    layers.N.attention  (B, H, T, S)  the share that each position takes of each it may look at, and `cross_attention` of the
                                      source; only for a tap that asks for ATTENTION
    layers.N.GATE       (B, H)        once for each token: `input, forget, output, candidate, cell, state` of an LSTM,
                                      `reset, update, candidate, state` of a GRU, `state` of a plain RNN; only if
                                      GATES are asked for

Where a source is read, the names of that half begin with `source.`; the VAE, which reads both ways, looks its tokens up
twice there: `source.embed` and `source.embed_backward`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

ATTENTION, GATES = "attention", "gates"


@dataclass(frozen=True)
class Tap:
    """Called at every point as `tap(name, tensor) -> tensor`.

    A tap that returns what it was given changes no bit of the outcome. Gates are the exception: fused kernels show none, so
    a recurrence whose gates are asked for is computed token by token, equal up to rounding.

    Attributes:
        look: What is called; it returns the tensor or another of its shape.
        asks: What a pass does not compute by itself: ATTENTION, GATES.
    """

    look: Callable[[str, Tensor], Tensor]
    asks: frozenset[str] = frozenset()

    def __call__(self, name: str, tensor: Tensor) -> Tensor:
        """What goes on from the point `name` in the place of `tensor`."""
        return self.look(name, tensor)

    def under(self, prefix: str) -> Tap:
        """The same tap, for a part of a model whose names begin with `prefix`."""
        return Tap(lambda name, tensor: self.look(prefix + name, tensor), self.asks)
