"""The baseline of sorting texts, which a model must beat: the words that a text holds, and a logistic regression on them.

A text is the set of its words and signs and of pairs of neighbours; where words aren't parted by spaces, as in Chinese, of
up to three neighbouring characters. Each counts tf-idf: how often it stands there, times how rare it is elsewhere. Scores
are sums of weights, so one can read off what tells a class. It is our own rather than scikit-learn's, which would bring 200
MB along for these few lines.

Source: Salton and Buckley 1988, doi:10.1016/0306-4573(88)90021-0.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer.plain_words import is_without_spaces, words_and_signs
from llmstudio.core.work import Stop, check

Floats = NDArray[np.float64]
_STRENGTH = 10.0  # of what texts say against weights near zero; better than 1 and 100 on questions, see scikit-learn's C
_MANY_TEXTS = (
    1000  # from here on words of a single text only disturb; of fewer, they are all there is (measured on questions)
)
_MOST_WORDS = 100_000  # of the vocabulary, the most frequent
_MOST_WEIGHTS = 5_000_000  # words times classes: 40 MB, of which the regression holds some twenty
_STEPS = 200


@dataclass(frozen=True)
class BagOfWords:
    """A classifier that has learned what each word says of the classes.

    Attributes:
        places: Number of each word or pair of neighbours.
        rarity: (V,) inverse document frequency of each.
        weights: (V, C) what each adds to the score of each class.
        offsets: (C,) score of a text without known words.
        characters: Whether texts are taken as characters rather than words.
        several: Whether a text may be of any number of classes.
    """

    places: dict[str, int]
    rarity: Floats
    weights: Floats
    offsets: Floats
    characters: bool
    several: bool

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """The probability of each class, (N, C); of several classes a row, each by itself."""
        scores = np.tile(self.offsets, (len(texts), 1))
        for row, text in enumerate(texts):
            found, values = _weighed(_grams(text, self.characters), self.places, self.rarity)
            scores[row] += values @ self.weights[found]
        if self.several:
            each: Floats = 0.5 * (1 + np.tanh(scores / 2))
            return each
        shares: Floats = np.exp(scores - scores.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        return shares

    def telling(self, number: int, count: int = 10) -> list[str]:
        """The words that speak most for a class, the strongest first."""
        words = list(self.places)
        order = np.argsort(-self.weights[:, number], kind="stable")[:count]
        return [words[at] for at in order if self.weights[at, number] > 0]


def learn_bag_of_words(texts: Sequence[str], classes: ArrayLike, num_classes: int, stop: Stop | None = None) -> BagOfWords:
    """Learn from texts and their classes, a few seconds for ten thousand sentences.

    Args:
        texts: To learn from. What is evaluated on must not be among them.
        classes: The class of each, (N,), or for any number of classes a row yes or no, (N, C).
        num_classes: All classes there are.
        stop: Looked at again and again.

    Raises:
        StudioError: There is no text, or not one answer for each.
        WasStopped: Somebody has asked to stop.
    """
    answers = np.asarray(classes)
    if not len(texts) or len(texts) != len(answers):
        raise StudioError(
            "{texts|text|texts} and {answers|class|classes} to learn from: give at least one text, and an answer for each.",
            texts=len(texts),
            answers=len(answers),
        )
    characters = _is_unspaced(texts)
    counted = []
    for text in texts:
        check(stop)
        counted.append(_grams(text, characters))
    places, rarity = _vocabulary(counted, min(_MOST_WORDS, max(1, _MOST_WEIGHTS // num_classes)))
    rows = [_weighed(grams, places, rarity) for grams in counted]
    weights, offsets = _regression(rows, answers, len(places), num_classes, stop)
    return BagOfWords(places, rarity, weights, offsets, characters, answers.ndim == 2)


def _is_unspaced(texts: Sequence[str]) -> bool:
    """Whether most letters are of a script without spaces between words."""
    letters = [letter for text in itertools.islice(texts, 1000) for letter in text[:1000] if letter.isalpha()]
    return 2 * sum(map(is_without_spaces, letters)) > len(letters)


def _grams(text: str, characters: bool) -> Counter[str]:
    """Words and pairs of them, or characters and rows of two and three, counted."""
    if characters:
        plain = " ".join(text.lower().split())
        return Counter(plain[at : at + size] for size in (1, 2, 3) for at in range(len(plain) - size + 1))
    words = words_and_signs(text)
    return Counter(itertools.chain(words, map(" ".join, itertools.pairwise(words))))


def _vocabulary(counted: Sequence[Counter[str]], most: int) -> tuple[dict[str, int], Floats]:
    """Numbers of the words that most texts hold, and how rare each is: 1 if all texts hold it, more the fewer do."""
    holding: Counter[str] = Counter()
    for grams in counted:
        holding.update(grams.keys())
    fewest = 2 if len(counted) >= _MANY_TEXTS else 1
    kept = [(word, count) for word, count in holding.most_common(most) if count >= fewest]
    counts = np.array([count for _, count in kept], dtype=np.float64)
    return {word: at for at, (word, _) in enumerate(kept)}, np.log((1 + len(counted)) / (1 + counts)) + 1


def _weighed(grams: Counter[str], places: dict[str, int], rarity: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Numbers of a text's known words and their tf-idf, brought to length 1, so that long texts count no more."""
    known = [(places[word], count) for word, count in grams.items() if word in places]
    found = np.array([at for at, _ in known], dtype=np.int64)
    values = np.array([count for _, count in known], dtype=np.float64) * rarity[found]
    return found, values / max(float(np.linalg.norm(values)), 1e-12)


def _regression(
    rows: Sequence[tuple[NDArray[np.int64], Floats]],
    answers: NDArray[Any],
    num_words: int,
    num_classes: int,
    stop: Stop | None,
) -> tuple[Floats, Floats]:
    """Weights (V, C) and offsets (C,) of the logistic regression, whose cross-entropy and squared weights are least."""
    import torch
    from torch.nn import functional as F

    several = answers.ndim == 2
    found, values = (torch.from_numpy(np.concatenate(part)) for part in zip(*rows, strict=True))
    starts = torch.tensor([0, *itertools.accumulate(len(each) for each, _ in rows[:-1])])
    targets = torch.from_numpy(answers.astype(np.float64 if several else np.int64))
    weights = torch.zeros(num_words, num_classes, dtype=torch.float64, requires_grad=True)
    offsets = torch.zeros(num_classes, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weights, offsets], max_iter=_STEPS, history_size=8, tolerance_grad=1e-5, line_search_fn="strong_wolfe"
    )

    def loss() -> torch.Tensor:
        check(stop)
        optimizer.zero_grad()
        scores = offsets.expand(len(rows), -1)
        if len(found):
            scores = scores + F.embedding_bag(found, weights, starts, mode="sum", per_sample_weights=values)
        if several:
            missed = F.binary_cross_entropy_with_logits(scores, targets, reduction="sum")
        else:
            missed = F.cross_entropy(scores, targets, reduction="sum")
        total = (missed + weights.square().sum() / (2 * _STRENGTH)) / len(rows)
        total.backward()  # type: ignore[no-untyped-call]
        return total

    with torch.enable_grad():
        optimizer.step(loss)  # type: ignore[no-untyped-call]
    return weights.detach().numpy(), offsets.detach().numpy()
