"""Where this program keeps things on this computer. `LLMSTUDIO_HOME` moves all of it into one folder."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TextIO

import platformdirs

from llmstudio.core.errors import StudioError
from llmstudio.store.files import write_bytes
from llmstudio.store.places import APP_NAME, place


def config_folder() -> Path:
    """Preferences."""
    return place("config", platformdirs.user_config_path(APP_NAME, appauthor=False))


def log_folder() -> Path:
    """What a person may want to copy after something went wrong."""
    return place("logs", platformdirs.user_log_path(APP_NAME, appauthor=False))


def default_project() -> Path:
    """The project that is used if none is named."""
    return place("project", platformdirs.user_data_path(APP_NAME, appauthor=False) / "project")


def open_log() -> TextIO:
    """A text file for what would be printed, emptied when it grows past a megabyte; the null device if there can be none."""
    path = log_folder() / "llmstudio.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > 2**20:
            path.unlink()
        return open(path, "a", encoding="utf-8", errors="replace", buffering=1)
    except OSError:
        return open(os.devnull, "w", encoding="utf-8")


def keep_report(text: str) -> Path | None:
    """Write what a person may copy after an unexpected failure; None if it cannot be written."""
    began = log_folder() / f"report-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"  # another program may fail meanwhile
    path, number = began, 1
    while path.exists():
        number += 1
        path = began.with_stem(f"{began.stem}-{number}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, text.encode("utf-8", errors="replace"))
    except (OSError, StudioError):
        return None
    return path
