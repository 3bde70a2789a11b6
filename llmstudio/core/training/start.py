"""A run that begins with another model's weights instead of random ones.

The weights are all that is taken: the optimizer remembers nothing, and schedule, rate and batch are the new run's own. What
pruning has set to zero stays zero: the run learns with what is left, so that the new model is as sparse as the old one.
"""

from __future__ import annotations

from dataclasses import asdict

from llmstudio.core.models.checkpoint.read import Checkpoint, load_weights
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.training.run import Run
from llmstudio.core.words import Words, words


def begin_from(run: Run, checkpoint: Checkpoint) -> list[Words]:
    """Fill a new run with a checkpoint's weights and keep them as its step 0; returns what is to be said of it.

    Raises:
        StudioError: They do not fit the run's model.
    """
    load_weights(run.model, checkpoint)
    run.keep_zeros(checkpoint.card.run.pruning)
    facts = run.facts() | {"standing": asdict(run.standing.at_start()), "val_loss": None}
    save_checkpoint(run.folder, 0, model=run.model, kind=run.kind, facts=facts, sparse=run.is_sparse)
    if not run.is_sparse:
        return []
    weights = sum(masked.mask.numel() for masked in run.masked)
    zeros = sum(masked.num_zeros for masked in run.masked)
    return [
        words(
            "Pruning has set {zeros:,} of {weights:,} weights of its matrices to zero; they stay zero.",
            zeros=zeros,
            weights=weights,
        )
    ]
