from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from tests.core.corpus.reading.test_row_checks import TEXTS, read_all

NAMES = ("joy", "anger", "fear")


def spelled(yes: object, no: object, hot: int = 3) -> str:
    rows = [
        {"text": text} | {name: yes if n % hot == k else no for k, name in enumerate(NAMES)} for n, text in enumerate(TEXTS)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize(("yes", "no"), [(1, 0), (True, False), ("True", "False"), ("yes", "no"), (1.0, 0.0)])
def test_that_the_name_of_the_column_that_says_yes_is_the_label(tmp_path: Path, yes: object, no: object) -> None:
    records, said = read_all(tmp_path, "a.jsonl", spelled(yes, no))
    assert [record["label"] for record in records] == [NAMES[n % 3] for n in range(len(TEXTS))]
    assert "just one of joy, anger, fear is yes" in said


def test_that_columns_which_may_all_be_no_give_labels_and_one_can_be_chosen(tmp_path: Path) -> None:
    records, said = read_all(tmp_path, "a.jsonl", spelled(1, 0, hot=4))
    assert [record.get("label") for record in records[:4]] == ["joy", "anger", "fear", None]
    assert "joy, anger, fear say yes or no of each text" in said
    records, _ = read_all(tmp_path, "a.jsonl", spelled(1, 0, hot=4), ReadingConfig(label_key="joy"))
    assert {record["label"] for record in records} == {"0", "1"}
    records, _ = read_all(tmp_path, "a.jsonl", spelled(1, 0, hot=4), ReadingConfig(label_key="joy + fear"))
    assert {record.get("label") for record in records} == {"joy", "fear", None}


def test_that_several_columns_may_be_yes_at_once(tmp_path: Path) -> None:
    rows = [{"text": text, "joy": n % 2, "anger": int(n % 3 == 0), "fear": int(n % 4 == 1)} for n, text in enumerate(TEXTS)]
    records, _ = read_all(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert [record["label"] for record in records[:4]] == [["anger"], ["joy", "fear"], [], ["joy", "anger"]]


def test_that_columns_about_a_row_are_named_and_no_labels(tmp_path: Path) -> None:
    rows = [{"text": text, "shown": n % 2, "verified": n % 3 // 2, "with_link": n % 5 // 4} for n, text in enumerate(TEXTS)]
    records, said = read_all(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert not any("label" in record for record in records)
    assert "they were not read" in said


def test_that_a_label_by_name_comes_first(tmp_path: Path) -> None:
    rows = [json.loads(line) | {"label": f"class {n % 2}"} for n, line in enumerate(spelled(1, 0).splitlines())]
    records, _ = read_all(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert {record["label"] for record in records} == {"class 0", "class 1"}
