"""Conversations deep in one object, beside whatever else a program keeps there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.core.corpus.reading.chats.exports.test_chat_exports import dump, imported, lines

Talk = list[tuple[str, str]]


def talk(n: int) -> Talk:
    return [("user", f"Where does the heron of pond {n} nest?"), ("assistant", f"High in the alder above pond {n}.")]


def messages(n: int) -> list[Any]:
    return [{"role": who, "content": what} for who, what in talk(n)]


BESIDE = {
    "people": {"meta": {"authors": [{"role": "user", "note": ""}]}},
    "a list at the top": {"sessions-list": [{"id": "a", "name": "Herons and other birds"}]},
    "many files": {"files": {"list": [{"name": f"{n}.png", "size": n} for n in range(30)]}},
    "reviews": {"shop": {"reviews": [{"author": "Ida", "text": "A fine pair of boots for wading."}]}},
    "an empty message": {"draft": {"pending": [{"role": "user", "text": ""}]}},
}


@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("is_first", [True, False])
def test_that_a_conversation_is_found_beside_other_lists(tmp_path: Path, name: str, is_first: bool) -> None:
    own = {"payload": {"items": messages(1)}}
    value = {**own, **BESIDE[name]} if is_first else {**BESIDE[name], **own}
    assert imported(tmp_path, "a.json", dump(value))[0] == [talk(1)]


def test_that_several_conversations_below_are_all_read(tmp_path: Path) -> None:
    logs = {"data": {f"room {n}": {"log": messages(n)} for n in range(3)}}
    assert imported(tmp_path, "a.json", dump(logs))[0] == [talk(0), talk(1), talk(2)]
    backup = {"list": [{"id": "a"}], **{f"session:{n}": {"messages": messages(n)} for n in range(3)}}
    assert imported(tmp_path, "b.json", dump(backup))[0] == [talk(0), talk(1), talk(2)]


def test_that_the_instruction_at_the_top_and_hidden_thoughts_are_known(tmp_path: Path) -> None:
    thought = {"role": "model", "text": "A heron is a bird.", "isThought": True}
    chunks = [{"role": "user", "text": talk(1)[0][1]}, thought, {"role": "model", "text": talk(1)[1][1]}]
    value = {"systemInstruction": {"text": "You know birds."}, "chunkedPrompt": {"chunks": chunks, "pendingInputs": []}}
    records, said = imported(tmp_path, "a.json", dump(value))
    assert records == [[("story", "You know birds."), *talk(1)]]
    assert "Hidden thinking left out: 1" in said


def test_that_the_worse_of_two_conversations_is_not_read(tmp_path: Path) -> None:
    value = {"chosen": {"messages": messages(1)}, "rejected": {"messages": messages(2)}}
    assert imported(tmp_path, "a.json", dump({"data": value}))[0] == [talk(1)]


def test_that_roles_and_ids_are_never_taken_for_the_text(tmp_path: Path) -> None:
    rows = [
        {"id": f"m{n}", "role": ("user", "assistant")[n % 2], "blocks": [{"kind": "p", "spoken": "Hello heron"}]}
        for n in range(8)
    ]
    records, said = imported(tmp_path, "a.jsonl", lines(rows))
    assert not records
    assert "No column of a.jsonl holds text" in said


def test_that_a_list_of_conversations_below_is_found_beside_a_list_of_other_things(tmp_path: Path) -> None:
    value = {
        "bots": [{"handle": "heron", "id": "1"}],
        "chats": {"list": [{"id": "c", "messages": messages(n)} for n in (1, 2)]},
    }
    records, said = imported(tmp_path, "a.json", dump(value))
    assert records == [talk(1), talk(2)]
    assert "not read: bots." in said
    assert "chats" not in said
