from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import preview, read
from llmstudio.core.corpus.records import Skipped

SENTENCES = [
    (["EU", "rejects", "German", "call"], ["B-ORG", "O", "B-MISC", "O"]),
    (["Peter", "Blackburn", "sings", "here", "today"], ["B-PER", "I-PER", "O", "O", "O"]),
    (["Rain", "falls"], ["O", "O"]),
]
Spelled = Callable[[list[str]], str]


def table(words: Spelled, tags: Spelled, names: str = "tokens,ner_tags\n") -> str:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    return names + "".join(f"{quoted(words(own))},{quoted(tags(marks))}\n" for own, marks in SENTENCES)


def imported(path: Path, text: str, **reading: Any) -> tuple[list[dict[str, Any]], list[Skipped]]:
    path.write_text(text, encoding="utf-8")
    items = list(read([path], ReadingConfig(**reading)))
    return [item for item in items if isinstance(item, dict)], [item for item in items if isinstance(item, Skipped)]


def told(records: list[dict[str, Any]]) -> list[tuple[list[str], list[str]]]:
    return [(record["words"], record["tags"]) for record in records]


@pytest.mark.parametrize(
    ("words", "tags", "names"),
    [
        (" ".join, " ".join, "tokens,ner_tags\n"),
        (" ".join, ",".join, "sentence,word_labels\n"),
        (" ".join, ", ".join, "text,labels\n"),
        (json.dumps, json.dumps, "tokens,ner_tags\n"),
        (repr, repr, "words,tags\n"),
        (" ".join, repr, "Sentence,Tag\n"),
        (" ".join, " ".join, ""),
    ],
)
def test_that_a_sentence_and_its_tags_in_two_cells_are_tagged_words(
    tmp_path: Path, words: Spelled, tags: Spelled, names: str
) -> None:
    records, skipped = imported(tmp_path / "a.csv", table(words, tags, names))
    assert told(records) == SENTENCES
    assert not skipped
    remarks = preview(tmp_path / "a.csv", ReadingConfig()).taken.remarks
    assert any("a tag for every word" in str(remark.message) for remark in remarks)


@pytest.mark.parametrize("spelled", [json.dumps, lambda numbers: "[" + " ".join(map(str, numbers)) + "]"])
def test_that_numbers_of_tags_are_tags(tmp_path: Path, spelled: Callable[[list[int]], str]) -> None:
    rows = [f'"{own!r}","{spelled([len(mark) for mark in marks])}"\n' for own, marks in SENTENCES * 2]
    records, _ = imported(tmp_path / "a.csv", "tokens,ner_tags\n" + "".join(rows))
    assert records[0]["words"] == SENTENCES[0][0]
    assert records[0]["tags"] == ["5", "1", "6", "1"]


def test_that_signs_without_spaces_are_words_where_there_are_as_many_tags(tmp_path: Path) -> None:
    records, _ = imported(tmp_path / "a.csv", "text,labels\n我去北京,O O B-LOC I-LOC\n他说,O O\n")
    assert told(records) == [(list("我去北京"), ["O", "O", "B-LOC", "I-LOC"]), (list("他说"), ["O", "O"])]


def test_that_a_row_with_too_few_tags_is_left_out_with_its_line(tmp_path: Path) -> None:
    good = "".join(f"Ann saw boat {n},B-PER O O O\n" for n in range(60))
    records, skipped = imported(tmp_path / "a.csv", f"tokens,ner_tags\n{good}Ann saw,B-PER\n")
    assert len(records) == 60
    assert [item.line for item in skipped] == [62]


@pytest.mark.parametrize(
    "rows",
    [
        ["I like it,good", "It was bad,bad", "So so film,so so"],
        ["good film,very good", "dull,bad", "a long dull film,bad", "fine,good", "well done,good"],
        ["red boat,colour;thing", "go,verb", "a cat,animal", "the sea,place"],
    ],
)
def test_that_labels_of_texts_stay_labels(tmp_path: Path, rows: list[str]) -> None:
    lines = "".join(f"{row}\n" for row in rows * 3)
    records, _ = imported(tmp_path / "a.csv", f"text,label\n{lines}")
    assert records
    assert all("label" in record for record in records)


def test_that_the_label_column_may_be_named_against_it(tmp_path: Path) -> None:
    records, _ = imported(tmp_path / "a.csv", table(" ".join, " ".join), label_key="ner_tags")
    assert records[0]["label"] == "B-ORG O B-MISC O"
