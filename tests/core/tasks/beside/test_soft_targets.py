"""The loss by right answers and by a teacher's, and its gradient, are those of the formula."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.tasks.beside.soft_targets import soft_cross_entropy
from llmstudio.core.tasks.cross_entropy import cross_entropy


def drawn(seed: int) -> torch.Tensor:
    return torch.randn(6, 11, generator=torch.Generator().manual_seed(seed)) * 3


TARGETS = torch.tensor([3, 0, IGNORED, 10, 5, 5])
COUNTS = torch.tensor([1.0, 0.5, 2.0, 0.0, 1.0, 3.0])


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize(("share", "temperature"), [(0.0, 2.0), (0.5, 1.0), (0.3, 4.0), (1.0, 0.5)])
def test_that_loss_and_gradient_are_hintons(share: float, temperature: float, smoothing: float) -> None:
    logits, teacher = drawn(0).requires_grad_(), drawn(1)
    soft = F.kl_div(
        F.log_softmax(logits / temperature, -1), F.log_softmax(teacher / temperature, -1), reduction="none", log_target=True
    ).sum(-1) * (TARGETS != IGNORED)
    hard = F.cross_entropy(logits, TARGETS, ignore_index=IGNORED, reduction="none", label_smoothing=smoothing)
    wanted = (1 - share) * hard + share * temperature**2 * soft
    (gradient,) = torch.autograd.grad((wanted * COUNTS).sum(), logits)
    again = drawn(0).requires_grad_()
    losses, by_targets, by_teacher = soft_cross_entropy(
        again * 1, teacher.clone(), TARGETS, share, temperature, label_smoothing=smoothing
    )
    torch.testing.assert_close(losses, wanted)
    torch.testing.assert_close(by_targets, hard.detach())
    torch.testing.assert_close(by_teacher, temperature**2 * soft.detach())
    assert not any(part.requires_grad for part in (by_targets, by_teacher))
    torch.testing.assert_close(torch.autograd.grad((losses * COUNTS).sum(), again)[0], gradient)


def test_that_a_teacher_that_guesses_alike_adds_nothing_to_loss_and_gradient() -> None:
    ours, plain = drawn(0).requires_grad_(), drawn(0).requires_grad_()
    losses, _, by_teacher = soft_cross_entropy(ours * 1, drawn(0), TARGETS, 0.5, 3.0)
    assert not by_teacher.any()
    alone = cross_entropy(plain * 1, TARGETS)
    torch.testing.assert_close(losses, 0.5 * alone)
    (mixed,), (ordinary,) = torch.autograd.grad(losses.sum(), ours), torch.autograd.grad(alone.sum(), plain)
    torch.testing.assert_close(mixed, 0.5 * ordinary)
