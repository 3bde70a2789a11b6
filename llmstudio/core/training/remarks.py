"""Settings that change nothing in a given run: each says so, so that nobody learns a wrong lesson from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from llmstudio.core.optimizers import OPTIMIZERS
from llmstudio.core.settings import settings_of
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import Words, words

if TYPE_CHECKING:
    from llmstudio.core.tasks.base import Objective
    from llmstudio.core.training.setup import Setup


NOTHING_HELD_OUT = words(
    "Nothing is held out of this text: whether the model learns or only remembers cannot be seen, and no weights are known"
    " to be the best. Import it again with a validation share."
)
_LOOKED_AT = 200_000  # tokens that tell whether words have more than one


def without_effect(training: TrainingConfig, setup: Setup, objective: Objective) -> list[Words]:
    """A sentence for every setting, of the run or its model, that was changed from its default and has no effect here."""
    found = [*_changed(training, _of_run(training, objective)), *_changed(objective.config, _of_model(objective))]
    if training.number_format == "fp16" and setup.device == "cpu":
        found.append(words("16-bit numbers are for GPUs; on a processor they are slower than 32-bit ones."))
    return found


def _changed(config: Any, idle: dict[str, Words]) -> list[Words]:
    return [
        words("{setting} has no effect here: {reason}.", setting=about.fact.label, reason=idle[about.path])
        for about in settings_of(type(config))
        if about.path in idle and getattr(config, about.path) != about.default
    ]


def _of_run(training: TrainingConfig, objective: Objective) -> dict[str, Words]:
    from llmstudio.core.tasks.latent import LatentText
    from llmstudio.core.tasks.next_token import NextToken
    from llmstudio.core.tasks.pairs import SequencePairs

    idle: dict[str, Words] = {}
    chosen = OPTIMIZERS[training.optimizer]
    for name in {name for other in OPTIMIZERS.values() for name in other.settings} - set(chosen.settings):
        idle[name] = words("the optimizer is {optimizer}", optimizer=chosen.label)
    if training.schedule != "trapezoid":
        idle["cooldown_share"] = words("only a trapezoid cools down")
    if isinstance(objective, LatentText) and training.rows == "running":
        idle["rows"] = words("every row is one sentence")
    elif isinstance(objective, SequencePairs) and training.rows in ("running", "sentences"):
        idle["rows"] = words("every row is one pair")
    if not objective.whole_documents or objective.train_rows.answers is None:
        idle["context_weight"] = words("these rows have no answers")
    elif isinstance(objective, SequencePairs):
        idle["context_weight"] = words("only the answer is written")
    elif not isinstance(objective, NextToken):
        idle["context_weight"] = words("answers count no more than other tokens")
    if objective.val_rows is None:
        for name in ("eval_steps", "eval_tokens", "early_stopping"):
            idle[name] = words("there is no validation text")
    return idle


def _of_model(objective: Objective) -> dict[str, Words]:
    from llmstudio.core.models.families.recurrent_config import RecurrentConfig
    from llmstudio.core.tasks.masked import MaskedTokens

    idle: dict[str, Words] = {}
    if isinstance(objective.config, RecurrentConfig) and objective.whole_documents:
        idle["carry_state"] = words("every row stands alone")
    if isinstance(objective, MaskedTokens) and not objective.config.whole_words:
        ids = np.asarray(objective.train_rows.ids[:_LOOKED_AT])
        from llmstudio.core.tokenizer.word_starts import WordStarts  # else every window would load the tokenizers' library

        if WordStarts(objective.tokenizer)(ids).all():
            idle["whole_words"] = words("every word is one token")
    return idle
