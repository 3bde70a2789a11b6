from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from llmstudio.core.corpus.reading.columns.spelled_lists import are_lists, listed
from tests.core.corpus.reading.test_row_checks import TEXTS, read_all


def table(*rows: list[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize(
    "items", [["It's in.", 'He said "no".'], ["One\nline", "back\\slash"], ["Größe", "今天"], ["alone"]]
)
def test_that_a_list_is_read_as_each_program_prints_it(items: list[str]) -> None:
    as_numpy = "[" + "\n ".join(map(repr, items)) + "]"
    for spelled in (json.dumps(items), repr(items), as_numpy, f"array({as_numpy}, dtype=object)"):
        assert listed(spelled) == items
    answer = {"text": items, "answer_start": [0] * len(items)}
    assert listed(repr(answer)) == listed(json.dumps(answer)) == items
    assert listed("{'text': array(" + as_numpy + ", dtype=object), 'answer_start': array([0])}") == items


@pytest.mark.parametrize(
    "cell", ["[Music] He said 'no'.", "['a' is a letter]", "{'name': 'Ann'}", "[1, 2]", "", None, 3, "[x]"]
)
def test_that_no_other_cell_is_a_list(cell: object) -> None:
    assert listed(cell) is None


def test_that_a_few_texts_in_brackets_make_no_column_of_lists() -> None:
    assert not are_lists(["['a']", "It is in.", "It is out."])
    assert not are_lists([None, ""])


def test_that_lines_and_not_brackets_are_learned_and_it_is_said(tmp_path: Path) -> None:
    rows = [[n, json.dumps([text, "Then stir."])] for n, text in enumerate(TEXTS)]
    records, said = read_all(tmp_path, "a.csv", table(["id", "directions"], *rows))
    assert [record["text"] for record in records] == [f"{text}\nThen stir." for text in TEXTS]
    assert "directions are lists" in said


def test_that_an_answer_with_its_place_is_its_first_words(tmp_path: Path) -> None:
    rows = [
        [text, f"Who was {n}?", repr({"text": [f"Ann {n}", "Ben"], "answer_start": [3, 4]})] for n, text in enumerate(TEXTS)
    ]
    records, _ = read_all(tmp_path, "a.csv", table(["context", "question", "answers"], *rows))
    assert [record["target"] for record in records] == [f"Ann {n}" for n in range(len(TEXTS))]


def test_that_a_dialogue_that_numpy_printed_is_a_conversation(tmp_path: Path) -> None:
    rows = [[f"['Is boat {n} in?'\n 'It is.' \"It's red.\"]", "[3 4 1]"] for n in range(9)]
    records, _ = read_all(tmp_path, "a.csv", table(["dialog", "act"], *rows))
    said = [[turn["what"] for turn in record["turns"]] for record in records]
    assert said == [[f"Is boat {n} in?", "It is.", "It's red."] for n in range(9)]
