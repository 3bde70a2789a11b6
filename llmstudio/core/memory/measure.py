"""Memory as the process has it, in bytes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import psutil

_process = psutil.Process()


def process_bytes() -> int:
    """Resident memory of this process."""
    return int(_process.memory_info().rss)


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
