"""Measuring a model on held-out text: every token once, with half a context behind it or with the state carried on."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED, scoring_windows
from llmstudio.core.dataset.streams import lane_batches, scoring_lanes
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.config import Look
from llmstudio.core.tasks.computing import Computing
from llmstudio.core.tasks.loss import token_losses
from llmstudio.core.tokenizer.config import PAD, UNKNOWN
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import Words

_LN2 = math.log(2)
_LOOK = Look()


@contextmanager
def in_evaluation(model: LanguageModel) -> Iterator[None]:
    """The model in evaluation mode, where nothing is dropped, and without gradients; then in the mode that it was in."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        model.train(was_training)


@dataclass
class Score:
    """Sums over the tokens scored so far.

    Attributes:
        nats: Summed loss.
        tokens: Tokens scored.
        num_bytes: UTF-8 bytes of the text that they stand for.
        hidden_bytes: Bytes that unknown tokens hide, charged 8 bits each.
    """

    nats: float = 0.0
    tokens: int = 0
    num_bytes: float = 0.0
    hidden_bytes: float = 0.0

    def figures(self) -> dict[str, float]:
        """By name: loss (nats a token), perplexity, bits_per_byte, tokens."""
        loss = self.nats / max(1, self.tokens)
        bits = self.nats / _LN2 + 8 * self.hidden_bytes
        num_bytes = self.num_bytes + self.hidden_bytes
        return {
            "loss": loss,
            "perplexity": math.exp(min(loss, 700)),
            "bits_per_byte": bits / num_bytes if num_bytes else float("nan"),
            "tokens": self.tokens,
        }

    def remarks(self) -> list[Words]:
        """What one should know of the figures."""
        return []


def score_rows(
    model: LanguageModel,
    rows: Rows,
    tokenizer: Tokenizer,
    computing: Computing,
    *,
    whole_documents: bool,
    max_tokens: int | None = None,
    look: Look = _LOOK,
    answers_alone: bool = False,
) -> Iterator[Score]:
    """Score a text batch by batch; yields the running sums after each, so that the puller can stop in between.

    A model that carries its state reads running text on; any other text is cut into windows. `answers_alone` counts the
    tokens of answers only, where whole documents have any; the others are read all the same. The model is put into
    evaluation mode for each batch and back; nothing of torch's state crosses a yield.
    """
    bytes_of = bytes_by_token(rows, tokenizer)
    unknown_share = float(np.sum(rows.hidden_bytes)) / max(1, int(np.count_nonzero(np.asarray(rows.ids) == UNKNOWN)))
    if whole_documents or not model.config.carries_state:
        counted = rows.answer_mask if answers_alone else None
        scored = _in_windows(model, rows, computing, whole_documents, max_tokens, look, counted)
    else:
        scored = _in_lanes(model, rows, computing, max_tokens, look)
    score = Score()
    for nats, targets in scored:
        score.nats += nats
        score.tokens += len(targets)
        score.num_bytes += float(bytes_of[targets].sum())
        score.hidden_bytes += float(np.count_nonzero(targets == UNKNOWN)) * unknown_share
        yield score


def bytes_by_token(rows: Rows, tokenizer: Tokenizer) -> NDArray[np.float64]:
    """(V,) UTF-8 bytes of these rows' text that a token stands for, such that all of them together are the text's own.

    Some tokens decode to a space that was not in the text, others drop one that was: without this, figures per byte would
    differ between tokenizers for that reason alone.
    """
    bytes_of = tokenizer.num_bytes(np.arange(tokenizer.vocab_size)).astype(np.float64)
    spelled = float(np.bincount(np.asarray(rows.ids), minlength=len(bytes_of)) @ bytes_of)
    stands = float(np.sum(rows.row_bytes) - np.sum(rows.hidden_bytes))
    return bytes_of * (stands / spelled) if spelled and stands > 0 else bytes_of


def _in_windows(
    model: LanguageModel,
    rows: Rows,
    computing: Computing,
    whole_documents: bool,
    max_tokens: int | None,
    look: Look,
    counted: NDArray[np.uint8] | None,
) -> Iterator[tuple[float, np.ndarray]]:
    context = model.config.context_length
    windows = list(scoring_windows(rows, context=context, whole_documents=whole_documents, max_tokens=max_tokens))
    windows.sort(key=lambda w: w[1] - w[0])
    at = 0
    while at < len(windows):
        most = look.rows_at_once(_width(windows[at], context))
        width = _width(windows[min(at + most, len(windows)) - 1], context)  # sorted by length: none before it is longer
        chosen = windows[at : at + look.rows_at_once(width)]
        batch, targets = _batch(rows, chosen, width, counted)
        at += len(chosen)
        yield _nats(model, batch, computing)[0], targets


def _width(window: tuple[int, int, int], context: int) -> int:
    """Tokens read in a window, filled up to a multiple of eight: libraries keep a plan for every shape they meet."""
    start, end, _ = window
    return min(context, -(-(end - start - 1) // 8) * 8)


def _in_lanes(
    model: LanguageModel, rows: Rows, computing: Computing, max_tokens: int | None, look: Look
) -> Iterator[tuple[float, np.ndarray]]:
    lanes = scoring_lanes(rows.num_tokens, context=model.config.context_length, max_tokens=max_tokens)
    window = max(1, look.tokens_at_once(model.config.context_length) // len(lanes))
    state = model.init_state(len(lanes), window)
    for batch in lane_batches(rows.ids, lanes, window=window):
        nats, state = _nats(model, batch, computing, state)
        assert batch.targets is not None
        targets = batch.targets.numpy()
        yield nats, targets[targets != IGNORED]


def _nats(model: LanguageModel, batch: Batch, computing: Computing, state: Any = None) -> tuple[float, Any]:
    """Summed loss of a batch, and the state after it where one is given."""
    with in_evaluation(model), computing.autocast():
        on = batch.to(computing.device)
        assert on.targets is not None
        output = model(on, state)
        total = token_losses(model, output.hidden.flatten(0, 1), on.targets.flatten()).sum().item()
    return float(total), output.state


def _batch(
    rows: Rows, windows: list[tuple[int, int, int]], width: int, counted: NDArray[np.uint8] | None
) -> tuple[Batch, np.ndarray]:
    ids = np.full((len(windows), width), PAD, dtype=np.int64)
    targets = np.full((len(windows), width), IGNORED, dtype=np.int64)
    for i, (start, end, scored) in enumerate(windows):
        ids[i, : end - start - 1] = rows.ids[start : end - 1]
        wanted = rows.ids[scored:end]
        targets[i, scored - start - 1 : end - start - 1] = (
            wanted if counted is None else np.where(counted[scored:end], wanted.astype(np.int64), IGNORED)
        )
    return Batch(torch.from_numpy(ids), torch.from_numpy(targets)), targets[targets != IGNORED]


def zip_bits_per_byte(
    rows: Rows, tokenizer: Tokenizer, max_tokens: int = 1_000_000, *, answers_alone: bool = False
) -> float:
    """What a general compressor (zlib, level 9) needs for the same text: a yardstick for bits per byte."""
    ids = np.asarray(rows.ids[:max_tokens])
    if answers_alone and rows.answer_mask is not None:
        ids = ids[np.asarray(rows.answer_mask[:max_tokens], bool)]
    num_bytes = float(bytes_by_token(rows, tokenizer)[ids].sum())
    bits = 8 * len(zlib.compress(tokenizer.decode(ids.tolist()).encode(), 9))
    return bits / num_bytes if num_bytes else float("nan")
