"""Interpolated Kneser-Ney: the best a model can do by counting. The yardstick for every model that learns.

In:  rows of token ids. Out: the probability of every token of other rows, and of every token that may come next.

An n-gram model asks how often a token followed the last n - 1. Most long contexts were seen once or never, so a fixed
discount is taken off each count and handed to the next shorter context; and there it is not asked how often a token came,
but after how many different tokens it did: "Francisco" is frequent, yet it follows little but "San".

    p(w | c) = max(count(c w) - D, 0) / count(c .)  +  D * types(c .) / count(c .) * p(w | c without its first token)

Counts of the longest order are what was seen; those of shorter ones are numbers of different predecessors, but at the
beginning of a row, before which there is nothing, again what was seen. At the bottom stands 1 / V. A context that was
never seen leaves the answer to the shorter one. One discount an order, n1 / (n1 + 2 n2) of the counts that are 1 and 2.

Source: Kneser and Ney 1995; interpolated and with this discount as in Chen and Goodman 1999; row beginnings as in Heafield
et al. 2013.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.errors import StudioError
from llmstudio.core.work import Stop, check

Ids = NDArray[np.int64]
UNSEEN = -1


@dataclass(frozen=True)
class Order:
    """What is known of the n-grams of one length.

    Attributes:
        codes: (N,) sorted; an n-gram's code is its context's place in the order below, times V + 1, plus its last token.
        counts: (N,) what is discounted; 0 for the mere beginning of a row, which is a context but no event.
        totals: (C,) sum of counts by context, the order below's places.
        types: (C,) different tokens seen after each context.
        discount: D.
    """

    codes: Ids
    counts: Ids
    totals: Ids
    types: Ids
    discount: float


@dataclass(frozen=True)
class KneserNey:
    """An interpolated Kneser-Ney model; made by `fit`.

    Attributes:
        vocab_size: V; ids lie below it.
        orders: From single tokens to the longest n-grams.
    """

    vocab_size: int
    orders: tuple[Order, ...]

    @property
    def order(self) -> int:
        """n: one more than the tokens looked back on."""
        return len(self.orders)

    def logprobs(self, rows: Sequence[Sequence[int]]) -> list[NDArray[np.float64]]:
        """Natural logarithm of the probability of each token of each row, from the row's beginning on."""
        ids, depth = _joined(rows, self.vocab_size)
        shares = np.full(len(ids), 1 / self.vocab_size)
        place: Ids = np.zeros(len(ids), np.int64)  # of the n-gram, one shorter, that ends at each position
        for length, order in enumerate(self.orders, 1):
            context = place if length == 1 else _behind(place)
            known = (context != UNSEEN) & (depth >= length - 1) & (depth > 0)
            known[known] = order.totals[context[known]] > 0
            at = context[known]
            code = at * (self.vocab_size + 1) + ids[known]
            found = _find(order.codes, code)
            count = np.where(found == UNSEEN, 0, order.counts[found])
            kept = np.maximum(count - order.discount, 0.0)
            passed = order.discount * order.types[at]
            shares[known] = (kept + passed * shares[known]) / order.totals[at]
            here = (context != UNSEEN) & (depth >= length - 1)
            place = np.full(len(ids), UNSEEN)
            place[here] = _find(order.codes, context[here] * (self.vocab_size + 1) + ids[here])
        logs = np.log(shares)
        ends = np.flatnonzero(depth == 0)
        return [part[1:] for part in np.split(logs, ends[1:])] if len(ends) else []

    def perplexity(self, rows: Sequence[Sequence[int]]) -> float:
        """Exponential of the mean loss a token. Raises StudioError if there are no tokens."""
        logs = self.logprobs(rows)
        count = sum(map(len, logs))
        if not count:
            raise StudioError("There is nothing to measure on: the text is empty.")
        return math.exp(-sum(float(log.sum()) for log in logs) / count)

    def probabilities(self, ids: Sequence[int], *, begins: bool = True) -> NDArray[np.float64]:
        """(V,) of the token that comes next after `ids`, which stand at the beginning of a row unless told otherwise."""
        seen = [*([self.vocab_size] if begins else []), *ids][-(self.order - 1) :] if self.order > 1 else []
        shares = np.full(self.vocab_size, 1 / self.vocab_size)
        for length, order in enumerate(self.orders, 1):
            context = self._place(seen[len(seen) - length + 1 :]) if length - 1 <= len(seen) else UNSEEN
            if context == UNSEEN or not order.totals[context]:
                continue
            low, high = np.searchsorted(order.codes, np.array([context, context + 1]) * (self.vocab_size + 1))
            shares *= order.discount * order.types[context]
            words = order.codes[low:high] - context * (self.vocab_size + 1)
            is_event = words < self.vocab_size
            shares[words[is_event]] += np.maximum(order.counts[low:high][is_event] - order.discount, 0.0)
            shares /= order.totals[context]
        return shares

    def _place(self, ids: Sequence[int]) -> int:
        """Where these tokens stand among the n-grams of their length; 0 for none, UNSEEN if they never stood so."""
        place = 0
        for order, token in zip(self.orders, ids, strict=False):
            place = int(_find(order.codes, np.array([place * (self.vocab_size + 1) + token]))[0])
            if place == UNSEEN:
                return UNSEEN
        return place


