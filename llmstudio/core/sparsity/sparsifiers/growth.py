"""Sparse from the first step on: a fixed mask."""

from __future__ import annotations

from llmstudio.core.sparsity.sparsifiers.base import Sparsifier


class Static(Sparsifier):
    """What is gone is drawn before the first step; of a model that has learned the smallest weights go."""

    def begin(self, *, is_learned: bool, is_pruned: bool) -> None:
        """Choose what is there; what had been pruned before is gone in any case. Raises StudioError as everywhere."""
        super().begin(is_learned=is_learned, is_pruned=is_pruned)
        draw = self._drawn(-1)
        scores = {
            name: (p.detach().abs() if is_learned else draw(p)).masked_fill(~self.masked[name].stays, -1.0)
            for name, p in self.parameters.items()
        }
        self._mask(self._choose(scores, 1.0))
