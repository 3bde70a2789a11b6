from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.reading.chats.gathering import gathered
from llmstudio.core.corpus.reading.chats.told import BELOW_DELETED, CIRCLES, ORPHANS, Told
from llmstudio.core.corpus.reading.json.records import read_json
from tests.core.corpus.reading.chats.exports.test_chat_exports import imported


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


def linked(key: str, role: str, text: str, parent: str | None, *children: str) -> dict[str, Any]:
    return {"id": key, "role": role, "content": text, "parent": parent, "children": list(children)}


def test_that_ids_of_children_are_links_and_the_way_leads_to_where_the_chat_was_left(tmp_path: Path) -> None:
    messages = [
        linked("m0", "system", "", None, "m1"),
        linked("m1", "user", "Who hoots?", "m0", "m2", "m3"),
        linked("m2", "assistant", "An owl.", "m1"),
        linked("m3", "assistant", "A dove.", "m1", "m4"),
        linked("m4", "user", "Really?", "m3"),
    ]
    for last, talk in (("m4", ["Who hoots?", "A dove.", "Really?"]), ("m2", ["Who hoots?", "An owl."])):
        for number, value in enumerate(([{"conv": {"currNode": last}, "messages": messages}],
                                        {"messages": messages, "currNode": last})):  # fmt: skip
            records, said = imported(tmp_path, f"{last}{number}.json", json.dumps(value, indent=1))
            assert [[what for _, what in record] for record in records] == [talk]
            assert "given up left out" in said
