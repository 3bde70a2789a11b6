from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats.messages import message_of
from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead, Skipped

Said = list[tuple[str, str]]
USER, BOT, STORY = "user", "assistant", "story"


def dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def lines(values: Sequence[object]) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


def imported(folder: Path, name: str, text: str) -> tuple[list[Any], str]:
    """What became of a file: each record as its turns (or its text), and all that was said about it in one string."""
    (folder / name).write_text(text, encoding="utf-8")
    items = list(read([folder / name], ReadingConfig()))
    records = [
        [(turn["who"], turn["what"]) for turn in item["turns"]] if "turns" in item else item.get("text", item)
        for item in items
        if isinstance(item, Mapping)
    ]
    remarks = [str(r.message) for item in items if isinstance(item, FileRead) for r in item.taken.remarks]
    return records, " | ".join([*remarks, *(str(item.reason) for item in items if isinstance(item, Skipped))])


def node(key: str, parent: str | None, message: Mapping[str, Any] | None, *children: str) -> dict[str, Any]:
    return {key: {"id": key, "message": message, "parent": parent, "children": list(children)}}


def gpt(role: str, *parts: object, kind: str = "text", **more: object) -> dict[str, Any]:
    return {"author": {"role": role}, "content": {"content_type": kind, "parts": list(parts)}, **more}


TREE = {
    "title": "Owls",
    "mapping": node("0", None, None, "1")
    | node("1", "0", gpt("system", "hidden words", metadata={"is_visually_hidden_from_conversation": True}), "2")
    | node("2", "1", gpt("user", "Who sings?", create_time=1.0), "3", "4")
    | node("3", "2", gpt("assistant", "An owl.", create_time=9.0))
    | node("4", "2", {"author": {"role": "assistant"}, "content": {"content_type": "thoughts", "thoughts": []}}, "5")
    | node("5", "4", gpt("assistant", "search('bird')", kind="code", recipient="web"), "6")
    | node("6", "5", gpt("tool", "results"), "7")
    | node("7", "6", gpt("assistant", "A nightingale.", create_time=5.0), "8")
    | node("8", "7", gpt("user", {"content_type": "image_asset_pointer"}, "And this?", kind="multimodal_text"), "9")
    | node("9", "8", gpt("assistant", "A robin.", create_time=7.0)),
    "current_node": "9",
}
HEARD = [(USER, "Who sings?"), (BOT, "A nightingale."), (USER, "And this?"), (BOT, "A robin.")]


@pytest.mark.parametrize("text", [dump([TREE, TREE]), lines([TREE, TREE]), dump({"conversations": [TREE, TREE]})])
def test_that_a_tree_of_messages_is_read_along_its_current_branch(text: str, tmp_path: Path) -> None:
    records, said = imported(tmp_path, "conversations.jsonl" if text.startswith('{"title') else "conversations.json", text)
    assert records == [HEARD, HEARD]
    for left_out in ("Hidden messages left out: 2", "Hidden thinking left out: 2", "without words left out: 2",
                     "to and from tools left out: 4", "given up left out: 2"):  # fmt: skip
        assert left_out in said


def test_that_an_archive_as_it_is_downloaded_is_conversations_whatever_program_shows_them_beside(tmp_path: Path) -> None:
    page = (
        f"<html><head><title>Export</title></head><body><div></div><script>var all = {dump([TREE])};</script></body></html>"
    )
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for name, text in (("chat.html", page), ("conversations.json", dump([TREE])), ("user.json", '{"email": "a@b"}')):
            archive.writestr(name, text)
    found = [item for item in read([tmp_path / "export.zip"], ReadingConfig()) if isinstance(item, Mapping)]
    assert [[(turn["who"], turn["what"]) for turn in item["turns"]] for item in found] == [HEARD]


def test_that_one_tree_alone_is_a_conversation(tmp_path: Path) -> None:
    assert imported(tmp_path, "chat.json", dump(TREE))[0] == [HEARD]


