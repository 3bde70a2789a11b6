"""The ways on from a run whose loss has left all bounds, as buttons and as what may be typed."""

from __future__ import annotations

import shlex

from llmstudio.core.errors import Remedy
from llmstudio.core.words import words

RATE = "training.learning_rate"


def slower(model: str, rate: str) -> tuple[Remedy, Remedy]:
    """Go on with `model` at another learning rate, written as people read it."""
    return (Remedy("set", words("Use a learning rate of {rate}", rate=rate), RATE, rate), typed(model, rate))


def typed(model: str, rate: str) -> Remedy:
    """The same in a terminal alone."""
    return Remedy("command", words("Go on"), value=f"resume {shlex.quote(model)} --set {RATE}={rate}")
