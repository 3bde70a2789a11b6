"""What a tagger does to a text, with tags given by hand: nothing but spaces, names and their types changes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.cleaning.cleaning import Cleaner, effects
from llmstudio.core.corpus.cleaning.tagging import WORD, TagCounts, tagging
from llmstudio.core.corpus.cleaning.uses import COUNT, DROP, PART, REPLACE
from llmstudio.core.corpus.config import CleaningConfig
from llmstudio.core.corpus.records import Span
from llmstudio.core.tasks.scores.spans import words_of

NAMES = {"Anna": "B-PER", "Berg": "I-PER", "Rome": "B-LOC", "Paris": "B-LOC"}


def names_in(texts: Sequence[str]) -> list[list[Span]]:
    every: list[list[Span]] = []
    for text in texts:
        found, at = [], 0
        for word in text.split(" "):
            found.append((at, at + len(word), NAMES.get(word, "O")))
            at += len(word) + 1
        every.append(found)
    return every


TEXT = "Anna Berg left Rome for Paris"


@pytest.mark.parametrize(
    ("use", "text", "count"),
    [
        (COUNT, TEXT, 0),
        (REPLACE, "PER left LOC for LOC", 3),
        (DROP, "left for ", 3),
    ],
)
def test_that_names_are_counted_replaced_or_left_out(use: str, text: str, count: int) -> None:
    assert list(tagging(names_in, use, TagCounts())([TEXT, "no", TEXT])) == [(text, count), ("no", 0), (text, count)]


def test_that_two_names_side_by_side_are_two() -> None:
    assert list(tagging(names_in, REPLACE, TagCounts())(["Rome Paris Anna Anna Berg"])) == [("LOC LOC PER PER", 4)]


@given(st.lists(st.tuples(st.sampled_from("猫狗坐 a"), st.sampled_from("BI")), max_size=12))
def test_that_words_are_parted_as_their_tags_say_and_no_sign_is_lost(signs: list[tuple[str, str]]) -> None:
    text = "".join(sign for sign, _ in signs)
    spans = [(at, at + 1, tag) for at, (sign, tag) in enumerate(signs) if sign != " "]
    [(parted, count)] = tagging(lambda _: [spans], PART, TagCounts())([text])
    assert parted.replace(" ", "") == text.replace(" ", "")
    assert len(parted) == len(text) + count
    expected = []
    for chunk_start, chunk in _chunks(text):
        tags = ["B", *(signs[chunk_start + at][1] for at in range(1, len(chunk)))]
        expected += words_of(chunk, tags)
    assert parted.split() == expected


def _chunks(text: str) -> list[tuple[int, str]]:
    found, at = [], 0
    for chunk in text.split(" "):
        found += [(at, chunk)] if chunk else []
        at += len(chunk) + 1
    return found


def test_that_every_tag_is_counted_with_its_most_frequent_words() -> None:
    counts = TagCounts()
    step = tagging(names_in, DROP, counts)
    assert len(list(step([TEXT, "Rome in Rome", "no name"]))) == 3
    assert counts.totals == (("LOC", 4), ("PER", 1))
    assert counts.frequent == (("LOC", (("Rome", 3), ("Paris", 1))), ("PER", (("Anna Berg", 1),)))
    words = TagCounts()
    list(tagging(lambda _: [[(0, 1, "B"), (1, 2, "I"), (2, 3, "B")]], PART, words)(["abc"]))
    assert words.frequent == ((WORD, (("ab", 1), ("c", 1))),)


def test_that_the_step_runs_before_letters_become_small_and_is_left_out_without_its_function() -> None:
    config = CleaningConfig(tagger="Names", tagging=REPLACE, lower_case=True)
    assert Cleaner(config, names_in).clean(TEXT) == "per left loc for loc"
    assert Cleaner(config).clean(TEXT) == TEXT.lower()
    [effect] = [effect for effect in effects(TEXT, config, names_in) if effect.step == "tagger"]
    assert (effect.count, effect.is_on, effect.after) == (3, True, "PER left LOC for LOC")
    [idle] = [effect for effect in effects(TEXT, CleaningConfig()) if effect.step == "tagger"]
    assert (idle.count, idle.is_on) == (0, False)
