"""Words that stand in lists of objects inside records are read, and never a short word beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead
from llmstudio.core.corpus.taken import Taken

ASK = "How does the ferry number {} get past the old mill when the river is low?"
SAY = "It waits at the pier until the baker has lit lantern {}, and is pulled along by the gardeners."
N = range(12)


def records(folder: Path, value: Any, name: str = "a.json", **settings: str) -> tuple[list[dict[str, Any]], Taken]:
    (folder / name).write_text(json.dumps(value))
    items = list(read([folder / name], ReadingConfig(**settings)))
    found = [{k: v for k, v in item.items() if k != "doc"} for item in items if isinstance(item, dict)]
    return found, next(item.taken for item in items if isinstance(item, FileRead))


def ask(n: int) -> str:
    return ASK.format(n)


def say(n: int) -> str:
    return SAY.format(n)


def turns(n: int) -> dict[str, Any]:
    return {"turns": [{"who": "user", "what": ask(n)}, {"who": "assistant", "what": say(n)}]}


@pytest.mark.parametrize(
    "row",
    [
        lambda n: {"source": "Dove", "conversation": [{"input": ask(n), "output": say(n)}]},
        lambda n: {"title": "T", "responses": [{"response": {"message": ask(n), "sender": "human"}},
                                               {"response": {"message": say(n), "sender": "assistant"}}]},
        lambda n: {"lang": "en", "utterances": [{"spk": "A", "utt": ask(n)}, {"spk": "B", "utt": say(n)}]},
        lambda n: {"title": f"Pier {n}", "scenes": [{"dialogue": [{"character": "ANN", "line": ask(n)},
                                                                  {"character": "BEN", "line": say(n)}]}]},
        lambda n: {"id": n, "events": [{"sender_id": {"gaia": "7"}, "said": {"segment": [{"type": "T", "text": ask(n)}]}},
                                       {"sender_id": {"gaia": "8"}, "said": {"segment": [{"type": "T", "text": say(n)}]}}]},
        lambda n: {"topic": f"Boat {n}", "messages": [{"text": ask(n), "is_bot": False}, {"text": say(n), "is_bot": True}]},
        lambda n: {"name": "log", "entries": [[{"who": "user", "phrase": ask(n)}, {"who": "bot", "phrase": say(n)}]]},
    ],
)  # fmt: skip
def test_that_what_is_said_in_a_list_is_a_conversation(tmp_path: Path, row: Any) -> None:
    assert records(tmp_path, [row(n) for n in N])[0] == [turns(n) for n in N]


def test_that_pieces_of_one_text_are_joined(tmp_path: Path) -> None:
    recorded = [{"title": f"Talk {n}", "segments": [{"start": k, "text": say(k)} for k in (n, n + 1)]} for n in N]
    written = [{"title": f"Talk {n}", "sections": [{"paragraphs": [{"text": say(k)}]} for k in (n, n + 1)]} for n in N]
    parsed = [{"title": f"On {n}", "body_text": [{"text": say(k), "section": "S"} for k in (n, n + 1)]} for n in N]
    for rows in (recorded, written, parsed):
        found, taken = records(tmp_path, rows)
        assert found == [{"text": f"{say(n)}\n{say(n + 1)}"} for n in N]
        assert "title" in taken.not_read


def test_that_posts_and_questions_in_a_list_are_records_of_their_own(tmp_path: Path) -> None:
    posts = [{"thread": f"Thread {n}", "posts": [{"by": "ann", "msg": ask(n)}, {"by": "ben", "msg": say(n)}]} for n in N]
    assert [each["text"] for each in records(tmp_path, posts)[0]] == [text for n in N for text in (ask(n), say(n))]
    forum = [{"title": f"Why {ask(n)}", "selftext": "", "comments": [{"author": "a", "body": say(n)}]} for n in N]
    assert [each["text"] for each in records(tmp_path, forum)[0]] == [say(n) for n in N]
    asked = [{"title": f"Pier {n}", "qa": [{"q": ask(k), "a": say(k)} for k in (n, n + 50)]} for n in N]
    found, taken = records(tmp_path, asked)
    assert found == [{"source": ask(k), "target": say(k)} for n in N for k in (n, n + 50)]
    assert any("qa" in str(remark.message) for remark in taken.remarks)


@pytest.mark.parametrize("judged", [("votes", -2, 3), ("is_accepted", False, True), ("rank", 1, 0)])
def test_that_the_best_of_several_answers_is_taken_and_said(tmp_path: Path, judged: tuple[str, int, int]) -> None:
    key, worse, better = judged
    rows = [
        {"question": ask(n), "answers": [{"body": f"Nobody knows {n}.", key: worse}, {"body": say(n), key: better}]}
        for n in N
    ]
    found, taken = records(tmp_path, rows)
    assert found == [{"source": ask(n), "target": say(n)} for n in N]
    assert any("rated" in str(remark.message) for remark in taken.remarks)


def test_that_patterns_are_answered_by_the_responses(tmp_path: Path) -> None:
    intents = [
        {
            "tag": f"t{n}",
            "patterns": [ask(n), ask(n + 50), ask(n + 70)],
            "responses": [say(n), say(n + 50)],
            "context": ["c"],
        }
        for n in N
    ]
    found, _ = records(tmp_path, {"intents": intents})
    assert found == [
        {"source": ask(n + more), "target": say(n + answer)} for n in N for more, answer in ((0, 0), (50, 50), (70, 0))
    ]


def test_that_a_text_with_small_things_in_lists_beside_it_stays_as_it_is(tmp_path: Path) -> None:
    rows = [
        {"text": f"{ask(n)} {say(n)}", "label": "ab"[n % 2], "entities": [{"text": "ferry", "start": 3}, {"text": "mill"}],
         "tokens": [{"form": word, "pos": "X"} for word in f"{ask(n)} {say(n)}".split()]}
        for n in N
    ]  # fmt: skip
    found, _ = records(tmp_path, rows)
    assert found == [{"text": f"{ask(n)} {say(n)}", "label": "ab"[n % 2]} for n in N]


def test_that_a_long_list_beside_a_whole_record_is_left_and_warned_of(tmp_path: Path) -> None:
    rows = [{"question": ask(n), "answer": say(n), "documents": [{"body": say(9 * n + k)} for k in range(9)]} for n in N]
    found, taken = records(tmp_path, rows)
    assert found == [{"source": ask(n), "target": say(n)} for n in N]
    assert [remark.level for remark in taken.remarks] == ["warning"]
    assert "documents" in str(taken.remarks[0].message)


def test_that_a_chosen_column_beside_a_list_is_read_once_a_record(tmp_path: Path) -> None:
    posts = [{"thread": f"The thread {n}", "posts": [{"by": "ann", "msg": say(n)}, {"by": "b", "msg": ask(n)}]} for n in N]
    found, _ = records(tmp_path, posts, text_key="thread")
    assert found == [{"text": f"The thread {n}"} for n in N]


def test_that_an_only_record_gives_all_of_its_texts(tmp_path: Path) -> None:
    texts = {"description": say(1), "first_mes": ask(2), "alternate_greetings": [say(3)], "page": f"<p>{say(1)}</p><p>x</p>"}
    card = {"spec": "chara_card_v2", "data": {"name": "Mila", **texts}}
    found, taken = records(tmp_path, card)
    assert found == [{"text": f"{say(1)}\n{ask(2)}\n{say(3)}"}]
    assert "data.name" in taken.not_read