def fit(
    rows: Sequence[Sequence[int]],
    *,
    vocab_size: int,
    order: int = 5,
    discounts: Sequence[float] | None = None,
    stop: Stop | None = None,
) -> KneserNey:
    """Count n-grams of up to `order` tokens.

    Args:
        rows: Token ids, a row a text; nothing is looked at across a row's beginning. End a row with a token of its own for
            the model to know where texts end.
        vocab_size: V, tokens that may come, seen or not.
        order: n.
        discounts: D by order, from single tokens up; None estimates them from the counts.
        stop: Looked at before each length.

    Raises:
        StudioError: There is not a single token, an id is not below `vocab_size`, or it was stopped.
    """
    ids, depth = _joined(rows, vocab_size)
    if len(ids) == len(rows):
        raise StudioError("There is nothing to count: the text is empty.")
    if order < 1:
        raise StudioError("An n-gram model needs an order of at least 1.")
    place: Ids = np.zeros(len(ids), np.int64)  # of the n-gram, one shorter, that ends at each position
    places, codes = [], []
    for length in range(1, order + 1):
        check(stop)
        context = place if length == 1 else _behind(place)
        inside = depth >= length - 1
        found, inverse = np.unique(context[inside] * (vocab_size + 1) + ids[inside], return_inverse=True)
        place = np.full(len(ids), UNSEEN)
        place[inside] = inverse
        places.append(place)
        codes.append(found)
    orders = []
    for length, found in enumerate(codes, 1):
        check(stop)
        counts = _counts(places, length, depth, len(found), vocab_size)
        contexts = 1 if length == 1 else len(codes[length - 2])
        context = found // (vocab_size + 1)
        totals = np.bincount(context, counts, contexts).astype(np.int64)
        types = np.bincount(context, counts > 0, contexts).astype(np.int64)
        discount = discounts[length - 1] if discounts is not None else _discount(counts)
        orders.append(Order(found, counts, totals, types, discount))
    return KneserNey(vocab_size, tuple(orders))


def _counts(places: Sequence[Ids], length: int, depth: Ids, size: int, vocab_size: int) -> Ids:
    """(size,) of the n-grams of one length: how often seen, or by how many different tokens preceded."""
    place = places[length - 1]
    is_event = (depth >= length - 1) & (depth > 0)
    begins_row = is_event & (depth == length - 1)
    if length == len(places):
        return np.bincount(place[is_event], minlength=size)
    longer = places[length]
    preceded = is_event & (longer != UNSEEN)
    # Of each longer n-gram, seen at least once, its last tokens: one predecessor more for them.
    _, first = np.unique(longer[preceded], return_index=True)
    before: Ids = np.bincount(place[preceded][first], minlength=size)
    return before + np.bincount(place[begins_row], minlength=size)


def _discount(counts: Ids) -> float:
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    # Too few n-grams to tell: half a count, far from both bounds.
    return once / (once + 2 * twice) if once and twice else 0.5


def _joined(rows: Iterable[Sequence[int]], vocab_size: int) -> tuple[Ids, Ids]:
    """All rows in one, each behind the sign V of its beginning; and how far each position lies behind that sign."""
    begin = np.array([vocab_size], np.int64)
    parts = [part for row in rows for part in (begin, np.asarray(row, np.int64))]
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    ids = np.concatenate(parts)
    is_begin = np.zeros(len(ids), bool)
    lengths = np.array([len(part) for part in parts], np.int64)
    is_begin[np.cumsum(lengths)[::2] - 1] = True
    own = ids[~is_begin]
    if len(own) and not (own.min() >= 0 and own.max() < vocab_size):
        raise StudioError("A token's id is not among the {size:,} of the vocabulary.", size=vocab_size)
    starts = np.flatnonzero(is_begin)
    depth = np.arange(len(ids)) - np.repeat(starts, np.diff(np.append(starts, len(ids))))
    return ids, depth


def _behind(place: Ids) -> Ids:
    """What ends one position earlier."""
    return np.concatenate([np.array([UNSEEN]), place[:-1]])


def _find(codes: Ids, wanted: Ids) -> Ids:
    """Places of `wanted` in the sorted `codes`; UNSEEN where they are not."""
    if not len(codes):  # no row is as long as that
        return np.full(len(wanted), UNSEEN)
    at = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
    return np.where(codes[at] == wanted, at, UNSEEN)
