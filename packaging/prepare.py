"""The environment in `.venv`: made when it is missing, brought up to date when what it was made from has changed.

A stamp written last says what the environment was made from. While it fits, preparing costs a few milliseconds; after an
interrupted set-up it is not there, and pip mends what is half done.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from system_libraries import remark_on_fonts
from torch_source import pinned, torch_arguments
from trouble import Trouble, say

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
ENVIRONMENT = ROOT / ".venv"
NEEDED_BYTES = 2 * 2**30  # the finished environment takes 1.3 GB; pip unpacks beside it
_OLDEST_GLIBC = (2, 34)  # what PySide6's wheels are built for: Debian 12, Ubuntu 22.04, RHEL 9 and later
# Set for another Python or another Qt, these would mislead ours.
_FOREIGN = {"PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"}
_FOREIGN |= {"QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH"}


def prepare(*, tests: bool = False) -> Path:
    """See to it that the environment is there and current; returns its Python.

    Args:
        tests: With what the tests need besides.

    Raises:
        Trouble: It cannot be made here.
    """
    if is_current(tests=tests):
        return python()
    _check_system()
    with _alone():
        if not is_current(tests=tests):  # another start may have made it while this one waited
            _make(tests=tests)
    return python()


def python() -> Path:
    """The environment's Python."""
    return ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def clean_environ() -> dict[str, str]:
    """The environment variables without those meant for another Python or another Qt."""
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN} | {"PYTHONNOUSERSITE": "1"}


def is_current(*, tests: bool = False) -> bool:
    """Whether the environment was made from what is here now; one with the tests' needs also runs the program."""
    return python().exists() and any(_stamp(with_tests).exists() for with_tests in {True, tests})


def _stamp(tests: bool) -> Path:
    made_from = hashlib.sha256()
    for part in (ROOT / "pyproject.toml", CONSTRAINTS):
        made_from.update(part.read_bytes())
    made_from.update(f"{ROOT} {sys.version_info[:2]} {tests}".encode())
    return ENVIRONMENT / f"made-from-{made_from.hexdigest()[:16]}"


def _check_system() -> None:
    if sys.platform != "linux":
        return
    name, version = platform.libc_ver()
    if name == "glibc" and tuple(map(int, version.split(".")[:2])) < _OLDEST_GLIBC:
        raise Trouble(f"llmstudio needs a Linux of 2022 or later (glibc 2.34); this one has glibc {version}.")


@contextmanager
def _alone() -> Iterator[None]:
    """One set-up at a time: a second double click waits for the first one's."""
    try:
        ENVIRONMENT.mkdir(exist_ok=True)
    except OSError as error:
        raise Trouble(f"Nothing can be written to {ROOT}; put llmstudio into a folder of your own.") from error
    with open(ENVIRONMENT / "being-made", "a", encoding="utf-8") as lock:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                say("Another set-up is at work in the same folder; waiting for it.")
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(*, tests: bool) -> None:
    free = shutil.disk_usage(ENVIRONMENT).free
    if free < NEEDED_BYTES and not any(ENVIRONMENT.glob("made-from-*")):
        raise Trouble(
            f"Setting up takes about {NEEDED_BYTES / 2**30:.0f} GB and only {free / 2**30:.1f} GB are free "
            f"on the disk of {ROOT}; make room and start again."
        )
    say(f"Setting up llmstudio in {ENVIRONMENT}; this happens once and takes a few minutes.")
    for old in ENVIRONMENT.glob("made-from-*"):
        old.unlink()
    if not _runs(python()):
        for old in ENVIRONMENT.iterdir():
            if old.is_dir() and not old.is_symlink():
                shutil.rmtree(old)
        venv.create(ENVIRONMENT, with_pip=True, symlinks=sys.platform != "win32")
    torch = [] if _has_torch() else torch_arguments(python(), CONSTRAINTS)
    _pip_install(*torch, "--editable", ".[test]" if tests else ".")
    _stamp(tests).touch()
    remark_on_fonts()


def _runs(program: Path) -> bool:
    """Whether this Python still starts, in the version that is running now: the one it was made from may have gone."""
    wish = f"import sys, pip; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    try:
        return subprocess.run([str(program), "-c", wish], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _has_torch() -> bool:
    """Whether some build of the pinned PyTorch is there already, so that its source need not be looked for."""
    return any(ENVIRONMENT.glob(f"[Ll]ib/**/site-packages/torch-{pinned(CONSTRAINTS, 'torch')}*.dist-info"))


def _pip_install(*arguments: str) -> None:
    # As variables, the constraints also reach the environment that the package itself is built in. Relative, because pip
    # takes a path with a space in it for two.
    constraints = str(CONSTRAINTS.relative_to(ROOT))
    environment = clean_environ() | {"PIP_CONSTRAINT": constraints, "PIP_BUILD_CONSTRAINT": constraints}
    command = [str(python()), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *arguments]
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
        raise Trouble("Set-up stopped because pip could not install everything; mend what it names above and start again.")
