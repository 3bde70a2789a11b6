from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.corpus.records import texts_of
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop

WORDS = ("harbour", "mill", "river", "bridge", "lantern", "tulip", "ferry", "baker", "garden", "tram")
TABLES = [("text",), ("title", "text"), ("question", "answer"), ("source", "target"), ("text", "label"), ("id", "body")]
LISTS = ("data", "rows", "items", "examples", "stories")


class Sentences:
    """Makes sentences that occur nowhere else, and remembers under which name each stands."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.names: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        sentence = f"Number {len(self.names)} has a {' '.join(self.rng.choices(WORDS, k=9))}."
        self.names[sentence] = name
        return sentence


def cell(column: str, n: int, new: Sentences) -> Any:
    return n if column == "id" else "ab"[n % 2] if column == "label" else f"Part {n}" if column == "title" else new(column)


def rows(rng: random.Random, new: Sentences) -> list[dict[str, Any]]:
    columns = rng.choice(TABLES)
    return [{column: cell(column, n, new) for column in columns} for n in range(rng.randint(6, 20))]


def document(rng: random.Random, new: Sentences) -> tuple[str, str]:
    """The name and content of a file of one of many shapes."""
    shape, table = rng.randrange(8), rows(rng, new)
    if shape == 0:
        return "a.jsonl", "".join(json.dumps(row) + "\n" for row in table)
    if shape == 1:
        return "a.json", json.dumps({rng.choice(LISTS): table, "version": 1}, indent=rng.choice((None, 2)))
    if shape == 2:
        return "a.json", json.dumps({column: [row[column] for row in table] for column in table[0]})
    if shape == 3:
        return "a.json", json.dumps({"train": table[2:], "test": table[:2]})
    if shape == 4:
        lines = ({"train": table[n : n + 2], "test": table[n + 2 : n + 3]} for n in range(0, len(table) - 2, 3))
        left = len(table) % 3
        rest = [json.dumps({"train": table[-left:-1] or table[-1:], "test": table[-1:]})] if left else []
        return "a.jsonl", "\n".join([*map(json.dumps, lines), *rest])
    if shape == 5:
        turns = [[{"role": role, "content": new("messages")} for role in ("user", "assistant")] for _ in table]
        return "a.json", json.dumps([{"messages": said, "note": new("note")} for said in turns])
    if shape == 6:
        return "a.json", json.dumps({f"d{n}": row for n, row in enumerate(table)})
    file, sign = io.StringIO(), rng.choice(",;\t")
    writer = csv.DictWriter(file, list(table[0]), delimiter=sign)
    writer.writeheader()
    writer.writerows(table)
    return "a.csv", file.getvalue()


@pytest.mark.parametrize("seed", range(8))
def test_that_every_sentence_becomes_part_of_a_record_or_its_column_is_told_as_not_read(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    for number in range(12):
        new = Sentences(rng)
        name, content = document(rng, new)
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / name).write_text(content, encoding="utf-8")
        events = list(write_corpus([folder / name], CorpusConfig(), folder / "out", stop=Stop()))
        read = "\n".join(text for record in Corpus(folder / "out").records("all") for text in texts_of(record))
        told = " ".join(str(event.message) for event in events if isinstance(event, Noted))
        left = told.partition("not read: ")[2].partition(".")[0].split(", ")
        lost = [each for each, key in new.names.items() if each in content and each not in read and key not in left]
        assert not lost, (content[:500], lost[:3], told)