def test_that_a_tree_without_its_current_node_ends_at_the_newest_message(tmp_path: Path) -> None:
    tree = {key: value for key, value in TREE.items() if key != "current_node"}
    assert imported(tmp_path, "a.json", dump([tree]))[0] == [[(USER, "Who sings?"), (BOT, "An owl.")]]


def test_that_a_circle_in_a_tree_ends(tmp_path: Path) -> None:
    tree = {"mapping": node("a", "b", gpt("user", "one")) | node("b", "a", gpt("assistant", "two")), "current_node": "b"}
    assert imported(tmp_path, "a.json", dump([tree]))[0] == [[(USER, "one"), (BOT, "two")]]


def telegram(name: str, *messages: Mapping[str, Any], kind: str = "personal_chat") -> dict[str, Any]:
    return {"name": name, "type": kind, "id": 7, "messages": list(messages)}


def sent(who: str | None, text: object, **more: object) -> dict[str, Any]:
    return {"id": 1, "type": "message", "date": "2024-01-01", "from": who, "from_id": "user9", "text": text} | more


CALL = {"id": 2, "type": "service", "actor": "Ann", "action": "phone_call", "text": ""}
PIECES = ["See ", {"type": "link", "text": "example.org"}, "!"]


def test_that_a_chat_of_two_takes_turns_and_its_notices_are_left_out(tmp_path: Path) -> None:
    chat = telegram("Ben", CALL, sent("Ann", "Hi"), sent("Ben", PIECES), sent("Ben", "", photo="x"), sent(None, "Gone"))
    records, said = imported(tmp_path, "result.json", dump(chat | {"messages": chat["messages"][:4]}))
    assert records == [[(USER, "Hi"), (BOT, "See example.org!")]]
    assert "nobody wrote (calls, joinings, pins) left out: 1" in said
    assert "Messages without words left out: 1" in said
    assert "the first to speak is the user: 1" in said


def test_that_all_chats_of_an_account_are_read_and_nothing_else_of_it(tmp_path: Path) -> None:
    account = {
        "about": "Here is the data you requested. Telegram ...",
        "personal_information": {"user_id": 1, "first_name": "Ann"},
        "profile_pictures": [{"date": "2020", "photo": "p.jpg"}],
        "frequent_contacts": {"about": "x", "list": [{"id": 1, "category": "people", "type": "user", "name": "Ben"}]},
        "chats": {
            "about": "This page lists all chats",
            "list": [
                telegram("Ben", CALL, sent("Ann", "Hi"), sent("Ben", "Ho")),
                telegram("News", sent("News", "Big news today"), kind="public_channel"),
                telegram("Cem", sent("Cem", PIECES), sent("Ann", "Ok")),
            ],
        },
        "left_chats": {"list": [telegram("Old", sent("Dora", "Bye"), sent("Ann", "Bye!"))]},
    }
    records, said = imported(tmp_path, "result.json", dump(account))
    assert records == [
        [(USER, "Hi"), (BOT, "Ho")], [(USER, "See example.org!"), (BOT, "Ok")], [(USER, "Bye"), (BOT, "Bye!")],
    ]  # fmt: skip
    assert "which are no conversations, left out: 1" in said


def test_that_a_channel_is_a_list_of_texts(tmp_path: Path) -> None:
    channel = telegram("News", sent("News", "One"), CALL, sent("News", PIECES), kind="public_channel")
    assert imported(tmp_path, "result.json", dump(channel))[0] == ["One", "See example.org!"]


@pytest.mark.parametrize("names", [("Ann", "Ben", "Cem"), ("Ann", "Ben", "Cem", "Dora", "Eve")])
def test_that_people_of_a_group_are_told_apart_by_their_names(names: Sequence[str], tmp_path: Path) -> None:
    group = telegram("Crew", *(sent(name, f"I am number {n}") for n, name in enumerate(names)), kind="private_group")
    ((*turns,),), said = imported(tmp_path, "result.json", dump(group))
    assert [what for _, what in turns] == [f"{name}: I am number {n}" for n, name in enumerate(names)]
    assert "three or more people, whose turns begin with the speaker's name: 1" in said


