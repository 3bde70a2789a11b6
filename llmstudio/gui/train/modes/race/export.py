"""A race as a table outside the project."""

from __future__ import annotations

from pathlib import Path

from llmstudio.gui.train.modes.race.data import Race
from llmstudio.gui.train.run.exports import write_file


def write_race(path: Path, race: Race) -> Path:
    """Write all runners' steps as CSV. Raises StudioError if it cannot be written."""
    return write_file(path, race.table().encode())
