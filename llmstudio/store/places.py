"""Where this program keeps what can be made again. `LLMSTUDIO_HOME` moves all that it keeps into one folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP_NAME = "llmstudio"
HOME_VARIABLE = "LLMSTUDIO_HOME"


def cache_folder() -> Path:
    """What can be measured, or built, again: the computer's speed, kernels."""
    return place("cache", platformdirs.user_cache_path(APP_NAME, appauthor=False))


def place(name: str, usual: Path) -> Path:
    """The folder of that name among what the program keeps, or where the system keeps such things."""
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) / name if home else usual
