from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.generation.counting.words_seen import collect, remember, unseen, words_of


@given(texts=st.lists(st.text(max_size=30), max_size=6))
def test_that_no_word_of_a_text_that_was_read_is_marked(texts):
    seen = collect(texts)
    assert all(unseen(text, seen) == [] for text in texts)


@given(text=st.text(max_size=40))
def test_that_with_nothing_read_every_word_is_marked_where_it_stands(text):
    assert [text[a:b] for a, b in unseen(text, frozenset())] == words_of(text)


def test_that_a_strange_word_is_marked_and_punctuation_is_not():
    text = "where is Zoë's well-worn kite ? 在哪里"
    seen = collect(["where is the kite ? 在这里"])
    assert [text[a:b] for a, b in unseen(text, seen)] == ["Zoë's", "well-worn", "哪"]


def test_that_a_remembered_list_equals_the_collected_one_and_reads_the_texts_once(tmp_path):
    texts = iter(["the cat sat\nsat 猫", "on the mat"])
    first = remember(texts, tmp_path / "words.txt")
    assert first == frozenset({"the", "cat", "sat", "猫", "on", "mat"})
    assert remember(iter(["another"]), tmp_path / "words.txt") == first


def test_that_too_many_words_mark_nothing_also_when_remembered(tmp_path):
    texts = [f"w{n}" for n in range(20)]
    assert remember(texts, tmp_path / "words.txt", max_words=10) is None
    assert remember(texts, tmp_path / "words.txt") is None
    assert unseen("anything", None) == []
