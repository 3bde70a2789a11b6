"""How near rewritten texts come to the targets that a file has."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from llmstudio.app.rewriting.rewriter import Rewriting
from llmstudio.core.events import Noted
from llmstudio.core.words import words

_MANY = 0.5


class Scored:
    """Results that are compared with their targets as these stand in the file; others are counted."""

    def __init__(self, cleaned: Callable[[str], str]) -> None:
        """`cleaned` gives a text as the model has learned such texts."""
        self._cleaned = cleaned
        self._references: list[str] = []
        self._texts: list[str] = []
        self._num_changed = self._num_without = 0

    def add(self, result: Rewriting) -> None:
        """The next result; one of an empty text counts for nothing."""
        if not result.source.text.strip():
            return
        if (target := result.source.target) is None:
            self._num_without += 1
            return
        self._references.append(target)
        self._texts.append(result.text)
        self._num_changed += self._cleaned(target).split() != target.split()

    def figures(self) -> dict[str, float]:
        """As `written_figures`, and of how many texts; empty if no text has a target."""
        if not self._references:
            return {}
        from llmstudio.core.tasks.scores.written import written_figures

        return {**written_figures(self._references, self._texts), "texts_with_targets": len(self._references)}

    def notes(self, job: str) -> Iterator[Noted]:
        """What is not in the figures, and what makes them hard to compare."""
        if not self._references:
            return
        from llmstudio.core.tasks.scores.written import written_remarks

        for remark in written_remarks(self._references, self._texts):
            yield Noted(job=job, message=remark, level="warning")
        if self._num_changed > _MANY * len(self._references):
            message = words(
                "The texts that the model learned from were cleaned, so it cannot write most of these targets as they stand:"
                " the scores are against the targets of the file."
            )
            yield Noted(job=job, message=message, level="warning")
        if self._num_without:
            message = words(
                "{n|text without a target is|texts without a target are} left out of the scores.", n=self._num_without
            )
            yield Noted(job=job, message=message)
