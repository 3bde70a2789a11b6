"""Recurrent language models: plain RNN, LSTM and GRU, over the same table of tokens and with the same head.

Time comes first inside: (T, B, D), so that a step of all rows lies together in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from llmstudio.core.batch import Batch, Output
from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel, check_memory
from llmstudio.core.models.depth import belongs
from llmstudio.core.models.entering import is_seen
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RecurrentConfig, RNNConfig
from llmstudio.core.models.parts.cells import declare_cells
from llmstudio.core.models.parts.dropout import drop
from llmstudio.core.models.parts.step_by_step import dropped_through_time, step_by_step
from llmstudio.core.models.parts.through_time import LayerWeights, runs_through_time, through_time
from llmstudio.core.models.roles import Role, declare
from llmstudio.core.models.taps import GATES, Tap
from llmstudio.core.models.weights.adapted_cells import numbers_of
from llmstudio.core.models.weights.dense import Matrix, Table

_CELLS: dict[type[RecurrentConfig], type[nn.RNN] | type[nn.LSTM] | type[nn.GRU]] = {
    RNNConfig: nn.RNN,
    LSTMConfig: nn.LSTM,
    GRUConfig: nn.GRU,
}


@dataclass(frozen=True)
class RecurrentState:
    """What a recurrent model remembers of its rows.

    Attributes:
        hidden: (L, B, H), each layer's state after the last token, in 32 bits.
        cell: (L, B, H), the LSTM's cells; None for the others.
    """

    hidden: Tensor
    cell: Tensor | None = None

    def detach(self) -> RecurrentState:
        """The same numbers, from which no gradient flows back."""
        return RecurrentState(self.hidden.detach(), None if self.cell is None else self.cell.detach())

    def to(self, device: torch.device) -> RecurrentState:
        """The same state on a device."""
        return RecurrentState(self.hidden.to(device), None if self.cell is None else self.cell.to(device))

    def take(self, rows: Tensor) -> RecurrentState:
        """What is remembered of these rows (N,), in this order."""
        cell = None if self.cell is None else self.cell.index_select(1, rows)
        return RecurrentState(self.hidden.index_select(1, rows), cell)

    def tensors(self) -> dict[str, Tensor]:
        """Its parts by name, for a checkpoint."""
        return {"hidden": self.hidden} | ({} if self.cell is None else {"cell": self.cell})

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> RecurrentState:
        """Inverse of `tensors`."""
        return cls(tensors["hidden"], tensors.get("cell"))


class Recurrent(LanguageModel):
    """A stack of recurrent layers between a table of tokens and a head.

    Attributes:
        cells: torch's own layers: one module for the whole stack where nothing stands between its layers, else one a layer.
    """

    config: RecurrentConfig

    def __init__(self, config: RecurrentConfig, vocab_size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.config, self.vocab_size = config, vocab_size
        self.embed = belongs(Table(vocab_size, config.embed_dim), "embed")
        make = _CELLS[type(config)]
        if config.is_plain:
            stacks = [declare_cells(make(config.embed_dim, config.hidden_dim, config.num_layers))]
        else:
            stacks = [declare_cells(make(width, config.hidden_dim), n) for n, width in enumerate(config.input_dims)]
        self.cells = nn.ModuleList(stacks)
        if config.layer_norm:
            widths = (*config.input_dims, config.hidden_dim)
            norms = (declare(nn.LayerNorm(width), weight=Role.GAIN, bias=Role.BIAS) for width in widths)
            parts = (*(f"layers.{n}" for n in range(config.num_layers)), "norm")
            self.norms = nn.ModuleList(belongs(norm, part) for norm, part in zip(norms, parts, strict=True))
        if config.is_projected:
            self.project = belongs(Matrix(config.hidden_dim, config.embed_dim), "head")
        if not config.tie_embeddings:
            self.unembed = belongs(Matrix(config.hidden_dim, vocab_size, role=Role.HEAD), "head")
        _init(self, generator)

    @property
    def has_cell(self) -> bool:
        """True for the LSTM, whose layers keep a cell beside their state."""
        return isinstance(self.config, LSTMConfig)

    def forward(self, batch: Batch, state: RecurrentState | None = None, tap: Tap | None = None) -> Output:
        """See `LanguageModel.forward`. Raises StudioError if the state is not one of this model and this many rows."""
        rows = batch.ids.shape[0]
        if state is not None:
            self._check(state, rows)
        before = state or self.init_state(rows, 0)
        x = self.embed(batch.ids.t())  # (T, B, E)
        if tap is not None:
            x = _rows_first(tap, "embed", x)
        x = self._drop(x)
        hidden, cell, first = [], [], 0
        for index, stack in enumerate(self._stacks()):
            layers = slice(first, first + stack.num_layers)
            first = layers.stop
            entering = self.norms[index](x) if self.config.layer_norm else x
            left = RecurrentState(before.hidden[layers], None if before.cell is None else before.cell[layers])
            if tap is not None and GATES in tap.asks:
                out, left = self._run_step_by_step(stack, entering, left, tap, layers.start)
            else:
                out, left = self._run(stack, entering, left)
            out = self._drop(out)
            x = x + out if self.config.residual and x.shape == out.shape else out
            if tap is not None:
                x = _rows_first(tap, f"layers.{layers.stop - 1}", x)
            hidden.append(left.hidden)
            cell += [] if left.cell is None else [left.cell]
        if self.config.layer_norm:
            x = self.norms[-1](x)
        if self.config.is_projected:
            x = self.project(x)
        if tap is not None:
            x = _rows_first(tap, "hidden", x)
        after = RecurrentState(_stacked(hidden), _stacked(cell) if cell else None)
        return Output(x.transpose(0, 1), None if state is None else after)

    def head(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V)."""
        return (self.embed if self.config.tie_embeddings else self.unembed).multiply(hidden)

    def init_state(self, batch_size: int, max_tokens: int) -> RecurrentState:
        """A mind that is empty: zeros. How many tokens will come does not matter."""
        shape = (self.config.num_layers, batch_size, self.config.hidden_dim)
        zeros = self.embed.weight.new_zeros(shape)
        return RecurrentState(zeros, zeros.clone() if self.has_cell else None)

    def layers(self) -> Iterator[LayerWeights]:
        """The weights of every layer, from the first to the last."""
        for stack in self._stacks():
            yield from _layers(stack)

    def _stacks(self) -> Iterator[nn.RNNBase]:
        return iter(cast(Iterable[nn.RNNBase], self.cells))

    def _run(self, stack: nn.RNNBase, x: Tensor, state: RecurrentState) -> tuple[Tensor, RecurrentState]:
        """(T, B, D) -> (T, B, H) through one module, and the state it leaves."""
        if self.config.recurrent_dropout and self.training:
            return self._run_dropped(stack, x, state)
        if runs_through_time(stack, x) and not is_seen(stack):
            return self._run_through_time(stack, x, state)
        if state.cell is None:
            out, hidden = stack(x, state.hidden)
            return out, RecurrentState(hidden)
        out, (hidden, cell) = stack(x, (state.hidden, state.cell))
        return out, RecurrentState(hidden, cell)

    def _run_through_time(self, stack: nn.RNNBase, x: Tensor, state: RecurrentState) -> tuple[Tensor, RecurrentState]:
        left = []
        for layer, weights in enumerate(_layers(stack)):
            x = through_time(x, state.hidden[layer], weights)
            left.append(x[-1])
        return x, RecurrentState(torch.stack(left))

    def _run_dropped(self, stack: nn.RNNBase, x: Tensor, state: RecurrentState) -> tuple[Tensor, RecurrentState]:
        hidden, cells = [], []
        for layer, weights in enumerate(_layers(stack)):
            mask = drop(torch.ones_like(state.hidden[layer]), self.config.recurrent_dropout, self.training)
            cell = None if state.cell is None else state.cell[layer]
            x, cell = dropped_through_time(x, state.hidden[layer], cell, weights, mask)
            hidden.append(x[-1])
            cells += [] if cell is None else [cell]
        return x, RecurrentState(torch.stack(hidden), torch.stack(cells) if cells else None)

    def _run_step_by_step(
        self, stack: nn.RNNBase, x: Tensor, state: RecurrentState, tap: Tap, first: int
    ) -> tuple[Tensor, RecurrentState]:
        hidden, cells = [], []
        for layer, weights in enumerate(_layers(stack)):
            cell = None if state.cell is None else state.cell[layer]
            x, cell = step_by_step(x, state.hidden[layer], cell, weights, tap.under(f"layers.{first + layer}."))
            hidden.append(x[-1])
            cells += [] if cell is None else [cell]
        return x, RecurrentState(torch.stack(hidden), torch.stack(cells) if cells else None)

    def _drop(self, x: Tensor) -> Tensor:
        return drop(x, self.config.dropout, self.training)

    def _check(self, state: RecurrentState, rows: int) -> None:
        """Raise StudioError unless `state` is what this model remembers of so many rows."""
        c = self.config
        layers, remembered, width = state.hidden.shape if isinstance(state, RecurrentState) else (0, 0, 0)
        if (layers, width) != (c.num_layers, c.hidden_dim) or (state.cell is not None) != self.has_cell:
            raise StudioError(
                "This memory is not of this model, which has {layers|layer|layers} with states of {width} numbers: begin"
                " anew.",
                layers=c.num_layers,
                width=c.hidden_dim,
            )
        check_memory(True, remembered=remembered, rows=rows)


