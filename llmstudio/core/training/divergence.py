"""A run whose loss has left all bounds, or whose model fell silent: how it is known, and what is kept of it.

The weights in a checkpoint are untested: only the loss of the next step tells how good they are. So a run goes back not
simply to its last checkpoint, but to the last whose loss was known to be no worse than at the start; if there is none, to
the weights that it began with.
"""

from __future__ import annotations

from typing import Any

from llmstudio.core.errors import Diverged
from llmstudio.core.models.checkpoint.bases import steps_read_by_others
from llmstudio.core.models.checkpoint.folders import checkpoint_folders, step_of
from llmstudio.core.training.rescue import slower
from llmstudio.core.training.run import Run
from llmstudio.core.training.saving import save_start
from llmstudio.core.words import plain_number
from llmstudio.store.files import remove_folder


def too_fast(run: Run) -> Diverged:
    """Keep the last good weights, and say what happened and which learning rate to try instead."""
    rate = run.training.learning_rate
    proposed = plain_number(3e-3 if rate > 3e-2 else rate / 3, 3)
    kept = _keep_the_good(run)
    facts: dict[str, Any] = {
        "step": run.standing.step,
        "rate": plain_number(rate, 6),
        "kept": kept,
        "proposed": proposed,
        "remedies": slower(run.folder.name, proposed),
    }
    if run.has_died() and not run.has_diverged():
        return Diverged(
            "The model fell silent at step {step:,}: a learning rate of {rate} has shrunk its weights to nothing."
            " The weights of step {kept:,} are kept. Go on from them with a rate of {proposed}.",
            proposed_rate=proposed,
            **facts,
        )
    return Diverged(
        "The loss left all bounds at step {step:,}: a learning rate of {rate} is too high."
        " The weights of step {kept:,} are kept. Go on from them with a rate of {proposed}.",
        proposed_rate=proposed,
        **facts,
    )


def _keep_the_good(run: Run) -> int:
    """Remove every checkpoint whose weights were never seen to be good; returns the step of the newest that is left.

    If none was, the start of the run counts as good, random weights or another model's. If that is gone, the oldest stays.
    """
    folders, read = checkpoint_folders(run.folder), steps_read_by_others(run.folder)
    good = [folder for folder in folders if step_of(folder) <= run.standing.good_step]
    if not good and run.start is None:
        good = folders[:1]
    for folder in folders:
        if folder not in good and step_of(folder) not in read:
            remove_folder(folder)
    if not good:
        assert run.start is not None
        shape = run.recipe.kind, run.model.config, run.model.vocab_size
        own = run.model.changes[len(run.start.changes) :]  # the others come with the start
        save_start(run, run.start.build(*shape, run.training.seed, changes=own))
    return max((step_of(folder) for folder in good), default=0)
