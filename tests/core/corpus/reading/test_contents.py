from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import Preview, preview

LINES = "".join(json.dumps({"text": f"line {n} of it"}) + "\n" for n in range(6))
ARRAY = json.dumps([{"text": f"line {n} of it"} for n in range(6)])
PRETTY = json.dumps([{"text": f"line {n} of it"} for n in range(6)], indent=1)
VALUES = "".join(json.dumps({"text": f"line {n} of it"}, indent=1) + "\n" for n in range(6))
MIXED = "[" + ",\n".join(json.dumps({"text": f"line {n} of it"}) for n in range(6)) + "]\n"
COMMAS = LINES.replace("}\n", "},\n")
TEXTS = json.dumps([f"line {n} of it" for n in range(6)])
TABLE = "id,text\n" + "".join(f"{n},line {n} of it\n" for n in range(6))


def looked_at(folder: Path, name: str, content: str, **reading: Any) -> Preview:
    (folder / name).write_text(content)
    return preview(folder / name, ReadingConfig(**reading))


@pytest.mark.parametrize("name", ["a.txt", "wiki_00", "a.log", "part-00000", "a.jsonl", "a.json", "a.csv"])
@pytest.mark.parametrize("content", [LINES, ARRAY, PRETTY, VALUES, MIXED, COMMAS, TEXTS])
def test_that_json_is_known_by_its_beginning_whatever_its_name(tmp_path: Path, name: str, content: str) -> None:
    found = looked_at(tmp_path, name, content)
    assert [record["text"] for record in found.records] == [f"line {n} of it" for n in range(6)]


@pytest.mark.parametrize("content", [TABLE, TABLE.replace(",", "\t"), TABLE.replace(",", ";"), "\ufeff" + TABLE])
def test_that_a_table_with_a_header_is_known_in_a_text_file(tmp_path: Path, content: str) -> None:
    found = looked_at(tmp_path, "a.txt", content)
    assert [record["text"] for record in found.records] == [f"line {n} of it" for n in range(6)]
    (remark,) = found.taken.remarks
    assert [(way.target, way.value) for way in remark.remedies] == [("reading.format", "text")]


def test_that_tabs_without_a_header_are_offered_as_a_table(tmp_path: Path) -> None:
    content = "".join(f"the boat {n} is in\t{'ab'[n % 2]}\n" for n in range(7))
    found = looked_at(tmp_path, "a.txt", content)
    assert (found.kind, found.format) == ("text", "text")
    (way,) = (way for remark in found.taken.remarks for way in remark.remedies)
    assert (way.action, way.target, way.value) == ("set", "reading.format", "tsv")
    table = looked_at(tmp_path, "a.txt", content, format=way.value)
    assert table.records[0] | {"doc": 0} == {"text": "the boat 0 is in", "label": "a", "doc": 0}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "[Verse 1]\nDown by the river\n" * 5),
        ("a.txt", "Text, body, and soul.\nOnce, there was, a boat.\nIt, too, sank.\n"),
        ("a.txt", "\tThe tale begins.\n\tIt goes on.\n" * 5),
        ("a.txt", "ANNA:\nIs it late?\n\nBEN:\nBy ten minutes.\n"),
        ("a.md", TABLE),
        ("a.py", '{"text": 1}\n{"text": 2}\n'),
    ],
)
def test_that_running_text_stays_running_text(tmp_path: Path, name: str, content: str) -> None:
    found = looked_at(tmp_path, name, content)
    assert "".join(record["text"] for record in found.records) == content
    assert not found.taken.remarks


def test_that_a_chosen_format_is_obeyed_whatever_the_file_holds(tmp_path: Path) -> None:
    found = looked_at(tmp_path, "a.txt", LINES, format="text")
    assert "".join(record["text"] for record in found.records) == LINES


STUB = "".join(f"letter_{n}: {('int', 'str')[n % 2]}\n" + "\n" * (n % 9 == 0) for n in range(99))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.py", STUB), ("a.pyi", STUB), ("a.pl", STUB.replace(": ", "\t")), ("a.xkb", STUB)],
)
def test_that_tables_in_source_code_are_no_tagged_words(tmp_path: Path, name: str, content: str) -> None:
    assert looked_at(tmp_path, name, content).kind == "text"


def test_that_two_texts_a_line_with_a_tab_between_are_pairs(tmp_path: Path) -> None:
    content = "".join(
        f"Line {n} is in.\tZeile {n} ist da.\tCC-BY 2.0 (France) Attribution: tatoeba.org #{n} (ann)\n" for n in range(12)
    )
    found = looked_at(tmp_path, "deu.txt", content)
    assert found.records[0] | {"doc": 0} == {"source": "Line 0 is in.", "target": "Zeile 0 ist da.", "doc": 0}
    assert any(way.value == "text" for remark in found.taken.remarks for way in remark.remedies)


@pytest.mark.parametrize("content", [
    "".join(f"http://a.org/{n}\tLine {n} is in.\n" for n in range(12)),
    "".join(f"\tLine {n} is in.\tAnd {n} is out.\n" for n in range(12)),
    "".join(f"boat{n}\t{n}\n" for n in range(12)),
    "".join(f"The boat {n} is in.\tIt is blue {n}.\tIts name is {n}.\n" for n in range(12)),  # which two are meant?
])  # fmt: skip
def test_that_a_tab_beside_one_text_makes_no_pairs(tmp_path: Path, content: str) -> None:
    assert "source" not in looked_at(tmp_path, "a.txt", content).records[0]


@pytest.mark.parametrize("sign", [";", "@", "|", "||"])
def test_that_a_label_behind_a_sign_is_read_as_one(tmp_path: Path, sign: str) -> None:
    content = "".join(f"i feel boat {n}; and more{sign}{('joy', 'love', 'anger')[n % 3]}\n" for n in range(24))
    found = looked_at(tmp_path, "train.txt", content)
    assert found.records[1] | {"doc": 0} == {"text": "i feel boat 1; and more", "label": "love", "doc": 0}


@pytest.mark.parametrize("content", [
    "".join(f"the boat number {n} is in; it is late\n" for n in range(24)),  # one ending alone
    "".join(f"x{n} = {n};end\ny{n} = {n};stop\n" for n in range(24)),  # no words before it
    "".join(f"the boat number {n} is in;{n % 3}\n" for n in range(24)),  # a number may be anything
])  # fmt: skip
def test_that_a_sign_before_something_else_than_a_label_stays_text(tmp_path: Path, content: str) -> None:
    assert "label" not in looked_at(tmp_path, "a.txt", content).records[0]
