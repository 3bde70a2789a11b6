"""Laws of looking inside: a trace ends where the fast kernels do, gates lie between 0 and 1, an empty text is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.explain.recurrence import trace
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig

KINDS = {"rnn": RNNConfig, "lstm": LSTMConfig, "gru": GRUConfig}
GATES = {"rnn": set(), "lstm": {"input", "forget", "output"}, "gru": {"reset", "update"}}
IDS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("changes", [{}, {"layer_norm": True}, {"residual": True, "embed_dim": 10}])
def test_that_the_trace_of_every_layer_ends_where_the_fast_kernels_state_is(kind, changes):
    config = KINDS[kind](**({"num_layers": 3, "embed_dim": 6, "hidden_dim": 10} | changes))
    model = build_model(kind, config, 12, seed=4).eval()
    for length in range(1, len(IDS) + 1):
        with torch.inference_mode():
            state = model(Batch(torch.tensor([IDS[:length]])), model.init_state(1, length)).state
        for index, layer in enumerate(trace(model, IDS)):
            np.testing.assert_allclose(layer.hidden[length - 1], state.hidden[index, 0].numpy(), atol=2e-6)
            if kind == "lstm":
                np.testing.assert_allclose(layer.cell[length - 1], state.cell[index, 0].numpy(), atol=2e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_that_gates_lie_between_shut_and_open_and_explain_the_state(kind):
    model = build_model(kind, KINDS[kind](num_layers=1, embed_dim=6, hidden_dim=10), 12, seed=4).eval()
    (layer,) = trace(model, IDS)
    gates = layer.gates
    assert set(gates) - {"candidate"} == GATES[kind]
    assert all(gates[name].shape == (len(IDS), 10) for name in gates)
    assert all(gates[name].min() >= 0 and gates[name].max() <= 1 for name in GATES[kind])
    if kind == "lstm":
        before = np.vstack([np.zeros(10), layer.cell[:-1]])
        np.testing.assert_allclose(layer.cell, gates["forget"] * before + gates["input"] * gates["candidate"], atol=1e-6)
        np.testing.assert_allclose(layer.hidden, gates["output"] * np.tanh(layer.cell), atol=1e-6)
    if kind == "gru":
        before = np.vstack([np.zeros(10), layer.hidden[:-1]])
        mixed = (1 - gates["update"]) * gates["candidate"] + gates["update"] * before
        np.testing.assert_allclose(layer.hidden, mixed, atol=1e-6)


def test_that_an_empty_text_is_refused_in_words():
    with pytest.raises(StudioError, match="type a word"):
        trace(build_model("gru", GRUConfig(), 12), [])
