from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.cleaning.duplicates import digest
from llmstudio.core.corpus.config import CorpusConfig, ReadingConfig, SplitConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.corpus.splitting.beginnings import Reversed, beginning
from llmstudio.core.work import Stop


def sides(folder: Path, rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """The texts that are learned from and those held out, each record as one."""
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    config = CorpusConfig(split=SplitConfig(val_share=0.2, test_share=0.1))
    list(write_corpus([folder / "a.jsonl"], config, folder / "out", stop=Stop()))
    parts = [
        [json.dumps(record) for part in names for record in Corpus(folder / "out").records(part)]
        for names in (("train",), ("val", "test"))
    ]
    assert all(parts)
    return parts[0], parts[1]


TURNS = [[[f"Where is boat {n} at {k}?", f"At pier {n * 10 + k}."] for k in range(4)] for n in range(40)]
SHAPES: dict[str, list[dict[str, Any]]] = {
    "passage": [
        {"context": f"Pier <{n}> is old and long.", "question": f"What of plank {k}, {k * n % 7}?", "answer": f"Plank {k}."}
        for n in range(60) for k in range(4)
    ],
    "input": [
        {"instruction": f"{verb} this text for me.", "input": f"Pier <{n}> is old and long.", "output": f"{verb}: pier {n}."}
        for n in range(60) for verb in ("Shorten", "Praise", "Translate")
    ],
    "premise": [
        {"premise": f"Pier <{n}> is old and long.", "hypothesis": f"Plank {n * 3 + k} is new.", "label": "ab"[k % 2]}
        for n in range(60) for k in range(3)
    ],
    "history": [
        {"instruction": turns[k][0], "input": f"Chat <{n}>" if k else "", "history": turns[:k], "output": turns[k][1]}
        for n, turns in enumerate(TURNS) for k in range(4)
    ],
    "both ways": [
        {"source": f"The cat <{n}> sleeps.", "target": f"Die Katze {n} schläft."} if way else
        {"source": f"Die Katze {n} schläft.", "target": f"The cat <{n}> sleeps."}
        for way in (True, False) for n in range(100)
    ],
    "two questions both ways": [
        {"question1": f"Where is pier <{n}>?", "question2": f"Which way to pier {n}?", "is_duplicate": n % 2} if way else
        {"question1": f"Which way to pier {n}?", "question2": f"Where is pier <{n}>?", "is_duplicate": n % 2}
        for n in range(100) for way in (True, False)
    ],
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_that_what_is_held_out_shares_no_passage_conversation_or_pair_with_training(shape: str, tmp_path: Path) -> None:
    train, held = sides(tmp_path, SHAPES[shape])

    def marks(records: list[str]) -> set[str]:
        return {record[record.index("<") : record.index(">")] for record in records if "<" in record}

    assert not marks(train) & marks(held)


def test_that_the_first_turn_of_a_history_is_where_all_its_rows_begin() -> None:
    config = ReadingConfig(source_key="history + instruction", target_key="output")
    rows = [{"instruction": turns[k][0], "history": turns[:k], "output": "x"} for turns in TURNS[:2] for k in range(4)]
    assert [beginning(row, config)["begins"][1] for row in rows] == [TURNS[n // 4][0][0] for n in range(8)]


def test_that_a_system_prompt_is_the_story_and_one_column_alone_says_nothing_of_its_own() -> None:
    row = {"system": "Be kind.", "question": "Who?", "answer": "I."}
    config = ReadingConfig(source_key="system + question", target_key="answer")
    assert beginning(row, config) == {"begins": ("Be kind.", "Who?")}
    assert beginning(row, ReadingConfig(source_key="question", target_key="answer")) == {}


def test_that_a_pair_is_known_again_the_other_way_round_only(tmp_path: Path) -> None:
    one, other, third = (digest(text) for text in (b"1", b"2", b"3"))
    seen = Reversed(tmp_path)
    assert [seen.add(*two) for two in ((one, other), (one, other), (other, one), (third, one), (one, one), (one, one))] == [
        False, False, True, False, False, False,
    ]  # fmt: skip
    seen.close()
