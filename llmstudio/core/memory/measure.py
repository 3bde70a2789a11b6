"""Memory as the process has it, in bytes."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

_process = psutil.Process()


def process_bytes() -> int:
    """Resident memory of this process."""
    return int(_process.memory_info().rss)


class HighWater:
    """The most that this process has held since this was made, whatever happened between two looks.

    Linux keeps this mark itself, to the page, and lets a process set it back. Elsewhere, and where that is forbidden, it is
    the highest of the moments at which it was asked.
    """

    def __init__(self) -> None:
        self._highest = process_bytes()
        self._is_kept = False
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                Path("/proc/self/clear_refs").write_text("5")  # set the mark back to what is held now
                self._is_kept = "VmHWM:" in Path("/proc/self/status").read_text()

    def bytes(self) -> int:
        """The highest resident memory so far."""
        self._highest = max(self._highest, _kept_mark() if self._is_kept else process_bytes())
        return self._highest


def _kept_mark() -> int:
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split(maxsplit=1)[0])


def gpu_bytes() -> int:
    """Memory this process has taken on the GPU, 0 without one. Does not import torch."""
    torch: Any = sys.modules.get("torch")
    return int(torch.cuda.memory_allocated()) if torch and torch.cuda.is_available() else 0


def by_kind(base: int, kinds: Mapping[str, int], *, on_gpu: bool = False) -> dict[str, int]:
    """What a run occupies: `process` and its `base` (libraries), the known `kinds`, and `activations` and other as the rest.

    Args:
        base: Bytes of the process before the run.
        kinds: weights, gradients, optimizer.
        on_gpu: The run's tensors lie on the GPU, so that the rest is counted there.
    """
    process, gpu = process_bytes(), gpu_bytes()
    whole = gpu if on_gpu else process - base
    found = {"process": process, "base": base, **kinds, "activations": max(0, whole - sum(kinds.values()))}
    return found | ({"gpu": gpu} if gpu else {})
