"""A person's tastes, kept on this computer: recent projects, theme, window. Never part of a project."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

from llmstudio.app.computer.places import config_folder, default_project
from llmstudio.core.errors import StudioError
from llmstudio.core.settings import from_dict, setting, to_dict
from llmstudio.core.words import Words, words
from llmstudio.store.files import write_json
from llmstudio.store.reading import read_json

__all__ = ["Preferences", "default_project", "load", "save", "with_recent"]

_FILE = "preferences.json"
_MAX_RECENT = 10


@dataclass(frozen=True)
class Preferences:
    """Everything is optional: a fresh computer has the defaults."""

    recent: tuple[str, ...] = setting((), label="Recent projects", help="Folders, the newest first.", le=_MAX_RECENT)
    theme: str = setting(
        "system",
        label="Theme",
        help="Light or dark; automatic follows the computer.",
        choices={"system": "automatic", "light": "light", "dark": "dark"},
    )
    scale: float = setting(1.0, label="Size of everything", help="Larger for a projector.", ge=0.5, le=3.0)
    smoothing: float = setting(0.9, label="Smoothing", help="How much curves are evened out.", ge=0.0, le=0.999)
    language: str = setting("", label="Language", help="Empty follows the computer.")
    geometry: str = setting("", label="Window place", help="Where the window was last, as the toolkit writes it.")
    window_state: str = setting("", label="Window parts", help="Which parts were folded, as the toolkit writes it.")
    tab: str = setting("", label="Tab", help="The tab that was open last.")
    seen_welcome: bool = setting(False, label="Welcomed", help="Whether the first greeting was seen.")


def load() -> tuple[Preferences, Words | None]:
    """The kept preferences; a damaged file is put aside as `.bad` and the defaults are used, with a remark."""
    path = config_folder() / _FILE
    if not path.exists():
        return Preferences(), None
    try:
        data = read_json(path, dict)
        known = to_dict(Preferences())
        # A newer version may have written more; its settings are not an error here.
        return from_dict(Preferences, {k: v for k, v in data.items() if k in known}), None
    except (StudioError, AttributeError):
        with contextlib.suppress(OSError):
            os.replace(path, path.with_name(_FILE + ".bad"))
        return Preferences(), words(
            "The preferences were damaged and are back at their defaults. The old file is kept as {name}.",
            name=_FILE + ".bad",
        )


def save(preferences: Preferences) -> None:
    """Keep them, whole or not at all. Raises StudioError if the place may not be written."""
    folder = config_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError("The preferences cannot be kept: {path} may not be written to.", path=str(folder)) from error
    write_json(folder / _FILE, to_dict(preferences))


def with_recent(preferences: Preferences, project: Path) -> Preferences:
    """A copy with `project` at the head of the recent ones."""
    name = os.path.realpath(project)
    rest = [other for other in preferences.recent if other != name]
    return replace(preferences, recent=tuple([name, *rest][:_MAX_RECENT]))
