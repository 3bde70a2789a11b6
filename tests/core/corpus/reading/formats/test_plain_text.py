from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.cleaning.cleaning import clean
from llmstudio.core.corpus.config import CleaningConfig
from llmstudio.core.corpus.reading.formats.plain_text import lines, parts

TEXT = st.text(alphabet=st.sampled_from("ab é\u0301\n\r\t .中文，😀\u200d👩🏽\x00\ufeff"), max_size=400)
CHUNKS = st.lists(TEXT, max_size=8)


@given(chunks=CHUNKS, size=st.integers(1, 60))
def test_that_parts_join_to_the_text_they_were_cut_from(chunks: list[str], size: int) -> None:
    assert "".join(parts(chunks, size)) == "".join(chunks)


@given(chunks=CHUNKS, size=st.integers(1, 60))
def test_that_no_part_is_empty_or_longer_than_twice_its_size(chunks: list[str], size: int) -> None:
    assert all(0 < len(part) <= 2 * size for part in parts(chunks, size))


@given(text=TEXT, size=st.integers(20, 60))
def test_that_cleaning_parts_with_the_default_steps_is_cleaning_the_whole(text: str, size: int) -> None:
    config = CleaningConfig()
    assert "".join(clean(part, config) for part in parts([text], size)) == clean(text, config)


@given(words=st.lists(st.sampled_from(["one", "two  three", "a\tb", "x\n\n\n\ny"]), min_size=50, max_size=200))
def test_that_white_space_is_the_same_in_parts_as_in_the_whole(words: list[str]) -> None:
    config = CleaningConfig(white_space=True)
    text = "   ".join(words)
    assert "".join(clean(part, config) for part in parts([text], 40)) == clean(text, config)


def test_that_a_cut_waits_for_the_end_of_a_line() -> None:
    text = "a line of words\n" * 100
    assert all(part.endswith("\n") for part in parts([text], 100))


def test_that_text_without_a_pause_is_cut_between_whole_characters() -> None:
    text = "e\u0301" * 50 + "👩🏽\u200d🚒" * 50
    cut = list(parts([text], 25))
    assert len(cut) > 3
    assert not any(unicodedata.combining(part[0]) or part[0] in "\u200d🏽" or part[-1] == "\u200d" for part in cut)


@given(chunks=CHUNKS)
def test_that_lines_do_not_depend_on_how_the_text_arrives(chunks: list[str]) -> None:
    whole = "".join(chunks).replace("\r\n", "\n").replace("\r", "\n")
    assert list(lines(chunks)) == (whole.removesuffix("\n").split("\n") if whole else [])


@given(found=st.lists(st.text(alphabet="abc", max_size=30), min_size=1), step=st.integers(1, 40))
def test_that_only_lines_beyond_the_limit_are_lost(found: list[str], step: int) -> None:
    text = "\n".join([*found, "end"])
    chunks = [text[at : at + step] for at in range(0, len(text), step)]
    assert list(lines(chunks, limit=12)) == [line if len(line) <= 12 else None for line in [*found, "end"]]
