"""Where PyTorch comes from: its CPU build where there is no NVIDIA card, and never gigabytes of CUDA by accident.

On Linux the build that a plain `pip install torch` takes brings some 3 GB of NVIDIA's libraries. Its CPU build has a version
of its own, `+cpu`, and an index of its own, which not every network lets through. So the places are tried from near to far.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from trouble import Trouble

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
ALLOW_CUDA = "LLMSTUDIO_ALLOW_CUDA"
PATIENCE_S = 3.0
_CUDA = re.compile(r"(nvidia|cuda)-", re.IGNORECASE)


def pinned(constraints: Path, name: str) -> str:
    """The version that a constraints file prescribes for a package."""
    found = re.search(rf"^{re.escape(name)}==(\S+)$", constraints.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise Trouble(f"{constraints} does not say which {name} to install; take the file from the repository again.")
    return found[1]


def torch_arguments(python: Path, constraints: Path) -> list[str]:
    """What to tell pip so that it installs the right PyTorch into the environment of `python`.

    Raises:
        Trouble: Only the CUDA build can be had and there is no card for it, or there is none for this computer.
    """
    version = pinned(constraints, "torch")
    plain, cpu = f"torch=={version}", f"torch=={version}+cpu"
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        raise Trouble("PyTorch is no longer made for Macs with an Intel processor, so llmstudio cannot run on this one.")
    if sys.platform != "linux" or os.environ.get(ALLOW_CUDA) == "1" or has_nvidia_card():
        return [plain]
    if _pip_finds(python, "--no-index", "--no-deps", cpu):
        return [cpu]
    if answers(f"{CPU_INDEX}/torch/"):
        return [cpu, "--extra-index-url", CPU_INDEX]
    if cuda := [need for need in _needs(python, constraints, plain) if _CUDA.match(need)]:
        raise Trouble(
            f"PyTorch's CPU build cannot be had here, and the other one brings {len(cuda)} packages, gigabytes, for NVIDIA "
            f"cards to a computer without one; let {CPU_INDEX} through, put the CPU wheel into a folder named by "
            f"PIP_FIND_LINKS, or set {ALLOW_CUDA}=1 to take them all the same."
        )
    return [plain]


def has_nvidia_card() -> bool:
    """Whether NVIDIA's own tool finds a card."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return False
    try:
        seen = subprocess.run([tool, "-L"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return seen.returncode == 0 and "GPU" in seen.stdout


def answers(address: str, patience_s: float = PATIENCE_S) -> bool:
    """Whether a web address answers in time. The thread keeps a silent name server from holding us up as well."""
    heard = threading.Event()

    def ask() -> None:
        request = urllib.request.Request(address, method="HEAD", headers={"User-Agent": "llmstudio-setup"})
        try:
            with urllib.request.urlopen(request, timeout=patience_s):
                heard.set()
        except (OSError, ValueError):  # refused, unknown, too late, or a proxy's address that is none
            pass

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(patience_s)
    return heard.is_set()


def _pip(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)


def _pip_finds(python: Path, *arguments: str) -> bool:
    return _pip(python, "--dry-run", "--ignore-installed", *arguments).returncode == 0


def _needs(python: Path, constraints: Path, wish: str) -> Sequence[str]:
    """What a package says it needs, as lines of its metadata, without downloading the package itself."""
    # Older pips download a wheel to read what it needs; newer ones ask for that alone.
    _pip(python, f"pip=={pinned(constraints, 'pip')}")
    haste = ("--retries", "1", "--timeout", "15")
    done = _pip(python, *haste, "--dry-run", "--ignore-installed", "--no-deps", "--report", "-", wish)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise Trouble(f"PyTorch cannot be had here, so check the connection to the internet and start again ({reason}).")
    (torch,) = json.loads(done.stdout)["install"]
    return list(torch["metadata"].get("requires_dist", ()))
