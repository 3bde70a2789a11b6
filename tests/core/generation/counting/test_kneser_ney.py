"""Laws of interpolated Kneser-Ney, figures worked out by hand, and those of a published implementation."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.errors import StudioError
from llmstudio.core.generation.counting.kneser_ney import fit

V = 6
TEXTS = st.lists(st.lists(st.integers(0, V - 1), max_size=12), min_size=1, max_size=6).filter(any)


@given(TEXTS, st.integers(1, 5), st.lists(st.integers(0, V - 1), max_size=6), st.booleans())
def test_that_the_probabilities_of_all_next_tokens_sum_to_one_and_none_is_zero(
    rows: list[list[int]], order: int, prompt: list[int], begins: bool
) -> None:
    shares = fit(rows, vocab_size=V, order=order).probabilities(prompt, begins=begins)
    assert shares.sum() == pytest.approx(1, abs=1e-12)
    assert (shares > 0).all()


@given(TEXTS, st.integers(1, 5), TEXTS)
def test_that_a_row_scored_at_once_equals_one_asked_token_by_token(
    rows: list[list[int]], order: int, tests: list[list[int]]
) -> None:
    model = fit(rows, vocab_size=V, order=order)
    scored = model.logprobs(tests)
    assert [len(log) for log in scored] == [len(row) for row in tests]
    for row, logs in zip(tests, scored, strict=True):
        asked = [math.log(model.probabilities(row[:i])[token]) for i, token in enumerate(row)]
        assert logs.tolist() == pytest.approx(asked, abs=1e-10)


def plain(rows: list[list[int]], order: int, context: tuple[int, ...], word: int, discounts: list[float]) -> float:
    """The definition, read aloud: sets of n-grams and nothing clever. V stands for a row's beginning."""

    def grams(length: int) -> list[tuple[int, ...]]:
        found = []
        for row in rows:
            whole = (V, *row)
            found += [whole[i : i + length] for i in range(len(whole) - length + 1)]
        return [gram for gram in found if gram[-1] != V]

    def count(gram: tuple[int, ...]) -> int:
        if len(gram) == order or gram[0] == V:
            return grams(len(gram)).count(gram)
        return len({longer for longer in grams(len(gram) + 1) if longer[1:] == gram})

    def share(context: tuple[int, ...]) -> float:
        below = share(context[1:]) if context else 1 / V
        counts = {w: count((*context, w)) for w in range(V)}
        total = sum(counts.values())
        if not total:
            return below
        d = discounts[len(context)]
        types = sum(n > 0 for n in counts.values())
        return (max(counts[word] - d, 0) + d * types * below) / total

    return share(context)


@given(TEXTS, st.integers(1, 4), st.integers(0, V - 1))
def test_that_the_probabilities_are_those_of_the_definition(rows: list[list[int]], order: int, word: int) -> None:
    model = fit(rows, vocab_size=V, order=order)
    discounts = [known.discount for known in model.orders]
    for prompt in ([], [0], [1, 0], rows[0][:3]):
        context = (V, *prompt)[-(order - 1) :] if order > 1 else ()
        assert model.probabilities(prompt)[word] == pytest.approx(plain(rows, order, context, word, discounts), abs=1e-12)


def test_that_a_tiny_text_gives_the_figures_worked_out_by_hand() -> None:
    # san francisco | san francisco | in san jose | in francisco ; ids san 0, francisco 1, in 2, jose 3; V = 4.
    model = fit([[0, 1], [0, 1], [2, 0, 3], [2, 1]], vocab_size=4, order=2)
    bigrams, unigrams = model.orders[1], model.orders[0]
    # Bigrams: |san 2, |in 2, san francisco 2, in san 1, san jose 1, in francisco 1: three once, three twice.
    assert bigrams.discount == pytest.approx(3 / (3 + 2 * 3))
    # Different predecessors: san 2 (|, in), francisco 2 (san, in), in 1, jose 1: two ones, two twos.
    assert unigrams.discount == pytest.approx(2 / (2 + 2 * 2))
    d1, d2 = 1 / 3, 1 / 3
    unigram = {0: (2 - d1 + d1 * 4 / 4) / 6, 1: (2 - d1 + d1 * 4 / 4) / 6, 2: 1 / 6, 3: 1 / 6}
    assert unigram == pytest.approx({0: 1 / 3, 1: 1 / 3, 2: 1 / 6, 3: 1 / 6})
    after_san = model.probabilities([0], begins=False)
    # san . was seen 3 times with 2 different tokens after it.
    assert after_san[1] == pytest.approx((2 - d2) / 3 + d2 * 2 / 3 * unigram[1])
    assert after_san[3] == pytest.approx((1 - d2) / 3 + d2 * 2 / 3 * unigram[3])
    assert after_san[2] == pytest.approx(d2 * 2 / 3 * unigram[2])
    # A row begins with san or in, twice each of four times; francisco is as likely there as its predecessors make it.
    assert model.probabilities([])[0] == pytest.approx((2 - d2) / 4 + d2 * 2 / 4 / 3)
    # Francisco was seen three times, yet after jose, which nothing ever followed, it is no likelier than san, seen as often.
    assert model.probabilities([3], begins=False)[1] == pytest.approx(1 / 3)
    assert model.perplexity([[0, 1]]) == pytest.approx((model.probabilities([])[0] * after_san[1]) ** -0.5)


