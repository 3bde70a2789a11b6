"""Messages whose speaker or words lie one level deeper than usual, or whose role stands under `type`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.core.corpus.reading.chats.exports.test_chat_exports import dump, imported, lines

ASKED = [f"Why does the owl of barn {n} sleep by day?" for n in range(3)]
ANSWERED = [f"Because the mice of barn {n} come out at night." for n in range(3)]
TALK = [turn for pair in zip(ASKED, ANSWERED, strict=True) for turn in (("user", pair[0]), ("assistant", pair[1]))]


def messages(user: str, assistant: str, make: Any) -> list[Any]:
    return [make(user if role == "user" else assistant, said, n) for n, (role, said) in enumerate(TALK)]


def test_that_the_log_of_a_coding_assistant_is_one_conversation(tmp_path: Path) -> None:
    def record(role: str, said: str, n: int) -> Any:
        content = said if role == "user" else [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": said}]
        message = {"role": role, "content": content}
        return {"uuid": f"{n}", "isSidechain": False, "sessionId": "s", "type": role, "message": message}

    noise = [{"type": "summary", "summary": "Owls and mice and barns", "leafUuid": "5"}]
    helper = record("user", "Search all barns for owls.", 9) | {"isSidechain": True}
    records, said = imported(tmp_path, "log.jsonl", lines([*noise, *messages("user", "assistant", record), helper]))
    assert records == [TALK, [("user", "Search all barns for owls.")]]
    assert "hold no message left out: 1" in said


def test_that_a_log_with_the_message_as_its_payload_is_one_conversation(tmp_path: Path) -> None:
    def record(role: str, said: str, n: int) -> Any:
        kind = "input_text" if role == "user" else "output_text"
        payload = {"type": "message", "role": role, "content": [{"type": kind, "text": said}]}
        return {"timestamp": f"{n}", "type": "response_item", "payload": payload}

    told_again = [{"timestamp": "9", "type": "event_msg", "payload": {"type": "user_message", "message": ASKED[0]}}]
    about = [{"timestamp": "0", "type": "session_meta", "payload": {"id": "s", "cwd": "/owls"}}]
    file = lines([*about, *told_again, *messages("user", "assistant", record)])
    assert imported(tmp_path, "log.jsonl", file)[0] == [TALK]


@pytest.mark.parametrize("has_object", [True, False])
def test_that_messages_with_their_role_under_type_are_a_conversation(tmp_path: Path, has_object: bool) -> None:
    def message(role: str, said: str, n: int) -> Any:
        return {"type": role, "data": {"content": said}} if has_object else {"type": role, "content": said, "ts": n}

    listed = messages("human", "ai", message)
    assert imported(tmp_path, "list.json", dump(listed))[0] == [TALK]
    assert imported(tmp_path, "object.json", dump({"id": "a", "messages": listed}))[0] == [TALK]


def test_that_texts_of_people_and_of_machines_stay_texts(tmp_path: Path) -> None:
    rows = messages("human", "ai", lambda role, said, n: {"text": said, "type": role})
    records, _ = imported(tmp_path, "texts.jsonl", lines(rows * 3))
    assert records == [said for _, said in TALK] * 3


def test_that_of_several_drafts_the_chosen_one_is_said(tmp_path: Path) -> None:
    def turn(role: str, said: str, n: int) -> Any:
        drafts = [{"candidate_id": "x", "raw_content": "Hoo hoo."}, {"candidate_id": "y", "raw_content": said}]
        author = {"name": "Ida" if role == "user" else "Owl", "is_human": role == "user"}
        return {"author": author, "candidates": drafts, "primary_candidate_id": "y"}

    records, said = imported(tmp_path, "turns.json", dump({"turns": messages("user", "assistant", turn)}))
    assert records == [TALK]
    assert "given up left out: 6" in said


def test_that_an_answer_of_no_weight_is_left_out_and_told(tmp_path: Path) -> None:
    talk = [
        {"role": "user", "content": ASKED[0]},
        {"role": "assistant", "content": "It never sleeps.", "weight": 0},
        {"role": "user", "content": "Are you sure?"},
        {"role": "assistant", "content": ANSWERED[0], "weight": 1},
    ]
    records, said = imported(tmp_path, "weights.jsonl", lines([{"messages": talk}, {"messages": talk[:2]}]))
    assert records == [[TALK[0], ("user", "Are you sure?"), TALK[1]]]
    assert "not to be learned (weight 0) left out: 2" in said
    assert "Conversations without any answer left out: 1" in said


def test_that_what_a_tool_answered_is_no_word_of_the_assistant(tmp_path: Path) -> None:
    pieces = [
        {"type": "text", "text": "Let me count the owls."},
        {"type": "tool_use", "name": "count", "input": {"of": "owls"}},
        {"type": "tool_result", "content": [{"type": "text", "text": "A page of many owls"}]},
        {"type": "server_tool_use", "name": "search", "input": {}},
        {"type": "web_search_tool_result", "content": [{"title": "Owls", "text": "Another page of owls"}]},
        {"type": "text", "text": ANSWERED[0]},
    ]
    talk = [{"sender": "human", "text": ASKED[0]}, {"sender": "assistant", "content": pieces}]
    records, said = imported(tmp_path, "tools.json", dump([{"chat_messages": talk}]))
    assert records == [[TALK[0], ("assistant", f"Let me count the owls.\n\n{ANSWERED[0]}")]]
    assert "Messages to and from tools left out: 4" in said


def test_that_the_role_beside_an_instruction_is_no_word_of_it(tmp_path: Path) -> None:
    row = {
        "systemInstruction": {"role": "system", "parts": [{"text": "You know owls."}]},
        "contents": [{"role": "user", "parts": [{"text": ASKED[0]}]}, {"role": "model", "parts": [{"text": ANSWERED[0]}]}],
    }
    assert imported(tmp_path, "a.jsonl", lines([row] * 3))[0] == [[("story", "You know owls."), *TALK[:2]]] * 3


def test_that_two_agents_keep_their_sides(tmp_path: Path) -> None:
    def message(role: str, said: str, n: int) -> Any:
        return {"message": said, "agent": role, "sentiment": "Happy"}

    talks = {f"t{n}": {"config": "A", "content": messages("agent_1", "agent_2", message)} for n in range(3)}
    assert imported(tmp_path, "talks.json", dump(talks))[0] == [TALK] * 3
    visits = messages("Mozilla/5.0 (X11)", "curl/8.1", message)
    assert imported(tmp_path, "visits.json", dump({"hits": {"list": visits}}))[0] == [said for _, said in TALK]


def test_that_messages_named_by_their_class_are_a_conversation(tmp_path: Path) -> None:
    def message(role: str, said: str, n: int) -> Any:
        path = ["langchain", "schema", "messages", f"{role}Message"]
        return {"lc": 1, "type": "constructor", "id": path, "kwargs": {"content": said, "additional_kwargs": {}}}

    assert imported(tmp_path, "a.json", dump(messages("Human", "AI", message)))[0] == [TALK]


def test_that_requests_and_their_responses_are_turns(tmp_path: Path) -> None:
    pairs = zip(ASKED, ANSWERED, strict=True)
    requests = [{"message": {"text": a, "parts": []}, "response": [{"value": b}, {"kind": "link"}]} for a, b in pairs]
    assert imported(tmp_path, "chat.json", dump({"requesterUsername": "ida", "requests": requests}))[0] == [TALK]


def test_that_a_log_of_requests_holds_question_and_answer(tmp_path: Path) -> None:
    request = {"system": "You know owls.", "messages": [{"role": "user", "content": ASKED[0]}]}
    answer = {"role": "assistant", "content": [{"type": "text", "text": ANSWERED[0]}]}
    wanted = [[("story", "You know owls."), *TALK[:2]]] * 3
    assert imported(tmp_path, "a.jsonl", lines([{"request": request, "response": {"id": "r", **answer}}] * 3))[0] == wanted
    choices = {"choices": [{"index": 0, "message": {"role": "assistant", "content": ANSWERED[0]}}]}
    assert imported(tmp_path, "b.jsonl", lines([{"request": request, "response": choices}] * 3))[0] == wanted


def test_that_thinking_and_calls_beside_an_answer_do_not_hide_it(tmp_path: Path) -> None:
    asked = [{"role": "user", "content": ASKED[0]}]
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": ANSWERED[0]}]}
    work = [{"type": "reasoning", "summary": []}, {"type": "web_search_call", "id": "w"}]
    records, told = imported(tmp_path, "a.jsonl", lines([{"input": asked, "output": [*work, said]}] * 3))
    assert records == [TALK[:2]] * 3
    assert "Hidden thinking left out: 3" in told
    assert "Messages to and from tools left out: 3" in told


def test_that_speakers_in_bars_and_brackets_are_told_apart(tmp_path: Path) -> None:
    spoken = "".join(f"[|{'Human' if who == 'user' else 'AI'}|] {what}\n" for who, what in TALK)
    rows = [{"topic": "owls", "input": f"A talk of a person and a machine.\n{spoken}[|Human|] "}] * 3
    assert imported(tmp_path, "a.json", dump(rows))[0] == [[("story", "A talk of a person and a machine."), *TALK]] * 3


def test_that_what_was_asked_of_gemini_stands_beside_its_answer(tmp_path: Path) -> None:
    rows = [
        {"header": "Gemini Apps", "title": f"Prompted {a}", "safeHtmlItem": [{"html": f"<p>{b}</p>"}], "time": "2024"}
        for a, b in zip(ASKED, ANSWERED, strict=True)
    ]
    assert imported(tmp_path, "a.json", dump(rows))[0] == [TALK[n : n + 2] for n in (0, 2, 4)]
