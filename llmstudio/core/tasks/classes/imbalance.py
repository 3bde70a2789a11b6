"""Remedies for rare classes: weights, losses and offsets from how often each class occurs, and which rows an epoch shows.

Left alone, a model learns frequent classes first, since most of its loss is theirs. Moving the threshold afterwards is in
`scores.thresholds`. Readable without torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from torch import Tensor

Weighting = Literal["inverse", "square_root", "effective_number"]
Resampling = Literal["over", "under"]
_OVERLAP = 0.999  # of Cui et al.'s four values the one for classes of some hundred examples
_FOCUS = 2.0  # Lin et al.'s best


def class_weights(counts: ArrayLike, weighting: Weighting, *, overlap: float = _OVERLAP) -> NDArray[np.float64]:
    """What a row of each class counts in the loss, (C,); over all rows 1 on average, so learning rates keep their meaning.

    Args:
        counts: Rows of each class, (C,). A class without any weighs 1.
        weighting: `inverse` makes classes count alike, `square_root` goes half the way, `effective_number` takes into
            account that many examples of one class resemble each other.
        overlap: Of `effective_number`, 0 to 1: near 0 rows count alike, near 1 classes do. Named beta in its source.

    Source: for the last, Cui et al. 2019, arXiv:1901.05555.
    """
    rows = np.asarray(counts, dtype=np.float64)
    occurs = rows > 0
    weights = np.ones(len(rows))
    weights[occurs] = 1 / _mass(rows[occurs], weighting, overlap)
    weights[occurs] *= rows.sum() / max(1.0, float((rows * weights)[occurs].sum()))
    return weights


def label_weights(counts: ArrayLike, rows: int, weighting: Weighting, *, overlap: float = _OVERLAP) -> NDArray[np.float64]:
    """What "yes" counts in the loss for each label beside "no", (C,), where a row may have several; 1 if one is missing.

    Args:
        counts: Rows with each label, (C,).
        rows: All rows.
        weighting: As of `class_weights`.
        overlap: Likewise.
    """
    yes = np.asarray(counts, dtype=np.float64)
    no = rows - yes
    known = (yes > 0) & (no > 0)
    weights = np.ones(len(yes))
    weights[known] = _mass(no[known], weighting, overlap) / _mass(yes[known], weighting, overlap)
    return weights


def logit_offsets(counts: ArrayLike, *, strength: float = 1.0) -> NDArray[np.float64]:
    """Offsets of logits, (C,): added while learning or taken off an ordinary model's answers, they make classes count alike.

    They are the logarithms of how often classes occur. A class without a row counts as one row.

    Args:
        counts: Rows of each class, (C,).
        strength: 1 for the best mean recall of the classes, 0 for none. Named tau in its source.

    Source: Menon et al. 2021, arXiv:2007.07314.
    """
    rows = np.maximum(np.asarray(counts, dtype=np.float64), 1.0)
    offsets: NDArray[np.float64] = strength * np.log(rows / rows.sum())
    return offsets


def focal_loss(logits: Tensor, targets: Tensor, *, focus: float = _FOCUS) -> Tensor:
    """Cross-entropy in which rows already known count little: times (1 - p)^focus, nats, (N,).

    Args:
        logits: (N, C).
        targets: (N,); 0 is the loss of those to be ignored, as of torch's cross-entropy.
        focus: 0 is plain cross-entropy. Named gamma in its source.

    Source: Lin et al. 2017, arXiv:1708.02002.
    """
    from torch.nn import functional as F

    return _focused(F.cross_entropy(logits.float(), targets, reduction="none"), focus)


def label_focal_loss(logits: Tensor, targets: Tensor, *, focus: float = _FOCUS) -> Tensor:
    """The same where a row may have several labels, (N, C). logits (N, C); targets (N, C), yes or no."""
    from torch.nn import functional as F

    return _focused(F.binary_cross_entropy_with_logits(logits.float(), targets.float(), reduction="none"), focus)


def resampled_sizes(counts: ArrayLike, resampling: Resampling, *, share: float = 1.0) -> NDArray[np.int64]:
    """How many rows of each class an epoch shows, (C,).

    Args:
        counts: Rows of each class, (C,); a class without any stays so.
        resampling: `over` repeats rows of rare classes, `under` leaves out rows of frequent ones.
        share: Rows that each class then has at least, as a share of the largest one's, above 0 up to 1.
    """
    rows = np.asarray(counts, dtype=np.int64)
    occurs = rows[rows > 0]
    if not len(occurs):
        return rows
    if resampling == "over":
        sizes = np.maximum(rows, np.ceil(share * occurs.max()).astype(np.int64))
    else:
        sizes = np.minimum(rows, np.floor(occurs.min() / share).astype(np.int64))
    return np.where(rows > 0, sizes, 0)


def resampled_rows(labels: ArrayLike, sizes: ArrayLike, *, seed: int, epoch: int) -> NDArray[np.int64]:
    """Numbers of the rows that an epoch shows, in random order: so many of each class as `sizes` says.

    Each class goes round through its rows in an order of its own, and an epoch begins where the one before ended: all rows
    of a class are shown equally often, but for one time, after any number of epochs. It follows from seed and epoch alone,
    so there is nothing to save.

    Args:
        labels: Class of each row, (N,).
        sizes: Rows of each class in an epoch, (C,), see `resampled_sizes`.
        seed: Of the orders.
        epoch: Counted from 0.
    """
    classes = np.asarray(labels, dtype=np.int64)
    shown = []
    for at, size in enumerate(np.asarray(sizes, dtype=np.int64).tolist()):
        rows = np.flatnonzero(classes == at)
        if size and len(rows):
            order = np.random.default_rng((seed, at)).permutation(rows)
            shown.append(order[(epoch * size + np.arange(size)) % len(rows)])
    if not shown:
        return np.zeros(0, dtype=np.int64)
    return np.random.default_rng((seed, len(shown), epoch)).permutation(np.concatenate(shown))


def _mass(rows: NDArray[np.float64], weighting: Weighting, overlap: float) -> NDArray[np.float64]:
    """What so many rows of one class are taken for."""
    if weighting == "inverse":
        return rows
    if weighting == "square_root":
        return np.sqrt(rows)
    mass: NDArray[np.float64] = (1 - overlap**rows) / (1 - overlap)
    return mass


def _focused(losses: Tensor, focus: float) -> Tensor:
    """Losses times (1 - p)^focus, p being the probability that each leaves to the truth."""
    if not focus:
        return losses
    missing = -(-losses).expm1()
    # A power below 1 has no gradient at 0.
    return missing.clamp(min=1e-12) ** focus * losses
