"""What this computer is and how fast it was measured to be. No torch: what is not measured yet says so.

`probe.py` measures; this module keeps its result and answers from it.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import prod
from pathlib import Path
from typing import Protocol

import psutil

from llmstudio.core.errors import StudioError
from llmstudio.core.typed import made
from llmstudio.store.files import write_json
from llmstudio.store.places import cache_folder
from llmstudio.store.reading import read_json

_FILE = "speed.json"
# Below this gain a shorter number format is not worth its rounding.
WORTH_IT = 1.3
# Above this share of the processors in other hands a measurement is taken again at the next occasion.
BUSY = 0.3


@dataclass(frozen=True)
class Machine:
    """A computer, as far as it can be known without torch.

    Attributes:
        cpu: The processor's own name.
        cores: Physical cores this program may use.
        memory_bytes: Memory this program may use.
        gpu: Name of the GPU as the last measurement saw it; empty if none was seen.
        system: Operating system and its version.
    """

    cpu: str
    cores: int
    memory_bytes: int
    gpu: str
    system: str


@dataclass(frozen=True)
class Probe:
    """The speed of this computer, measured once and kept.

    Attributes:
        key: Which machine and which torch it was measured on.
        matmul: Matrix products, floating-point operations a second, by number format (fp32, bf16, fp16).
        format_gain: How many times faster than fp32 a format multiplies at the sizes of training.
        bandwidth: Bytes a second that memory moves.
        threads: Number of threads that multiplied fastest.
        thread_speeds: Operations a second by number of threads.
        steps: Timed training steps: layers, width, tokens, vocab_size, flops, seconds each.
        device: `cpu` or `cuda`, where the figures were taken.
        gpu: The GPU's name; empty if there is none.
        gpu_bytes: Its memory.
        seconds: How long measuring took.
        measured: When, seconds since the epoch.
        tried: When it was last tried to measure.
        load: Share of the processors that other programs took meanwhile, 0 to 1; below 0 if it was not looked at.
    """

    key: str
    matmul: Mapping[str, float]
    format_gain: Mapping[str, float]
    bandwidth: float
    threads: int
    thread_speeds: Mapping[str, float]
    steps: list[Mapping[str, float]] = field(default_factory=list)
    device: str = "cpu"
    gpu: str = ""
    gpu_bytes: int = 0
    seconds: float = 0.0
    measured: float = 0.0
    tried: float = 0.0
    load: float = -1.0


def machine() -> Machine:
    """This computer. Takes milliseconds."""
    probe = saved_probe()
    return Machine(_cpu(), _cores(), _memory(), probe.gpu if probe else "", _system())


def saved_probe() -> Probe | None:
    """The kept measurement, if it was taken on this machine with this torch."""
    try:
        probe = made(Probe, read_json(cache_folder() / _FILE, dict))
    except (StudioError, TypeError):
        return None
    return probe if probe.key == probe_key() else None


def keep_probe(probe: Probe) -> None:
    """Remember a measurement. A place that cannot be written only means measuring again next time."""
    with contextlib.suppress(OSError, StudioError):
        cache_folder().mkdir(parents=True, exist_ok=True)
        write_json(cache_folder() / _FILE, asdict(probe))


class Measured(Protocol):
    """A measurement of this computer that records the share of the processors other programs took meanwhile."""

    @property
    def load(self) -> float:
        """0 to 1; below 0 if it was not looked at."""


def is_quiet(found: Measured) -> bool:
    """Whether other programs left the processors alone meanwhile; False if that was not recorded."""
    return 0.0 <= found.load <= BUSY


def probe_key() -> str:
    """What a measurement is good for: this processor, its cores, this system, this torch."""
    return f"{_cpu()} | {_cores()} | {platform.system()} {platform.machine()} | torch {version('torch')}"


def best_number_format(probe: Probe) -> str:
    """`bf16` (or on a GPU the faster of the short formats) if it was measured clearly faster, else `fp32`."""
    gains = {name: gain for name, gain in probe.format_gain.items() if name == "bf16" or probe.device == "cuda"}
    best = max(gains, key=lambda name: gains[name], default="fp32")
    # At equal speed bf16 is preferred: its range needs no scaling of the loss.
    if gains.get("bf16", 0.0) >= 0.9 * gains.get(best, 0.0):
        best = "bf16"
    return best if gains.get(best, 0.0) >= WORTH_IT else "fp32"


def version(package: str) -> str:
    """The installed version of a package without importing it; `not installed` if there is none."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def geometric_mean(values: list[float]) -> float:
    """The mean that treats twice as fast and half as fast alike."""
    return float(prod(values) ** (1 / len(values))) if values else 0.0


@functools.cache
def _cpu() -> str:
    with contextlib.suppress(OSError, ValueError, IndexError):
        if sys.platform == "linux":
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
            if names:
                return names[0]
        elif sys.platform == "darwin":
            command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True, timeout=2, check=False).stdout.strip()
        elif sys.platform == "win32":
            import winreg

            place = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
                return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
    return platform.processor() or platform.machine()


@functools.cache
def _cores() -> int:
    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
    return max(1, min(physical, allowed))


@functools.cache
def _memory() -> int:
    total = int(psutil.virtual_memory().total)
    with contextlib.suppress(OSError, ValueError):  # a container may have less than the computer
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return total


def _system() -> str:
    name = platform.system()
    return f"macOS {platform.mac_ver()[0]}" if name == "Darwin" else f"{name} {platform.release()}"
