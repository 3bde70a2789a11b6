"""How long it takes to make up texts of rare classes before the first step. Arithmetic only, no torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llmstudio.app.computer.hardware import Probe
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.classes.made_up.sizes import LONGEST, work
from llmstudio.core.tasks.classes.made_up.texts import MADE_UP, wanted_texts

_PACE = 0.5
"""Of the operations that one thread takes a second in a bare product, those that what makes up texts takes: its products are
smaller. Measured over the whole of it on 4,800 questions: 0.46 (language model) and 0.51 (GAN). Single steps with 5 to 40
tokens a text and a vocabulary of 512 to 8,000: 0.5 to 0.75."""


def making_seconds(
    recipe: Recipe,
    *,
    vocab_size: int,
    num_tokens: int,
    num_rows: int | None,
    longest_document: int | None,
    class_counts: Sequence[int],
    probe: Probe,
) -> float:
    """Seconds before the first step; 0 where nothing is made up, or it is not known of what.

    Not counted is choosing among the texts, which takes a few hundredths of it, and with long texts up to a third.

    Args:
        recipe: What is learned, and with which remedy for rare classes.
        vocab_size: V.
        num_tokens: Tokens of the training part.
        num_rows: Its texts; None if not known.
        longest_document: Tokens of the longest one; None if not known.
        class_counts: Its texts of each class.
        probe: This computer's speed.
    """
    how = getattr(recipe.task, "imbalance", "")
    has_several = num_rows is not None and sum(class_counts) > num_rows + len(class_counts)  # each may be rounded
    if how not in MADE_UP or not class_counts or has_several:
        return 0.0
    counts = np.round(recipe.task.label_share * np.array(class_counts)).astype(np.int64)
    wanted = wanted_texts(counts, recipe.task.made_up_times)
    if not wanted.any():
        return 0.0
    mean = num_tokens / num_rows - 1 if num_rows else LONGEST
    longest = LONGEST if longest_document is None else longest_document
    asked = work(how, wanted, vocab_size=vocab_size, mean_length=mean, longest=longest)
    # Six operations a parameter and token, see `step_flops`; one thread is measured first.
    return (
        6.0
        * asked.model.num_parameters(asked.vocab_size)
        * asked.tokens
        / (_PACE * next(iter(probe.thread_speeds.values())))
    )
