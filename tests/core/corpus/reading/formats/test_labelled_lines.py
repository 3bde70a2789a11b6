from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import preview, read
from llmstudio.core.corpus.records import Skipped

TEXTS = [
    f"{word} number {n} is where the boats lie" for n, word in enumerate(("harbour mill river bridge ferry " * 12).split())
]


def imported(folder: Path, name: str, text: str, **reading: Any) -> tuple[list[dict[str, Any]], list[Skipped]]:
    (folder / name).write_text(text, encoding="utf-8")
    items = list(read([folder / name], ReadingConfig(**reading)))
    return [item for item in items if isinstance(item, dict)], [item for item in items if isinstance(item, Skipped)]


def lines(layout: str, *labels: str) -> str:
    return "".join(layout.format(label=labels[n * n % len(labels)], text=text) + "\n" for n, text in enumerate(TEXTS))


@pytest.mark.parametrize("name", ["a.txt", "TREC.train", "train_5500.label", "part-0"])
@pytest.mark.parametrize(
    ("layout", "labels"),
    [
        ("{label} {text}", ("0", "1", "2", "3", "4", "5")),
        ("{label} {text} ?", ("DESC:manner", "NUM:count", "HUM:ind")),
        ("{label} {text}", ("LOC", "HUM")),
        ("{label}\t{text}", ("ham", "spam")),
        ("{label}   {text}", ("pos", "neg")),
        ("{text}\t{label}", ("0", "7")),
        ("{text}\t{label}", ("Sports", "Science", "World")),
        ("__label__{label} {text}", ("Sports", "World")),
        ("{text} __label__{label}", ("Sports", "World")),
    ],
)
def test_that_a_label_and_a_text_a_line_are_read_so(tmp_path: Path, name: str, layout: str, labels: tuple[str, ...]) -> None:
    records, skipped = imported(tmp_path, name, lines(layout, *labels))
    suffix = " ?" if layout.endswith("?") else ""
    assert [record["text"] for record in records] == [text + suffix for text in TEXTS]
    assert [record["label"] for record in records] == [labels[n * n % len(labels)] for n in range(len(TEXTS))]
    assert skipped == []
    (way,) = [way for remark in preview(tmp_path / name, ReadingConfig()).taken.remarks for way in remark.remedies]
    assert imported(tmp_path, name, lines(layout, *labels), format=way.value)[0][0].keys() == {"text", "doc"}


@pytest.mark.parametrize(
    "layout",
    [
        "__label__{label} __label__old {text}",
        "__label__{label}, __label__old {text}",
        "{text} __label__{label} __label__old",
    ],
)
def test_that_several_labels_in_a_line_are_a_list(tmp_path: Path, layout: str) -> None:
    records, _ = imported(tmp_path, "a.txt", lines(layout, "good", "bad"))
    assert [record["text"] for record in records] == TEXTS
    assert records[1]["label"] == ["bad", "old"]


@pytest.mark.parametrize("layout", ["__label__{label} {text}", "{label} {text}", "{text}\t{label}"])
def test_that_lines_without_a_text_are_left_out_and_counted(tmp_path: Path, layout: str) -> None:
    text = "".join(layout.format(label="01"[n % 2], text=text if n % 6 else "") + "\n" for n, text in enumerate(TEXTS))
    records, skipped = imported(tmp_path, "a.txt", text)
    assert len(records) == 50
    assert [skip.line for skip in skipped] == list(range(1, 61, 6))
    assert {record["label"] for record in records} == {"0", "1"}


@pytest.mark.parametrize(
    "text",
    [
        lines("{label} {text}", "ROMEO", "JULIET"),
        lines("{label} {text}", "1", "2", "3"),
        lines("{label} {text}", "yes", "no"),
        lines("{label} {text}", "INFO", "WARN"),
        lines("{label}\t{text}", "Ann", "Ben"),
        "".join(f"{n % 20} {text}\n" for n, text in enumerate(TEXTS)),  # numbered lines
        "".join(f"{text}.\n" for text in TEXTS),
        "".join(f"{n * n % 5} {n % 2} {n % 3} {n % 7}\n" for n in range(60)),  # a table of numbers
        lines("{label} {text}", "pos", "neg") + "A line of prose without a label.\n",
    ],
)
def test_that_lines_that_only_look_so_are_running_text(tmp_path: Path, text: str) -> None:
    assert imported(tmp_path, "a.txt", text)[0][0]["text"] == text


def test_that_labels_that_may_be_names_are_offered(tmp_path: Path) -> None:
    text = lines("{label} {text}", "SPORT", "WORLD")
    imported(tmp_path, "a.txt", text)
    (way,) = [way for remark in preview(tmp_path / "a.txt", ReadingConfig()).taken.remarks for way in remark.remedies]
    records, _ = imported(tmp_path, "a.txt", text, format=way.value)
    assert {record["label"] for record in records} == {"SPORT", "WORLD"}
