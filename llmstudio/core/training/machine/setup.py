"""What a run needs to know of the machine: device, number format, threads. Chosen by measuring, never by assumption."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import psutil
import torch

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import Words, words

# bfloat16 multiplies with a third of the digits; it must win clearly to be worth it.
_WORTH = 1.3
# Bytes of the largest block of memory that is kept when it is freed.
_HELD, _HELD_WHERE_ROWS_VARY = 16 * 2**20, 4 * 2**20

# Libraries keep a plan, of half a megabyte, for every shape of a product in 16 bits: oneDNN, and torch once more above it, a
# thousand each unless told otherwise, which rows of many lengths fill: a small decoder took 165 MB so, and takes 87 (as one
# of 32 bits takes 60), in the same time. Of fewer than a step needs none would serve twice. Read when the first such product
# is made.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
os.environ.setdefault("LRU_CACHE_CAPACITY", "16")


@dataclass(frozen=True)
class Setup:
    """Where and how a run computes, with nothing left automatic.

    Attributes:
        may_step_back: Whether a run may do with fewer threads while others crowd the processor; its last digits then differ.
    """

    device: str
    number_format: str
    threads: int
    may_step_back: bool = True

    @property
    def optimizer_dtype(self) -> torch.dtype:
        """What an optimizer's products (Muon's) are computed in: a GPU has bfloat16 in any case where fp16 pays too."""
        return torch.float32 if self.number_format == "fp32" else torch.bfloat16

    def autocast(self) -> contextlib.AbstractContextManager[object]:
        """Entered around one forward pass; never across a yield."""
        if self.number_format == "fp32":
            return contextlib.nullcontext()
        return torch.autocast(self.device, torch.bfloat16 if self.number_format == "bf16" else torch.float16)


def refuse_device(config: TrainingConfig) -> None:
    """Raises StudioError if this computer has no such device as the settings ask for."""
    if config.device == "cuda" and not torch.cuda.is_available():
        raise StudioError(
            "This computer has no GPU that PyTorch can compute on, and Device is set to GPU: choose automatic.",
            remedies=(Remedy("set", words("Device: automatic"), "training.device", "auto"),),
        )


def movable(config: TrainingConfig) -> tuple[TrainingConfig, Words | None]:
    """The settings of a run that was begun elsewhere, as this computer can go on with them, and what to say of it."""
    if config.device != "cuda" or torch.cuda.is_available():
        return computable(config)
    said = words(
        "This run computed on a GPU, and this computer has none that PyTorch can compute on: it goes on with the processor, "
        "which is slower and differs in the last digits."
    )
    moved, _ = computable(replace(config, device="cpu"))
    return moved, said


def computable(config: TrainingConfig) -> tuple[TrainingConfig, Words | None]:
    """The settings in a number format that their device trains in, and what to say if that is not the one they ask for.

    On a processor 16-bit numbers (not bfloat16) gain nothing, and a library's recurrent layers have none.
    """
    if config.number_format != "fp16" or _device(config) == "cuda":
        return config, None
    said = words("16-bit numbers are for GPUs: on the processor this run computes in 32-bit ones.")
    return replace(config, number_format="fp32"), said


def set_up(config: TrainingConfig) -> Setup:
    """Replace every `auto` by what is fastest here, and a format that the device lacks; set the threads of this process.

    Raises:
        StudioError: This computer has no such device.
    """
    refuse_device(config)
    device, (config, _) = _device(config), computable(config)
    threads = config.threads or psutil.cpu_count(logical=False) or 1
    threads = min(threads, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else threads)
    torch.set_num_threads(max(1, threads))
    number_format = config.number_format
    if number_format == "auto":
        number_format = fastest_number_format(device)
    return Setup(device, number_format, max(1, threads))


def _device(config: TrainingConfig) -> str:
    if config.device != "auto":
        return config.device
    return "cuda" if torch.cuda.is_available() else "cpu"


@cache
def fastest_number_format(device: str) -> str:
    """`bf16` if a matrix product in it is measured clearly faster than in 32 bits, else `fp32`."""
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp16"
    seconds = {dtype: _product_seconds(dtype) for dtype in (torch.float32, torch.bfloat16)}
    return "bf16" if seconds[torch.bfloat16] * _WORTH < seconds[torch.float32] else "fp32"


def _product_seconds(dtype: torch.dtype) -> float:
    left, right = torch.ones(512, 256, dtype=dtype), torch.ones(256, 512, dtype=dtype)
    best = float("inf")
    start = time.perf_counter()
    while time.perf_counter() - start < 0.05:
        begin = time.perf_counter()
        torch.mm(left, right)
        best = min(best, time.perf_counter() - begin)
    return best


@contextlib.contextmanager
def denormals_flushed() -> Iterator[None]:
    """Count the tiniest numbers as zero, in this thread and this block: they cost a hundredfold and mean nothing here."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def prepare_process() -> None:
    """Settings of the whole process that make small steps faster. Safe to call again."""
    gc.freeze()
    hold_blocks(rows_vary=False)


def hold_blocks(*, rows_vary: bool) -> None:
    """How large a freed block of memory may be to be kept for the next operation (glibc only).

    The C library returns freed blocks of a megabyte to the system and asks for them again in the next operation, which costs
    time for every page: it is told to keep them (saves 8 to 15 % of a step at width 128). The largest are not kept: their
    pages cost little beside the computation, and kept blocks are cut up for small ones, so the next large one takes fresh
    memory (a fifth more at 32,000 tokens and width 256, with no more speed). If rows are as long as their documents, blocks
    of one step seldom fit the next, and kept ones add up (a GRU took 680 MB instead of 340, at the same speed).
    """
    if sys.platform == "linux":
        held = _HELD_WHERE_ROWS_VARY if rows_vary else _HELD
        with contextlib.suppress(OSError, AttributeError):
            libc = ctypes.CDLL("libc.so.6")
            for option, value in ((-3, held), (-1, 2**31 - 1), (-2, 32 * 2**20)):  # mmap threshold, trim, top pad
                libc.mallopt(option, value)


def give_back() -> None:
    """Return to the system what was freed and is only kept for later (glibc only).

    Otherwise memory left by an earlier run would count as libraries', and the next run would seem to take nothing. The
    garbage collector does not run here: in a worker's thread it might free what only the window's thread may free.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)


def warm_up(setup: Setup) -> None:
    """One tiny step of everything a run uses, so that what libraries load and keep on first use counts as theirs."""
    layer = torch.nn.Linear(64, 64, device=setup.device)
    with setup.autocast():
        loss = layer(torch.ones(64, 64, device=setup.device)).square().mean()
    loss.backward()
    torch.optim.AdamW(layer.parameters(), fused=True).step()


def resolved(config: TrainingConfig, setup: Setup) -> TrainingConfig:
    """The configuration with what `set_up` chose written in, so that a resumed run computes alike."""
    return replace(config, device=setup.device, number_format=setup.number_format, threads=setup.threads)
