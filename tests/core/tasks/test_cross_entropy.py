"""The loss that overwrites its logits gives what torch's own gives, to the last bit."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.tasks.cross_entropy import cross_entropy


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("rows", "vocab_size"), [(1, 7), (64, 513), (300, 5000)])
def test_that_losses_and_gradients_equal_those_of_torch_to_the_last_bit(
    rows: int, vocab_size: int, dtype: torch.dtype, smoothing: float
) -> None:
    draw = torch.Generator().manual_seed(rows)
    hidden = torch.randn(rows, 24, generator=draw).to(dtype)
    table = torch.randn(vocab_size, 24, generator=draw).to(dtype)
    targets = torch.randint(0, vocab_size, (rows,), generator=draw)
    targets[torch.rand(rows, generator=draw) < 0.2] = IGNORED
    weights = torch.rand(rows, generator=draw)

    def found(of: object) -> tuple[Tensor, Tensor | None, Tensor | None]:
        read, written = hidden.clone().requires_grad_(), table.clone().requires_grad_()
        logits = F.linear(read, written)
        if of == "torch":
            losses = F.cross_entropy(
                logits.float(), targets, ignore_index=IGNORED, reduction="none", label_smoothing=smoothing
            )
        else:
            losses = cross_entropy(logits, targets, label_smoothing=smoothing)
        (losses * weights).sum().backward()
        return losses, read.grad, written.grad

    for ours, theirs in zip(found("ours"), found("torch"), strict=True):
        assert ours is not None
        assert theirs is not None
        assert torch.equal(ours, theirs)


def test_that_the_logits_are_overwritten_so_that_no_second_block_of_their_size_is_made() -> None:
    logits = torch.randn(4, 50)
    with torch.inference_mode():
        kept = logits.clone()
        cross_entropy(logits, torch.tensor([1, 2, 3, IGNORED]))
        assert torch.equal(logits, kept.log_softmax(-1))