def _rows_first(tap: Tap, name: str, x: Tensor) -> Tensor:
    """What goes on from a point in the place of x (T, B, D), which taps see with rows first as in every family."""
    return tap(name, x.transpose(0, 1)).transpose(0, 1)


def _stacked(states: list[Tensor]) -> Tensor:
    """What every module left, in 32 bits."""
    return (states[0] if len(states) == 1 else torch.cat(states)).float()


def _layers(stack: nn.RNNBase) -> Iterator[LayerWeights]:
    for layer in range(stack.num_layers):
        yield LayerWeights(
            *(numbers_of(stack, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        )


@torch.no_grad()
def _init(model: Recurrent, generator: torch.Generator) -> None:
    """Weights by the width they sum over; gates begin half open, but the LSTM's forget gates keep what is there.

    Source: forget bias of one: Jozefowicz et al. 2015.
    """
    width, hidden = model.config.embed_dim, model.config.hidden_dim
    model.embed.weight.normal_(0, width**-0.5, generator=generator)
    for weights in model.layers():
        for matrix in (weights.input, weights.recurrent):
            matrix.uniform_(-(hidden**-0.5), hidden**-0.5, generator=generator)
        weights.input_bias.zero_()
        weights.recurrent_bias.zero_()
        if model.has_cell:
            weights.input_bias[hidden : 2 * hidden] = 1.0  # torch keeps the gates as input, forget, candidate, output
    for name in ("project", "unembed"):
        if hasattr(model, name):
            getattr(model, name).weight.normal_(0, hidden**-0.5, generator=generator)
