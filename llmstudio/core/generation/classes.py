"""Which classes a model gives a text, with their probabilities."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Piece, Started
from llmstudio.core.generation.spelling import Wording
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.changes.head import head_of
from llmstudio.core.tokenizer.config import END, PAD, UNKNOWN
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import words
from llmstudio.core.work import Stop, check

_SIDE_BY_SIDE = 32
LIKELY = 0.5
"""Of a text that may have several classes, those count that are at least so likely."""


def class_logits(
    model: LanguageModel,
    ids: Tensor,
    wording: Wording,
    *,
    dropout: float = 0.0,
    wording_dropout: float = 0.0,
    hidden: Tensor | None = None,
) -> Tensor:
    """(B, C) what each class scores for every text.

    Args:
        model: One with a head for classes.
        ids: (B, T) with END and padding.
        wording: What tells the texts' words, where the head reads these.
        dropout: Share of the vectors' numbers that are silenced while the model learns.
        wording_dropout: Share of the words and phrases that are.
        hidden: (B, T) the same texts as the model sees them, some of their tokens hidden; else as they are.
    """  # fmt: skip
    head = model.class_head
    logits: Tensor = head(model.features(Batch(ids if hidden is None else hidden)), ids != PAD, dropout)
    if head.spelling is None:
        return logits
    rows = torch.from_numpy(wording.read(ids.cpu().numpy())).to(logits.device)
    return logits + head.spelling.mean(rows, wording_dropout)


@dataclass(frozen=True)
class Told:
    """A text's classes.

    Attributes:
        names: Those that it is given: the likeliest, or all that are likely.
        chances: Every class with its probability, the likeliest first.
        num_unread: Tokens at the text's end that were not read.
        is_foreign: Whether most of the tokens that were read are unknown to the model, so that it can but guess.
    """

    names: tuple[str, ...]
    chances: tuple[tuple[str, float], ...]
    num_unread: int = 0
    is_foreign: bool = False


class Reader:
    """A model that tells classes, in evaluation mode, and its tokenizer.

    Raises:
        StudioError: The model was never taught to tell classes of texts.
    """

    def __init__(self, model: LanguageModel, tokenizer: Tokenizer) -> None:
        head = head_of(model.changes)
        if head is None or head["pooling"] == "each":
            raise StudioError("This model was not taught to sort texts into classes: teach it with texts that have labels.")
        self.model, self.tokenizer = model, tokenizer
        self.names: list[str] = list(head["names"])
        self.several = bool(head["several"])
        self._wording = Wording(tokenizer)

    def read(self, texts: Sequence[str], stop: Stop | None = None) -> Iterator[Told]:
        """The classes of each text, in order; a stop is looked at between groups of texts."""
        limit = self.model.config.context_length
        for at in range(0, len(texts), _SIDE_BY_SIDE):
            check(stop)
            rows = self.tokenizer.encode_batch(list(texts[at : at + _SIDE_BY_SIDE]))
            cut = [[*row[: limit - 1], END] for row in rows]
            ids = np.full((len(cut), max(map(len, cut))), PAD, np.int64)
            for number, row in enumerate(cut):
                ids[number, : len(row)] = row
            with torch.inference_mode():
                on = torch.from_numpy(ids).to(self.model.device)
                logits = class_logits(self.model, on, self._wording)
                chances = (logits.sigmoid() if self.several else logits.softmax(-1)).cpu().tolist()
                moved = self.model.class_head.moved(logits)
                told = (
                    (moved.sigmoid() >= LIKELY if self.several else moved == moved.max(-1, keepdim=True)[0]).cpu().tolist()
                )
            for row, kept, shares, is_told in zip(rows, cut, chances, told, strict=True):
                ranked = sorted(zip(self.names, shares, strict=True), key=lambda pair: -pair[1])
                chosen = {name for name, yes in zip(self.names, is_told, strict=True) if yes}
                names = [name for name, _ in ranked if name in chosen][: None if self.several else 1]
                is_foreign = 2 * kept.count(UNKNOWN) > len(kept) - 1
                yield Told(tuple(names), tuple(ranked), len(row) + 1 - len(kept), is_foreign)

    def told(self, text: str, count: int = 3) -> str:
        """The likeliest classes of a text in a line."""
        told = next(iter(self.read([text])))
        return ", ".join(f"{name} {share:.0%}" for name, share in told.chances[:count])


def answer_classes(model: LanguageModel, tokenizer: Tokenizer, text: str) -> Iterator[Event]:
    """Tell a text's classes, as a job.

    Result: text (the classes' names), classes (pairs of name and probability, the likeliest first), num_unread, tokens,
    tokens_per_second, first_token_seconds, stop_reason.

    Raises:
        StudioError: As `Reader`.
    """
    yield Started(job="generate", title=words("Telling the class"))
    began = time.perf_counter()
    reader = Reader(model, tokenizer)
    told = next(iter(reader.read([text])))
    seconds = max(time.perf_counter() - began, 1e-9)
    said = ", ".join(told.names)
    yield Piece(job="generate", step=1, text=said, ids=[], tokens=1, tokens_per_second=1 / seconds)
    result = {
        "text": said,
        "classes": [[name, share] for name, share in told.chances],
        "num_unread": told.num_unread,
        "tokens": 1,
        "tokens_per_second": 1 / seconds,
        "first_token_seconds": seconds,
        "stop_reason": "end",
    }
    yield Finished(job="generate", step=1, result=result)
