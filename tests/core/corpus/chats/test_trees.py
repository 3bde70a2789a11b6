from __future__ import annotations

import json
import random
from typing import Any

import pytest

from llmstudio.core.corpus.chats.gathering import gathered
from llmstudio.core.corpus.chats.told import BELOW_DELETED, CIRCLES, ORPHANS, Told
from llmstudio.core.corpus.json_records import read_json


def message(id: str | None, parent: str | None, role: str, key: str = "message_id") -> dict[str, Any]:
    return {key: id, "parent_id": parent, "role": role, "text": f"{role} says {id}."}


def read(rows: list[dict[str, Any]]) -> tuple[list[list[str]], Told]:
    """What is said in each conversation, and what was told."""
    told = Told()
    found = gathered(read_json([json.dumps(rows)], "a.json", told), told)
    return [[turn["what"] for turn in row["turns"]] for row in found], told  # type: ignore[call-overload, index]


@pytest.mark.parametrize("key", ["message_id", "id"])
def test_that_rows_whose_parents_form_a_circle_are_read_and_told(key: str) -> None:
    rows = [message("a", "c", "user", key), message("b", "a", "assistant", key), message("c", "b", "user", key),
            message("d", "d", "user", key), message("e", None, "user", key),
            message("f", "e", "assistant", key)]  # fmt: skip
    said, told = read(rows)

    assert said == [["user says a.", "assistant says b.", "user says c."], ["user says d."],
                    ["user says e.", "assistant says f."]]  # fmt: skip
    assert told.has(CIRCLES)


def test_that_rows_of_one_id_or_of_none_are_all_kept() -> None:
    said, told = read([message("a", None, "user"), message("a", None, "user"), message(None, None, "user"),
                       message(None, "x", "user")])  # fmt: skip

    assert len(said) == 4
    assert told.has(ORPHANS)


@pytest.mark.parametrize("seed", range(8))
def test_that_every_row_is_said_somewhere_whatever_its_parent(seed: int) -> None:
    draw = random.Random(seed)
    ids = [f"m{n}" for n in range(60)]
    rows = [message(own, draw.choice([*ids, None, "gone"]), draw.choice(["user", "assistant"])) for own in ids]
    said, _ = read(rows)

    assert {what for path in said for what in path} == {row["text"] for row in rows}


def test_that_answers_to_deleted_messages_are_counted() -> None:
    rows = [message("a", None, "user"), message("b", "a", "assistant") | {"deleted": True}, message("c", "b", "user")]
    said, told = read(rows)

    assert said == [["user says a."]]
    assert told.has(BELOW_DELETED)
