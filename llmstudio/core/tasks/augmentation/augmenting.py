"""Words of a text left out, swapped, or replaced by neighbours, anew each time the text is dealt.

Everything random follows from torch's generator, which a run sets by its seed and step, so a resumed run changes the same
words. A neighbour is a whole word whose vector lies near in the model's own table of tokens as it is at that step: where
the run began with word vectors or with a model that has read, it means something like the word it stands for.

Source: Wei and Zou 2019, arXiv:1901.11196; for tags Dai and Adel 2020, arXiv:2010.11683.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.tasks.augmentation.neighbours import neighbours
from llmstudio.core.tokenizer.config import END, PAD
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.tokenizer.word_starts import WordStarts
from llmstudio.core.word_vectors.whole_words import whole_words

_NEAREST = 5
Row = list[NDArray[np.int64]]


class Augmenter:
    """Changes the texts of a batch.

    Example:
        batch = Augmenter(tokenizer, delete=0.1, swap=0.1, replaced=0.1)(batch, partial(token_table, model))
    """

    def __init__(self, tokenizer: Tokenizer, *, delete: float = 0.0, swap: float = 0.0, replaced: float = 0.0) -> None:
        """Shares of a text's words, 0 to 1: left out, swapped with another, replaced by a neighbour."""
        self.delete, self.swap, self.replaced = delete, swap, replaced
        self._starts = WordStarts(tokenizer)
        self._has_space = np.array([spelled[:1] == b" " for spelled in tokenizer.token_bytes])
        self._is_space = np.array([spelled == b" " for spelled in tokenizer.token_bytes])
        self._words = np.array(sorted(id for ids in whole_words(tokenizer).values() for id in ids), np.int64)

    @property
    def is_idle(self) -> bool:
        """Whether it changes nothing."""
        return not (self.delete or self.swap or self.replaced)

    def __call__(self, batch: Batch, table: Callable[[], Tensor]) -> Batch:
        """The batch with its texts changed; each keeps a word at least, and its END. `table` gives (V, D), a vector a token.

        Where words are left out or swapped, labels must be of whole texts.
        """
        if self.is_idle:
            return batch
        random = np.random.default_rng(int(torch.randint(2**62, ())))
        ids = batch.ids.cpu().numpy()
        changed = np.full_like(ids, PAD)
        for number, row in enumerate(ids):
            end = int(np.flatnonzero(row == END)[-1])
            words = self._without(self._swapped(self._cut(row[:end]), random), random)
            text = np.concatenate([*words, [END]]) if words else row[end : end + 1]
            changed[number, : len(text)] = text
        self._replace(changed, table, random)
        return replace(batch, ids=torch.from_numpy(changed).to(batch.ids.device))

    def _cut(self, text: NDArray[np.int64]) -> Row:
        """The tokens of each word; a space that is a token of its own goes with the word behind it."""
        starts = self._starts(text)
        starts[1:] &= ~self._is_space[text[:-1]]
        return np.split(text, np.flatnonzero(starts)[1:]) if len(text) else []

    def _swapped(self, words: Row, random: np.random.Generator) -> Row:
        """Two words change places, so many times; where words bring their space along, only those that do."""
        movable = [at for at, word in enumerate(words) if self._has_space[word[0]]] or range(len(words))
        for _ in range(random.binomial(len(movable), self.swap) if self.swap else 0):
            one, other = random.choice(movable, 2)
            words[one], words[other] = words[other], words[one]
        return words

    def _without(self, words: Row, random: np.random.Generator) -> Row:
        if not self.delete or not words:
            return words
        stays = random.random(len(words)) >= self.delete
        if not stays.any():
            stays[random.integers(len(words))] = True
        return [word for word, is_kept in zip(words, stays, strict=True) if is_kept]

    def _replace(self, ids: NDArray[np.int64], table: Callable[[], Tensor], random: np.random.Generator) -> None:
        """Put neighbours in the places of some words, those that are one token each."""
        if not self.replaced or len(self._words) < 2:
            return
        starts = self._starts(ids)
        is_alone = starts & np.append(starts[:, 1:], np.ones((len(ids), 1), bool), axis=1)
        chosen = is_alone & np.isin(ids, self._words) & (random.random(ids.shape) < self.replaced)
        if not chosen.any():
            return
        vectors = table()
        asked, among = (torch.from_numpy(each).to(vectors.device) for each in (ids[chosen], self._words))
        found = neighbours(vectors, asked, among, _NEAREST).cpu().numpy()
        ids[chosen] = found[np.arange(len(found)), random.integers(found.shape[1], size=len(found))]
