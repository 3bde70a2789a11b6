from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.corpus.reading.files.given_parts import part_of
from llmstudio.core.corpus.records import texts_of
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop


def sentence(n: int) -> str:
    return f"Number {n * n} stands by the mill at {n} o'clock."


def table(numbers: range, parts: str = "") -> str:
    head = "text,label" + (",split\n" if parts else "\n")
    names = parts.split()
    return head + "".join(
        f"{sentence(n)},{'ab'[n % 2]}" + (f",{names[n % len(names)]}" if names else "") + "\n" for n in numbers
    )


def imported(folder: Path, files: dict[str, str]) -> tuple[dict[str, set[str]], str]:
    """The texts of each part, and all that was noted."""
    for name, text in files.items():
        (folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "in" / name).write_text(text, encoding="utf-8")
    events = list(write_corpus([folder / "in"], CorpusConfig(), folder / "out", stop=Stop()))
    corpus = Corpus(folder / "out")
    parts = {part: {text for r in corpus.records(part) for text in texts_of(r)} for part in ("train", "val", "test")}
    return parts, " | ".join(str(event.message) for event in events if isinstance(event, Noted))


@pytest.mark.parametrize(
    "names",
    [
        ("train.csv", "test.csv"),
        ("train/a.csv", "test/a.csv"),
        ("x_train.csv", "x-test-00.csv"),
        ("TrainData.csv", "TestData.csv"),
        ("train_boats.csv", "test_boats_a1B.csv"),
        ("train_set/a.csv", "test_set/a.csv"),
    ],
)
def test_that_files_for_the_test_are_the_test_and_validation_is_dealt_out_of_training(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    parts, said = imported(tmp_path, {names[0]: table(range(80)), names[1]: table(range(100, 120))})

    assert parts["test"] == {sentence(n) for n in range(100, 120)}
    assert parts["train"] | parts["val"] == {sentence(n) for n in range(80)}
    assert parts["val"]
    assert not parts["train"] & parts["val"]
    assert "as the names of files and folders say" in said


def test_that_texts_for_training_validation_and_test_are_kept_apart(tmp_path: Path) -> None:
    parts, _ = imported(tmp_path, {"train.txt": "One mill.\n" * 50, "valid.txt": "A bell.\n" * 9, "test.txt": "An oak.\n"})

    assert [len(parts[part]) for part in ("train", "val", "test")] == [1, 1, 1]
    assert "bell" in parts["val"].pop()
    assert "oak" in parts["test"].pop()


def test_that_a_column_which_names_the_parts_is_obeyed(tmp_path: Path) -> None:
    parts, said = imported(tmp_path, {"a.csv": table(range(80), "train train dev test")})

    assert parts["test"] == {sentence(n) for n in range(3, 80, 4)}
    assert parts["val"] == {sentence(n) for n in range(2, 80, 4)}
    assert "as split says" in said
    assert "not read" not in said


def test_that_training_alone_is_dealt_out(tmp_path: Path) -> None:
    parts, said = imported(tmp_path, {"train.csv": table(range(80))})

    assert parts["val"]
    assert "names of files" not in said


def test_that_files_of_which_some_name_no_part_are_mixed_with_a_warning(tmp_path: Path) -> None:
    _, said = imported(
        tmp_path, {"train.csv": table(range(40)), "test.csv": table(range(50, 90)), "more.csv": table(range(99, 120))}
    )

    assert "Import the files for training alone" in said


@pytest.mark.parametrize("name", ["test_boats.csv", "train.csv", "boats_dev.csv"])
def test_that_a_part_named_by_one_file_alone_is_mixed_with_a_warning(tmp_path: Path, name: str) -> None:
    _, said = imported(tmp_path, {name: table(range(40)), "boats.csv": table(range(50, 90))})

    assert "(in/boats.csv)" in said


@pytest.mark.parametrize(
    ("name", "part"),
    [("dev.tsv", "val"), ("a/validation.jsonl.gz", "val"), ("train-00000-of-00002.json", "train"), ("test/train.py", ""),
     ("dev-v1.1.json", "val"), ("boats_dev_v2.json", "val"), ("trainset.csv", "train"), ("newstest2014.de", "test"),
     ("TESTDATA.csv", "test"), ("train_and_test_v2.csv", ""), ("latestData.csv", ""), ("Valley.txt", ""),
     ("contest.txt", ""), ("eng.testa", "val"), ("eng.testb", "test"),
     ("training.txt", "train"), ("latest.csv", ""), ("x/test/pos/1.txt", "test")],
)  # fmt: skip
def test_that_a_part_is_told_by_a_name(name: str, part: str) -> None:
    assert part_of(name) == part


def rows_of_part(numbers: range) -> list[dict[str, str]]:
    return [{"text": sentence(n), "label": "ab"[n % 2]} for n in numbers]


NUMBERS = {"train": range(40), "validation": range(50, 60), "test": range(70, 80)}
ROWS = {part: rows_of_part(numbers) for part, numbers in NUMBERS.items()}
COLUMNS = {part: {key: [row[key] for row in rows] for key in rows[0]} for part, rows in ROWS.items()}


@pytest.mark.parametrize(
    "document",
    [
        ROWS,
        COLUMNS,
        {"version": "1", "data": ROWS},
        {"data": COLUMNS},
        {"train_data": ROWS["train"], "dev_data": ROWS["validation"], "test_data": ROWS["test"]},
        {part: [row["text"] for row in rows] for part, rows in ROWS.items()},
        {part: [list(row.values()) for row in rows] for part, rows in ROWS.items()},
        {part: {"num_rows": len(rows), "rows": rows} for part, rows in ROWS.items()},
        {part: {str(n): row for n, row in enumerate(rows)} for part, rows in ROWS.items()},
    ],
)
def test_that_parts_inside_one_json_file_are_kept(tmp_path: Path, document: Any) -> None:
    parts, said = imported(tmp_path, {"a.json": json.dumps(document)})

    for part, name in (("train", "train"), ("val", "validation"), ("test", "test")):
        assert parts[part] == {sentence(n) for n in NUMBERS[name]}
    assert "as the lists in the file are named" in said


PARTS_AS_TEXTS = {part: [row["text"] for row in rows] for part, rows in ROWS.items()}


@pytest.mark.parametrize("document", [ROWS, COLUMNS, {"id": 7, "about": {"version": 1}, **ROWS}, PARTS_AS_TEXTS])
@pytest.mark.parametrize("is_array", [False, True])
def test_that_every_line_or_element_may_be_a_document_with_parts(tmp_path: Path, document: Any, is_array: bool) -> None:
    others = json.loads(json.dumps(document).replace("stands", "stood"))
    both = json.dumps([document, others]) if is_array else f"{json.dumps(document)}\n{json.dumps(others)}\n"
    parts, said = imported(tmp_path, {"a.json" if is_array else "a.jsonl": both})

    for part, name in (("train", "train"), ("val", "validation"), ("test", "test")):
        one = {sentence(n) for n in NUMBERS[name]}
        assert parts[part] == one | {text.replace("stands", "stood") for text in one}
    assert "as the lists in the file are named" in said


def test_that_columns_called_train_and_test_with_single_texts_are_columns(tmp_path: Path) -> None:
    rows = [{"train": sentence(n), "test": f"Yes: {sentence(n)}"} for n in range(30)]
    parts, said = imported(tmp_path, {"a.jsonl": "\n".join(map(json.dumps, rows))})

    assert sum(map(len, parts.values())) == 60
    assert "as the lists" not in said


def test_that_a_list_beside_the_parts_is_mixed_in_with_a_warning(tmp_path: Path) -> None:
    parts, said = imported(tmp_path, {"a.json": json.dumps(ROWS | {"more": rows_of_part(range(90, 99))})})

    assert set.union(*parts.values()) >= {sentence(n) for n in range(90, 99)}
    assert "split anew" in said
    assert "are named" not in said


def test_that_questions_in_parts_are_pairs_and_no_conversation(tmp_path: Path) -> None:
    document = {part: [{"question": r["text"], "answer": f"Yes: {r['text']}"} for r in rows] for part, rows in ROWS.items()}
    parts, _ = imported(tmp_path, {"a.json": json.dumps(document)})

    assert [len(parts[part]) for part in ("train", "val", "test")] == [80, 20, 20]


@pytest.mark.parametrize("beside", ["README.md", "LICENSE", "dict.txt", "vocab.txt", "labels.txt"])
@pytest.mark.parametrize("folder", ["", "data/"])
def test_that_what_lies_beside_the_parts_is_left_out_and_undoes_no_split(tmp_path: Path, beside: str, folder: str) -> None:
    texts = {"train": range(40), "valid": range(100, 110), "test": range(200, 210)}
    files = {f"{folder}{part}.txt": "".join(sentence(n) + "\n" for n in numbers) for part, numbers in texts.items()}
    parts, said = imported(tmp_path, files | {beside: "MIT: permission is granted."})

    for part, numbers in zip(("train", "val", "test"), texts.values(), strict=True):
        assert {line for text in parts[part] for line in text.split("\n") if line} == {sentence(n) for n in numbers}
    assert beside in said


def test_that_labelled_folders_are_read_alone_whatever_their_root_is_called(tmp_path: Path) -> None:
    files = {f"unsup/{part}/{label}/{n}.txt": sentence(n + 50 * (part == "test") + 100 * (label == "neg"))
             for part in ("train", "test") for label in ("pos", "neg") for n in range(8)}  # fmt: skip
    beside = {"unsup/README": "Read me first.", "unsup/imdb.vocab": "boat\nmill", "unsup/imdbEr.txt": "0.04\n-0.01\n",
              "unsup/train/urls_pos.txt": "http://x.org/1\n", "unsup/train/labeledBow.feat": "9 0:9 1:1\n"}  # fmt: skip
    parts, said = imported(tmp_path, files | beside)

    assert parts["test"] == {text for name, text in files.items() if "/test/" in name}
    assert parts["train"] | parts["val"] == {text for name, text in files.items() if "/train/" in name}
    assert "README" in said


@pytest.mark.parametrize(("column", "cells", "expected"), [
    ("Usage", "Training Training PublicTest PrivateTest", "train train val test"),
    ("phase", "train train dev test", "train train val test"),
    ("where", "train train val test", "train train val test"),
    ("is_test", "False False False True", "train train train test"),
    ("isTrain", "1 1 1 0", "train train train test"),
    ("is_valid", "no no no yes", "train train train val"),
])  # fmt: skip
@pytest.mark.parametrize("label", [",label", ""])
def test_that_a_column_names_the_parts_in_each_usual_way(
    tmp_path: Path, column: str, cells: str, expected: str, label: str
) -> None:
    rows = "".join(f"{sentence(n)}{',ab'[:1] + 'ab'[n % 2] if label else ''},{cells.split()[n % 4]}\n" for n in range(80))
    found, said = imported(tmp_path, {"a.csv": f"text{label},{column}\n{rows}"})
    for part in {"val", "test"} & set(expected.split()):
        assert found[part] == {sentence(n) for n in range(80) if expected.split()[n % 4] == part}
    assert f"is as {column} says" in said


@pytest.mark.parametrize(("column", "cells"), [
    ("is_valid", "yes yes yes no"), ("is_dev", "1 0 0 0"), ("where", "train car bus train"), ("is_tested", "1 0 0 1"),
])  # fmt: skip
def test_that_other_columns_name_no_parts(tmp_path: Path, column: str, cells: str) -> None:
    rows = "".join(f"{sentence(n)},{'ab'[n % 2]},{cells.split()[n % 4]}\n" for n in range(80))
    _, said = imported(tmp_path, {"a.csv": f"text,label,{column}\n{rows}"})
    assert "is as" not in said


@pytest.mark.parametrize(("columns", "cells", "expected"), [
    ("is_val,is_test", "0,0 0,0 1,0 0,1", "train train val test"),
    ("is_train,is_valid,is_test", "True,False,False True,False,False False,True,False False,False,True",
     "train train val test"),
    ("is_val,is_test", "0,0 1,1 1,0 0,1", ""),  # a row of two parts
    ("is_valid,is_test", "1,0 1,0 1,0 0,1", ""),  # valid: in order
    ("is_train,is_test", "1,0 1,0 0,0 0,1", ""),  # a row of none
])  # fmt: skip
@pytest.mark.parametrize("label", [",label", ""])
def test_that_columns_of_yes_and_no_name_the_parts_together(
    tmp_path: Path, columns: str, cells: str, expected: str, label: str
) -> None:
    rows = "".join(f"{sentence(n)}{',' + 'ab'[n % 2] if label else ''},{cells.split()[n % 4]}\n" for n in range(80))
    found, said = imported(tmp_path, {"a.csv": f"text{label},{columns}\n{rows}"})
    assert (f"is as {columns.replace(',', ' + ')} says" in said) == bool(expected)
    for part in {"val", "test"} & set(expected.split()):
        assert found[part] == {sentence(n) for n in range(80) if expected.split()[n % 4] == part}
