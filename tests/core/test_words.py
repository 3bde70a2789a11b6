from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.words import Words, as_kept, from_kept, nearest, words

NAMES = st.lists(st.text(alphabet="abc 1", min_size=1, max_size=6), max_size=30, unique=True)


@given(name=st.text(alphabet="abc 1", max_size=6), known=NAMES)
def test_that_the_nearest_are_known_and_all_are_named_or_counted(name: str, known: list[str]) -> None:
    found = nearest(name, known)
    named = str(found.values["names"]).split(", ") if known else []
    assert set(named) <= set(known)
    assert len(named) + int(str(found.values.get("n", 0))) == len(known)
    if name in known and len(known) > 5:
        assert named[0] == name


@pytest.mark.parametrize("meant", ["Small Tales", "small tales", "Smal Tales", "Small Tale 2"])
def test_that_a_slip_of_the_pen_finds_what_was_meant(meant: str) -> None:
    known = [f"Run {n}" for n in range(20)] + ["Small Tales"] + [f"Poems {n}" for n in range(20)]
    assert str(nearest(meant, known)).startswith("Small Tales, ")
    assert str(nearest(meant, known)).endswith(" and 36 more")


def test_that_words_inside_words_are_rendered() -> None:
    assert str(words("There are: {names}.", names=nearest("x", []))) == "There are: –."


def test_that_a_sentence_kept_as_json_can_still_be_translated_and_so_can_those_inside_it() -> None:
    said = words(
        "{what}, threads: {n} ({reason})", what=words("32-bit numbers"), n=2, reason=words("as {who} say", who="they")
    )
    assert from_kept(json.loads(json.dumps(as_kept(said)))) == said


def test_that_a_sentence_that_an_early_version_kept_reads_as_it_stands() -> None:
    assert str(from_kept("100 % {sure}")) == "100 % {sure}"
    assert str(from_kept("")) == ""


@pytest.mark.parametrize(
    "template", ["{n:>999999999}", "{n.__class__}", "{n[0]}", "{n!r}", "{}", "{0}", "{other}", "{", "}"]
)
def test_that_words_from_a_file_fill_plain_places_only(template: str) -> None:
    assert str(Words(template, {"n": 7})) == template


def test_that_numbers_are_written_as_their_place_says() -> None:
    assert (
        str(words("{n:,} of {share:.0%} at {x:g} or {y:.2f}", n=1234, share=0.5, x=0.25, y=2))
        == "1,234 of 50% at 0.25 or 2.00"
    )
