"""Looking inside a recurrence: what each unit held and what each gate let through, token by token.

The model calls its tap with every gate of every token (see `models.taps`); here they are put together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.models.families.recurrent import Recurrent
from llmstudio.core.models.taps import GATES, Tap
from llmstudio.core.work import Stop, check

Values = NDArray[np.float32]


@dataclass(frozen=True)
class LayerTrace:
    """One layer over a text of T tokens.

    Attributes:
        hidden: (T, H), the state after each token, in -1 to 1.
        cell: (T, H), the LSTM's cells after each token, without bounds; None for the others.
        gates: (T, H) by name, 0 shut to 1 open: input, forget and output of an LSTM; reset and update of a GRU; empty for a
            plain RNN. And `candidate`, what would have been written, in -1 to 1.
    """

    hidden: Values
    cell: Values | None
    gates: Mapping[str, Values]


def trace(model: Recurrent, ids: Sequence[int], *, stop: Stop | None = None) -> tuple[LayerTrace, ...]:
    """Every layer over a text, read with an empty memory; the first layer first.

    Raises:
        StudioError: The text is empty, or a stop came in between (it is looked at before every token).
    """
    if not len(ids):
        raise StudioError("There is no text to look into: type a word.")
    seen: defaultdict[str, dict[str, list[Tensor]]] = defaultdict(lambda: defaultdict(list))

    def look(name: str, passing: Tensor) -> Tensor:
        check(stop)
        layer, _, gate = name.rpartition(".")
        seen[layer][gate].append(passing)
        return passing

    with torch.inference_mode():
        model(Batch(torch.tensor([list(ids)], device=model.device)), tap=Tap(look, frozenset({GATES})))
    return tuple(_layer(seen[f"layers.{index}"]) for index in range(model.config.num_layers))


def _layer(seen: Mapping[str, Sequence[Tensor]]) -> LayerTrace:
    """From what was seen of a layer, by name: (1, H) a token."""
    values = {name: torch.cat(list(tokens)).cpu().numpy().astype(np.float32) for name, tokens in seen.items()}
    return LayerTrace(values.pop("state"), values.pop("cell", None), values)
