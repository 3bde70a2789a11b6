"""A model that counts: the likeliest token after the last two, after the last one, or of all. The yardstick for the others.

In:  the ids a model learned from. Out: greedy continuations. It cannot look further back than two tokens, so what it answers
on a story it has never read is habit, not reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.tokenizer.config import END


@dataclass(frozen=True)
class Trigram:
    """The likeliest next token by context, with backing off to a shorter context that was seen.

    Attributes:
        after_two: By the last two tokens.
        after_one: By the last one.
        after_none: The most frequent token.

    Source: Katz 1987 for backing off; only the likeliest token is kept here, so no probabilities are needed.
    """

    after_two: dict[tuple[int, int], int]
    after_one: dict[int, int]
    after_none: int

    def next(self, ids: Sequence[int]) -> int:
        """The likeliest token after `ids`."""
        if len(ids) >= 2 and (found := self.after_two.get((ids[-2], ids[-1]))) is not None:
            return found
        return self.after_one.get(ids[-1], self.after_none) if ids else self.after_none

    def answer(self, prompt: Sequence[int], *, max_new_tokens: int, stop_ids: Sequence[int] = (END,)) -> list[int]:
        """Greedy continuation of `prompt` up to a stop token, which is left out."""
        ids = list(prompt)
        while len(ids) < len(prompt) + max_new_tokens and (token := self.next(ids)) not in stop_ids:
            ids.append(token)
        return ids[len(prompt) :]


def count(ids: NDArray[Any]) -> Trigram:
    """Learn from a stream of at least one token. Among equally frequent tokens the one with the smallest id is kept."""
    ids = np.asarray(ids, dtype=np.int64)
    size = int(ids.max()) + 1
    single, counts = np.unique(ids, return_counts=True)
    pairs = _likeliest(ids[:-1], ids[1:], size)
    triples = _likeliest(ids[:-2] * size + ids[1:-1], ids[2:], size)
    after_two = {(context // size, context % size): token for context, token in triples.items()}
    return Trigram(after_two, pairs, int(single[counts.argmax()]))


def _likeliest(contexts: NDArray[np.int64], tokens: NDArray[np.int64], size: int) -> dict[int, int]:
    """By context, the token that most often follows it. contexts and tokens (N,)."""
    if not len(tokens):
        return {}
    seen, counts = np.unique(contexts * size + tokens, return_counts=True)
    # Sorted by context, then rarest first; the last of each context is its likeliest, smallest id last among equals.
    order = np.lexsort((-(seen % size), counts, seen // size))
    seen = seen[order]
    last = np.append(np.flatnonzero(np.diff(seen // size)), len(seen) - 1)
    return dict(zip((seen[last] // size).tolist(), (seen[last] % size).tolist(), strict=True))
