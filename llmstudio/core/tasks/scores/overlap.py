"""How many words a text shares with its reference: ROUGE for summaries, exact match and token F1 for answers.

Precision is the share of the text's words, recall that of the reference's. Chinese counts by characters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from llmstudio.core.tasks.scores.agreement import Agreement
from llmstudio.core.tokenizer.plain_words import answer_words, words_in


@dataclass(frozen=True)
class Rouge:
    """What a summary shares with its reference.

    Attributes:
        one: Single words.
        two: Pairs of neighbours.
        longest: Words of the longest common subsequence: in the same order, with gaps.
    """

    one: Agreement
    two: Agreement
    longest: Agreement


def rouge(reference: str, text: str) -> Rouge:
    """ROUGE-1, ROUGE-2 and ROUGE-L of one text. Their means over texts are the scores of a model.

    Source: Lin 2004, aclanthology.org/W04-1013.
    """
    real, said = words_in(reference), words_in(text)
    longest = Agreement(common_subsequence(real, said), len(said), len(real))
    return Rouge(_shared(real, said, 1), _shared(real, said, 2), longest)


def exact_match(answers: Sequence[str], text: str) -> bool:
    """Whether a text is one of the right answers, but for small and large letters, signs, spaces and articles."""
    said = answer_words(text)
    return any(answer_words(answer) == said for answer in answers)


def token_f1(answers: Sequence[str], text: str) -> float:
    """F1 of the words shared with the nearest of the right answers, 0 to 1. No words are equal to no words only.

    Source: Rajpurkar et al. 2016, arXiv:1606.05250.
    """
    said = answer_words(text)
    return max((_f1(answer_words(answer), said) for answer in answers), default=0.0)


def common_subsequence(first: Sequence[str], second: Sequence[str]) -> int:
    """Length of the longest common subsequence.

    One bit for each of `first`, so that a step over `second` costs a few operations on long integers. A bit is cleared for
    each step up of the classic table's column.

    Source: Hyyrö 2004, "Bit-parallel LCS-length computation revisited".
    """
    places: dict[str, int] = {}
    for at, word in enumerate(first):
        places[word] = places.get(word, 0) | 1 << at
    full = (1 << len(first)) - 1
    column = full
    for word in second:
        matches = column & places.get(word, 0)
        column = (column + matches | column - matches) & full
    return len(first) - column.bit_count()


def _shared(real: list[str], said: list[str], size: int) -> Agreement:
    """Runs of `size` words that both have, each as often as the one that has fewer."""
    of_real, of_said = (Counter(zip(*(each[i:] for i in range(size)), strict=False)) for each in (real, said))
    return Agreement((of_real & of_said).total(), of_said.total(), of_real.total())


def _f1(real: list[str], said: list[str]) -> float:
    return _shared(real, said, 1).f1 if real and said else float(real == said)
