"""An entry in the desktop's menu, with an icon, so that llmstudio opens like any other program.

Linux has one convention for it, that of freedesktop.org. On macOS `run.command` and on Windows `run.bat` are double-clicked
as they are.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from trouble import Trouble, say

ROOT = Path(__file__).resolve().parents[1]
NAME = "llmstudio"


def write() -> None:
    """Write the entry and its icon for this person, and a copy on the desktop where there is one."""
    if sys.platform != "linux":
        script = "run.bat" if sys.platform == "win32" else "run.command"
        raise Trouble(f"Nothing needs to be installed here: double-click {ROOT / 'packaging' / script}.")
    entry, icon, shortcut = _places()
    for path in (entry, icon):
        path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "resources" / "icons" / f"{NAME}.svg", icon)
    text = (ROOT / "packaging" / f"{NAME}.desktop.in").read_text("utf-8")
    text = text.replace("@RUN@", _quoted(ROOT / "packaging" / "run.sh")).replace("@ICON@", str(icon))
    entry.write_text(text, encoding="utf-8")
    if shortcut is not None:
        shortcut.write_text(text, encoding="utf-8")
        shortcut.chmod(0o755)
    _refresh(entry.parent)
    say(f"llmstudio is in the menu now{' and on the desktop' if shortcut else ''}: {entry}")


def remove() -> None:
    """Take away what `write` wrote. What was made with llmstudio stays."""
    there = [path for path in _places() if path is not None and path.exists()]
    for path in there:
        path.unlink()
    if there:
        _refresh(there[0].parent)
    say(f"Removed {', '.join(map(str, there))}." if there else "There was no desktop entry to remove.")


def _places() -> tuple[Path, Path, Path | None]:
    """Entry, icon, and the copy on the desktop."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    entry, icon = data / "applications" / f"{NAME}.desktop", data / "icons" / "hicolor" / "scalable" / "apps" / f"{NAME}.svg"
    desktop = _desktop_folder()
    return entry, icon, None if desktop is None else desktop / f"{NAME}.desktop"


def _desktop_folder() -> Path | None:
    if shutil.which("xdg-user-dir") is None:
        return None
    told = subprocess.run(["xdg-user-dir", "DESKTOP"], capture_output=True, text=True, check=False).stdout.strip()
    folder = Path(told)
    # Without a desktop the tool names the home folder, which is no place for it.
    return folder if told and folder.is_dir() and folder != Path.home() else None


def _quoted(path: Path) -> str:
    """A path as one argument in an `Exec` line: quoted, with the signs that mean something escaped twice over."""
    inner = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`").replace("$", "\\$")
    return '"' + inner.replace("\\", "\\\\").replace("%", "%%") + '"'


def _refresh(applications: Path) -> None:
    if shutil.which("update-desktop-database"):
        subprocess.run(["update-desktop-database", str(applications)], capture_output=True, check=False)
