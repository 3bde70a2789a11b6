from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.label_spelling import LabelSpelling, one_spelling
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead
from llmstudio.core.settings import change


def imported(path: Path, config: ReadingConfig | None = None) -> tuple[list[dict[str, Any]], list[Any]]:
    items = list(read([path], config or ReadingConfig()))
    said = [remark for item in items if isinstance(item, FileRead) for remark in item.taken.remarks]
    return [item for item in items if isinstance(item, dict)], said


def table(folder: Path, *labels: str, rows: int = 12) -> Path:
    path = folder / "a.csv"
    path.write_text("text,label\n" + "".join(f"boat number {n},{labels[n % len(labels)]}\n" for n in range(rows)), "utf-8")
    return path


@pytest.mark.parametrize("name", ["café", "Å", "न्यू", "نیم\u200cفاصله", "👩\u200d🌾", "サッカー", "B-PER", "a b", "①"])
def test_that_a_name_keeps_its_look_and_its_composed_and_decomposed_forms_are_one(name: str) -> None:
    assert one_spelling(unicodedata.normalize("NFD", name)) == one_spelling(name) == unicodedata.normalize("NFC", name)
    assert one_spelling(one_spelling(name)) == one_spelling(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("New York", " New\u00a0York "),
        ("AB", "ＡＢ"),
        ("AB", "A\u200bB"),
        ("カナ", "ｶﾅ"),
        ("a b", "a \t b"),
        ("x", "\ufeffx"),
    ],
)
def test_that_what_looks_alike_is_one_class_and_told(tmp_path: Path, one: str, other: str) -> None:
    records, said = imported(table(tmp_path, one, other, "third"))
    assert {record["label"] for record in records} == {one, "third"}
    if other.strip() != one:
        assert f"each is one class: {one}." in " ".join(str(remark.message) for remark in said)


def test_that_capitals_make_two_classes_and_a_press_makes_them_one_also_behind_the_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [
        f"boat number {n},{'Sport' if n < 400 else 'sport '}\n" if n % 2 else f"boat number {n},news\n" for n in range(800)
    ]
    path.write_text("text,label\n" + "".join(rows))
    records, said = imported(path)
    assert {record["label"] for record in records} == {"Sport", "sport", "news"}
    (way,) = [way for remark in said for way in remark.remedies]
    records, said = imported(path, change(ReadingConfig(), way.target.removeprefix("reading."), way.value))
    assert {record["label"] for record in records} == {"sport", "news"}
    assert said == []


def test_that_numbers_behind_the_first_rows_lose_their_point_and_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [f"boat number {n},{n % 2}{'.0' if n > 400 else ''}\n" for n in range(800)]
    path.write_text("text,label\n" + "".join(rows))
    records, said = imported(path)
    assert {record["label"] for record in records} == {"0", "1"}
    assert "are written without .0: " in " ".join(str(remark.message) for remark in said)


def test_that_tags_have_one_spelling_and_keep_their_capitals() -> None:
    spelling = LabelSpelling(capitals=False)
    record = {"words": ["a", "b"], "tags": ["B-Caf\u00e9", "I-Cafe\u0301"], "spaces": [True, False]}
    assert spelling.applied(record)["tags"] == ["B-Caf\u00e9", "I-Caf\u00e9"]
    assert spelling.applied({"text": "no label"}) == {"text": "no label"}


@pytest.mark.parametrize("entry", ["name {n}", "{n}", "x" * 120 + "{n}"])
def test_that_a_label_column_of_different_entries_is_asked_about_and_can_be_chosen(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "a.csv"
    text = "The boat lies in the harbour until the evening comes, and nobody is on it but the cook and his dog number"
    path.write_text("text,category\n" + "".join(f'"{text} {n}","{entry.format(n=n)}"\n' for n in range(40)))
    records, said = imported(path)
    assert "label" not in records[0]
    (way,) = [way for remark in said for way in remark.remedies if way.target == "reading.label_key"]
    records, _ = imported(path, ReadingConfig(label_key=way.value))
    assert [record["label"] for record in records[:2]] == [entry.format(n=0).strip(), entry.format(n=1).strip()]