def mojibake(text: str) -> str:
    return text.encode().decode("latin-1")


def test_that_letters_spelled_byte_by_byte_are_mended_and_the_oldest_message_comes_first(tmp_path: Path) -> None:
    chat = {
        "participants": [{"name": mojibake("Zoë")}, {"name": "Max"}],
        "messages": [
            {"sender_name": mojibake("Zoë"), "timestamp_ms": 3, "content": mojibake("Schön 😊"), "type": "Generic"},
            {"sender_name": "Max", "timestamp_ms": 2, "photos": [{"uri": "x.jpg"}], "type": "Generic"},
            {"sender_name": "Max", "timestamp_ms": 1, "content": mojibake("Knödel?"), "type": "Generic"},
            {"sender_name": "Max", "timestamp_ms": 0, "content": "Max called you.", "type": "Call", "call_duration": 3},
        ],
        "title": "Max",
        "magic_words": [],
    }
    (tmp_path / "message_1.json").write_text(json.dumps(chat), encoding="ascii")
    records, said = imported(tmp_path, "message_1.json", json.dumps(chat))
    assert records == [[(USER, "Knödel?"), (BOT, "Schön 😊")]]
    for left_out in ("are mended: 2", "Pictures, files and other parts without words left out: 1", "nobody wrote"):
        assert left_out in said
    assert "lacks a text" not in said


def test_that_the_newer_form_of_that_export_is_read_too(tmp_path: Path) -> None:
    chat = {
        "participants": ["Zoë", "Max"], "threadName": "Zoë_1",
        "messages": [
            {"isUnsent": False, "media": [], "senderName": "Zoë", "text": "Ja, gern", "timestamp": 20, "type": "text"},
            {"isUnsent": True, "media": [], "senderName": "Max", "text": "oops", "timestamp": 15, "type": "text"},
            {"isUnsent": False, "media": [], "senderName": "Max", "text": "Tee?", "timestamp": 10, "type": "text"},
        ],
    }  # fmt: skip
    records, said = imported(tmp_path, "Zoë_1.json", dump(chat))
    assert records == [[(USER, "Tee?"), (BOT, "Ja, gern")]]
    assert "Deleted messages left out: 1" in said


def wrote(name: str, content: str, kind: str = "Default", *, is_bot: bool = False) -> dict[str, Any]:
    author = {"id": name, "name": name.lower(), "discriminator": "0", "nickname": name, "isBot": is_bot}
    return {"id": "1", "type": kind, "timestamp": "2024", "content": content, "author": author, "attachments": []}


def channel(*messages: Mapping[str, Any]) -> str:
    return dump({
        "guild": {"id": "1", "name": "G"}, "channel": {"id": "2", "name": "pier"}, "dateRange": {"after": None},
        "messages": list(messages), "messageCount": len(messages),
    })  # fmt: skip


def test_that_a_channel_with_a_bot_makes_it_the_assistant(tmp_path: Path) -> None:
    messages = (wrote("Tide", "Low at 4.", is_bot=True), wrote("Ann", "joined", "GuildMemberJoin"), wrote("Ann", "Thanks"))
    records, said = imported(tmp_path, "pier.json", channel(*messages))
    assert records == [[(BOT, "Low at 4."), (USER, "Thanks")]]
    assert "nobody wrote (calls, joinings, pins) left out: 1" in said


def test_that_a_channel_of_people_keeps_their_names(tmp_path: Path) -> None:
    messages = (wrote("Ann", "Hi"), wrote("Ben", "Ho", "Reply"), wrote("Cem", "Hu"))
    records, _ = imported(tmp_path, "pier.json", channel(*messages))
    assert records == [[(USER, "Ann: Hi"), (BOT, "Ben: Ho"), (USER, "Cem: Hu")]]


TAVERN = {"user_name": "You", "character_name": "Mila", "create_date": "2023", "chat_metadata": {}}


