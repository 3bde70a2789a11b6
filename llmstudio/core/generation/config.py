"""Settings of speaking: how the next token is chosen, and how long to go on."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.core.settings import setting


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
