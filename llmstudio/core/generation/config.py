"""Settings of speaking: how the next token is chosen, and how long to go on."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.core.settings import setting

BEAM = frozenset({"beam_width", "length_penalty"})
"""Settings of searching for the best text."""
DRAWING = frozenset({"temperature", "top_k", "top_p", "min_p", "seed"})
"""Settings of drawing the next token."""


@dataclass(frozen=True)
class GenerationConfig:
    """How text is drawn from a model's probabilities."""

    temperature: float = setting(
        0.8,
        label="Temperature",
        help="0 always takes the likeliest token; 1 follows the model's probabilities; more is wilder.",
        ge=0.0,
        le=5.0,
        source="Ackley et al. 1985",
    )
    top_k: int = setting(
        0,
        label="Top-k",
        help="Choose among the k likeliest tokens only; 0 for all.",
        ge=0,
        le=1_000_000,
        source="Fan et al. 2018, arXiv:1805.04833",
    )
    top_p: float = setting(
        1.0,
        label="Top-p",
        help="Choose among the likeliest tokens that together hold this share of probability.",
        ge=0.01,
        le=1.0,
        source="Holtzman et al. 2020, arXiv:1904.09751",
    )
    min_p: float = setting(
        0.0,
        label="Min-p",
        help="Leave out tokens that have less than this share of the likeliest one's probability; 0 for none.",
        ge=0.0,
        le=1.0,
        advanced=True,
        source="Nguyen et al. 2024, arXiv:2407.01082",
    )
    repetition_penalty: float = setting(
        1.0,
        label="Repetition penalty",
        help="Against running in circles: above 1, what was said lately becomes less likely; 1 changes nothing, 1.1 to 1.3"
        " is usual.",
        ge=0.1,
        le=10.0,
        source="Keskar et al. 2019, arXiv:1909.05858",
    )
    presence_penalty: float = setting(
        0.0,
        label="Presence penalty",
        help="Taken once off the score of every token that was said lately; below 0 it invites them.",
        ge=-10.0,
        le=10.0,
        advanced=True,
        source="OpenAI API",
    )
    frequency_penalty: float = setting(
        0.0,
        label="Frequency penalty",
        help="Taken off a token's score each time that it was said lately; below 0 it invites repetition.",
        ge=-10.0,
        le=10.0,
        advanced=True,
        source="OpenAI API",
    )
    penalty_window: int = setting(
        64,
        label="Penalties look back",
        help="How many of the latest tokens the three penalties look at, the prompt among them; 0 for all.",
        ge=0,
        le=1_000_000,
        unit="tokens",
        advanced=True,
    )
    no_repeat_ngram_size: int = setting(
        0,
        label="No repeated n-gram",
        help="So many tokens in a row are never said twice, nor copied from the prompt; 0 allows it. The surest way out of a"
        " loop; for single characters 8 or more.",
        ge=0,
        le=1000,
        unit="tokens",
        advanced=True,
        source="Paulus et al. 2017, arXiv:1705.04304",
    )
    stop_strings: tuple[str, ...] = setting(
        (),
        label="Stop at",
        help="The text ends before the first of these; several with commas between, \\n for the end of a line.",
        advanced=True,
    )
    max_new_tokens: int = setting(200, label="Length", help="Stop after this many tokens.", ge=1, le=100_000, unit="tokens")
    beam_width: int = setting(
        4,
        label="Beam",
        help="For models that rewrite a text: how many versions are written side by side, of which the best is taken.",
        ge=1,
        le=64,
        advanced=True,
        source="Wu et al. 2016, arXiv:1609.08144",
    )
    length_penalty: float = setting(
        0.6,
        label="Length penalty",
        help="For models that rewrite a text: 0 favours short versions, more favours longer ones.",
        ge=0.0,
        le=2.0,
        advanced=True,
        source="Wu et al. 2016, arXiv:1609.08144",
    )
    seed: int = setting(0, label="Seed", help="The same seed draws the same text.", ge=0, le=2**31)

    @property
    def stops(self) -> tuple[str, ...]:
        """The stop strings as they stand in a text: a typed backslash with n or t becomes a line end or a tabulator."""
        return tuple(text.replace("\\n", "\n").replace("\\t", "\t") for text in self.stop_strings if text)

    @property
    def has_penalties(self) -> bool:
        """Whether what was said changes what may come next."""
        return bool(
            self.repetition_penalty != 1.0 or self.presence_penalty or self.frequency_penalty or self.no_repeat_ngram_size
        )
