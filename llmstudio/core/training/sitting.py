"""A sitting of a run that goes on: it can be thrown away, and the run stands again where it was taken up."""

from __future__ import annotations

from dataclasses import replace

from llmstudio.core.models.checkpoint.folders import checkpoint_folders, step_of
from llmstudio.core.models.checkpoint.read import Checkpoint, find_checkpoint
from llmstudio.core.training.history import HistoryWriter
from llmstudio.core.training.run import Run
from llmstudio.core.training.run_state import Before
from llmstudio.core.training.saving import tidy, write_checkpoint
from llmstudio.core.training_config import TrainingConfig
from llmstudio.store.files import remove_folder


def open_sitting(run: Run, checkpoint: Checkpoint, training: TrainingConfig) -> None:
    """Begin a sitting of a restored run: what it may go back to is not removed until the sitting has ended.

    Args:
        run: As it was restored.
        checkpoint: From which.
        training: The settings that it had been stopped with.
    """
    standing = run.standing
    past = [step_of(folder) for folder in checkpoint_folders(run.folder) if step_of(folder) <= standing.step]
    good = [step for step in past if step <= standing.good_step]
    kept = frozenset({standing.step, standing.best_step, *good[-1:]})
    run.before = Before(step=standing.step, training=training, facts=checkpoint.card.run.told, checkpoints=kept)


def cut(run: Run, history: HistoryWriter) -> None:
    """Cut the history at the present step; the lines about the end of the run there may have to be put back."""
    lines = history.cut(run.standing.step)
    if run.before is not None:
        run.before = replace(run.before, lines=lines)


def close_sitting(run: Run) -> None:
    """What this sitting made is wanted: checkpoints stay as in a run that went on undisturbed."""
    if run.before is not None and run.standing.step:
        run.before = None
        tidy(run)


def take_back(run: Run, history: HistoryWriter) -> None:
    """Throw away what this sitting made. The newest go first: whatever ends the program, what is left is a run.

    Raises:
        StudioError: The disk is full or may not be written.
    """
    before = run.before
    assert before is not None
    for folder in reversed(checkpoint_folders(run.folder)):
        if step_of(folder) > before.step:
            remove_folder(folder)
    checkpoint, _ = find_checkpoint(run.folder, "last")
    run.restore(checkpoint)
    run.recipe = replace(run.recipe, training=before.training)
    if checkpoint.card.run.told != before.facts:  # it had been written anew with other settings
        write_checkpoint(run, before.facts)
    history.cut(before.step)
    history.put_back(before.lines)
