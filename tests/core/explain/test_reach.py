"""Laws of the reach: nothing from the future, fading through a recurrence, equal to a difference quotient."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.explain.reach import gradient_reach
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.models.taps import Tap
from llmstudio.core.work import Stop

CONFIGS = {
    "rnn": RNNConfig(num_layers=2, embed_dim=8, hidden_dim=16),
    "lstm": LSTMConfig(num_layers=2, embed_dim=8, hidden_dim=16),
    "gru": GRUConfig(num_layers=2, embed_dim=8, hidden_dim=16, layer_norm=True),
    "decoder": DecoderConfig(num_layers=2, embed_dim=16, num_heads=2, context_length=64, value_embeddings=True),
}
IDS = torch.randint(0, 20, (40,), generator=torch.Generator().manual_seed(2)).tolist()


@pytest.mark.parametrize("kind", CONFIGS)
def test_that_a_guess_hangs_on_every_token_read_and_on_none_after_it(kind):
    model = build_model(kind, CONFIGS[kind], 20, seed=1).eval()
    reach = gradient_reach(model, IDS, 25)
    assert reach.shape == (40,)
    assert (reach[26:] == 0).all()
    assert reach[25] > 0
    assert (reach[:26] >= 0).all()
    assert (reach[16:26] > 0).all()


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_that_the_reach_of_an_untrained_recurrence_fades_with_distance(kind):
    reach = gradient_reach(build_model(kind, CONFIGS[kind], 20, seed=1).eval(), IDS, 38)
    assert reach[:10].mean() < 0.1 * reach[29:39].mean()


@pytest.mark.parametrize("kind", CONFIGS)
def test_that_it_equals_the_difference_that_a_small_nudge_makes(kind):
    model = build_model(kind, CONFIGS[kind], 20, seed=1).eval()
    ids = list(range(12))  # each token once, so that its row of the table is one place of the text
    reach, at, step = gradient_reach(model, ids, 10), 8, 1e-2
    slopes = []
    for unit in range(model.config.embed_dim):
        logits = []
        for sign in (1, -1):
            with torch.no_grad():
                nudge = Tap(lambda name, x, s=sign, u=unit: _nudged(x, at, u, s * step) if name == "embed" else x)
                logits.append(model.head(model(Batch(torch.tensor([ids])), tap=nudge).hidden[0, 10])[ids[11]].item())
        slopes.append((logits[0] - logits[1]) / (2 * step))
    assert np.linalg.norm(slopes) == pytest.approx(float(reach[at]), rel=2e-2, abs=1e-5)


@pytest.mark.parametrize("kind", CONFIGS)
def test_that_looking_leaves_the_model_as_it_was(kind):
    model = build_model(kind, CONFIGS[kind], 20, seed=1).eval()
    before = {name: p.clone() for name, p in model.named_parameters()}
    gradient_reach(model, IDS, 5)
    assert not model.training
    assert all(torch.equal(before[name], p) and p.grad is None for name, p in model.named_parameters())


def test_that_a_full_context_can_be_looked_back_on():
    model = build_model("decoder", CONFIGS["decoder"], 20).eval()
    ids = [place % 20 for place in range(65)]
    assert (gradient_reach(model, ids, 63)[:64] > 0).all()
    with pytest.raises(StudioError, match="look back on 64"):
        gradient_reach(model, [*ids, 1], 64)


def test_that_a_place_without_a_next_token_is_refused_in_words():
    model = build_model("rnn", CONFIGS["rnn"], 20)
    for ids, position in ((IDS, 39), (IDS, -1), ([3], 0), ([], 0)):
        with pytest.raises(StudioError, match="no next token"):
            gradient_reach(model, ids, position)


@pytest.mark.parametrize("kind", ["gru", "decoder"])
def test_that_a_stop_on_the_way_back_is_heard_before_the_next_part(kind):
    model, stop, reached = build_model(kind, CONFIGS[kind], 20).eval(), Stop(), []
    first, second = (model.blocks if kind == "decoder" else model.norms)[:2]
    first.register_forward_pre_hook(lambda _, given: _on_way_back(given[0], lambda: reached.append(first)))
    second.register_forward_pre_hook(lambda _, given: _on_way_back(given[0], stop.request))
    with pytest.raises(StudioError, match="stopped"):
        gradient_reach(model, IDS, 38, stop=stop)
    assert not reached


def _on_way_back(x, then):
    x.register_hook(lambda _: then())


def _nudged(out, at, unit, step):
    moved = out.clone()
    moved[0, at, unit] += step
    return moved
