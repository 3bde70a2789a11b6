"""How many answers a model writes as they should be: of held-out rows with answers, each asked as its row was laid out.

The model reads the row up to an answer (a passage, earlier turns as they were, the question) and writes the rest by the
likeliest token each time. Exact match and token F1 compare that with the row's own answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.generate import decode
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.tasks.scores.overlap import exact_match, token_f1
from llmstudio.core.tokenizer.config import END
from llmstudio.core.tokenizer.streaming import reference_text, whole_text
from llmstudio.core.tokenizer.tokenizer import Tokenizer

MOST = 200
_MOST_TOKENS = 10_000  # of all answers together, which bounds the time with a large model or long answers


@dataclass
class WrittenAnswers:
    """Sums over the answers written so far.

    Attributes:
        answers: How many.
        total: How many there will be.
        num_chosen: How many were looked at.
        num_left_out: Those of them that do not fit the model's context together with what comes before them.
        exact: Those that match but for small and large letters, signs and articles.
        f1: Sum of their token F1.
        texts: The answers themselves.
        references: What should have been written.
    """

    total: int
    num_chosen: int = 0
    num_left_out: int = 0
    answers: int = 0
    exact: int = 0
    f1: float = 0.0
    texts: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """By name: exact_match and token_f1, 0 to 1; nothing of no answers."""
        if not self.answers:
            return {}
        return {"exact_match": self.exact / self.answers, "token_f1": self.f1 / self.answers}


@dataclass(frozen=True)
class _Question:
    """What is read of a row, what should be written, and how many tokens the row has up to the answer's end."""

    prompt: list[int]
    answer: list[int]
    num_tokens: int


def write_answers(
    model: LanguageModel, parts: Sequence[Rows], tokenizer: Tokenizer, *, most: int = MOST
) -> Iterator[WrittenAnswers]:
    """Running sums after each answer, once where none fits the model's context; nothing where no row has an answer.

    Args:
        model: In evaluation mode.
        parts: Held-out rows; those without answers are passed over.
        tokenizer: The model's own.
        most: So many answers at most, from rows evenly spread.
    """
    limit = model.config.looks_back
    chosen = [question for rows in parts for question in _questions(rows, -(-most // len(parts)))]
    asked = [question for question in chosen if limit is None or question.num_tokens <= limit]
    num_left_out = len(chosen) - len(asked)
    num_tokens = sum(len(question.answer) for question in asked)
    asked = asked[:: max(1, -(-num_tokens // _MOST_TOKENS))][:most]
    score = WrittenAnswers(len(asked), len(chosen), num_left_out)
    if num_left_out and not asked:
        yield score
    for question in asked:
        config = GenerationConfig(temperature=0.0, max_new_tokens=2 * len(question.answer) + 8)
        ids: list[int] = []
        for token in decode(model, question.prompt, config):
            if token == END:
                break
            ids.append(token)
        right, said = reference_text(tokenizer, question.answer), whole_text(tokenizer, ids)
        score.answers += 1
        score.texts.append(said)
        score.references.append(right)
        score.exact += exact_match([right], said)
        score.f1 += token_f1([right], said)
        yield score


def _questions(rows: Rows, most: int) -> list[_Question]:
    """One question of each of so many rows, evenly spread; of rows of several answers now the first, now a later one."""
    if rows.answer_mask is None or not rows.num_rows:
        return []
    found = []
    for count, row in enumerate(np.linspace(0, rows.num_rows - 1, min(most, rows.num_rows)).astype(int)):
        first, last = int(rows.offsets[row]), int(rows.offsets[row + 1])
        ids, spans = rows.ids[first:last].tolist(), _spans(rows.answer_mask[first:last])
        if not spans:
            continue
        start, end = spans[count % len(spans)]
        answer = [token for token in ids[start:end] if token != END]
        if start and answer:
            found.append(_Question(ids[:start], answer, end))
    return found


def _spans(mask: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Where answers begin, and the place behind each."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
