from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead, Skipped

WORDS = ["harbour", "mill", "river", "bridge", "lantern", "tulip", "ferry", "baker"]


def read_all(tmp_path: Path, name: str, text: str) -> tuple[list[dict[str, Any]], str]:
    (tmp_path / name).write_text(text, encoding="utf-8")
    items = list(read([tmp_path / name], ReadingConfig()))
    said = [str(remark.message) for item in items if isinstance(item, FileRead) for remark in item.taken.remarks]
    return [item for item in items if isinstance(item, dict)], " ".join(said)


def test_that_labels_at_line_starts_are_labels(tmp_path: Path) -> None:
    text = "".join(f"__label__{'ab'[n % 2]} The {w} is __label__ old.\n" for n, w in enumerate(WORDS))
    records, _ = read_all(tmp_path, "a.txt", text)
    assert [(r["text"], r["label"]) for r in records] == [
        (f"The {w} is __label__ old.", "ab"[n % 2]) for n, w in enumerate(WORDS)
    ]


def test_that_chat_layout_in_a_column_becomes_turns(tmp_path: Path) -> None:
    marked = "<|im_start|>user\nIs {} open?<|im_end|>\n<|im_start|>assistant\nYes: open.<|im_end|>\n"
    text = "".join(json.dumps({"text": marked.replace("{}", w)}) + "\n" for w in WORDS)
    records, _ = read_all(tmp_path, "a.jsonl", text)
    assert [turn["what"] for turn in records[1]["turns"]] == ["Is mill open?", "Yes: open."]


@pytest.mark.parametrize(
    ("name", "line", "word"),
    [
        ("a.txt", "i feel {w} today;{c}\n", "table of texts and labels"),
        ("a.txt", "Ann NNP B-PER\nlives O\n{w} NN X O\n. . O\n\n", "word and its tags"),
        ("a.po", 'msgid "Open {w}"\nmsgstr "Offne {w}"\n\n', "translations"),
    ],
)
def test_that_what_looks_like_more_than_text_is_said(tmp_path: Path, name: str, line: str, word: str) -> None:
    text = "".join(line.format(w=w, c=["joy", "anger"][n % 2]) for n, w in enumerate(WORDS))
    assert word in read_all(tmp_path, name, text)[1]


@pytest.mark.parametrize("gap", ["", "{text}", "# a remark", "   "])
@pytest.mark.parametrize("every", [2, 3, 10])
def test_that_labels_are_read_though_lines_lack_one(tmp_path: Path, gap: str, every: int) -> None:
    lines = [f"  __label__{'ab'[n % 2]} The {WORDS[n % 8]} is old, {n}." for n in range(40)]
    lines = [gap.format(text=line.split(maxsplit=1)[1]) if n % every == 0 else line for n, line in enumerate(lines)]
    records, said = read_all(tmp_path, "a.txt", "\n".join(lines) + "\n")
    num_labelled = sum("__label__" in line for line in lines)
    assert [r["label"] for r in records if "label" in r] == ["ab"[n % 2] for n in range(40) if n % every]
    num_bare = len([r for r in records if "label" not in r])
    assert num_bare == (len(lines) - num_labelled if gap.strip() else 0)
    assert (f"{num_bare} texts have no label and stay without one" in said) == (num_bare > 0)


def test_that_few_labels_in_much_text_are_told_and_can_be_read(tmp_path: Path) -> None:
    lines = ["__label__a The mill is old." if n % 5 == 0 else f"The ferry is late, {n}." for n in range(40)]
    records, said = read_all(tmp_path, "a.txt", "\n".join(lines) + "\n")
    assert len(records) == 1
    assert "8 lines bear labels as fastText has them" in said
    items = list(read([tmp_path / "a.txt"], ReadingConfig(format="lines")))
    assert [item["label"] for item in items if isinstance(item, dict) and "label" in item] == ["a"] * 8


@pytest.mark.parametrize(
    "rows",
    [
        ["{w} NN B-LOC", "{w} O"],
        ["{w}", "{w} B-LOC", "{w} O", "{w} I-LOC"],
        ["{w}\ta\tb\tVERB", "{w}\tNOUN", "{w}\tDET", "{w}\tNOUN"],
    ],
)
def test_that_tags_in_rows_of_uneven_width_are_told_with_a_way_to_read_them(tmp_path: Path, rows: list[str]) -> None:
    text = "".join(rows[n % len(rows)].format(w=WORDS[n % 8]) + ("\n\n" if n % 8 == 7 else "\n") for n in range(64))
    records, said = read_all(tmp_path, "a.txt", text)
    assert len(records) == 1
    assert "not all have as many columns" in said
    told = [str(i.reason) for i in read([tmp_path / "a.txt"], ReadingConfig(format="conll")) if isinstance(i, Skipped)]
    assert "usual: its sentence was left out" in told[0]


def test_that_tokenized_prose_is_no_text_with_tags(tmp_path: Path) -> None:
    text = "".join(f"The {w} is old {'.?!'[n % 3]}\n" for n, w in enumerate(WORDS * 4))
    assert read_all(tmp_path, "a.txt", text)[1] == ""


def test_that_prose_is_said_nothing_of(tmp_path: Path) -> None:
    text = "".join(f"They went to the {w}, where it was 10:30; nobody was there.\n" for w in WORDS)
    assert read_all(tmp_path, "a.txt", text)[1] == ""


def test_that_bars_between_sentences_with_commas_part_columns(tmp_path: Path) -> None:
    text = "".join(f'LJ1-{n}|The {w}, Dr. "A" 15.|The {w}, Doctor "A" fifteen.\n' for n, w in enumerate(WORDS * 4))
    records, _ = read_all(tmp_path, "a.csv", text)
    assert records
    assert not any("LJ1-" in str(record) for record in records)
