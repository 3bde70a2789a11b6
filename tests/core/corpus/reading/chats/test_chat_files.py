"""Chats of programs that have no reader of their own, and of data sets: all are told by what their keys mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats.conversations import holds_turns, spoken_turns, turns_of
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead, Skipped

ROLES = {
    "Chinese": ("系统", "用户", "助手"), "Chinese, in full": ("系统提示", "提问", "回复"),
    "German": ("System", "Benutzer", "Assistent"), "French": ("Système", "Utilisateur", "Assistant"),
    "Spanish": ("sistema", "usuario", "asistente"), "Japanese": ("システム", "ユーザー", "アシスタント"),
    "Korean": ("시스템", "사용자", "어시스턴트"), "Russian": ("Система", "Пользователь", "Ассистент"),
    "Portuguese": ("sistema", "usuário", "assistente"), "Italian": ("sistema", "utente", "assistente"),
    "OpenAI": ("developer", "USER", "assistant"), "ShareGPT": ("system", "human", "gpt"),
    "Gemini": ("system", "user", "model"),
    "Bing": ("context", "human", "bing"), "marked": ("<|system|>", "User:", "<|assistant|>"),
}  # fmt: skip


def imported(folder: Path, name: str, text: str) -> tuple[list[Any], str]:
    """Each record of a file as its turns, in short, or as it is; and what was said about the file."""
    (folder / name).write_text(text, encoding="utf-8")
    items = list(read([folder / name], ReadingConfig()))
    records = [
        " ".join(f"{turn['who'][0]}:{turn['what']}" for turn in item["turns"]) if "turns" in item else item.get("text", item)
        for item in items
        if isinstance(item, Mapping)
    ]
    return records, " | ".join(str(r.message) for item in items if isinstance(item, FileRead) for r in item.taken.remarks)


def jsonl(*values: object) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


@pytest.mark.parametrize("language", ROLES)
def test_that_roles_are_known_in_many_languages_whoever_speaks_first(language: str) -> None:
    story, user, assistant = ROLES[language]
    said = [{"role": story, "content": "S"}, {"role": assistant, "content": "A"}, {"role": user, "content": "U"}]
    assert [(turn["who"], turn["what"]) for turn in turns_of(said) or []] == [
        ("story", "S"), ("assistant", "A"), ("user", "U"),
    ]  # fmt: skip


CALL = {"id": "c", "type": "function", "function": {"name": "tide", "arguments": '{"day": 1}'}}
ASKED = 'a:{"name": "tide", "arguments": "{\\"day\\": 1}"}'


@pytest.mark.parametrize(
    ("messages", "turns"),
    [
        (["user Low?", {"role": "assistant", "content": None, "tool_calls": [CALL]}, "tool 4 pm", "assistant At 4."],
         f"u:Low? {ASKED} s:4 pm a:At 4."),
        (["user Low?", {"role": "assistant", "content": None}, "assistant At 4."], "u:Low? a:At 4."),
        (["developer Be brief.", "user Low?", "function 4 pm", "ipython 5", "assistant 4."],
         "s:Be brief. u:Low? s:4 pm s:5 a:4."),
        (["user Low?", "function_call tide()", "observation 4", "gpt At 4."], "u:Low? a:tide() s:4 a:At 4."),
        ([{"role": "user", "content": [{"type": "image_url"}, {"type": "text", "text": "This?"}]}, "assistant A pier."],
         "u:This? a:A pier."),
        (["user Low?", {"role": "assistant", "content": [{"type": "tool_use", "name": "tide", "input": {"day": 1}}]},
          {"role": "user", "content": [{"type": "tool_result", "content": "4 pm"}]}, "assistant 4."],
         'u:Low? a:{"name": "tide", "arguments": {"day": 1}} s:4 pm a:4.'),
        (["user Low?", {"role": "function_call", "content": {"name": "tide"}}, {"role": "tool", "content": {"at": 4}},
          "gpt 4."], 'u:Low? a:{"name": "tide"} s:{"at": 4} a:4.'),
        (["user Hi", "Mila Ahoy"], "u:Hi a:Ahoy"),
        (["Kim Hi", "assistant Ahoy"], "u:Hi a:Ahoy"),
        (["user Hi", "assistant Ahoy", "critic Too short."], "u:Hi a:Ahoy s:Too short."),
        (["USER A train.", "SYSTEM To where?", "USER Ely."], "u:A train. a:To where? u:Ely."),
        (["system Be kind.", "user Hi"], "s:Be kind. u:Hi"),
    ],
)  # fmt: skip
def test_that_every_kind_of_message_finds_its_side(messages: list[Any], turns: str, tmp_path: Path) -> None:
    spelled = [
        dict(zip(("role", "content"), message.split(" ", 1), strict=True)) if isinstance(message, str) else message
        for message in messages
    ]
    assert imported(tmp_path, "a.jsonl", jsonl({"messages": spelled}, {"messages": spelled}))[0] == [turns, turns]


TURN = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ahoy"}]
FILES = {
    "a system prompt beside the turns": ([{"system": "Be kind.", "messages": TURN}], ["s:Be kind. u:Hi a:Ahoy"]),
    "the same prompt in both places": (
        [{"system": "Be kind.", "messages": [{"role": "system", "content": "Be kind."}, *TURN]}],
        ["s:Be kind. u:Hi a:Ahoy"]),
    "keys that are speakers": ([{"conversation": [{"human": "Hi", "assistant": "Ahoy"}]}], ["u:Hi a:Ahoy"]),
    "numbered turns": (
        [{"meta_instruction": "You sail.", "chat": {"turn_1": {"Human": "Hi", "MOSS": "Ahoy"}}}],
        ["s:You sail. u:Hi a:Ahoy"]),
    "numbered messages": ([{"messages": {"0": TURN[0], "1": TURN[1]}}], ["u:Hi a:Ahoy"]),
    "pairs of texts": ([{"internal": [["<|BEGIN-VISIBLE-CHAT|>", "Ahoy"], ["Hi", "Yo"]], "visible": [["", "Ahoy"]]}],
                       ["a:Ahoy u:Hi a:Yo"]),
    "Gemini": ([{"systemInstruction": {"parts": [{"text": "Sail."}]}, "contents": [
        {"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Ahoy"}]}]}],
        ["s:Sail. u:Hi a:Ahoy"]),
    "an answer beside one that was found worse": (
        [{"dispreferred": [TURN[0], {"role": "assistant", "content": "Go"}], "output": TURN}], ["u:Hi a:Ahoy"]),
    "a chosen answer beside a rejected one": (
        [{"rejected": [TURN[0], {"role": "assistant", "content": "Go"}], "chosen": TURN}], ["u:Hi a:Ahoy"]),
    "a prompt whose answer stands apart": ([{"prompt": TURN[:1], "completion": TURN[1:]}], ["u:Hi a:Ahoy"]),
    "a prompt whose answer is a text": ([{"prompt": TURN[:1], "completion": "Ahoy"}], ["u:Hi a:Ahoy"]),
    "an input whose output is a text": ([{"input": TURN[:1], "output": "Ahoy"}], ["u:Hi a:Ahoy"]),
    "a prompt and its replies": (
        [{"prompt": {"text": "Hi", "role": "prompter"}, "replies": [{"text": "Ahoy", "role": "assistant", "replies": []}]}],
        ["u:Hi a:Ahoy"]),
    "branches by parent": ([{"messages": [
        {"messageId": "1", "parentMessageId": "0", "isCreatedByUser": True, "sender": "User", "text": "Hi"},
        {"messageId": "2", "parentMessageId": "1", "isCreatedByUser": False, "sender": "GPT-4", "text": "Go"},
        {"messageId": "3", "parentMessageId": "1", "isCreatedByUser": False, "sender": "GPT-4", "text": "Ahoy"}]}],
        ["u:Hi a:Ahoy"]),
    "branches one in another": ([{"messages": [{"sender": "User", "isCreatedByUser": True, "text": "Hi", "children": [
        {"sender": "GPT", "isCreatedByUser": False, "text": "Ahoy", "children": []}]}]}], ["u:Hi a:Ahoy"]),
    "three people": ([{"dialogue": [{"speaker": name, "text": "x"} for name in ("Ann", "Ben", "Cem")]}],
                     ["u:Ann: x a:Ben: x u:Cem: x"]),
    "texts in turn": ([{"dialog": ["Hi", "Ahoy"]}], ["u:Hi a:Ahoy"]),
}  # fmt: skip


@pytest.mark.parametrize("ending", ["json", "jsonl"])
@pytest.mark.parametrize("name", FILES)
def test_that_chats_of_many_forms_are_read(name: str, ending: str, tmp_path: Path) -> None:
    values, records = FILES[name]
    text = jsonl(*values * 2) if ending == "jsonl" else json.dumps(values * 2, ensure_ascii=False)
    assert imported(tmp_path, f"a.{ending}", text)[0] == records * 2


@pytest.mark.parametrize("name", FILES)
def test_that_a_chat_alone_in_its_file_is_read_alike(name: str, tmp_path: Path) -> None:
    values, records = FILES[name]
    assert imported(tmp_path, "a.json", json.dumps(values[0], ensure_ascii=False, indent=1))[0] == records


def test_that_histories_deep_in_an_object_are_found(tmp_path: Path) -> None:
    said = [
        {"src": {"name": "Kim", "is_human": True}, "text": "Hi"},
        {"src": {"name": "Mila", "is_human": False}, "text": "Yo"},
    ]
    text = json.dumps({"info": {"name": "Mila"}, "histories": {"histories": [{"msgs": said}, {"msgs": said}]}})
    assert imported(tmp_path, "a.json", text)[0] == ["u:Hi a:Yo"] * 2


def test_that_several_chats_of_one_object_are_told_apart(tmp_path: Path) -> None:
    chats = {
        "ben": [{"From": "ben", "Media Type": "TEXT", "Content": "Ho"}, {"From": "ann", "Content": "Hi"}],
        "cem": [{"From": "cem", "Media Type": "TEXT", "Content": "Hu"}, {"From": "ann", "Content": "Ha"}],
    }
    assert imported(tmp_path, "chat_history.json", json.dumps(chats))[0] == ["u:Ho a:Hi", "u:Hu a:Ha"]


ROWS = {
    "messages in an array": json.dumps(TURN),
    "messages on lines, each prompt begins anew": jsonl({"role": "system", "content": "S"}, *TURN) * 2,
    "Slack": json.dumps([
        {"type": "message", "user": "U1", "text": "Hi", "ts": "1.1"},
        {"type": "message", "subtype": "channel_join", "user": "U2", "text": "<@U2> has joined", "ts": "1.2"},
        {"type": "message", "user": "U2", "text": "Ahoy", "ts": "1.3"}]),
    "Discord's own messages, newest first": json.dumps([
        {"id": "2", "content": "Ahoy", "author": {"id": "1", "username": "ben"}, "timestamp": "2024-01-02T10:00"},
        {"id": "1", "content": "Hi", "author": {"id": "2", "username": "ann"}, "timestamp": "2024-01-01T10:00"}]),
    "a channel as a table": "AuthorID,Author,Date,Content,Attachments,Reactions\n1,ann,2024,Hi,,\n2,ben,2024,Ahoy,,\n",
    "a table of conversations": "dialog_id,turn,speaker,text\n"
                                "a,0,customer,Hi\na,1,agent,Ahoy\nb,0,customer,Hi\nb,1,agent,Ahoy\n",
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_that_rows_that_are_single_messages_are_joined(name: str, tmp_path: Path) -> None:
    text = ROWS[name]
    ending = "json" if text.startswith("[") else "jsonl" if text.startswith("{") else "csv"
    records, said = imported(tmp_path, f"a.{ending}", text)
    assert records in (["u:Hi a:Ahoy"], ["u:Hi a:Ahoy"] * 2, ["s:S u:Hi a:Ahoy"] * 2)
    assert "single messages were joined to conversations" in said


def test_that_skypes_notices_are_no_messages_and_its_newest_comes_last(tmp_path: Path) -> None:
    sent = [("8:ben", "Ahoy", "RichText", "2020-02-02"), ("8:ann", "Hi", "RichText", "2020-02-01"),
            ("8:ann", "<add/>", "ThreadActivity/AddMember", "2020-01-01")]  # fmt: skip
    keys = ("from", "content", "messagetype", "originalarrivaltime")
    chat = {"id": "8:ben", "displayName": "Ben", "MessageList": [dict(zip(keys, each, strict=True)) for each in sent]}
    records, said = imported(tmp_path, "messages.json", json.dumps({"userId": "8:ann", "conversations": [chat]}))
    assert records == ["u:Hi a:Ahoy"]
    assert "nobody wrote (calls, joinings, pins) left out: 1" in said
    assert "without words" not in said


def test_that_more_messages_than_fit_stay_a_conversation_with_the_same_speakers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmstudio.core.corpus.reading.chats.exports.exports.LIMIT", 3)
    monkeypatch.setattr("llmstudio.core.corpus.reading.chats.chat_rows.LIMIT", 3)
    monkeypatch.setattr("llmstudio.core.corpus.reading.chats.gathering.LIMIT", 3)
    said = [{"sender": ("Ann", "Ben")[n % 2], "text": f"{n}"} for n in range(7)]
    parts = ["u:0 a:1 u:2", "a:3 u:4 a:5", "u:6"]
    for name, text in (("a.json", json.dumps({"messages": said})), ("a.jsonl", jsonl({"messages": said})),
                       ("b.json", json.dumps(said)), ("c.jsonl", jsonl(*said))):  # fmt: skip
        records, told = imported(tmp_path, name, text)
        assert records == parts, name
        assert "come in several parts: 1" in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reviews", [{"author": "Ann", "text": "A fine film."}]),
        ("comments", [{"user": "Ann", "body": "Nice."}]),
        ("emails", [{"from": "a@b", "to": "c@d", "subject": "Mill", "body": "It is sold."}]),
        ("translations", [["hi", "hallo"], ["tree", "Baum"]]),
        ("items", [{"name": "pier", "text": "A pier stands in the sea."}]),
    ],
)
def test_that_texts_with_authors_are_no_conversation(name: str, value: object) -> None:
    assert not holds_turns(name, value)


def test_that_lists_of_reviews_give_their_texts(tmp_path: Path) -> None:
    reviews = [{"author": f"A{n}", "text": f"A fine film, number {n}."} for n in range(5)]
    for text in (json.dumps({"film": "Mill", "reviews": reviews}), json.dumps(reviews)):
        assert imported(tmp_path, "reviews.json", text)[0] == [review["text"] for review in reviews]


def test_that_letters_and_speeches_by_name_are_not_joined(tmp_path: Path) -> None:
    speeches = [{"speaker": ("Ann", "Ben")[n % 2], "text": f"My fellow citizens, {n} times over. " * 30} for n in range(9)]
    records, _ = imported(tmp_path, "speeches.jsonl", jsonl(*speeches))
    assert len(records) == 9


@pytest.mark.parametrize(
    "cell",
    [
        json.dumps(TURN),
        str(TURN),
        str(TURN).replace("}, {", "}\n {"),
    ],
)
def test_that_a_conversation_spelled_out_in_a_table_is_read(cell: str, tmp_path: Path) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    records, _ = imported(tmp_path, "a.csv", f"id,messages\n1,{quoted}\n2,{quoted}\n")
    assert records == ["u:Hi a:Ahoy"] * 2


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ("\n\nHuman: Hi\n\nAssistant: Ahoy\n\nHuman: So?", "u:Hi a:Ahoy u:So?"),
        ("User: Hi\nAssistant: Ahoy:\n- one\nNote: two", "u:Hi a:Ahoy:\n- one\nNote: two"),
        ("### Human: Hi### Assistant: Ahoy", "u:Hi a:Ahoy"),
        ("用户：你好\n助手：好", "u:你好 a:好"),
        ("System: S\nUser: Hi\nAssistant: Ahoy", "s:S u:Hi a:Ahoy"),
        ("Once a user: said hi\nAssistant: Ahoy", ""),
        ("Question: what?\nNote: this", ""),
        ("User: only one", ""),
        ("", ""),
    ],
)
def test_that_a_text_that_names_its_speakers_is_a_conversation(text: str, turns: str) -> None:
    assert " ".join(f"{turn['who'][0]}:{turn['what']}" for turn in spoken_turns(text) or []) == turns


def test_that_a_cell_that_is_no_list_is_left_as_it_is() -> None:
    assert turns_of("[{'role': 'user', 'content': __import__('os')}]") is None
    assert turns_of("[{ broken }]") is None


def test_that_messages_of_several_conversations_may_be_mixed(tmp_path: Path) -> None:
    said = [("a", "customer", "Hi"), ("b", "customer", "Yo"), ("a", "agent", "Ahoy"), ("b", "agent", "Ha")]
    rows = [dict(zip(("conversation_id", "speaker", "text"), row, strict=True)) for row in said]
    assert imported(tmp_path, "a.jsonl", jsonl(*rows))[0] == ["u:Hi a:Ahoy", "u:Yo a:Ha"]


def test_that_conversations_stay_whole_and_memory_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmstudio.core.corpus.reading.chats.gathering.LIMIT", 4)
    said = [(f"c{n // 3}", ("customer", "agent")[n % 3 % 2], f"{n}") for n in range(30)]
    rows = [dict(zip(("conversation_id", "speaker", "text"), row, strict=True)) for row in said]
    records, told = imported(tmp_path, "a.jsonl", jsonl(*rows))
    assert records == [f"u:{n} a:{n + 1} u:{n + 2}" for n in range(0, 30, 3)]
    assert "joined to conversations: 10" in told
    assert "several parts" not in told


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning", "thinking"])
def test_that_thinking_beside_an_answer_is_said_to_be_left_out(tmp_path: Path, key: str) -> None:
    rows = [
        {"messages": [{"role": "user", "content": f"1+{n}?"}, {"role": "assistant", key: "add them", "content": f"{n + 1}"}]}
        for n in range(3)
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    *_, end = read([tmp_path / "a.jsonl"], ReadingConfig())
    assert isinstance(end, FileRead)
    assert "Hidden thinking left out: 3." in [str(remark.message) for remark in end.taken.remarks]


def test_that_texts_under_unread_keys_of_messages_are_named(tmp_path: Path) -> None:
    answer = {"role": "assistant", "content": "It is red.", "critique": "Too short, I think.", "id": "x-1", "weight": "1"}
    rows = [{"messages": [{"role": "user", "content": f"Colour {n}?"}, answer]} for n in range(3)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    *_, end = read([tmp_path / "a.jsonl"], ReadingConfig())
    assert isinstance(end, FileRead)
    assert "Texts inside messages that were not read: critique." in [str(remark.message) for remark in end.taken.remarks]


@pytest.mark.parametrize("form", ["messages", "text"])
def test_that_a_question_whose_only_answer_is_empty_is_left_out_and_counted(tmp_path: Path, form: str) -> None:
    told = [(f"Q {n}", " " if n == 1 else f"A {n}") for n in range(4)]
    rows: list[dict[str, Any]] = [
        {"messages": [{"from": "human", "value": asked}, {"from": "gpt", "value": answer}]}
        if form == "messages"
        else {"text": f"Human: {asked}\n\nAssistant: {answer}"}
        for asked, answer in told
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    *items, end = read([tmp_path / "a.jsonl"], ReadingConfig())
    assert isinstance(end, FileRead)
    asked = [item["turns"][0]["what"] for item in items if isinstance(item, dict)]
    assert asked == ["Q 0", "Q 2", "Q 3"]
    assert "Conversations without any answer left out: 1." in [str(remark.message) for remark in end.taken.remarks]


def test_that_conversations_without_any_answer_are_refused_as_such(tmp_path: Path) -> None:
    asked = [{"role": "user", "content": "Is the boat in?"}, {"role": "assistant", "content": ""}]
    (tmp_path / "a.jsonl").write_text(json.dumps({"messages": asked}) + "\n")
    told = [str(item.reason) for item in read([tmp_path / "a.jsonl"], ReadingConfig()) if isinstance(item, Skipped)]
    assert "does anybody answer" in told[0]
