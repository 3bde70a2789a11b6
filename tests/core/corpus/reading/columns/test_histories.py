from __future__ import annotations

import json
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.columns import guess, kind_of_config, to_record

BEFORE = [["Who waits here?", "The old boat waits."], ["And who else?", "A dog waits as well."]]
SAID = [text for exchange in BEFORE for text in exchange]
TURNS = [("user", SAID[0]), ("assistant", SAID[1]), ("user", SAID[2]), ("assistant", SAID[3])]


def rows(history: Any, **others: str) -> list[dict[str, Any]]:
    asked = [{"instruction": f"Tell me about house {n}.", "output": f"House {n} is red and tall."} for n in range(4)]
    return [{**row, "input": "", "history": history, **others} for row in asked]


@pytest.mark.parametrize(
    "history",
    [
        BEFORE,
        SAID,
        json.dumps(BEFORE),
        repr(BEFORE),
        [{"role": who, "content": what} for who, what in TURNS],
    ],
)
def test_that_what_was_said_before_keeps_its_speakers(history: Any) -> None:
    told = rows(history, system="You keep the harbour.")
    config = guess(told, ReadingConfig(), "a.json")
    assert kind_of_config(config) == "turns"
    record = to_record(told[1], config)
    assert record is not None
    assert [(turn["who"], turn["what"]) for turn in record["turns"]] == [
        ("story", "You keep the harbour."),
        *TURNS,
        ("user", "Tell me about house 1."),
        ("assistant", "House 1 is red and tall."),
    ]
    first = to_record(told[0] | {"history": []}, config)
    assert first is not None
    assert [turn["who"] for turn in first["turns"]] == ["story", "user", "assistant"], "a first question has nothing before"
    assert to_record(told[0] | {"output": ""}, config) is None


@pytest.mark.parametrize("history", [[], "", None])
def test_that_questions_with_nothing_before_them_stay_pairs(history: Any) -> None:
    assert kind_of_config(guess(rows(history), ReadingConfig(), "a.json")) == "pairs"
