from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.errors import StudioError
from llmstudio.core.retrieval.folder_state import FileState
from llmstudio.core.retrieval.index import PassageIndex
from llmstudio.core.retrieval.passages import Passage
from llmstudio.core.work import Stop

STATE = {"a.txt": FileState(3, 5, "abc")}


def index_of(*texts: str) -> PassageIndex:
    return PassageIndex.made_of([Passage("a.txt", text, n) for n, text in enumerate(texts, 1)], STATE, stop=Stop())


def bm25(texts: list[str], question: str, k1: float = 0.9, b: float = 0.4) -> list[float]:
    """The scores written out, with the logarithm that is never below zero."""
    rows = [text.split() for text in texts]
    mean = sum(map(len, rows)) / len(rows)
    scores = [0.0] * len(rows)
    for term in set(question.split()):
        df = sum(term in row for row in rows)
        idf = math.log(1 + (len(rows) - df + 0.5) / (df + 0.5))
        for at, row in enumerate(rows):
            tf = Counter(row)[term]
            scores[at] += idf * tf / (tf + k1 * (1 - b + b * len(row) / mean))
    return scores


@given(st.lists(st.lists(st.sampled_from(list("abcde")), min_size=1, max_size=9).map(" ".join), min_size=1, max_size=6))
def test_that_scores_are_those_of_the_formula(texts: list[str]) -> None:
    texts = [f"{text} n{at}" for at, text in enumerate(texts)]
    found = index_of(*texts).search("a b a z", len(texts))
    expected = {text: score for text, score in zip(texts, bm25(texts, "a b"), strict=True) if score > 0}
    assert {each.passage.text: each.score for each in found} == pytest.approx(expected, rel=1e-4)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_that_equal_texts_are_found_once_and_strange_words_nowhere() -> None:
    index = index_of("anna has the ball", "anna has the ball", "ben has the kite")
    assert [each.passage.line for each in index.search("who has the ball", 3)] == [1, 3]
    assert index.search("zebra", 3) == index.search("?", 3) == []


def test_that_a_saved_index_finds_the_same(tmp_path: Path) -> None:
    index = index_of("anna has the ball", "红色的灯在这里", "ben\nhas \u2028 the kite")
    index.save(tmp_path / "one")
    again = PassageIndex.open(tmp_path / "one")
    assert again is not None
    assert again.state == STATE
    assert again.passages == index.passages
    for question in ("who has the ball", "红色的灯", "kite"):
        assert again.search(question, 3) == index.search(question, 3) != []
    again.save(tmp_path / "one")  # an earlier one gives way
    assert PassageIndex.open(tmp_path / "two") is None


def test_that_nothing_of_it_is_pickled_and_damage_is_told(tmp_path: Path) -> None:
    index_of("anna has the ball").save(tmp_path / "one")
    assert {path.suffix for path in (tmp_path / "one").iterdir()} == {".npy", ".json", ".jsonl"}
    (array,) = (tmp_path / "one").glob("data*.npy")
    array.write_bytes(array.read_bytes()[:-1] + b"!")
    with pytest.raises(StudioError, match="damaged"):
        PassageIndex.open(tmp_path / "one")


def test_that_making_one_can_be_stopped() -> None:
    stop = Stop()
    stop.request()
    with pytest.raises(Halted):
        PassageIndex.made_of([Passage("a.txt", "anna")], STATE, stop=stop)
