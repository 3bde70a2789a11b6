"""Measure this computer: how fast each number format multiplies, memory, threads, and a few real training steps.

Takes a few seconds, once, and again where other programs were busy meanwhile; `hardware.saved_probe` has the result. torch
is imported inside.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

import psutil

from llmstudio.app.computer.estimate import step_flops
from llmstudio.app.computer.hardware import (
    Probe,
    best_number_format,
    geometric_mean,
    is_quiet,
    keep_probe,
    machine,
    probe_key,
    saved_probe,
)
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop

if TYPE_CHECKING:
    import torch

_JOB = "probe"
# Rows, inner, columns of products that small models are made of; the formats are compared on these.
_SIZES = ((768, 128, 512), (1024, 256, 1024), (2048, 384, 1536))
# Layers, width, heads, batch, context: what the forecast of time is fitted to. From all start-up cost to mostly products.
_STEPS = ((2, 64, 2, 2, 64), (2, 64, 2, 32, 64), (4, 128, 4, 16, 64), (4, 256, 4, 8, 128))
_VOCAB = 512
_PIECE_S = 0.04
_TURNS = 4
_GLANCE_S = 0.3


def probe(*, stop: Stop) -> Iterator[Event]:
    """Measure, keep the figures and end with them as the result (the fields of `Probe`)."""
    began = time.perf_counter()
    yield Started(job=_JOB, title=words("Measuring this computer"), total=4)
    others = Others()
    stages = _measure()
    while True:
        try:
            stage = next(stages)
        except StopIteration as end:
            found: Probe = replace(end.value, seconds=time.perf_counter() - began, load=others.share(), tried=time.time())
            break
        yield stage
        if stop.requested:
            yield Stopped(job=_JOB)
            return
    found = better(found, saved_probe())
    keep_probe(found)
    yield Noted(job=_JOB, message=_summary(found))
    if not is_quiet(found):
        message = words(
            "Other programs took {share} % of the processor meanwhile, so the figures may be too low: this computer is"
            " measured again before the next run.",
            share=round(100 * found.load),
        )
        yield Noted(job=_JOB, message=message, level="warning")
    yield Finished(job=_JOB, step=4, result=asdict(found))


class Others:
    """How busy other programs keep the processors, from its making on."""

    def __init__(self) -> None:
        self._began = self._now()

    def share(self) -> float:
        """0 to 1, of all processors."""
        (wall, busy, own), (wall_before, busy_before, own_before) = self._now(), self._began
        spent = (busy - busy_before) - (own - own_before)
        return min(1.0, max(0.0, spent / max(1e-9, (wall - wall_before) * (psutil.cpu_count() or 1))))

    @staticmethod
    def _now() -> tuple[float, float, float]:
        system, own = psutil.cpu_times(), psutil.Process().cpu_times()
        # Time a virtual machine was denied (steal) is not ours either; waiting for a disk is idle.
        busy = sum(system) - system.idle - getattr(system, "iowait", 0.0) - getattr(system, "guest", 0.0)
        return time.perf_counter(), busy - getattr(system, "guest_nice", 0.0), own.user + own.system


def load_now() -> float:
    """The share of the processors that other programs take at this moment."""
    others = Others()
    time.sleep(_GLANCE_S)
    return others.share()


def measure_formats(load: float) -> Probe:
    """Compare the number formats alone, with one thread, which waits for nobody: half a second also beside busy programs.

    It is kept until the computer can be measured in full.
    """
    import torch

    device, formats = _device_and_formats()
    with _threads(1):
        by_size = [_products(formats, size, device) for size in _SIZES]
    found = Probe(
        key=probe_key(),
        matmul={name: max(one[name] for one in by_size) for name in formats},
        format_gain={name: geometric_mean([one[name] / one["fp32"] for one in by_size]) for name in formats[1:]},
        bandwidth=0.0,
        threads=1,
        thread_speeds={"1": max(one["fp32"] for one in by_size)},
        device=device,
        gpu=torch.cuda.get_device_name() if device == "cuda" else "",
        gpu_bytes=torch.cuda.get_device_properties(0).total_memory if device == "cuda" else 0,
        measured=time.time(),
        tried=time.time(),
        load=load,
    )
    keep_probe(found)
    return found


def _device_and_formats() -> tuple[str, tuple[str, ...]]:
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return device, ("fp32", "bf16", "fp16") if device == "cuda" else ("fp32", "bf16")


def better(new: Probe, kept: Probe | None) -> Probe:
    """The measurement to believe: the new one, unless it was disturbed and the kept one was not, or less so."""
    if kept is None or is_quiet(new) or kept.load < 0:
        return new
    return replace(kept, tried=new.tried) if kept.load <= new.load else new


def _measure() -> Generator[Event, None, Probe]:
    """A look up before each stage, so that whoever pulls may stop there."""
    import torch

    device, formats = _device_and_formats()
    yield _progress(words("Number formats"), 0)
    by_size = [_products(formats, size, device) for size in _SIZES]
    speeds = {name: [found[name] for found in by_size] for name in formats}
    yield _progress(words("Memory"), 1)
    bandwidth = _bandwidth(device)
    yield _progress(words("Threads"), 2)
    by_threads: dict[str, float] = {}
    for count in _thread_counts():
        with _threads(count):
            by_threads[str(count)] = _products(("fp32",), _SIZES[1], "cpu")["fp32"]
    gains = {
        name: geometric_mean([fast / slow for fast, slow in zip(speeds[name], speeds["fp32"], strict=True)])
        for name in formats[1:]
    }
    found = Probe(
        key=probe_key(),
        matmul={name: max(values) for name, values in speeds.items()},
        format_gain=gains,
        bandwidth=bandwidth,
        threads=_best_threads(by_threads),
        thread_speeds=by_threads,
        device=device,
        gpu=torch.cuda.get_device_name() if device == "cuda" else "",
        gpu_bytes=torch.cuda.get_device_properties(0).total_memory if device == "cuda" else 0,
        measured=time.time(),
    )
    steps: list[Mapping[str, float]] = []
    for shape in _STEPS:
        yield _progress(words("Training steps"), 3)
        with _threads(found.threads):
            steps.append(_timed_step(shape, best_number_format(found), device))
    return replace(found, steps=steps)


def _progress(what: Words, done: int) -> Progress:
    return Progress(job=_JOB, what=what, done=done, total=4)


def _summary(found: Probe) -> Words:
    if best_number_format(found) == "fp32":
        return words(
            "32-bit numbers are the fastest choice here, {gflops} GFLOP/s.", gflops=round(found.matmul["fp32"] / 1e9)
        )
    name = best_number_format(found)
    gain = f"{found.format_gain[name]:.1f}"
    return words("{format} multiplies {gain} times faster than 32-bit here.", format=name, gain=gain)


def _thread_counts() -> list[int]:
    cores, counts = machine().cores, [1]
    while counts[-1] * 2 < cores:
        counts.append(counts[-1] * 2)
    return [*counts, cores] if cores > 1 else counts


def _best_threads(speeds: dict[str, float]) -> int:
    """The fewest threads that reach nine tenths of the best: the rest are left to the person's other programs."""
    best = max(speeds.values())
    return min(int(n) for n, speed in speeds.items() if speed >= 0.9 * best)


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _dtype(name: str) -> torch.dtype:
    import torch

    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[name]


