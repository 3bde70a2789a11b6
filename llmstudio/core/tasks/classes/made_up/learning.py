"""The small training loop of models that only make up texts: so many steps, all random draws from seed and step."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.dataset.config import padded_length
from llmstudio.core.events import Progress
from llmstudio.core.tokenizer.config import END, PAD
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop

_WARM_UP, _CLIP = 20, 1.0


def learn(
    model: nn.Module, loss: Callable[[int], Tensor], *, steps: int, rate: float, seed: int, what: Words, job: str, stop: Stop
) -> Generator[Progress, None, bool]:
    """Take so many steps of AdamW down `loss` of the step, with a rate that rises and falls; False if it was stopped."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    began = time.perf_counter()
    model.train()
    for step in range(steps):
        if stop.requested:
            return False
        for group in optimizer.param_groups:
            group["lr"] = rate * min((step + 1) / _WARM_UP, 1 - step / steps)
        with one_thread():
            torch.default_generator.manual_seed(seed * 1_000_003 + step)
            optimizer.zero_grad()
            loss(step).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), _CLIP)
            optimizer.step()
        left = (time.perf_counter() - began) / (step + 1) * (steps - step - 1)
        yield Progress(job=job, what=what, done=step + 1, total=steps, unit="steps", remaining_s=left)
    model.eval()
    return True


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread computes: small products are hardly faster with more, and come out alike however many there are."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def told_writing(job: str, done: int, total: int, began: float) -> Progress:
    """So many of `total` texts are written since `began`, by `time.perf_counter`."""
    left = (time.perf_counter() - began) / done * (total - done) if done else None
    what = words("Writing texts of rare classes")
    return Progress(job=job, what=what, done=done, total=total, unit="texts", remaining_s=left)


def mean_length(rows: Sequence[Sequence[int]]) -> float:
    """Tokens of a row on average."""
    return float(np.mean([len(row) for row in rows]))


def next_tokens(rows: Sequence[Sequence[int]], first: Sequence[int]) -> Batch:
    """Texts to be written on from a first token each, up to their end."""
    width = padded_length(1 + max(map(len, rows)))
    ids = np.full((len(rows), width), PAD, np.int64)
    targets = np.full((len(rows), width), IGNORED, np.int64)
    for at, (row, begin) in enumerate(zip(rows, first, strict=True)):
        ids[at, : len(row) + 1] = [begin, *row]
        targets[at, : len(row) + 1] = [*row, END]
    return Batch(torch.from_numpy(ids), torch.from_numpy(targets))


def drawn(classes: NDArray[np.int64], among: Sequence[int], count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Numbers of rows, each class `among` these as likely as any other, (count,)."""
    own = [np.flatnonzero(classes == number) for number in among]
    picked = random.integers(len(own), size=count)
    return np.array([random.choice(own[at]) for at in picked], np.int64)