PUBLISHED = [
    ("on the", "cat", 0.060294117647058824),
    ("on the", "mat", 0.4593137254901961),
    ("on the", "dog", 0.1426470588235294),
    ("the dog", "sat", 0.2849264705882353),
    ("the dog", "on", 0.2849264705882353),
    ("sat on", "the", 0.8924632352941176),
    ("a cat", "saw", 0.37683823529411764),
    ("cat the", "mat", 0.08529411764705883),
    ("saw the", "log", 0.06397058823529411),
    ("log .", "a", 0.37683823529411764),
    ("the", "cat", 0.12058823529411765),
    ("", "the", 0.23529411764705882),
]


@pytest.mark.parametrize(("context", "word", "share"), PUBLISHED)
def test_that_the_figures_are_those_of_nltk(context: str, word: str, share: float) -> None:
    """NLTK 3.10.4, KneserNeyInterpolated(order=3, discount=0.75), fitted on every n-gram behind one sign of the beginning.

    It takes one discount from all orders but the lowest, from which it takes none.
    """
    sentences = "the cat sat on the mat .", "the dog sat on the log .", "a cat saw the dog on the mat ."
    text = [token for sentence in sentences for token in sentence.split()]
    ids = {token: id for id, token in enumerate(sorted(set(text)))}
    model = fit([[ids[token] for token in text]], vocab_size=len(ids), order=3, discounts=(0, 0.75, 0.75))
    found = model.probabilities([ids[token] for token in context.split()], begins=False)[ids[word]]
    assert found == pytest.approx(share, rel=1e-12)


def test_that_a_context_never_seen_leaves_the_answer_to_the_shorter_one() -> None:
    model = fit([[0, 1, 2, 3], [4, 1, 2, 5]], vocab_size=V, order=3)
    assert model.probabilities([5, 2]).tolist() == model.probabilities([2], begins=False).tolist()


def test_that_nothing_is_looked_at_across_a_rows_beginning() -> None:
    rows = [[0, 1, 2], [3, 4, 5], [2, 2]]
    mixed = fit(rows, vocab_size=V, order=3).logprobs(rows)
    moved = fit(rows[::-1], vocab_size=V, order=3).logprobs(rows)
    assert [a.tolist() for a in mixed] == [a.tolist() for a in moved]


def test_that_a_longer_look_back_helps_where_there_is_something_to_see() -> None:
    random = np.random.default_rng(0)
    row, other = ([0, 0], [0, 0])
    for text in (row, other):
        for _ in range(3000):
            text.append((text[-1] + text[-2] + int(random.random() < 0.1)) % V if random.random() < 0.9 else 1)
    perplexities = [fit([row], vocab_size=V, order=order).perplexity([other]) for order in (1, 2, 3)]
    assert perplexities[0] > perplexities[1] > 1.5 * perplexities[2], perplexities


def test_that_a_small_book_is_counted_in_a_moment() -> None:
    random = np.random.default_rng(0)
    words = np.minimum(random.zipf(1.3, 220_000), 9_999)
    rows = [part.tolist() for part in np.split(words, range(1000, 220_000, 1000))]
    began = time.perf_counter()
    model = fit(rows, vocab_size=10_000, order=5)
    model.perplexity(rows)
    assert time.perf_counter() - began < 30


@pytest.mark.parametrize("rows", [[], [[]], [[], []]])
def test_that_an_empty_text_is_refused(rows: list[list[int]]) -> None:
    with pytest.raises(StudioError, match="nothing to count"):
        fit(rows, vocab_size=V)


def test_that_ids_beyond_the_vocabulary_are_refused() -> None:
    with pytest.raises(StudioError, match="not among the 6"):
        fit([[0, 6]], vocab_size=V)
    with pytest.raises(StudioError, match="not among the 6"):
        fit([[0, 1]], vocab_size=V).logprobs([[7]])


def test_that_orders_longer_than_every_row_change_nothing() -> None:
    rows = [[0, 1], [2, 1], [0]]
    short, long = fit(rows, vocab_size=V, order=3), fit(rows, vocab_size=V, order=9)
    for prompt in itertools.product(range(3), repeat=2):
        assert long.probabilities(prompt).tolist() == pytest.approx(short.probabilities(prompt).tolist(), abs=1e-12)
