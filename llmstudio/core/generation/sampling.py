"""Sampling: from one row of logits to one token, by temperature, top-k, top-p and min-p, with the caller's own generator.

Order: temperature first, then the k likeliest, then the shortest head of those that holds the share p (of what top-k left),
then those that have at least the share min-p of the likeliest. What may be drawn at all is said before (see `constraints`).
Everything happens on the processor, so a seed draws the same text whatever device the model runs on.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from llmstudio.core.errors import StudioError
from llmstudio.core.generation.config import GenerationConfig


def choose(logits: Tensor, config: GenerationConfig, generator: torch.Generator) -> int:
    """Draw the next token.

    Args:
        logits: (V,) of any float type, on any device; -inf forbids a token.
        config: Temperature 0 takes the likeliest token (of equal ones the first) and draws nothing from `generator`.
        generator: A processor generator; one number is drawn from it, and none from torch's global one.

    Raises:
        StudioError: The logits are not numbers.
    """
    if config.temperature == 0:
        logits = logits.detach()
        token = int(logits.argmax())
        _check(logits[token].item())
        return token
    tokens, shares = _candidates(logits, config)
    edges = shares.cumsum(0)
    at = torch.rand((), dtype=torch.float64, generator=generator) * edges[-1]
    # `right`: a draw that falls on an edge belongs to the token after it, so a share of zero is never drawn.
    place = int(torch.searchsorted(edges, at, right=True))
    # Rounding can carry a draw just below one onto the last edge.
    place = place if place < len(shares) else int(shares.argmax())
    return place if tokens is None else int(tokens[place])


def probabilities(logits: Tensor, config: GenerationConfig) -> Tensor:
    """The distribution that `choose` draws from: (V,) float64, zero where top-k, top-p or min-p shut a token out.

    Raises:
        StudioError: The logits are not numbers.
    """
    full = torch.zeros(logits.numel(), dtype=torch.float64)
    if config.temperature == 0:
        full[choose(logits, config, torch.Generator())] = 1.0
        return full
    tokens, shares = _candidates(logits, config)
    full[slice(None) if tokens is None else tokens] = shares / shares.sum()
    return full


def _candidates(logits: Tensor, config: GenerationConfig) -> tuple[Tensor | None, Tensor]:
    """The tokens that may be drawn (None: all, in order) and their shares, which need not sum to one."""
    # In 64 bits and after the maximum is taken off, no temperature above zero can overflow.
    scores = logits.detach().to("cpu", torch.float64)
    scores = (scores - scores.max()) / config.temperature
    if not config.top_k and config.top_p >= 1 and config.min_p <= 0:
        shares = scores.softmax(0)
        _check(shares[0].item())
        return None, shares
    tokens = torch.arange(scores.numel())
    if config.top_k or config.top_p < 1:
        # The stable sort puts the lower id first among equals, so that a cut between them falls the same on every machine.
        scores, tokens = scores.sort(descending=True, stable=True)
    if config.top_k:
        scores, tokens = scores[: config.top_k], tokens[: config.top_k]
    shares = scores.softmax(0)
    _check(shares[0].item())
    if config.top_p < 1:
        # A token stays if those before it do not yet hold p; the first always stays.
        kept = int(torch.count_nonzero(shares.cumsum(0) - shares < config.top_p))
        shares, tokens = shares[:kept], tokens[:kept]
    if config.min_p > 0:
        likely = shares >= config.min_p * shares.max()
        shares, tokens = shares[likely], tokens[likely]
    return tokens, shares


def _check(value: float) -> None:
    if not math.isfinite(value):
        raise StudioError(
            "This model's answer is not a number: its training has diverged. Choose an earlier checkpoint, or train again"
            " with a lower learning rate."
        )
