"""Opens llmstudio from a fresh checkout: sets it up if needed, then the window, a verb, or without a screen the tour.

Needs nothing but Python's standard library. Arguments are those of the command line, and `--install`, `--uninstall`.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import desktop_entry
from prepare import clean_environ, is_current, prepare
from system_libraries import needed, provide
from trouble import guarded, say


def main(arguments: list[str]) -> int:
    """Do what was asked for; returns the exit status."""
    if arguments == ["--uninstall"]:
        desktop_entry.remove()
        return 0
    screen = kind_of_screen()
    opens_window = "--window" in arguments or (screen is not None and (not arguments or arguments == ["--install"]))
    if opens_window or not is_current():
        provide(needed(screen), required=opens_window)
    python = prepare()
    if arguments == ["--install"]:
        desktop_entry.write()
        return 0
    if not arguments and screen is None:
        say("There is no screen here (no X11 or Wayland display answers), so the whole journey is walked in this terminal.")
        arguments = ["tour"]
    return _start(python, arguments)


def kind_of_screen() -> str | None:
    """What a window would open on: x11, wayland, other (the system's own, or one the person names to Qt), or None."""
    wish = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if wish in ("offscreen", "minimal"):
        return None
    if sys.platform != "linux" or (wish and not wish.startswith(("xcb", "wayland"))):
        return "other"
    display = os.environ.get("WAYLAND_DISPLAY")
    if display and (Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / display).is_socket():
        return "wayland"
    return "x11" if os.environ.get("DISPLAY") and _x_answers() else None


def _x_answers() -> bool:
    """Whether the X server that DISPLAY names can be reached; without X's library that cannot be told, so it is believed."""
    try:
        x = ctypes.CDLL("libX11.so.6")
    except OSError:
        return True
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = x.XOpenDisplay(None)
    if display:
        x.XCloseDisplay(display)
    return bool(display)


def _start(python: Path, arguments: list[str]) -> int:
    # -P: the folder one happens to stand in is no place to import from.
    command = [str(python), "-P", "-m", "llmstudio", *arguments]
    if sys.platform == "win32":
        if arguments:
            return subprocess.run(command, env=clean_environ(), check=False).returncode
        # pythonw has no console, so the one that showed the set-up may close.
        subprocess.Popen([str(python.with_name("pythonw.exe")), *command[1:]], env=clean_environ())
        return 0
    os.execve(command[0], command, clean_environ())


if __name__ == "__main__":
    sys.exit(guarded(main, on_screen=True))
