"""A remedy for rare classes at work: the loss of a text by it, and the rows that an epoch shows. Readable without torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.tasks.classes.imbalance import (
    Resampling,
    Weighting,
    class_weights,
    focal_loss,
    label_focal_loss,
    label_weights,
    logit_offsets,
    resampled_rows,
    resampled_sizes,
)
from llmstudio.core.tasks.classes.made_up.texts import MADE_UP, wanted_texts
from llmstudio.core.words import Words, words

if TYPE_CHECKING:
    from torch import Tensor

_WEIGHTINGS = ("inverse", "square_root", "effective_number")
_RESAMPLINGS: dict[str, Resampling] = {"oversampling": "over", "undersampling": "under"}
_OF_ONE_CLASS = (*_RESAMPLINGS, "logit_adjustment", *MADE_UP)
UNSMOOTHED = ("focal", "logit_adjustment")
"""Remedies whose loss has no place for label smoothing."""


class Balance:
    """A remedy, and the texts it is for.

    Attributes:
        remedy: Its name in `ClassifySettings.imbalance`.
        counts: (C,) texts of each class.
        rows: All texts.
        several: Whether a text may have several classes.
        smoothing: Label smoothing, where it has a place.
    """

    def __init__(self, remedy: str, counts: NDArray[np.int64], rows: int, *, several: bool, smoothing: float = 0.0) -> None:
        self.remedy, self.counts, self.rows, self.several = remedy, counts, rows, several
        self.smoothing = smoothing

    @property
    def shapes_loss(self) -> bool:
        """Whether `losses` is another measure than `cross_entropy`."""
        if self.without_effect() is None and (self._weighting or self.remedy in UNSMOOTHED):
            return True
        return self.smoothing > 0 and not self.several and self.remedy not in UNSMOOTHED

    def without_effect(self) -> Words | None:
        """Why the remedy does nothing for these texts; None if it does something."""
        if self.several and self.remedy in _OF_ONE_CLASS:
            return words("a text may have several classes")
        if self.remedy in MADE_UP and not wanted_texts(self.counts, 1).any():
            return words("every class has at least half of an even share of the texts")
        if (
            self.remedy not in ("none", "focal", "threshold")
            and len(set(self.counts[self.counts > 0].tolist())) == 1
            and not self.several
        ):
            return words("all classes are equally frequent")
        return None

    def losses(self, logits: Tensor, truth: Tensor) -> Tensor:
        """(B,) nats by which a model learns from texts, the remedy and smoothing in them.

        logits (B, C); truth (B, C), 1 for the classes that each text has.
        """
        from torch.nn import functional as F

        if self.several:
            if self.remedy == "focal":
                return label_focal_loss(logits, truth).sum(1)
            weighting = self._weighting
            yes = None if weighting is None else _numbers(label_weights(self.counts, self.rows, weighting), logits)
            return F.binary_cross_entropy_with_logits(logits, truth, reduction="none", pos_weight=yes).sum(1)
        told = truth.argmax(1)
        if self.remedy == "focal":
            return focal_loss(logits, told)
        if self.remedy == "logit_adjustment":
            # Smoothing would ask for more of a rare class in every text than there is of it.
            return F.cross_entropy(logits + _numbers(logit_offsets(self.counts), logits), told, reduction="none")
        losses = F.cross_entropy(logits, told, reduction="none", label_smoothing=self.smoothing)
        if self._weighting is None:
            return losses
        return losses * _numbers(class_weights(self.counts, self._weighting), logits)[told]

    def cross_entropy(self, logits: Tensor, truth: Tensor) -> Tensor:
        """(B,) nats by which a model misses what is so: the loss of looks, the same under every remedy and any smoothing."""
        return Balance("none", self.counts, self.rows, several=self.several).losses(logits, truth)

    def weights(self, truth: Tensor) -> Tensor:
        """(B,) what each of these texts counts. A mean over texts is over these: a step in which a rare class happens to
        come up often must not look like one that went wrong.
        """
        if self._weighting is None:
            return truth.new_ones(len(truth))
        if self.several:
            yes = _numbers(label_weights(self.counts, self.rows, self._weighting), truth)
            return (1 + truth * (yes - 1)).mean(1)
        return _numbers(class_weights(self.counts, self._weighting), truth)[truth.argmax(1)]

    def shown(self, labels: NDArray[np.int64], seed: int) -> Callable[[int], NDArray[np.int64]] | None:
        """Numbers of the rows that an epoch shows, of texts with these classes (N,); None if each is shown once."""
        if self.several or self.remedy not in _RESAMPLINGS:
            return None
        sizes = resampled_sizes(self.counts, _RESAMPLINGS[self.remedy])
        return lambda epoch: resampled_rows(labels, sizes, seed=seed, epoch=epoch)

    @property
    def _weighting(self) -> Weighting | None:
        return cast("Weighting", self.remedy) if self.remedy in _WEIGHTINGS else None


def _numbers(values: NDArray[np.float64], like: Tensor) -> Tensor:
    """Values as a tensor on the device of another."""
    return like.new_tensor(values.tolist())
