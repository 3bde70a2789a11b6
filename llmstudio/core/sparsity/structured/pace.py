"""How fast models read and write on this computer, in turns, so that other work at the same time slows all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import torch

from llmstudio.core.batch import Batch
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.generate import decode
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.weights.small import as_written_with
from llmstudio.core.tokenizer.config import END

_TURNS, _WRITTEN = 5, 64


def writing_paces(models: Sequence[LanguageModel]) -> list[float]:
    """Tokens a second that each writes from an empty page, quantised ones with integers: its best of some turns."""
    config = GenerationConfig(max_new_tokens=_WRITTEN, seed=0)
    return _best([*map(as_written_with, models)], lambda model: sum(1 for _ in decode(model, [END], config)))


def reading_paces(models: Sequence[LanguageModel], batch: Batch) -> list[float]:
    """Tokens a second that each reads of a batch, which both can: its best of some turns."""

    def read(model: LanguageModel) -> int:
        with torch.inference_mode():
            model.features(batch.to(model.device))
        return batch.num_tokens

    return _best(models, read)


def _best(models: Sequence[LanguageModel], work: Callable[[LanguageModel], int]) -> list[float]:
    best = [0.0] * len(models)
    for turn in range(1 + _TURNS):
        for index, model in enumerate(models):
            began = time.perf_counter()
            done = work(model)
            pace = done / max(time.perf_counter() - began, 1e-9)
            best[index] = max(best[index], pace) if turn else 0.0  # the first makes room
    return best
