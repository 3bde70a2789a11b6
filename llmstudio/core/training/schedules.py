"""How the learning rate moves over a run: a factor of its full size, by step."""

from __future__ import annotations

import math

from llmstudio.core.training_config import TrainingConfig

_LEAST_WARMUP = 20


def learning_rate_factor(step: int, max_steps: int, config: TrainingConfig) -> float:
    """Factor in (0, 1] for step `step` (from 0) of `max_steps`.

    Trapezoid: up, level, down to zero (Hägele et al. 2024, arXiv:2405.18392). Cosine: up, then half a cosine to a tenth
    (Loshchilov and Hutter 2017, arXiv:1608.03983).
    """
    # A short run needs small first steps as well: AdamW knows nothing of the gradients yet.
    warmup = max(1, round(config.warmup_share * max_steps), min(_LEAST_WARMUP, max_steps // 4) if config.warmup_share else 0)
    if step < warmup:
        return (step + 1) / warmup
    match config.schedule:
        case "trapezoid":
            cooldown = max(1, round(config.cooldown_share * max_steps))
            return min(1.0, (max_steps - step) / cooldown)
        case "cosine":
            share = (step - warmup) / max(1, max_steps - warmup)
            return 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * share))
        case _:
            return 1.0
