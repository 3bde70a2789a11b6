"""A language model that writes texts of a class: a token that stands for the class comes first, and the text follows.

It learns from all texts what texts are like, and last from those of rare classes what is theirs. It is the way in which
Kumar et al. 2020 (arXiv:2003.02245) and Anaby-Tavor et al. 2020 (arXiv:1911.03118) make up texts with large pretrained
models; this one is small and begins with nothing.
"""

from __future__ import annotations

import time
from collections.abc import Generator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED, ByLength
from llmstudio.core.events import Progress
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.constraints import not_text
from llmstudio.core.generation.sampling import choose
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.build import build_model
from llmstudio.core.tasks.classes.made_up import sizes
from llmstudio.core.tasks.classes.made_up.learning import drawn, learn, mean_length, next_tokens, one_thread, told_writing
from llmstudio.core.tasks.classes.made_up.texts import Learned
from llmstudio.core.tasks.loss import token_losses
from llmstudio.core.tokenizer.config import END
from llmstudio.core.words import words
from llmstudio.core.work import Stop

_RATE = 3e-3
_DRAWING = GenerationConfig(temperature=0.8, top_p=0.95)
_SIDE_BY_SIDE = 64


def write(
    learned: Learned, wanted: NDArray[np.int64], *, vocab_size: int, longest: int, seed: int, job: str, stop: Stop
) -> Generator[Progress, None, dict[int, list[list[int]]] | None]:
    """Ids of texts by class, as many as `wanted` (C,) says, of up to `longest` tokens; None if it was stopped."""
    model = build_model("lstm", sizes.WRITER, vocab_size + len(learned.names), seed)
    rare = np.flatnonzero(wanted).tolist()
    at_once = sizes.rows_at_once(mean_length(learned.rows))
    dealt = ByLength(np.array([len(row) for row in learned.rows]), batch_size=at_once, seed=seed)

    def loss(step: int) -> Tensor:
        is_last = step >= sizes.STEPS
        chosen = drawn(learned.classes, rare, at_once, np.random.default_rng((seed, step))) if is_last else dealt.at(step)
        first = (vocab_size + learned.classes[chosen]).tolist()
        batch = next_tokens([learned.rows[at] for at in chosen], first)
        assert batch.targets is not None
        losses = token_losses(model, model(batch).hidden.flatten(0, 1), batch.targets.flatten())
        return losses.sum() / (batch.targets != IGNORED).sum()

    what = words("A language model learns what texts of rare classes are like")
    steps = sizes.STEPS + sizes.RARE_STEPS
    if not (yield from learn(model, loss, steps=steps, rate=_RATE, seed=seed, what=what, job=job, stop=stop)):
        return None
    generator = torch.Generator().manual_seed(seed)
    written: dict[int, list[list[int]]] = {number: [] for number in rare}
    done, total, began = 0, int(wanted.sum()), time.perf_counter()
    for number in rare:
        while (left := int(wanted[number]) - len(written[number])) > 0:
            if stop.requested:
                return None
            yield told_writing(job, done, total, began)
            count = min(left, _SIDE_BY_SIDE)
            written[number] += _rows(model, vocab_size + number, count, longest, vocab_size, generator)
            done += count
    return written


def _rows(
    model: LanguageModel, first: int, count: int, longest: int, vocab_size: int, generator: torch.Generator
) -> list[list[int]]:
    """Texts drawn side by side after one first token."""
    forbidden = [*not_text(), *range(vocab_size, model.vocab_size)]
    rows: list[list[int]] = [[] for _ in range(count)]
    going = set(range(count))
    with torch.inference_mode(), one_thread():
        state, fresh = model.init_state(count, longest + 1), torch.full((count, 1), first)
        for _ in range(longest):
            output = model(Batch(fresh), state)
            state, logits = output.state, model.head(output.hidden[:, -1]).float()
            logits[:, forbidden] = -torch.inf
            tokens = [choose(row, _DRAWING, generator) for row in logits]
            going -= {at for at in going if tokens[at] == END}
            for at in going:
                rows[at].append(tokens[at])
            if not going:
                break
            fresh = torch.tensor(tokens)[:, None]
    return rows
