"""ROUGE is rouge-score's; answers are compared as SQuAD does."""

from __future__ import annotations

import numpy as np
import pytest
from rouge_score.rouge_scorer import RougeScorer

from llmstudio.core.tasks.scores.overlap import common_subsequence, exact_match, rouge, token_f1
from llmstudio.core.tokenizer.plain_words import answer_words, words_and_signs, words_in

LEXICON = ["The", "dog", "a", "cat", "ran.", "It's", "2,000", "--", "well-known", "U.S.", "x"]


def written(random: np.random.Generator) -> str:
    return " ".join(random.choice(LEXICON, random.integers(0, 25)))


@pytest.mark.parametrize("seed", range(30))
def test_that_rouge_is_that_of_rouge_score(seed: int) -> None:
    random = np.random.default_rng(seed)
    reference, text = written(random), written(random)
    expected = RougeScorer(["rouge1", "rouge2", "rougeL"]).score(reference, text)
    found = rouge(reference, text)
    for name, own in (("rouge1", found.one), ("rouge2", found.two), ("rougeL", found.longest)):
        assert (own.precision, own.recall, own.f1) == pytest.approx(tuple(expected[name])), name


@pytest.mark.parametrize("seed", range(10))
def test_that_the_longest_common_subsequence_is_that_of_the_classic_table(seed: int) -> None:
    random = np.random.default_rng(seed)
    first, second = ([*"abc"[: random.integers(1, 4)]] for _ in range(2))
    first, second = (
        random.choice(first, random.integers(0, 90)).tolist(),
        random.choice(second, random.integers(0, 90)).tolist(),
    )
    table = np.zeros((len(first) + 1, len(second) + 1), dtype=int)
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            table[i + 1, j + 1] = table[i, j] + 1 if a == b else max(table[i, j + 1], table[i + 1, j])
    assert common_subsequence(first, second) == table[-1, -1]


def test_that_chinese_counts_by_characters_and_words_of_all_alphabets_stay_whole() -> None:
    assert words_in("我们说Hello，für 100%！") == ["我", "们", "说", "hello", "für", "100"]
    assert words_in("Ünïted e\u0301tat, हिन्दी_में") == ["ünïted", "e\u0301tat", "हिन्दी", "में"]
    found = rouge("我们喜欢北京", "我们在北京")
    assert (found.one.right, found.one.guessed, found.one.real) == (4, 5, 6)
    assert (found.two.right, found.longest.right) == (2, 4)


@pytest.mark.parametrize(
    ("answers", "text", "is_exact", "f1"),
    [
        (["The Denver Broncos"], "denver  broncos!", True, 1.0),
        (["Denver Broncos", "Broncos"], "the Broncos", True, 1.0),
        (["Denver Broncos"], "Carolina Broncos", False, 0.5),
        (["in the late 1990s"], "late 1990s", False, 0.8),
        (["a a b"], "b b", False, 2 / 3),
        (["U.S."], "US", True, 1.0),
        (["北京大学。"], "北京大学", True, 1.0),
        (["北京大学"], "北京", False, 2 / 3),
        ([""], "", True, 1.0),
        ([""], "something", False, 0.0),
        (["something"], "", False, 0.0),
        ([], "something", False, 0.0),
    ],
)
def test_that_answers_are_compared_as_squad_does(answers: list[str], text: str, is_exact: bool, f1: float) -> None:
    assert exact_match(answers, text) == is_exact
    assert token_f1(answers, text) == pytest.approx(f1)


def test_that_articles_go_only_as_whole_words_and_signs_join_what_they_part() -> None:
    assert answer_words("An ant's theory, a-b: “the” «end»") == ["ants", "theory", "ab", "end"]
    assert answer_words("$5 + 3%") == ["5", "3"]


def test_that_signs_stand_between_words_where_they_are_asked_for() -> None:
    assert words_and_signs("Why, Ann's 100%?") == ["why", ",", "ann", "'", "s", "100", "%", "?"]
    assert words_and_signs("我们：好") == ["我", "们", "：", "好"]
