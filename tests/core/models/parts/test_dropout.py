"""Laws of dropout: the share that is silenced, the mean that stays, the gradient of what is kept."""

from __future__ import annotations

import pytest
import torch

from llmstudio.core.models.parts.dropout import drop


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_that_the_share_is_silenced_and_the_rest_made_louder(share, dtype):
    torch.manual_seed(0)
    dropped = drop(torch.ones(401, 503, dtype=dtype), share, True).float()
    assert float((dropped == 0).float().mean()) == pytest.approx(share, abs=0.005)
    assert float(dropped.max()) == pytest.approx(1 / (1 - share), rel=5e-3)


def test_that_places_are_silenced_independently():
    torch.manual_seed(1)
    kept = (drop(torch.ones(4000, 64), 0.5, True) > 0).double()
    correlation = torch.corrcoef(kept.T) - torch.eye(64)
    assert float(correlation.abs().max()) < 0.1


def test_that_the_gradient_is_that_of_what_was_kept():
    torch.manual_seed(2)
    x = torch.randn(7, 5, requires_grad=True)
    y = drop(x, 0.4, True)
    y.sum().backward()
    torch.testing.assert_close(x.grad * x, y)


def test_that_a_seed_repeats_itself_and_speaking_silences_nothing():
    x = torch.randn(3, 5)
    torch.manual_seed(3)
    first = drop(x, 0.5, True)
    torch.manual_seed(3)
    assert torch.equal(first, drop(x, 0.5, True))
    assert drop(x, 0.5, False) is x
    assert drop(x, 0.0, True) is x
