from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.json.records import is_json_lines, read_json, read_json_lines
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.errors import StudioError

TEXT = st.text(alphabet=st.sampled_from('ab "\\{}[],:\n中😀'), max_size=20)
OBJECT = st.dictionaries(st.sampled_from(["text", "label", "n"]), TEXT | st.integers() | st.none(), min_size=1)


def pieces(text: str, step: int) -> list[str]:
    return [text[at : at + step] for at in range(0, len(text), step)]


@given(values=st.lists(OBJECT, max_size=20), step=st.integers(1, 50), indent=st.sampled_from([None, 2]))
def test_that_an_array_gives_its_elements_however_it_arrives(values: list[object], step: int, indent: int | None) -> None:
    assert list(read_json(pieces(json.dumps(values, indent=indent), step), "a.json")) == values


@given(values=st.lists(OBJECT, max_size=20), step=st.integers(1, 50))
def test_that_lines_give_their_values_however_they_arrive(values: list[object], step: int) -> None:
    text = "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)
    assert list(read_json_lines(pieces(text, step), "a.jsonl")) == values


def test_that_a_broken_line_costs_itself_and_tells_its_number() -> None:
    text = "".join(f'{{"text": "line {n}"}}\n' for n in range(1, 101)).replace('{"text": "line 73"}', '{"text": "line 73"')
    found = list(read_json_lines([text], "a.jsonl"))
    assert [item.line for item in found if isinstance(item, Skipped)] == [73]
    assert sum(isinstance(item, dict) for item in found) == 99


@pytest.mark.parametrize(
    ("document", "rows"),
    [
        ({"meta": {"n": 1}, "data": [{"text": "x"}, {"text": "y"}]}, [{"text": "x"}, {"text": "y"}]),
        ({"data": {"rows": [{"text": "x"}]}}, [{"text": "x"}]),
        ({"title": "t", "text": "one document", "tags": ["a"]}, [{"title": "t", "text": "one document", "tags": ["a"]}]),
        ({"poems": ["one", "two"]}, [{"text": "one"}, {"text": "two"}]),
        (["one", "two"], [{"text": "one"}, {"text": "two"}]),
        ([["a", "b"], ["c", "d"]], [{"1": "a", "2": "b"}, {"1": "c", "2": "d"}]),
        ([{"translation": {"en": "hi", "de": "hallo"}}], [{"translation.en": "hi", "translation.de": "hallo"}]),
        ({}, []),
        ([], []),
    ],
)
def test_that_the_list_inside_a_document_is_found(document: object, rows: list[object]) -> None:
    assert list(read_json([json.dumps(document)], "a.json")) == rows


def test_that_a_conversation_is_one_document_and_not_a_list_of_messages() -> None:
    document = {"id": 1, "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]}
    turns = [{"who": "user", "what": "hi"}, {"who": "assistant", "what": "hello"}]
    assert list(read_json([json.dumps(document)], "a.json")) == [{"id": 1, "messages": turns}]


def test_that_values_in_a_row_are_all_read() -> None:
    assert list(read_json(['{"text":"a"}\n{"text":', '"b"}'], "a.json")) == [{"text": "a"}, {"text": "b"}]


def test_that_json_lines_under_another_name_are_recognised() -> None:
    assert is_json_lines('{"a": 1}\n{"a": 2}\n')
    assert not is_json_lines('{\n"a": 1}\n')
    assert not is_json_lines('[{"a": 1},\n{"a": 2}]')


def test_that_rows_before_a_fault_are_given_and_the_line_is_told() -> None:
    rows = read_json(['[{"text": "a"},\n{"text": "b"},\n{"text": c}]'], "a.json")
    assert [next(rows), next(rows)] == [{"text": "a"}, {"text": "b"}]
    with pytest.raises(StudioError, match=r"a\.json is broken JSON from line 3 on"):
        next(rows)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[1,,2]", "{'a': 1}", "[1 2]", '"open', '{"a"}', "nul"])
def test_that_broken_json_is_one_sentence(text: str) -> None:
    with pytest.raises(StudioError, match="is broken JSON"):
        list(read_json([text], "a.json"))


def test_that_half_a_character_does_not_reach_the_disk() -> None:
    (row,) = read_json(['[{"text": "a\\ud83d b \\ud83d\\ude00"}]'], "a.json")
    assert row == {"text": "a\ufffd b 😀"}


@given(text=st.text(alphabet=st.sampled_from('{}[]",:a1 \n\\'), max_size=80), step=st.integers(1, 9))
def test_that_any_text_is_read_or_refused_in_a_sentence(text: str, step: int) -> None:
    assert all(isinstance(row, dict | Skipped) for row in read_json_lines(pieces(text, step), "a.jsonl"))
    with contextlib.suppress(StudioError):
        assert all(isinstance(row, dict) for row in read_json(pieces(text, step), "a.json"))


def test_that_a_name_which_stands_twice_in_a_record_is_said() -> None:
    told = Told()
    rows = ['{"text": "A mill.", "text": "A bell."}\n{"text": "An oak."}\n'] * 3
    assert len(list(read_json_lines(rows, "a.jsonl", told))) == 6
    (said,) = told.sentences()
    assert "one name twice" in str(said)
    assert str(said).endswith(" 3.")
