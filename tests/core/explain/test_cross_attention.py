"""Laws of looking back at the source: shares add up, are those the model computes with, and looking changes nothing."""

from __future__ import annotations

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.explain.cross_attention import cross_attention
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.tokenizer.config import ASSISTANT
from llmstudio.core.work import Stop

CONFIG = EncoderDecoderConfig(num_layers=2, embed_dim=16, num_heads=2, context_length=16)


def _model():
    return build_model("encoder_decoder", CONFIG, 20, seed=1).eval()


def test_that_each_written_token_shares_itself_out_over_the_source():
    model = _model()
    shares = cross_attention(model, [8, 9, 10, 11], [12, 13, 14])
    assert shares.shape == (2, 2, 3, 4)
    assert shares.sum(-1) == pytest.approx(1, abs=1e-5)
    assert (shares > 0).all()


def test_that_the_shares_are_those_by_which_the_source_is_mixed():
    model, source, written = _model(), [8, 9, 10, 11], [12, 13, 14]
    shares = cross_attention(model, source, written)
    inputs = []
    cross = model.blocks[1].cross
    cross.out.register_forward_pre_hook(lambda _module, given: inputs.append(given[0]))
    with torch.inference_mode():
        read = model.read(torch.tensor([source]))
        model(Batch(torch.tensor([[ASSISTANT, *written[:-1]]]), source=torch.tensor([source])))
    mixed = torch.from_numpy(shares[1]) @ read.values[1][0]  # (H, T, K)
    assert torch.allclose(mixed.transpose(0, 1).reshape(1, 3, -1), inputs[0], atol=1e-5)


def test_that_a_source_token_that_is_dead_to_the_keys_takes_an_even_share():
    model = _model()
    with torch.no_grad():
        model.blocks[0].cross.q.weight.zero_()  # no question: every place answers alike
    assert cross_attention(model, [8, 9, 10, 11], [12])[0] == pytest.approx(0.25, abs=1e-6)


def test_that_what_cannot_be_looked_at_is_said():
    with pytest.raises(StudioError, match="wrote nothing"):
        cross_attention(_model(), [8, 9], [])
    stop = Stop()
    stop.request()
    with pytest.raises(StudioError):
        cross_attention(_model(), [8, 9], [10, 11], stop=stop)