def line(name: str, mes: str, **more: object) -> dict[str, Any]:
    return {"name": name, "is_user": name == "Kim", "send_date": "May 1", "mes": mes, **more}


def test_that_a_roleplay_file_is_one_conversation_that_the_character_may_begin(tmp_path: Path) -> None:
    said = [
        TAVERN, line("Mila", "Ahoy!", swipes=["Ahoy!", "Hey."], swipe_id=0), line("Kim", "Late?"),
        line("Mila", "", swipes=["Yes.", "By two minutes."], swipe_id=1), line("Kim", "note", is_system=True),
    ]  # fmt: skip
    records, told = imported(tmp_path, "Mila.jsonl", lines(said))
    assert records == [[(BOT, "Ahoy!"), (USER, "Late?"), (BOT, "By two minutes.")]]
    assert "Hidden messages left out: 1" in told


def test_that_a_narrator_of_a_roleplay_tells_the_story(tmp_path: Path) -> None:
    said = [TAVERN, line("Kim", "Late?"), line("System", "It rains.", extra={"type": "narrator"}), line("Mila", "No.")]
    records, _ = imported(tmp_path, "Mila.jsonl", lines(said))
    assert records == [[(USER, "Late?"), (STORY, "It rains."), (BOT, "No.")]]


def test_that_two_characters_of_a_roleplay_keep_their_names(tmp_path: Path) -> None:
    said = [TAVERN, line("Kim", "Who is here?"), line("Mila", "I am."), line("Tom", "Me too.")]
    records, _ = imported(tmp_path, "group.jsonl", lines(said))
    assert records == [[(USER, "Kim: Who is here?"), (BOT, "Mila: I am."), (BOT, "Tom: Me too.")]]


def test_that_claudes_export_is_read(tmp_path: Path) -> None:
    message = {"uuid": "m", "created_at": "2024", "attachments": [], "files": []}
    chats = [
        {"uuid": "a", "name": "Mills", "account": {"uuid": "z"}, "chat_messages": [
            message | {"sender": "human", "text": "Why do mills turn?", "content": [
                {"type": "text", "text": "Why do mills turn?"}], "attachments": [{"file_name": "a.pdf"}]},
            message | {"sender": "assistant", "text": "Wind.", "content": [
                {"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Wind."}]},
        ]},
        {"uuid": "b", "name": "", "chat_messages": []},
    ]  # fmt: skip
    records, said = imported(tmp_path, "conversations.json", dump(chats))
    assert records == [[(USER, "Why do mills turn?"), (BOT, "Wind.")]]
    assert "Hidden thinking left out: 1" in said
    assert "Pictures, files" in said


def reply(role: str, text: str, *replies: Mapping[str, Any], **more: object) -> dict[str, Any]:
    return {"message_id": text, "role": role, "text": text, "replies": list(replies), **more}


ASKED = reply("prompter", "Why?", reply("assistant", "So.", reply("prompter", "Oh."), parent_id="Why?"),
              reply("assistant", "Because.", parent_id="Why?"))  # fmt: skip
WAYS = [[(USER, "Why?"), (BOT, "So."), (USER, "Oh.")], [(USER, "Why?"), (BOT, "Because.")]]


@pytest.mark.parametrize("name", ["trees.jsonl", "trees.json"])
def test_that_every_way_through_a_tree_of_replies_is_a_conversation(name: str, tmp_path: Path) -> None:
    trees = [{"message_tree_id": "t", "tree_state": "ready", "prompt": ASKED}] * 2
    assert imported(tmp_path, name, lines(trees) if name.endswith("l") else dump(trees))[0] == WAYS * 2


def test_that_rows_of_mixed_trees_find_their_parents(tmp_path: Path) -> None:
    rows = [("1", None, "prompter", "Why?", "x"), ("9", None, "prompter", "Who?", "y"), ("2", "1", "assistant", "So.", "x"),
            ("8", "9", "assistant", "Me.", "y")]  # fmt: skip
    keys = ("message_id", "parent_id", "role", "text", "message_tree_id")
    records, _ = imported(tmp_path, "rows.jsonl", lines([dict(zip(keys, row, strict=True)) for row in rows]))
    assert records == [[(USER, "Why?"), (BOT, "So.")], [(USER, "Who?"), (BOT, "Me.")]]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv"])