def _products(formats: Sequence[str], size: tuple[int, int, int], device: str) -> dict[str, float]:
    """Floating-point operations a second of one matrix product in each format.

    The formats take turns, so that a program that wakes up meanwhile does not slow down one of them alone.
    """
    import torch

    rows, inner, columns = size
    generator = torch.Generator().manual_seed(0)
    work: dict[str, Callable[[], object]] = {}
    for name in formats:
        left = torch.randn(rows, inner, generator=generator).to(device, _dtype(name))
        right = torch.randn(inner, columns, generator=generator).to(device, _dtype(name))
        out = torch.empty(rows, columns, device=device, dtype=_dtype(name))
        work[name] = partial(torch.mm, left, right, out=out)
    best = dict.fromkeys(formats, math.inf)
    for _ in range(_TURNS):
        for name, product in work.items():
            best[name] = min(best[name], _seconds(product, device, piece_s=_PIECE_S / _TURNS))
    return {name: 2.0 * rows * inner * columns / seconds for name, seconds in best.items()}


def _bandwidth(device: str) -> float:
    """Bytes a second, read and written, of copying a block far larger than the caches."""
    import torch

    source = torch.ones(32 * 2**20 // 4, device=device)
    target = torch.empty_like(source)
    return 2.0 * source.numel() * 4 / _seconds(lambda: target.copy_(source), device)


def _timed_step(shape: tuple[int, int, int, int, int], number_format: str, device: str) -> dict[str, float]:
    """One training step of a small decoder: forward, loss, backward, AdamW."""
    import torch
    from torch.nn.functional import cross_entropy

    from llmstudio.core.batch import Batch
    from llmstudio.core.models.build import build_model

    layers, width, heads, batch, context = shape
    config = DecoderConfig(num_layers=layers, embed_dim=width, num_heads=heads, context_length=context)
    recipe = Recipe(model=config, training=TrainingConfig(batch_size=batch))
    model = build_model("decoder", config, _VOCAB).to(device).train()
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    ids = torch.randint(_VOCAB, (batch, context + 1), generator=torch.Generator().manual_seed(0)).to(device)

    def step() -> None:
        with torch.autocast(device, dtype=_dtype(number_format), enabled=number_format != "fp32"):
            logits = model.head(model(Batch(ids[:, :-1])).hidden)
            loss = cross_entropy(logits.flatten(0, 1).float(), ids[:, 1:].flatten())
        torch.autograd.backward(loss)
        optimizer.step()
        optimizer.zero_grad()

    seconds = _seconds(step, device, piece_s=2 * _PIECE_S)
    flops = step_flops(recipe, vocab_size=_VOCAB)
    return {
        "layers": layers,
        "width": width,
        "tokens": batch * context,
        "vocab_size": _VOCAB,
        "flops": flops,
        "seconds": seconds,
    }


def _seconds(work: Callable[[], object], device: str, piece_s: float = _PIECE_S) -> float:
    """Seconds of one call: the best of a few pieces of about `piece_s` seconds, after one call to warm up.

    The best and not the mean: other programs can only make a piece slower.
    """
    import torch

    def timed(calls: int) -> float:
        began = time.perf_counter()
        for _ in range(calls):
            work()
        if device == "cuda":
            torch.cuda.synchronize()
        return (time.perf_counter() - began) / calls

    timed(1)
    began, best = time.perf_counter(), timed(1)
    calls = max(1, min(1000, int(piece_s / max(best, 1e-6))))
    while time.perf_counter() - began < 3 * piece_s:
        best = min(best, timed(calls))
    return best
