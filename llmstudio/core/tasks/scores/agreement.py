"""Precision, recall and F1 of what was found: the one arithmetic that classes, spans and words of a text share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """What was guessed beside what is real. A share of nothing is 0, as scikit-learn's `zero_division=0`.

    Attributes:
        right: Guesses that are real.
        guessed: All guesses.
        real: All that was there to be found.
    """

    right: int
    guessed: int
    real: int

    @property
    def precision(self) -> float:
        """Share of the guesses that are right, 0 to 1."""
        return self.right / self.guessed if self.guessed else 0.0

    @property
    def recall(self) -> float:
        """Share of what is real that was found, 0 to 1."""
        return self.right / self.real if self.real else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0 to 1."""
        return 2 * self.right / (self.guessed + self.real) if self.right else 0.0

    @property
    def occurs(self) -> bool:
        """Whether there was anything to be found, or anything was guessed: otherwise the figures say nothing."""
        return self.guessed + self.real > 0


def together(parts: Iterable[Agreement]) -> Agreement:
    """All parts counted as one (micro-averaging): large parts weigh more."""
    known = list(parts)
    return Agreement(sum(p.right for p in known), sum(p.guessed for p in known), sum(p.real for p in known))


def macro_f1(parts: Iterable[Agreement]) -> float:
    """Mean F1 of the parts, rare ones weighing as much as frequent ones.

    Parts that neither occur nor were guessed are left out: their F1 isn't known. scikit-learn does the same unless it is
    given a list of labels. 0 if nothing occurs.
    """
    known = [part.f1 for part in parts if part.occurs]
    return sum(known) / len(known) if known else 0.0
