"""Where this program keeps things on this computer. `LLMSTUDIO_HOME` moves all of it into one folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_NAME = "llmstudio"
HOME_VARIABLE = "LLMSTUDIO_HOME"


def config_folder() -> Path:
    """Preferences."""
    return _place("config", platformdirs.user_config_path(_NAME, appauthor=False))


def cache_folder() -> Path:
    """What can be measured again: the computer's speed."""
    return _place("cache", platformdirs.user_cache_path(_NAME, appauthor=False))


def log_folder() -> Path:
    """What a person may want to copy after something went wrong."""
    return _place("logs", platformdirs.user_log_path(_NAME, appauthor=False))


def default_project() -> Path:
    """The project that is used if none is named."""
    return _place("project", platformdirs.user_data_path(_NAME, appauthor=False) / "project")


def _place(name: str, usual: Path) -> Path:
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) / name if home else usual
