"""Word vectors counted from a text of one's own: tokens that stand among the same neighbours get vectors that are alike.

How often each of the most frequent tokens stands one or two places before or behind a token is counted; of that, how much
oftener than by chance (positive pointwise mutual information); and of the resulting table the few directions that say most.
Words that differ in capitals alone are counted as one.
Seconds of counting tell a small model more about words than minutes of filling gaps.

Source: Church and Hanks 1990; Levy and Goldberg 2014; Levy, Goldberg and Dagan 2015, doi:10.1162/tacl_a_00134.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted, Progress
from llmstudio.core.tokenizer.config import SPECIALS, UNKNOWN
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.word_vectors.kept import WordVectors
from llmstudio.core.words import words
from llmstudio.core.work import Stop

_PLACES = (-2, -1, 1, 2)
_MOST_NEIGHBOURS = 3000  # the most frequent tokens; rarer ones say little for what they cost
_SMOOTHING = 0.75  # of the neighbours' frequencies, so that rare ones count less (Levy, Goldberg and Dagan 2015)
_LEAST = 2  # a token that was seen once has no neighbours to speak of
_MOST_TOKENS = 3_000_000  # some 300 MB of pairs
_TEXTS_AT_ONCE = 500
_EDGE = 0  # before and behind a text
_OVERSAMPLED, _ROUNDS = 10, 4  # of the search for directions (Halko, Martinsson and Tropp 2011, doi:10.1137/090771806)


def count_word_vectors(
    texts: Iterable[str], tokenizer: Tokenizer, width: int, *, name: str, job: str, stop: Stop
) -> Generator[Event, None, WordVectors | None]:
    """Vectors of all tokens of a vocabulary; those that are too rare, and the one for unknown words, have zeros.

    Args:
        texts: What is counted; neighbours do not reach from one text into the next. At most three million tokens are read.
        tokenizer: Cuts the texts.
        width: Numbers of each vector.
        name: Of the corpus, for what is told.
        job: Whose part this is.
        stop: Looked at every few hundred texts.

    Returns:
        The vectors; None if it was stopped.

    Raises:
        StudioError: The texts are too few for vectors of that width.
    """
    size, read, folded = tokenizer.vocab_size, 0, _folded(tokenizer)
    rows: list[NDArray[np.int64]] = []
    for group in _groups(texts):
        if stop.requested:
            return None
        encoded = [folded[np.array(ids, np.int64)] for ids in tokenizer.encode_batch(group) if ids]
        rows += encoded
        read += sum(map(len, encoded))
        yield Progress(job=job, what=words("Counting neighbours"), done=read, total=None, unit="tokens")
        if read >= _MOST_TOKENS:
            yield Noted(
                job=job,
                message=words("Neighbours were counted in the first {n|token|tokens} of {name}.", n=read, name=name),
            )
            break
    frequency = np.bincount(np.concatenate(rows), minlength=size) if rows else np.zeros(size, np.int64)
    known = np.flatnonzero(frequency >= _LEAST)
    known = known[known >= len(SPECIALS)]
    if len(known) <= width:
        raise StudioError(
            "Only {n|token stands|tokens stand} more than once in {name}: too few for vectors of {width|number|numbers}"
            " each. Count in a longer text, or give the model a smaller width.",
            n=len(known),
            name=name,
            width=width,
            paths=("teach.word_vectors", "model.embed_dim"),
        )
    yield Noted(
        job=job,
        message=words(
            "{n|token begins|tokens begin} with a vector that tells its neighbours in {name}; rarer ones begin with zeros.",
            n=len(known),
            name=name,
        ),
    )
    yield Progress(job=job, what=words("Weighing neighbours"), done=0, total=_ROUNDS)
    table = _information(rows, frequency, known)
    numbers = np.zeros((size, width), np.float32)
    for done, found in enumerate(_directions(table, width)):
        if stop.requested:
            return None
        if found is not None:
            numbers[known] = found
        yield Progress(job=job, what=words("Weighing neighbours"), done=done, total=_ROUNDS)
    own = np.array([UNKNOWN, *range(len(SPECIALS), size)])
    return WordVectors(own, numbers[folded[own]])


def _folded(tokenizer: Tokenizer) -> NDArray[np.int64]:
    """(V,) for each token the first one of the vocabulary that is the same but for capitals."""
    first: dict[bytes | str, int] = {}
    found = []
    for id, spelled in enumerate(tokenizer.token_bytes):
        text = spelled.decode("utf-8", "replace")
        found.append(first.setdefault(spelled if "\ufffd" in text or id < len(SPECIALS) else text.lower(), id))
    return np.array(found, np.int64)


def _groups(texts: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(texts)
    while group := list(itertools.islice(rest, _TEXTS_AT_ONCE)):
        yield group


def _information(rows: list[NDArray[np.int64]], frequency: NDArray[np.int64], known: NDArray[np.int64]) -> torch.Tensor:
    """(K, 4 N), sparse: by how many nats oftener than by chance a neighbour stands at each place; less than chance is 0."""
    frequent = np.argsort(-frequency, kind="stable")[:_MOST_NEIGHBOURS]
    neighbours = np.full(len(frequency), -1, np.int64)
    neighbours[frequent] = np.arange(1, len(frequent) + 1)
    number = np.full(len(frequency), -1, np.int64)
    number[known] = np.arange(len(known))
    gap = np.full(2, -2, np.int64)
    line = np.concatenate([part for row in rows for part in (gap, row)] + [gap])  # neighbours never reach over a gap of two
    token = np.where(line >= 0, number[line], -1)
    beside = np.where(line >= 0, neighbours[line], _EDGE)
    columns = len(frequent) + 1
    found = []
    for place, step in enumerate(_PLACES):
        here = token[2:-2]
        other = beside[2 + step : len(beside) - 2 + step]
        counted = (here >= 0) & (other >= 0)
        found.append(here[counted] * (columns * len(_PLACES)) + place * columns + other[counted])
    keys, counts = np.unique(np.concatenate(found), return_counts=True)
    at, column = np.divmod(keys, columns * len(_PLACES))
    by_row = np.bincount(at, counts, len(known))
    by_column = np.bincount(column, counts, columns * len(_PLACES)) ** _SMOOTHING
    share = by_column * (counts.sum() / by_column.sum())
    told = np.log(counts * counts.sum() / (by_row[at] * share[column]))
    more = told > 0
    places = torch.from_numpy(np.stack([at[more], column[more]]))
    shape = (len(known), columns * len(_PLACES))
    values = torch.from_numpy(told[more].astype(np.float32))
    return torch.sparse_coo_tensor(places, values, shape, is_coalesced=True, check_invariants=False)


def _directions(table: torch.Tensor, width: int) -> Iterator[NDArray[np.float32] | None]:
    """(K, width) the rows of a table in the directions that say most, each by the root of how much it says. It comes last:
    None stands for each round before it, between which one may stop.
    """
    generator = torch.Generator().manual_seed(0)
    q = min(width + _OVERSAMPLED, *table.shape)
    turned = table.t().coalesce()
    basis, _ = torch.linalg.qr(torch.sparse.mm(table, torch.randn(table.shape[1], q, generator=generator)))
    for _ in range(_ROUNDS):
        yield None
        back, _ = torch.linalg.qr(torch.sparse.mm(turned, basis))
        basis, _ = torch.linalg.qr(torch.sparse.mm(table, back))
    u, s, _ = torch.linalg.svd(torch.sparse.mm(turned, basis).t(), full_matrices=False)
    yield ((basis @ u)[:, :width] * s[:width].sqrt()).numpy()
