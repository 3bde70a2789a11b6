"""Texts of rare classes are made up, as a job: what is learned from is read, nothing else."""

from __future__ import annotations

from collections.abc import Generator
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.events import Event, Noted, Progress
from llmstudio.core.tasks.classes.made_up.sizes import READ, tries
from llmstudio.core.tasks.classes.made_up.texts import Learned, kept_texts
from llmstudio.core.tokenizer.streaming import whole_text
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import words
from llmstudio.core.work import Stop, WasStopped, check


def make_up(
    learned: Learned, wanted: NDArray[np.int64], how: str, *, tokenizer: Tokenizer, seed: int, job: str, stop: Stop
) -> Generator[Event, None, list[tuple[str, int]] | None]:
    """Texts with the number of their class, at most as many of each as `wanted` (C,) says; None if it was stopped.

    The same seed gives the same texts on the same computer.

    Args:
        learned: What a model learns from.
        wanted: Texts of each class, see `texts.wanted_texts`.
        how: One of `texts.MADE_UP`.
        tokenizer: What cut the texts.
        seed: Of all draws.
        job: In whose name progress is told.
        stop: Looked at in every step.
    """
    learned = _some(learned, wanted)
    write = import_module(f"llmstudio.core.tasks.classes.made_up.{how}").write
    longest = max(map(len, learned.rows))
    try:
        written = yield from write(
            learned, tries(wanted) * wanted, vocab_size=tokenizer.vocab_size, longest=longest, seed=seed, job=job, stop=stop
        )
        if written is None:
            return None
        check(stop)
        yield Progress(job=job, what=words("Choosing among the made-up texts"), done=0)
        texts = {number: [whole_text(tokenizer, ids).strip() for ids in rows] for number, rows in written.items()}
        known = [tokenizer.decode(row) for row in learned.rows]
        kept = kept_texts(texts, known, learned.classes, wanted, stop)
    except WasStopped:
        return None
    short = int(wanted.sum()) - len(kept)
    if short:
        message = words(
            "{n|made-up text is|made-up texts are} missing: too many were empty, or the same as one that is there.",
            n=short,
        )
        yield Noted(job=job, message=message)
    return kept


def _some(learned: Learned, wanted: NDArray[np.int64]) -> Learned:
    """At most `READ` of the texts: all of rare classes that there is room for, and evenly spread others."""
    if len(learned.rows) <= READ:
        return learned
    is_rare = wanted[learned.classes] > 0
    order = np.concatenate([np.flatnonzero(is_rare), np.random.default_rng(0).permutation(np.flatnonzero(~is_rare))])
    kept = np.sort(order[:READ])
    return Learned([learned.rows[at] for at in kept], learned.classes[kept], learned.names)
