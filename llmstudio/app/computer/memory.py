"""The memory that a recipe will take: by arithmetic, put right by runs that were made here.

Weights, gradients and optimizer are exact. For activations and the memory that libraries keep, the arithmetic gives a
middle value; a past run of the same family, in the same format and on rows of the same kind, gives a better figure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from llmstudio.app.computer.dealt import Dealt
from llmstudio.app.computer.hardware import Probe, best_number_format
from llmstudio.app.computer.past_runs import PastRun
from llmstudio.core.memory.breakdown import Breakdown
from llmstudio.core.memory.estimate import estimate
from llmstudio.core.training_config import TrainingConfig

_SETTLED_STEPS = 100  # before that, memory may still grow
_SAME = math.log(1.05)  # two runs whose forecasts lie so near each other count as one shape
_FAR = math.log(8.0)  # beyond this, a run tells nothing of another
_LEAST, _MOST = 0.25, 4.0


def memory(found: Dealt, probe: Probe | None, past: Sequence[PastRun] = ()) -> dict[str, int]:
    """Peak bytes by kind: weights, gradients, optimizer, activations."""
    kinds = _by_arithmetic(found, probe).by_kind()
    factor = _factor(found, probe, past)
    return kinds | {"activations": round(factor * kinds["activations"])}


def _by_arithmetic(found: Dealt, probe: Probe | None) -> Breakdown:
    training = found.recipe.training
    recipe = replace(found.recipe, training=replace(training, number_format=_number_format(training, probe)))
    return estimate(
        recipe,
        found.vocab_size,
        context=found.longest,
        rows_vary=found.rows_vary,
        num_classes=found.num_classes,
        held_out_tokens=found.held_out_tokens,
    )


def _number_format(training: TrainingConfig, probe: Probe | None) -> str:
    """What a run will compute in, as far as it is known here. Without a GPU it takes 32-bit numbers for 16-bit ones."""
    if training.number_format == "auto":
        return best_number_format(probe) if probe else "fp32"
    device = training.device if training.device != "auto" else probe.device if probe else "cpu"
    return "fp32" if training.number_format == "fp16" and device == "cpu" else training.number_format


def _factor(found: Dealt, probe: Probe | None, past: Sequence[PastRun]) -> float:
    """The factor for activations: that of the past run with the nearest forecast, the newest of equally near ones.

    1 where none is near.
    """
    own = _by_arithmetic(found, probe).total
    nearest, factor = _FAR, 1.0
    for run in reversed(past):
        if not (run.peak_bytes and run.steps >= _SETTLED_STEPS and _kind(run.dealt) == _kind(found)):
            continue
        foretold = _by_arithmetic(run.dealt, probe)
        far = abs(math.log(foretold.total / own))
        if far < nearest - _SAME:
            activations = foretold.by_kind()["activations"]
            nearest, factor = far, (run.peak_bytes - foretold.total + activations) / max(1, activations)
    return min(_MOST, max(_LEAST, factor))


def _kind(found: Dealt) -> tuple[str, str, str, bool]:
    recipe = found.recipe
    return recipe.kind, recipe.training.number_format, recipe.training.device, found.rows_vary
