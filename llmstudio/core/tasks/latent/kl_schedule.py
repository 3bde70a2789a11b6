"""How the price of a latent space comes in over a run: a factor of its full size, by step."""

from __future__ import annotations

import math

from llmstudio.core.tasks.latent.settings import LatentSettings

_CYCLES = 4


def kl_weight(step: int, max_steps: int, settings: LatentSettings) -> float:
    """Weight in [0, 1] of the KL at step `step` (from 0) of `max_steps`: 0 in the warm start, then up as the schedule says.

    Cyclical: four cycles of a linear rise and an equally long plateau, then constant (Fu et al. 2019, arXiv:1903.10145).
    """
    begin, end = warm_start_steps(max_steps, settings), settled_step(max_steps, settings)
    if step < begin:
        return 0.0
    if step >= end:
        return 1.0
    share = (step - begin + 1) / (end - begin)
    if settings.kl_schedule == "cyclical":
        return min(1.0, 2 * math.fmod(_CYCLES * share, 1.0)) if share < 1 else 1.0
    return share


def warm_start_steps(max_steps: int, settings: LatentSettings) -> int:
    """Steps as a plain autoencoder; the step after them begins with a new decoder."""
    return round(settings.warm_start_share * max_steps)


def settled_step(max_steps: int, settings: LatentSettings) -> int:
    """Steps after which the KL counts in full and goes on to."""
    warmup = 0 if settings.kl_schedule == "constant" else round(settings.kl_warmup_share * max_steps)
    return warm_start_steps(max_steps, settings) + warmup