def test_that_rows_with_parents_make_the_same_trees(name: str, tmp_path: Path) -> None:
    rows = [("1", "", "prompter", "Why?"), ("2", "1", "assistant", "So."), ("3", "2", "prompter", "Oh."),
            ("4", "1", "assistant", "Because.")]  # fmt: skip
    keys = ("message_id", "parent_id", "role", "text")
    text = lines([dict(zip(keys, row, strict=True)) | {"parent_id": row[1] or None} for row in rows])
    if name.endswith("csv"):
        text = "\n".join(",".join(row) for row in (keys, *rows))
    assert imported(tmp_path, name, text)[0] == WAYS


def test_that_a_tree_whose_end_is_missing_is_read_to_the_newest_node_without_a_child_in_the_file(tmp_path: Path) -> None:
    damaged = {
        "title": "t",
        "current_node": "gone",
        "mapping": node("a", None, None, "b")
        | node("b", "a", gpt("user", "Is it late?"), "c")
        | node("c", "b", gpt("assistant", "Yes."), "lost"),
    }
    records, _ = imported(tmp_path, "c.json", dump([damaged]))

    assert records == [[(USER, "Is it late?"), (BOT, "Yes.")]]


def test_that_a_tree_of_circles_costs_no_other_conversation(tmp_path: Path) -> None:
    circle = {
        "title": "t",
        "mapping": node("a", "b", gpt("user", "Hi?"), "b") | node("b", "a", gpt("assistant", "Hi."), "a"),
    }
    records, _ = imported(tmp_path, "c.json", dump([circle, TREE]))

    assert len(records) == 2
    assert records[1] == imported(tmp_path, "d.json", dump([TREE]))[0][0]


@pytest.mark.parametrize("name", ["c.json", "c.jsonl"])
@pytest.mark.parametrize("nodes", [{}, node("a", None, None)])
def test_that_conversations_without_messages_do_not_become_a_corpus_of_titles(
    tmp_path: Path, name: str, nodes: dict[str, Any]
) -> None:
    empty = [{"title": f"About the moon {n}", "mapping": nodes, "current_node": "a"} for n in range(5)]
    records, said = imported(tmp_path, name, lines(empty) if name.endswith("l") else dump(empty))

    assert not records
    assert "these conversations hold no messages" in said


def test_that_a_reader_which_fails_on_one_record_leaves_out_that_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmstudio.core.corpus.reading.chats.exports import chatgpt

    real = chatgpt.messages

    def fails_on_one(value: Mapping[str, Any], told: Any) -> Any:
        return real(value, told) if value["title"] != "bad" else [][0]

    monkeypatch.setattr(chatgpt, "messages", fails_on_one)
    with pytest.warns(RuntimeWarning, match="left out"):
        records, said = imported(tmp_path, "c.json", dump([TREE, TREE | {"title": "bad"}, TREE]))

    assert len(records) == 2
    assert "left out: 1" in said


def test_that_the_selected_versions_of_lm_studio_are_the_turns(tmp_path: Path) -> None:
    def step(text: str, **more: object) -> dict[str, Any]:
        return {"type": "contentBlock", "content": [{"type": "text", "text": text}], **more}

    asked = {"type": "singleStep", "role": "user", "content": [{"type": "text", "text": "Late?"}]}
    first, second = ({"type": "multiStep", "role": "assistant", "steps": steps} for steps in (
        [step("No.")], [step("hm", style={"type": "thinking"}), {"type": "debugInfoBlock", "debugInfo": "x"}, step("Yes.")],
    ))  # fmt: skip
    told = {"name": "T", "messages": [
        {"versions": [asked], "currentlySelected": 0}, {"versions": [first, second], "currentlySelected": 1},
    ]}  # fmt: skip

    assert imported(tmp_path, "a.conversation.json", dump(told))[0] == [[(USER, "Late?"), (BOT, "Yes.")]]


