"""Remedies for rare classes: answers known from their sources, and laws of what an epoch shows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional as F

from llmstudio.core.tasks.classes.imbalance import (
    class_weights,
    focal_loss,
    label_focal_loss,
    label_weights,
    logit_offsets,
    resampled_rows,
    resampled_sizes,
)

COUNTS = np.array([1250, 86, 20, 1])


def test_that_inverse_weights_are_those_of_scikit_learn() -> None:
    labels = np.repeat(np.arange(4), COUNTS)
    expected = compute_class_weight("balanced", classes=np.arange(4), y=labels)
    assert np.allclose(class_weights(COUNTS, "inverse"), expected)


@pytest.mark.parametrize("weighting", ["inverse", "square_root", "effective_number"])
def test_that_weights_are_one_on_average_and_rarer_is_heavier(weighting: str) -> None:
    weights = class_weights(COUNTS, weighting)
    assert (weights * COUNTS).sum() == pytest.approx(COUNTS.sum())
    assert (np.diff(weights) > 0).all()
    assert np.allclose(class_weights([7, 7, 7], weighting), 1.0)
    assert class_weights([5, 0], weighting) == pytest.approx([1.0, 1.0])
    assert class_weights([0, 0], weighting).tolist() == [1.0, 1.0]
    assert np.isfinite(class_weights([10**9, 1], weighting)).all()


def test_that_the_square_root_goes_half_the_way() -> None:
    inverse, root = (class_weights(COUNTS, name) for name in ("inverse", "square_root"))
    assert np.allclose(inverse / inverse[0], (root / root[0]) ** 2)


def test_that_the_effective_number_is_a_geometric_sum_and_lies_between_its_limits() -> None:
    weights = class_weights([3, 1], "effective_number", overlap=0.9)
    assert weights[1] / weights[0] == pytest.approx(1 + 0.9 + 0.81)
    assert np.allclose(class_weights(COUNTS, "effective_number", overlap=0.0), 1.0)
    nearly = class_weights(COUNTS, "effective_number", overlap=1 - 1e-9)
    assert np.allclose(nearly, class_weights(COUNTS, "inverse"), rtol=1e-3)


def test_that_a_yes_weighs_as_many_as_there_are_noes() -> None:
    assert label_weights([10, 50, 0, 100], 100, "inverse") == pytest.approx([9.0, 1.0, 1.0, 1.0])
    assert label_weights([10], 100, "square_root") == pytest.approx([3.0])
    assert label_weights([1], 3, "effective_number", overlap=0.5) == pytest.approx([1.5])


def test_that_offsets_turn_an_ordinary_model_into_one_for_even_classes() -> None:
    random = np.random.default_rng(0)
    likelihood = random.dirichlet(np.ones(3), 4).T  # p(x | class), (x, class)
    counts = np.array([900, 90, 9, 1])
    posterior = likelihood * counts / (likelihood * counts).sum(1, keepdims=True)
    adjusted = np.log(posterior) - logit_offsets(counts)
    assert (adjusted.argmax(1) == likelihood.argmax(1)).all()
    assert (posterior.argmax(1) != likelihood.argmax(1)).any()
    assert np.exp(logit_offsets(counts)).sum() == pytest.approx(1.0)
    assert np.allclose(logit_offsets(counts, strength=0.5), logit_offsets(counts) / 2)
    assert np.isfinite(logit_offsets([3, 0])).all()


@pytest.mark.parametrize("focus", [0.0, 0.5, 1.0, 2.0, 5.0])
def test_that_focal_loss_is_its_formula_and_its_gradient_is_finite(focus: float) -> None:
    logits = torch.tensor([[2.0, 0.5, -1.0], [90.0, 0.0, 0.0], [-90.0, 0.0, 0.0], [0.0, 0.0, 0.0]], requires_grad=True)
    targets = torch.tensor([0, 0, 0, -100])
    losses = focal_loss(logits, targets, focus=focus)
    p = logits.detach().softmax(-1)[:3, 0]
    expected = -((1 - p) ** focus) * logits.detach().log_softmax(-1)[:3, 0]
    assert torch.allclose(losses[:3], expected, atol=1e-6)
    assert losses[3] == 0
    losses.sum().backward()
    assert bool(logits.grad.isfinite().all())


def test_that_without_focus_both_losses_are_cross_entropy_and_with_it_known_rows_count_less() -> None:
    logits = torch.randn(20, 3, generator=torch.Generator().manual_seed(0))
    targets = torch.arange(20) % 3
    assert torch.equal(focal_loss(logits, targets, focus=0.0), F.cross_entropy(logits, targets, reduction="none"))
    yes = torch.rand(20, 3, generator=torch.Generator().manual_seed(1)) < 0.5
    plain = F.binary_cross_entropy_with_logits(logits, yes.float(), reduction="none")
    assert torch.equal(label_focal_loss(logits, yes, focus=0.0), plain)
    assert torch.allclose(label_focal_loss(logits, yes), (1 - (-plain).exp()) ** 2 * plain, atol=1e-6)
    ratio = focal_loss(logits, targets) / F.cross_entropy(logits, targets, reduction="none")
    known = logits.softmax(-1).gather(1, targets[:, None])[:, 0]
    assert torch.equal(ratio.argsort(), known.argsort(descending=True))
    assert focal_loss(logits.bfloat16(), targets).dtype == torch.float32


def test_that_every_class_gets_its_share_of_the_largest() -> None:
    assert resampled_sizes(COUNTS, "over").tolist() == [1250] * 4
    assert resampled_sizes(COUNTS, "over", share=0.05).tolist() == [1250, 86, 63, 63]
    assert resampled_sizes(COUNTS, "under").tolist() == [1] * 4
    assert resampled_sizes(COUNTS[:3], "under", share=0.1).tolist() == [200, 86, 20]
    assert resampled_sizes([5, 0, 2], "over").tolist() == [5, 0, 5]
    assert resampled_sizes([0, 0], "under").tolist() == [0, 0]


@pytest.mark.parametrize("resampling", ["over", "under"])
@pytest.mark.parametrize("seed", range(5))
def test_that_all_rows_of_a_class_are_shown_equally_often_after_any_number_of_epochs(resampling: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = random.choice(4, 150, p=[0.7, 0.2, 0.1, 0.0])
    counts = np.bincount(labels, minlength=4)
    sizes = resampled_sizes(counts, resampling, share=0.8)
    shown = np.zeros(150, dtype=int)
    for epoch in range(7):
        rows = resampled_rows(labels, sizes, seed=seed, epoch=epoch)
        assert (np.bincount(labels[rows], minlength=4) == sizes).all()
        if resampling == "over":
            assert len(np.unique(rows)) == 150
        else:
            assert len(np.unique(rows)) == len(rows)
        shown += np.bincount(rows, minlength=150)
        for at in range(3):
            assert np.ptp(shown[labels == at]) <= 1


def test_that_rows_follow_from_seed_and_epoch_alone_and_come_in_a_new_order() -> None:
    labels, sizes = np.arange(40) % 2, np.array([20, 20])
    rows = resampled_rows(labels, sizes, seed=1, epoch=3)
    assert np.array_equal(rows, resampled_rows(labels, sizes, seed=1, epoch=3))
    assert not np.array_equal(rows, resampled_rows(labels, sizes, seed=1, epoch=4))
    assert not np.array_equal(rows, resampled_rows(labels, sizes, seed=2, epoch=3))
    assert sorted(rows) == list(range(40))
    assert len(resampled_rows([], [0, 0], seed=0, epoch=0)) == 0
