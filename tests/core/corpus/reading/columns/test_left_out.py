"""Columns that hold as much as the one that is taken: read with it, or spoken of."""

from __future__ import annotations

import random
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.columns import guess, kind_of_config, to_record
from llmstudio.core.corpus.taken import Remark

WORDS = [
    "harbour",
    "mill",
    "river",
    "bridge",
    "lantern",
    "tulip",
    "ferry",
    "baker",
    "garden",
    "tram",
    "pier",
    "oak",
    "bell",
    "roof",
    "cart",
    "wool",
]


def said(n: int, length: int = 12) -> str:
    return " ".join(random.Random(n).choices(WORDS, k=length)).capitalize() + f" {n}."


def rows(*names: str, **others: Any) -> list[dict[str, Any]]:
    return [
        {name: said(1000 * place + n) for place, name in enumerate(names)} | {key: of(n) for key, of in others.items()}
        for n in range(40)
    ]


def guessed(told: list[dict[str, Any]]) -> tuple[ReadingConfig, list[Remark]]:
    remarks: list[Remark] = []
    return guess(told, ReadingConfig(), "a.csv", remarks), remarks


@pytest.mark.parametrize(
    "names",
    [
        ("utterance", "response"), ("message", "reply"), ("body", "headline"), ("content", "abstract"), ("post", "comment"),
        ("code", "docstring"), ("docstring", "code"), ("formal", "informal"), ("informal", "formal"),
    ],
)  # fmt: skip
def test_that_two_columns_alone_are_pairs_in_the_order_of_the_table(names: tuple[str, str]) -> None:
    config, _ = guessed(rows(*names))
    assert (config.source_key, config.target_key) == names


def test_that_pairs_that_no_name_tells_are_said_with_a_way_back() -> None:
    config, remarks = guessed(rows("post", "comment"))
    assert kind_of_config(config) == "pairs"
    (remark,) = remarks
    assert "read as pairs" in str(remark.message)
    assert [remedy.target for remedy in remark.remedies] == ["reading.text_key"]


def test_that_a_column_left_out_that_holds_as_much_is_spoken_of_with_ways_to_read_it() -> None:
    told = rows("post", "comment", author=lambda n: f"ann{n}", likes=lambda n: str(n))
    config, remarks = guessed(told)
    assert kind_of_config(config) == "text"
    (remark,) = remarks
    assert "was not read" in str(remark.message)
    for remedy, kind in zip(remark.remedies, ("pairs", "text"), strict=True):
        again = guess(told, ReadingConfig(**{remedy.target.removeprefix("reading."): remedy.value}), "a.csv")
        record = to_record(told[0], again)
        assert (kind_of_config(again), record is not None) == (kind, True)
        assert all(told[0][name] in "\n".join(map(str, (record or {}).values())) for name in ("post", "comment"))


@pytest.mark.parametrize("names", [("text",), ("title", "text")])
def test_that_a_text_alone_and_its_title_are_no_pair(names: tuple[str, ...]) -> None:
    told = rows(*names, id=lambda n: n, when=lambda n: f"2024-01-{n % 28 + 1:02d}")
    assert kind_of_config(guessed(told)[0]) == "text"


def test_that_columns_numbered_from_one_on_are_one_text() -> None:
    pieces = [f"sentence{n}" for n in range(1, 6)]
    config, _ = guessed(rows(*pieces, storyid=lambda n: n))
    assert config.text_key == " + ".join(pieces)
    labelled, _ = guessed(rows("part_1", "part_2", "part_3", label=lambda n: "ab"[n % 2]))
    assert (labelled.text_key, labelled.label_key) == ("part_1 + part_2 + part_3", "label")
    several, _ = guessed(rows("text", "paraphrase1", "paraphrase2", "paraphrase3"))
    assert "paraphrase3" not in several.text_key, "several of a kind are no one text"


def test_that_answers_that_an_annotation_program_keeps_as_labels_are_targets() -> None:
    told = rows("text", label=lambda n: [said(5000 + n)], Comments=lambda n: [])
    config, _ = guessed(told)
    assert (config.source_key, config.target_key) == ("text", "label")
    assert to_record(told[3], config) == {"source": told[3]["text"], "target": said(5003)}
    classes, _ = guessed(rows("text", label=lambda n: ["ab"[n % 2]]))
    assert classes.label_key == "label"
