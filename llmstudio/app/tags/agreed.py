"""How far the tags that a model tells agree with those that a file has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from llmstudio.app.tags.telling import Tagged
from llmstudio.core.events import Noted
from llmstudio.core.words import nearest, words

_NAMED = 8  # tags


class Agreed:
    """Sentences whose tags are counted against those that they were told to have; others are counted.

    Attributes:
        num_words: Words that were compared.
        num_untagged: Sentences of words without tags.
        unknown: Tags that the model does not know, by how many words have them: what it says of these is wrong.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """`names` of the tags that the model knows."""
        from llmstudio.core.tasks.scores.agreement import Agreement
        from llmstudio.core.tasks.scores.spans import is_span_tag

        self._names = names
        self._are_spans = all(map(is_span_tag, names))
        self._spans = Agreement(0, 0, 0)
        self._right = self.num_words = self.num_untagged = 0
        self.unknown: Counter[str] = Counter()

    def add(self, result: Tagged) -> None:
        """The next sentence; one without words counts for nothing."""
        from llmstudio.core.tasks.scores.agreement import together
        from llmstudio.core.tasks.scores.spans import is_span_tag, score_spans

        if not result.told:
            return
        if (true := result.given.tags) is None:
            self.num_untagged += 1
            return
        self.num_words += len(true)
        self._right += sum(one == other for one, other in zip(true, result.tags, strict=True))
        self.unknown.update(tag for tag in true if tag not in self._names)
        self._are_spans &= all(map(is_span_tag, true))
        if self._are_spans:
            self._spans = together([self._spans, score_spans([true], [result.tags]).overall])

    def figures(self) -> dict[str, float]:
        """Figures tag_accuracy, span_f1 where all tags tell of spans (0 to 1), and of how many words; empty without tags."""
        if not self.num_words:
            return {}
        spans = {"span_f1": self._spans.f1} if self._are_spans else {}
        return {"tag_accuracy": self._right / self.num_words, **spans, "words_with_tags": self.num_words}

    def notes(self, job: str) -> Iterator[Noted]:
        """What a person should know of the figures."""
        if self.unknown:
            first = next(iter(self.unknown))
            message = words(
                "The model does not know {n|tag|tags} of the file: {tags}. What it says of these words counts as wrong. It"
                " knows {names}.",
                n=len(self.unknown),
                tags=", ".join(f"{tag} ({count:,})" for tag, count in self.unknown.most_common(_NAMED)),
                names=nearest(first, list(self._names), _NAMED),
            )
            yield Noted(job=job, message=message, level="warning", details={"unknown_tags": dict(self.unknown)})
        if self.num_untagged and self.num_words:
            message = words(
                "{n|sentence has|sentences have} words without tags: left out of accuracy and F1.",
                n=self.num_untagged,
            )
            yield Noted(job=job, message=message)
