"""Adapted recurrent layers: torch's own, whose matrices stay as they are, with two small ones beside each that learn.

A cell multiplies by its matrices again at every token. So what is added (see `adapted`) is added to the matrices once for
each pass, and the cell runs as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from llmstudio.core.models.depth import belong, placed_as
from llmstudio.core.models.roles import Role, declare, declared
from llmstudio.core.models.weights.adapted import beside, with_added
from llmstudio.core.models.weights.base import Weight


class AdaptedCells(nn.RNNBase):
    """Stands in the place of a stack of torch's, whose parameters keep their names; one may be a `Weight`, too.

    Attributes:
        adapted: Names of the matrices that are adapted, and whether nothing is added where they hold a zero. Beside NAME lie
            `NAME_down` (R, D) and `NAME_up` (O, R).
    """

    adapted: Mapping[str, bool]

    def numbers(self, name: str) -> Tensor:
        """A parameter of the stack by its name in torch, with what is added to it."""
        weight: Tensor | Weight = getattr(self, name)
        if isinstance(weight, Weight):
            return weight.weight
        if name not in self.adapted:
            return weight
        down, up = getattr(self, f"{name}_down"), getattr(self, f"{name}_up")
        return with_added(weight, down, up, self.scale, masked=self.adapted[name])

    def merged(self) -> nn.RNNBase:
        """The stack that it stands for, with what was learned in its own numbers."""
        (base,) = self._base
        for name in self.adapted:
            getattr(base, name).data = self.numbers(name).detach()
        return base

    def _take(
        self, base: nn.RNNBase, names: Mapping[str, bool], rank: int, scale: float, generator: torch.Generator
    ) -> None:
        self._base = (base,)  # no part of this one: its parameters are
        self.adapted, self.scale = {}, scale
        for name, parameter in base.named_parameters():
            setattr(self, name, parameter)
        parts = dict(vars(base).get("parts", {}))
        placed_as(declare(self, **declared(base)), base)
        for name in names:
            down, up = beside(getattr(self, name), rank, generator)
            self.register_parameter(f"{name}_down", down)
            self.register_parameter(f"{name}_up", up)
            for one in (f"{name}_down", f"{name}_up"):
                declare(self, **{one: Role.ADAPTER})
                belong(self, **{one: parts[name]})
        self.adapted = dict(names)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *others: Any) -> None:
        """What torch keeps as a parameter is given by that name where it is a `Weight` here, too."""
        for name, part in self._modules.items():
            if isinstance(part, Weight) and prefix + name in state_dict:
                state_dict[f"{prefix}{name}.weight"] = state_dict.pop(prefix + name)
        super()._load_from_state_dict(state_dict, prefix, *others)

    def _flat(self) -> list[Tensor]:
        ends = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return [self.numbers(f"{end}_l{layer}") for layer in range(self.num_layers) for end in ends]


class _RNN(AdaptedCells, nn.RNN):
    def forward(self, x: Tensor, state: Tensor) -> Any:  # type: ignore[override]
        return torch.rnn_tanh(x, state, self._flat(), True, self.num_layers, 0.0, self.training, False, self.batch_first)


class _GRU(AdaptedCells, nn.GRU):
    def forward(self, x: Tensor, state: Tensor) -> Any:  # type: ignore[override]
        return torch.gru(x, state, self._flat(), True, self.num_layers, 0.0, self.training, False, self.batch_first)


class _LSTM(AdaptedCells, nn.LSTM):
    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> Any:  # type: ignore[override]
        if state is None:
            rows = x.shape[0 if self.batch_first else 1]
            zeros = x.new_zeros(self.num_layers, rows, self.hidden_size)
            state = zeros, zeros
        out, hidden, cell = torch.lstm(
            x, state, self._flat(), True, self.num_layers, 0.0, self.training, False, self.batch_first
        )
        return out, (hidden, cell)


def adapt_cells(
    base: nn.RNNBase, names: Mapping[str, bool], rank: int, scale: float, generator: torch.Generator
) -> AdaptedCells:
    """A stack that stands in the place of `base`, with the matrices of these names adapted, masked or not."""
    kinds: dict[type, Any] = {nn.RNN: _RNN, nn.GRU: _GRU, nn.LSTM: _LSTM}
    with torch.random.fork_rng(devices=()):  # torch draws weights first, which are not kept
        made: Any = kinds[type(base)](base.input_size, base.hidden_size, base.num_layers, batch_first=base.batch_first)
    made._take(base, names, rank, scale, generator)
    adapted: AdaptedCells = made
    return adapted


def numbers_of(cells: nn.RNNBase, name: str) -> Tensor:
    """A parameter of a stack by its name in torch, as the stack computes with it."""
    numbers: Tensor = cells.numbers(name) if isinstance(cells, AdaptedCells) else getattr(cells, name)
    return numbers
