"""Settings that change nothing in a given run: each says so, so that nobody learns a wrong lesson from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmstudio.core.settings import settings_of
from llmstudio.core.training.config import TrainingConfig
from llmstudio.core.words import Words, words

if TYPE_CHECKING:
    from llmstudio.core.training.objectives import Objective
    from llmstudio.core.training.setup import Setup


def without_effect(training: TrainingConfig, setup: Setup, objective: Objective) -> list[Words]:
    """A sentence for every setting that was changed from its default and has no effect in this run."""
    idle: dict[str, Words] = {}
    if training.optimizer != "muon":
        idle["muon_learning_rate"] = words("the optimizer is AdamW")
    if training.schedule != "trapezoid":
        idle["cooldown_share"] = words("only a trapezoid cools down")
    if not objective.whole_documents or objective.train_rows.answers is None:
        idle["context_weight"] = words("these rows have no answers")
    if objective.val_rows is None:
        for name in ("eval_steps", "eval_tokens", "early_stopping"):
            idle[name] = words("there is no validation text")
    found = []
    for about in settings_of(TrainingConfig):
        if about.path in idle and getattr(training, about.path) != about.default:
            found.append(words("{setting} has no effect here: {reason}.", setting=about.fact.label, reason=idle[about.path]))
    if training.number_format == "fp16" and setup.device == "cpu":
        found.append(words("16-bit numbers are for GPUs; on a processor they are slower than 32-bit ones."))
    return found
