from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.records import (
    content,
    folded,
    folded_beginning,
    is_record,
    kind_of,
    labels_of,
    opening,
    spread_over,
)


@given(text=st.text(max_size=60), step=st.integers(1, 20))
def test_that_a_folded_text_does_not_depend_on_white_space_capitals_or_the_place_of_a_line_end(text: str, step: int) -> None:
    plain = folded(text)
    assert folded(unicodedata.normalize("NFKC", text)) == plain
    assert folded(f"\n {text}\t") == plain
    words = text.split()
    assert folded("\u00a0 ".join(words)) == folded(" ".join(words))


@pytest.mark.parametrize(
    ("one", "other"),
    [("The Mill\nturns.", "the  mill turns."), ("ＡＢＣ１２３", "abc123"), ("Straße", "STRASSE"), ("ﬁne", "Fine"),
     ("so\u00adft", "soft"), ("\u200bHi\ufeff", "hi")],
)  # fmt: skip
def test_that_texts_that_read_alike_fold_alike(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_that_different_texts_stay_different() -> None:
    assert len({folded(text) for text in ("mill", "mills", "mill 2", "Müll", "磨坊", "风车")}) == 6


@pytest.mark.parametrize(
    ("turns", "begins"),
    [
        ("s:S u:U a:A", ("S", "U")), ("u:U a:A u:V", ("", "U")), ("a:A u:U", ("", "U")), ("s:S a:A", ("S", "A")),
        ("s:S", ("", "S")), ("a:A s:S u:U", ("S", "U")), ("u:U s:S", ("", "U")),
    ],
)  # fmt: skip
def test_that_a_conversation_begins_with_what_the_user_says(turns: str, begins: tuple[str, str]) -> None:
    who = {"s": "story", "u": "user", "a": "assistant"}
    record: dict[str, Any] = {"turns": [{"who": who[turn[0]], "what": turn[2:]} for turn in turns.split()]}
    assert opening(record) == begins


def test_that_pairs_begin_with_their_source_and_texts_with_themselves() -> None:
    assert opening({"source": "hi", "target": "hallo"}) == ("", "hi")
    assert opening({"text": "hi", "label": "x"}) == ("", "hi")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What stands at the mill?", "what stands at the mill"),
        ("Hello, world!", "hello world..."),
        ("\u00bfQu\u00e9 hora es?", "qu\u00e9 hora es"),
        ("\u4f60\u597d\uff0c\u4e16\u754c\u3002", "\u4f60\u597d\u4e16\u754c"),
        ("well\u2014yes \U0001f600", "Well, yes"),
    ],
)
def test_that_texts_which_differ_in_punctuation_alone_are_taken_for_equal(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"), [("?", "!"), ("\U0001f600", "\U0001f622"), ("1+2=", "12="), ("\u092c\u093f\u0932", "\u092c\u0932")]
)
def test_that_texts_which_differ_in_more_are_not(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_that_long_texts_are_told_by_their_beginning_whatever_their_white_space() -> None:
    sentences = [f"Number {n * n} stands by the mill at {n} o'clock." for n in range(3000)]
    one, other = "\n\n".join(sentences), " ".join(sentences).upper()
    assert folded_beginning(one) == folded_beginning(other)
    assert folded_beginning(one) != folded_beginning(one[1000:])
    assert folded_beginning("One mill.") != folded_beginning("One mill, two.")


def test_that_no_more_of_a_long_text_is_folded_than_tells_it_from_others() -> None:
    class Counted(str):
        __slots__ = ()

        def __getitem__(self, key: object) -> str:
            assert isinstance(key, slice)
            assert key.stop is not None
            assert key.stop <= 1 << 17
            return str(self)[key]

    assert folded_beginning(Counted("An oak. " * 100_000))


@pytest.mark.parametrize(
    ("label", "names"), [("good", ["good"]), (["good", "old"], ["good", "old"]), ([], []), (None, [])]
)  # fmt: skip
def test_that_labels_are_a_list_however_many_there_are(label: Any, names: list[str]) -> None:
    record = {"text": "a"} | ({} if label is None else {"label": label})
    assert is_record(record)
    assert labels_of(record) == names
    assert kind_of(record) == ("text" if label is None else "labelled")


def test_that_only_texts_are_labels() -> None:
    assert not any(is_record({"text": "a", "label": label}) for label in (3, None, ["a", 3], {"a": 1}))


def test_that_the_order_of_labels_makes_no_other_record() -> None:
    one, other = ({"text": "a", "label": label} for label in (["x", "y"], ["y", "x"]))
    assert content(one) == content(other) != content({"text": "a", "label": ["x"]})


@given(count=st.integers(0, 300), most=st.integers(1, 40))
def test_that_some_of_a_stream_come_from_all_of_it_with_even_steps(count: int, most: int) -> None:
    kept, is_all = spread_over(iter(range(count)), most)
    assert is_all == (count <= most)
    assert kept == list(range(0, count, kept[1] - kept[0] if len(kept) > 1 else max(1, count)))
    assert min(count, -(-most // 2)) <= len(kept) <= most
