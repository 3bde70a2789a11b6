"""Which models this program trains just now, and which have learned anything: what lists ask, long before any figure."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from llmstudio.core.models.checkpoint.folders import checkpoint_folders, step_of
from llmstudio.store.project import About

_at_work: set[Path] = set()


def has_learned(about: About) -> bool:
    """False for a model of which only the random beginning is kept: its run has just begun, died or diverged.

    A run that began with another model's weights has what that had learned. One that has lost its weights counts as well:
    whoever asks for it is told.
    """
    card = about.model_card
    if card.state not in ("training", "paused", "diverged"):
        return True
    steps = [step_of(folder) for folder in checkpoint_folders(about.path)]
    if card.last_step.parent is not None:
        return bool(steps)
    return any(steps) or (card.state == "diverged" and not steps)


def is_at_work(model_folder: Path) -> bool:
    """True while this program trains that model."""
    return model_folder in _at_work


@contextlib.contextmanager
def at_work(model_folder: Path) -> Iterator[None]:
    """While inside, this program trains that model; our other jobs in the project hide no run that broke off."""
    _at_work.add(model_folder)
    try:
        yield
    finally:
        _at_work.discard(model_folder)
