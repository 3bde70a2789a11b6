"""Rows that are single messages: which of them belong together, in which order, and who wrote them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats import gathering
from llmstudio.core.corpus.reading.chats.gathering import gathered
from llmstudio.core.corpus.reading.chats.order import in_order
from llmstudio.core.corpus.reading.chats.told import APART, REORDERED, Told
from llmstudio.core.corpus.reading.readers import read

NUM_TALKS, LENGTH = 6, 4


def said(talk: int, place: int) -> str:
    return f"{'Why' if place % 2 == 0 else 'Since'} does boat {talk} wait {place} times?"


def rows(
    key: str, *, speaker: str = "speaker", sides: tuple[str, str] = ("customer", "agent"), order: str = ""
) -> list[Any]:
    places = [(talk, place) for talk in range(NUM_TALKS) for place in range(LENGTH)]
    return [
        {key: f"c{talk}", **({order: place} if order else {}), speaker: sides[place % 2], "text": said(talk, place)}
        for talk, place in places
    ]


def texts(found: list[Any]) -> list[list[str]]:
    return [[turn["what"] for turn in row["turns"]] for row in found]


TALKS = [[said(talk, place) for place in range(LENGTH)] for talk in range(NUM_TALKS)]


@pytest.mark.parametrize("key", ["session", "call_id", "conv", "ticketNo", "Meeting ID", "thread", "run of the day"])
@pytest.mark.parametrize("sides", [("customer", "agent"), ("Ann", "Ben")])
def test_that_messages_are_parted_by_what_stays_the_same(key: str, sides: tuple[str, str]) -> None:
    told = Told()
    assert texts(list(gathered(iter(rows(key, sides=sides)), told))) == TALKS
    assert any(key in str(sentence) for sentence in told.sentences())


def test_that_scenes_of_several_episodes_are_not_mixed() -> None:
    found = [row | {"episode": n // 8, "scene": n // 4 % 2} for n, row in enumerate(rows("place", sides=("Ann", "Ben")))]
    assert texts(list(gathered(iter(found), Told()))) == TALKS


def test_that_a_column_left_unread_beside_one_conversation_is_named() -> None:
    told = Told()
    found = [row | {"mood": ["glad", "sad", "calm"][n % 3]} for n, row in enumerate(rows("mood"))]
    assert len(list(gathered(iter(found), told))) == 1
    assert any("mood" in str(sentence) for sentence in told.sentences())


@pytest.mark.parametrize(
    "order", ["turn", "turn_id", "order", "message_id", "idx", "turnNumber", "utterance_idx", "line_id", "seq", "position"]
)
def test_that_shuffled_messages_come_in_the_order_of_their_numbers(order: str) -> None:
    told = Told()
    found = random.Random(3).sample(rows("conv", order=order), NUM_TALKS * LENGTH)
    assert sorted(texts(list(gathered(iter(found), told)))) == TALKS
    assert told.has(REORDERED)


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_that_messages_stand_behind_what_they_answer(seed: int | None) -> None:
    found = [
        row | {"id": f"u{n}", "reply-to": f"u{n - 1}" if n % LENGTH else None}
        for n, row in enumerate(rows("conversation_id", sides=("Ann", "Ben")))
    ]
    found = found[::-1] if seed is None else random.Random(seed).sample(found, len(found))
    assert sorted(texts(list(gathered(iter(found), Told())))) == TALKS


def test_that_shuffled_times_give_the_order_and_clocks_that_differ_do_not() -> None:
    items = [{"who": "user", "what": str(n), "created_at": f"2024-05-01T10:{n:02d}:00"} for n in range(20)]
    assert in_order(random.Random(1).sample(items, 20), Told()) == items
    early = [*items[:5], items[6], items[5], *items[7:]]
    told = Told()
    assert in_order(early, told) == early
    assert not told.has(REORDERED)


def test_that_codes_are_no_order() -> None:
    items = [{"who": "user", "what": str(n), "message_id": code} for n, code in enumerate([88123, 17, 523441, 9120])]
    assert in_order(items, Told()) == items


def test_that_a_question_stands_before_the_answer_of_the_same_number() -> None:
    items = [{"role": role, "content": f"{role} {n}", "turn": n} for n in (1, 0) for role in ("assistant", "user")]
    assert [item["content"] for item in in_order(items, Told())] == ["user 0", "assistant 0", "user 1", "assistant 1"]


def test_that_conversations_that_come_in_several_parts_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "_HELD", 1)
    monkeypatch.setattr(gathering, "LIMIT", 5)
    told = Told()
    found = random.Random(3).sample(rows("conv"), NUM_TALKS * LENGTH)
    assert sum(map(len, texts(list(gathered(iter(found), told))))) == NUM_TALKS * LENGTH
    assert told.has(APART)


def test_that_replies_ranked_behind_another_are_left_out_and_told() -> None:
    tree = [
        {"message_id": "p", "parent_id": None, "role": "prompter", "text": "Why?", "rank": None},
        {"message_id": "b", "parent_id": "p", "role": "assistant", "text": "Nobody knows.", "rank": 1},
        {"message_id": "a", "parent_id": "p", "role": "assistant", "text": "It is low tide.", "rank": "0.0"},
        {"message_id": "c", "parent_id": "a", "role": "prompter", "text": "When?", "rank": None},
    ]
    told = Told()
    assert texts(list(gathered(iter(tree), told))) == [["Why?", "It is low tide.", "When?"]]
    assert any("ranked" in str(sentence) for sentence in told.sentences())


def test_that_the_answer_made_last_is_kept_where_no_times_tell(tmp_path: Path) -> None:
    def node(parent: str | None, children: list[str], kind: str, text: str) -> dict[str, Any]:
        message = {"fragments": [{"type": kind, "content": text}]} if text else None
        return {"parent": parent, "children": children, "message": message}

    nodes = {"root": node(None, ["1"], "", ""), "1": node("root", ["2", "3"], "REQUEST", "Why?"),
             "2": node("1", [], "RESPONSE", "Nobody knows."), "3": node("1", [], "RESPONSE", "It is low tide.")}  # fmt: skip
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"title": "T", "mapping": nodes}]))
    found = [item for item in read([path], ReadingConfig()) if isinstance(item, dict)]
    assert texts(found) == [["Why?", "It is low tide."]]


@pytest.mark.parametrize("flag", ["isSend", "is_from_me", "fromMe", "is_sender"])
@pytest.mark.parametrize("values", [(0, 1), ("0", "1"), (False, True), ("False", "True")])
def test_that_who_sent_a_message_is_no_label(tmp_path: Path, flag: str, values: tuple[Any, Any]) -> None:
    messages = [{"id": n, "content": said(0, n), flag: values[n % 2]} for n in range(8)]
    path = tmp_path / "a.json"
    for document in ({"session": {"nickname": "Ann"}, "messages": messages}, messages):
        path.write_text(json.dumps(document))
        found = [item for item in read([path], ReadingConfig()) if isinstance(item, dict)]
        assert [[turn["who"] for turn in item["turns"]] for item in found] == [["user", "assistant"] * 4]