def test_that_the_fragments_of_deepseek_are_the_turns(tmp_path: Path) -> None:
    def pieces(*kinds: tuple[str, str], at: int) -> dict[str, Any]:
        fragments = [{"type": kind, "content": text} for kind, text in kinds]
        return {"inserted_at": f"2025-01-0{at}T10:00:00+08:00", "fragments": fragments}

    tree = {"title": "T", "mapping": node("root", None, None, "1")
        | node("1", "root", pieces(("REQUEST", "Late?"), at=1), "2", "3")
        | node("2", "1", pieces(("RESPONSE", "No."), at=2))
        | node("3", "1", pieces(("THINK", "hm"), ("RESPONSE", "Yes."), at=3))}  # fmt: skip

    assert imported(tmp_path, "a.json", dump([tree]))[0] == [[(USER, "Late?"), (BOT, "Yes.")]]


def test_that_marks_of_moss_are_no_words(tmp_path: Path) -> None:
    chat = {"turn_1": {"Human": "<|Human|>: Late?<eoh>\n", "MOSS": "<|MOSS|>: Yes.<eom>\n"}}

    assert imported(tmp_path, "a.jsonl", lines([{"chat": chat}] * 2))[0] == [[(USER, "Late?"), (BOT, "Yes.")]] * 2


def test_that_a_story_of_kobold_begins_with_its_prompt(tmp_path: Path) -> None:
    story = {"gamestarted": True, "prompt": "It was dark.", "memory": "Ann", "actions": [" She sat.", " It rained."]}

    assert imported(tmp_path, "a.json", dump(story))[0] == ["It was dark. She sat. It rained."]


def test_that_notices_with_the_unseen_sign_are_nobodys_turn_and_dates_may_end_in_a_colon(tmp_path: Path) -> None:
    said = [f"[19/10/2025, 01:{n}:19] {'Ann' if n % 2 else 'Ben'}: Word {n}" for n in range(10, 20)]
    notice = "[19/10/2025, 01:02:19] Mill club: \u200eAnn added you"
    records, _ = imported(tmp_path, "a.txt", "\n".join([notice, *said]))
    assert len(records[0]) == 10
    assert not any("added" in what for _, what in records[0])

    colon = [f"2016-06-27, 8:{n}:08 AM: {'Ann' if n % 2 else 'Ben'}: Word {n}" for n in range(10, 20)]
    assert len(imported(tmp_path, "b.txt", "\n".join(colon))[0][0]) == 10


def test_that_conversations_of_one_side_are_told(tmp_path: Path) -> None:
    alone = [
        {"messages": [{"role": "user", "content": f"Is it {n}?"}, {"role": "user", "content": "Or not?"}]} for n in range(9)
    ]
    both = [
        {"messages": [{"role": "user", "content": f"Is it {n}?"}, {"role": "assistant", "content": "Yes"}]} for n in range(9)
    ]

    assert "9 conversations have one side only" in imported(tmp_path, "a.jsonl", lines(alone))[1]
    assert "one side" not in imported(tmp_path, "b.jsonl", lines(both))[1]


def test_that_marks_of_slack_are_no_words(tmp_path: Path) -> None:
    said = ["Tea &amp; <@U2|ann> see <https://x.org|the page>", "Yes &lt;3"]
    told = [{"type": "message", "user": f"U{n % 2}", "text": text, "ts": f"{n}.0"} for n, text in enumerate(said * 3)]

    assert [what for _, what in imported(tmp_path, "a.json", dump(told))[0][0]] == ["Tea & @ann see the page", "Yes <3"] * 3


