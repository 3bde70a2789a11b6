"""What the spelling of a word and of its neighbours tells, or of a whole text: features, each a number of one of a table's
rows.

A word that was never read has an ending, a beginning and capitals all the same. Of each word there are its letters, the
shape that they make (Xx for Rome, d for 1984), its first and last one to four letters; of its neighbours, up to two on each
side, the letters and the shape; and which two words stand side by side. Where words are single signs, as they are while
words are sought in Chinese, the latter are its pairs of signs. Features are hashed: two may share a row, and nothing has to
be kept but the table.

Source: Ratnaparkhi 1996; Weinberger et al. 2009, arXiv:0902.2206 (hashing).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from itertools import groupby, islice

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.models.parts.heads.sizes import TABLE_ROWS
from llmstudio.core.tokenizer.config import END, PAD, UNKNOWN
from llmstudio.core.tokenizer.plain_words import is_without_spaces, words_and_signs
from llmstudio.core.tokenizer.tokenizer import Tokenizer

_LETTERS, _SHAPE = 0, 1  # places among a word's own features
_AFFIXES = range(1, 5)
_NEIGHBOURS = (-2, -1, 1, 2)
_PAIRS = ((-2, -1), (-1, 0), (0, 1), (1, 2), (-1, 1))
_SHAPES = ((-1, 0),)
_MOST_OWN = 6 + 2 * len(_AFFIXES)
_NOTHING = 0
_MOST_KEPT = 20_000  # texts, some hundred features each
_BEGIN_OF_ROW = zlib.crc32(b"no word")
_ODD = np.uint64(0x9E3779B97F4A7C15)

Numbers = NDArray[np.uint64]


def shape_of(word: str) -> str:
    """Its capitals, small letters, digits and other signs, each run of a kind once: Xx, x, Xd, x-x."""
    kinds = ["X" if sign.isupper() else "x" if sign.isalpha() else "d" if sign.isdigit() else sign for sign in word]
    return "".join(kind for kind, _ in groupby(kinds))


def own_features(word: str) -> Numbers:
    """(K,) numbers of what a word tells by itself: letters, shape, capitals, digits, affixes; 0 for what it has not.

    A short word is its own beginning and end too, so that it counts like those of others that begin or end so. A single
    sign, as where words are sought, has only letters and a shape.
    """
    small = word.lower()
    told = [f"w {small}", f"s {shape_of(word)}"]
    if len(word) > 1 or word.isascii():
        told += [f"T {word.istitle()}", f"U {word.isupper()}", f"D {word.isdigit()}", f"W {word}" if word != small else ""]
        told += [f"{kind}{n} {part}" for n in _AFFIXES for kind, part in (("p", small[:n]), ("e", small[-n:]))]
    told += [""] * (_MOST_OWN - len(told))
    return np.array([zlib.crc32(feature.encode()) if feature else _NOTHING for feature in told], np.uint64)


def row_features(own: Numbers) -> NDArray[np.int64]:
    """(W, F) rows of the table for the words of a row, from the features (W, K) of each."""
    count, at = len(own), np.arange(len(own))
    around = np.full((count + 4, 2), _BEGIN_OF_ROW, np.uint64)
    around[2 : 2 + count] = own[:, [_LETTERS, _SHAPE]]
    letters, shapes = ({step: around[2 + step + at, kind] for step in range(-2, 3)} for kind in (_LETTERS, _SHAPE))
    columns = [*own.T, *(found[step] for found in (letters, shapes) for step in _NEIGHBOURS)]
    columns += [
        _pair(found[one], found[other]) for found, pairs in ((letters, _PAIRS), (shapes, _SHAPES)) for one, other in pairs
    ]
    columns.append(_pair(_pair(shapes[-1], shapes[0]), shapes[1]))
    columns += [np.where(letters[step] == letters[0], np.uint64(1), np.uint64(_NOTHING)) for step in (-1, -2)]
    return np.stack([_row(column, kind) for kind, column in enumerate(columns)], 1)


def text_features(text: str) -> NDArray[np.int64]:
    """(F,) rows of the table for a whole text, each once: its words, and up to three neighbours together; of words that
    spaces part, also two with one between them, the first three by their place, the first with each other one, and parts of
    three or four letters. It is blind to capitals.
    """
    line = ["", *words_and_signs(text), ""]
    found = [f"{n} {' '.join(line[at : at + n])}" for n in (1, 2, 3) for at in range(len(line) - n + 1)]
    parted = [word for word in line[1:-1] if not is_without_spaces(word)]
    found += [f"_ {one} {other}" for one, other in zip(parted, parted[2:], strict=False)]
    found += [f"a{place} {word}" for place, word in enumerate(parted[:3])]
    found += [f"b {parted[0]} {word}" for word in parted[1:]]
    edged = [f"<{word}>" for word in parted]
    found += [f"c {word[at : at + n]}" for word in edged for n in (3, 4) for at in range(len(word) - n + 1)]
    return np.unique(_row(np.array([zlib.crc32(feature.encode()) | 1 for feature in found], np.uint64), 0))


class Wording:
    """The features of whole texts that stand in rows of tokens; those of texts that come again are kept."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: dict[bytes, NDArray[np.int64]] = {}

    def read(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """(B, F) rows of the table for every text, 0 where it has fewer. ids (B, T) with END and padding."""
        found = [self._of(row) for row in ids]
        rows = np.zeros((len(found), max(map(len, found), default=0)), np.int64)
        for number, own in enumerate(found):
            rows[number, : len(own)] = own
        return rows

    def _of(self, row: NDArray[np.int64]) -> NDArray[np.int64]:
        own = row[(row != PAD) & (row != END)]
        key = own.tobytes()
        if (known := self._known.get(key)) is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            known = self._known[key] = text_features(self._tokenizer.decode(own.tolist()))
        return known


def _pair(one: Numbers, other: Numbers) -> Numbers:
    return _mixed(one, 99) ^ other


class Spelling:
    """The features of words that stand in rows of tokens; of each different word they are found once."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._own: dict[tuple[int, ...], Numbers] = {}
        self._counts: NDArray[np.bool_] | None = None

    def leave_out_rare(self, rows: Iterable[tuple[NDArray[np.int64], NDArray[np.bool_]]], least: int) -> None:
        """From now on features that stand fewer than `least` times in these rows (ids and starts, as for `read`) are none.

        Where they are never learned from, their scores stay zero, so whoever reads the table later need not know.
        """
        count = np.zeros(TABLE_ROWS, np.int64)
        for ids, starts in rows:
            count += np.bincount(self.read(ids, starts).ravel(), minlength=TABLE_ROWS)
        self._counts = count >= least

    def read(
        self, ids: NDArray[np.int64], starts: NDArray[np.bool_], words: Iterable[str] | None = None
    ) -> NDArray[np.int64]:
        """(N, F) rows of the table for every word, in order.

        Args:
            ids: (B, T) with END and padding.
            starts: (B, T), where words start.
            words: The words themselves, as the tokenizer would spell them: of what it does not know it has no letters.
        """
        given = None if words is None else iter(words)
        found = [np.zeros((0, row_features(own_features("a")[None]).shape[1]), np.int64)]
        for row, begins in zip(ids, starts, strict=True):
            if not begins.any():
                continue
            places = np.flatnonzero(begins)
            ends = [*places[1:].tolist(), len(row)]
            tokens = [tuple(row[a:b].tolist()) for a, b in zip(places.tolist(), ends, strict=True)]
            spelled = [""] * len(tokens) if given is None else list(islice(given, len(tokens)))
            own = [self._of(each, word) for each, word in zip(tokens, spelled, strict=True)]
            found.append(row_features(np.stack(own)))
        rows = np.concatenate(found)
        return rows if self._counts is None else np.where(self._counts[rows], rows, _NOTHING)

    def _of(self, word: tuple[int, ...], spelled: str) -> Numbers:
        if spelled and UNKNOWN in word:
            normalizer = self._tokenizer.backend.normalizer  # capitals and the like are as they were while learning
            return own_features(normalizer.normalize_str(spelled).strip() if normalizer is not None else spelled)
        if (known := self._own.get(word)) is None:
            text = self._tokenizer.decode([token for token in word if token not in (PAD, END)])
            known = self._own[word] = own_features(text.strip())
        return known


def _row(column: Numbers, kind: int) -> NDArray[np.int64]:
    row = 1 + _mixed(column, kind) % np.uint64(TABLE_ROWS - 1)
    return np.where(column == _NOTHING, 0, row).astype(np.int64)


def _mixed(numbers: Numbers, kind: int) -> Numbers:
    """Other numbers for features of another kind."""
    mixed = (numbers + np.uint64(kind + 1) * np.uint64(0x632BE5AB)) * _ODD
    return mixed ^ (mixed >> np.uint64(29))
