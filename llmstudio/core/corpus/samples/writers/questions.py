"""A question on a passage: what is asked, what is right, and what else the passage would offer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A held-out question.

    Attributes:
        passage: the story it is about.
        question: as the user would type it.
        answer: word for word as the training answers are.
        candidates: at least three answers of the asked kind that the passage offers, the right one among them.
    """

    passage: str
    question: str
    answer: str
    candidates: tuple[str, ...]

    @property
    def chance(self) -> float:
        """The share a guess among the candidates gets right."""
        return 1 / len(self.candidates)