def test_that_the_xml_of_skype_is_read_as_its_words() -> None:
    written = '<quote author="bob"><legacyquote>[1] Bob: </legacyquote>the mill'
    written += "<legacyquote>\n\n&lt;&lt;&lt; </legacyquote></quote>"
    written += 'I&apos;m <b raw_pre="*">so</b> &amp; on: 1 &lt; 2 &lt;b&gt;'
    plain = {"messagetype": "Text", "from": "8:me", "content": "a &amp; <b>b</b>"}

    rich = message_of({"messagetype": "RichText", "from": "8:bob", "content": written}, Told())
    assert rich is not None
    assert rich.what == "the millI'm so & on: 1 < 2 <b>"
    assert (message := message_of(plain, Told())) is not None
    assert message.what == plain["content"]


def test_that_marks_of_sources_are_no_words_of_an_answer(tmp_path: Path) -> None:
    answer = "Owls hoot. \ue200cite\ue202turn0search0\ue201 Doves coo \u301012\u2020source\u3011."
    tree = {
        "title": "Owls",
        "mapping": node("1", None, gpt("user", "Who hoots?"), "2") | node("2", "1", gpt("assistant", answer)),
        "current_node": "2",
    }
    records, said = imported(tmp_path, "conversations.json", dump([tree]))
    assert records == [[(USER, "Who hoots?"), (BOT, "Owls hoot. Doves coo.")]]
    assert "Marks of sources inside answers left out: 2" in said


SAID = ["Is the ferry late?", "No, on time.", "Good, I come.", "See you."]


def turns_in(folder: Path, name: str, text: str) -> list[tuple[str, str]]:
    (folder / name).write_text(text, encoding="utf-8")
    (record,) = [item for item in read([folder / name], ReadingConfig()) if isinstance(item, dict)]
    return [(turn["who"], turn["what"]) for turn in record["turns"]]


TURNS = [("user", SAID[0]), ("assistant", SAID[1]), ("user", SAID[2]), ("assistant", SAID[3])]


def test_that_words_without_a_speaker_in_a_tree_are_said_in_turn(tmp_path: Path) -> None:
    nodes: dict[str, Any] = {"root": {"id": "root", "parent": None, "message": None}}
    for n, said in enumerate(SAID):  # as DeepSeek wrote them at first
        message = {"model": "m", "content": said, "reasoning_content": "hm" if n % 2 else None}
        nodes[str(n)] = {"id": str(n), "parent": str(n - 1) if n else "root", "message": message}
    assert turns_in(tmp_path, "conversations.json", json.dumps([{"title": "t", "mapping": nodes}])) == TURNS


def test_that_messages_of_a_network_are_put_in_order(tmp_path: Path) -> None:
    sent = [
        {"messageCreate": {"senderId": str(n % 2), "text": said, "id": str(n), "createdAt": f"2023-12-31T23:5{n}:00.000Z"}}
        for n, said in enumerate(SAID)
    ]
    text = json.dumps([{"dmConversation": {"conversationId": "0-1", "messages": sent[::-1]}}])
    assert turns_in(tmp_path, "direct-messages.js", f"window.YTD.direct_messages.part0 = {text}") == TURNS


def test_that_what_a_program_puts_beside_a_question_is_not_said(tmp_path: Path) -> None:
    pieces = [[{"type": "injected_prompt_block", "text": "be kind"}] * (n == 2) for n in range(4)]
    pieces = [[*above, {"type": "text", "text": said}] for above, said in zip(pieces, SAID, strict=True)]
    messages = [{"sender": ("human", "assistant")[n % 2], "content": content} for n, content in enumerate(pieces)]
    assert turns_in(tmp_path, "conversations.json", json.dumps([{"uuid": "c", "chat_messages": messages}])) == TURNS


def test_that_a_table_of_dates_people_and_messages_is_one_conversation(tmp_path: Path) -> None:
    rows = "".join(f'2023-12-31 23:5{n}:00,"{("Ann", "Ben")[n % 2]}","{said}"\n' for n, said in enumerate(SAID))
    assert turns_in(tmp_path, "KakaoTalk_Chat.csv", f"Date,User,Message\n{rows}") == TURNS
