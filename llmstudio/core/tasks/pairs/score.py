"""How well targets are foretold, and how near to them comes what a model writes itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from llmstudio.core.tasks.evaluation import Score
from llmstudio.core.tasks.scores.written import written_figures, written_remarks
from llmstudio.core.words import Words, words


@dataclass
class PairScore(Score):
    """Sums over the target tokens scored so far.

    Attributes:
        exact: Answers written that are the target to the last token.
        answers: Answers written.
        pairs: Pairs there are.
        zipped_bits: What a general compressor needs for the same targets.
        texts: Of the answers those that are scored as texts: none at a look in between, or where the corpus has no pairs.
        references: The targets in their place.
    """

    exact: int = 0
    answers: int = 0
    pairs: int = 0
    zipped_bits: float = 0.0
    texts: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """As `Score`'s, of the targets alone; exact_match, the share of answers that are the target to the letter; and where
        texts are scored, those of `written_figures`.
        """
        found = super().figures()
        if self.answers:
            found["exact_match"] = self.exact / self.answers
        if self.num_bytes and self.zipped_bits:
            found["zip_bits_per_byte"] = self.zipped_bits / self.num_bytes
        return found | written_figures(self.references, self.texts)

    def remarks(self) -> list[Words]:
        """How many answers the figures of texts are of, and what makes these hard to compare."""
        if not self.texts:
            return []
        of = words(
            "Exact match, BLEU, chrF and ROUGE are of {answers|answer|answers} that the model wrote, the likeliest word each"
            " time, to {pairs|pair|pairs}.",
            answers=self.answers,
            pairs=self.pairs,
        )
        return [of, *written_remarks(self.references, self.texts)]
