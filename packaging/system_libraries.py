"""Libraries of the system that Qt loads and pip cannot bring: which are missing, and the command that installs them.

Linux only: on macOS and Windows everything Qt needs is part of the system. The lists are what Qt's own libraries and
platform plugins name as needed (`readelf -d`), less what every system has.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trouble import Trouble, say

_APT_LIMIT_S = 300
_HASTE = ("-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::http::Timeout=10", "-o", "Acquire::Retries=1")


@dataclass(frozen=True)
class Library:
    """A shared library, and the package that brings it by each package manager."""

    file: str
    apt: str
    dnf: str
    pacman: str


OFFSCREEN = (
    Library("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd"),
    Library("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd"),
    Library("libX11.so.6", "libx11-6", "libX11", "libx11"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    Library("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus"),
    Library("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
    Library("libfreetype.so.6", "libfreetype6", "freetype", "freetype2"),
    Library("libgthread-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
)
X11 = (
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    Library("libxcb-image.so.0", "libxcb-image0", "xcb-util-image", "xcb-util-image"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    Library("libxcb-randr.so.0", "libxcb-randr0", "libxcb", "libxcb"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil", "xcb-util-renderutil"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb"),
    Library("libxcb-sync.so.1", "libxcb-sync1", "libxcb", "libxcb"),
    Library("libxcb-util.so.1", "libxcb-util1", "xcb-util", "xcb-util"),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb", "libxcb"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb", "libxcb"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
    Library("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb", "libx11"),
)
WAYLAND = (
    Library("libwayland-client.so.0", "libwayland-client0", "libwayland-client", "wayland"),
    Library("libwayland-cursor.so.0", "libwayland-cursor0", "libwayland-cursor", "wayland"),
)
_COMMANDS = {"apt-get": "apt-get install -y", "dnf": "dnf install -y", "pacman": "pacman -S --noconfirm"}


def needed(screen: str | None) -> tuple[Library, ...]:
    """What a window on this kind of screen ("x11", "wayland", None for none) needs."""
    if sys.platform != "linux":
        return ()
    return OFFSCREEN + {"x11": X11, "wayland": WAYLAND}.get(screen or "", ())


def missing(libraries: Iterable[Library]) -> list[Library]:
    """Those that cannot be loaded. Loading is the only test that knows every place a system may keep them."""
    return [library for library in libraries if not _loads(library.file)]


def _loads(file: str) -> bool:
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True


def provide(libraries: Sequence[Library], *, required: bool) -> None:
    """See to it that these are there: installed at once as root on Debian and its kin, else asked for.

    Raises:
        Trouble: Some are missing still and they are required.
    """
    lacking = missing(libraries)
    if lacking and shutil.which("apt-get") and os.geteuid() == 0:
        _install(lacking)
        lacking = missing(lacking)
    if not lacking:
        return
    if required:
        raise Trouble(sentence(lacking))
    say(sentence(lacking))


def sentence(lacking: Sequence[Library]) -> str:
    """What is missing and how it is installed."""
    what = f"The window needs libraries that this system lacks ({', '.join(library.file for library in lacking)})"
    manager = next((name for name in _COMMANDS if shutil.which(name)), None)
    if manager is None:
        return f"{what}; install the packages of your system that hold them."
    root = "" if os.geteuid() == 0 else "sudo "
    return f"{what}; install them with: {root}{command(manager, lacking)}"


def command(manager: str, lacking: Sequence[Library]) -> str:
    """The package manager's command that installs them."""
    packages = {getattr(library, manager.removesuffix("-get")): None for library in lacking}
    return " ".join([_COMMANDS[manager], *packages])


def _install(lacking: Sequence[Library]) -> None:
    install = command("apt-get", lacking)
    say(f"Installing what the window needs from the system: {install}")
    # The lists of packages may be missing (fresh containers remove them) or old; fetching them takes longer than trying.
    if not _apt(install):
        _apt("apt-get update")
        _apt(install)


def _apt(command: str) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            [*command.split(), "-qq", *_HASTE],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=_APT_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def remark_on_fonts() -> None:
    """Say it where no font could show Chinese; everything else works without one."""
    if sys.platform != "linux" or shutil.which("fc-list") is None:
        return
    seen = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False)
    if seen.returncode == 0 and not seen.stdout.strip():
        say("No font here can show Chinese characters; Noto Sans CJK (on Debian: fonts-noto-cjk) would.")
