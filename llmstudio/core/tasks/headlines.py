"""The figures that models are known by: how they are written, their units, and which of two is the better one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from llmstudio.core.words import Words, words


@dataclass(frozen=True)
class Headline:
    """A figure for text that nobody learned from.

    Attributes:
        name: As a score's figures call it.
        unit: What it counts.
        on_all: The figure with its unit on all of the held-out text; a template of `value` and `percent`.
        on_sample: The same on a sample of it.
        more_is_better: Whether the larger of two is the better one.
        alone: The figure where its unit stands elsewhere, at the head of a column; a template like the others.
    """

    name: str
    unit: Words
    on_all: str
    on_sample: str
    more_is_better: bool = False
    alone: str = "{percent:.1f} %"

    def figure(self, value: float) -> Words:
        """The figure without its unit."""
        if math.isinf(value):
            return words("∞")
        return words(self.alone, value=value, percent=100 * value)

    def told(self, value: float, *, is_whole: bool) -> Words:
        """The figure with its unit, and whether it is of a sample."""
        return words(self.on_all if is_whole else self.on_sample, value=value, percent=100 * value)


BITS_PER_BYTE = Headline(
    "bits_per_byte",
    words("bits per byte"),
    "{value:.3f} bits per byte",
    "{value:.3f} bits per byte on a sample",
    alone="{value:.3f}",
)
ACCURACY = Headline(
    "accuracy",
    words("of texts classified correctly"),
    "{percent:.1f} % of texts classified correctly",
    "{percent:.1f} % of texts classified correctly on a sample",
    more_is_better=True,
)
TAG_ACCURACY = Headline(
    "tag_accuracy",
    words("of words tagged correctly"),
    "{percent:.1f} % of words tagged correctly",
    "{percent:.1f} % of words tagged correctly on a sample",
    more_is_better=True,
)
MASKED_ACCURACY = Headline(
    "masked_accuracy",
    words("of hidden words filled in right"),
    "{percent:.0f} % of hidden words filled in right",
    "{percent:.0f} % of hidden words filled in right on a sample",
    more_is_better=True,
    alone="{percent:.0f} %",
)
