from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmstudio.core.corpus.config import CorpusConfig, ReadingConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop

ASKED = [[("user", f"Is boat {n} in?"), ("assistant", f"Boat {n} is in.\n\nSo are\nthe others."), ("user", "Thanks."),
          ("assistant", "Ahoy!")] for n in range(6)]  # fmt: skip


def chatml(talk: list[tuple[str, str]], between: str = "\n") -> str:
    return between.join(f"<|im_start|>{who}\n{what}<|im_end|>" for who, what in talk) + "\n"


def headers(talk: list[tuple[str, str]]) -> str:
    turns = (f"<|start_header_id|>{who}<|end_header_id|>\n\n{what}<|eot_id|>" for who, what in talk)
    return f"<|begin_of_text|>{''.join(turns)}\n"


def inst(talk: list[tuple[str, str]], system: str = "") -> str:
    told = f"<<SYS>>\n{system}\n<</SYS>>\n\n" if system else ""
    pairs = [(talk[n][1], talk[n + 1][1]) for n in range(0, len(talk), 2)]
    return "".join(f"<s>[INST] {'' if n else told}{a} [/INST] {b} </s>" for n, (a, b) in enumerate(pairs)) + "\n"


def imported(folder: Path, text: str) -> tuple[list[list[tuple[str, str]]], str]:
    (folder / "talk.txt").write_text(text, encoding="utf-8")
    events = list(write_corpus([folder / "talk.txt"], CorpusConfig(), folder / "out", stop=Stop()))
    corpus = Corpus(folder / "out")
    assert corpus.record_kind == "turns"
    said = " | ".join(str(event.message) for event in events if isinstance(event, Noted))
    return [[(turn["who"], turn["what"]) for turn in record["turns"]] for record in corpus.records("all")], said


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(map(chatml, ASKED)),
        "<|endoftext|>\n".join(map(chatml, ASKED)),
        "".join(map(headers, ASKED)),
        "".join(map(inst, ASKED)),
        "\n".join(map(inst, ASKED)),
    ],
)  # fmt: skip
def test_that_conversations_in_a_chat_layout_are_no_prose(tmp_path: Path, text: str) -> None:
    found, said = imported(tmp_path, text)

    assert found == ASKED
    assert "chat layout" in said


def test_that_a_system_message_begins_a_conversation_and_is_its_story(tmp_path: Path) -> None:
    for n, text in enumerate((
        "".join(chatml([("system", "You keep the harbour."), *talk]) for talk in ASKED),
        "".join(inst(talk, "You keep the harbour.") for talk in ASKED),
    )):  # fmt: skip
        (tmp_path / str(n)).mkdir()
        found, _ = imported(tmp_path / str(n), text)
        assert found == [[("story", "You keep the harbour."), *talk] for talk in ASKED]


def test_that_prose_about_a_chat_layout_stays_prose(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A turn begins with <|im_start|>user\nand ends with <|im_end|>.\n" * 9, encoding="utf-8")
    list(write_corpus([tmp_path / "a.txt"], CorpusConfig(), tmp_path / "out", stop=Stop()))
    assert Corpus(tmp_path / "out").record_kind == "text"


@pytest.mark.parametrize("gap", ["\n\n", "\n\n\n"])
@pytest.mark.parametrize("names", [("User", "Assistant"), ("Human", "AI")])
def test_that_paragraphs_of_a_named_user_and_assistant_are_conversations(
    tmp_path: Path, gap: str, names: tuple[str, str]
) -> None:
    talks = [[("user", f"Is boat {n} in?"), ("assistant", f"Boat {n} is in.")] for n in range(6)]
    spelled = dict(zip(("user", "assistant"), names, strict=True))
    text = gap.join("\n".join(f"{spelled[who]}: {what}" for who, what in talk) for talk in talks)
    found, said = imported(tmp_path, text)
    assert found == talks
    assert "conversations" in said


TASK = "Below is an instruction that describes a task.\n\n### Instruction:\nName tree {n}.\n\n{more}### Response:\nOak {n}."


@pytest.mark.parametrize("more", ["", "### Input:\nA wood.\n\n"])
def test_that_a_column_of_instructions_and_responses_holds_conversations(tmp_path: Path, more: str) -> None:
    rows = "".join(json.dumps({"text": TASK.format(n=n, more=more) + "</s>"}) + "\n" for n in range(4))
    (tmp_path / "a.jsonl").write_text(rows, encoding="utf-8")
    list(write_corpus([tmp_path / "a.jsonl"], CorpusConfig(), tmp_path / "out", stop=Stop()))
    turns = [[(turn["who"], turn["what"]) for turn in record["turns"]] for record in Corpus(tmp_path / "out").records("all")]
    story = ("story", "Below is an instruction that describes a task.")
    asked = "Name tree {n}." + ("\nA wood." if more else "")
    assert turns == [[story, ("user", asked.format(n=n)), ("assistant", f"Oak {n}.")] for n in range(4)]


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join(TASK.format(n=n, more="") for n in range(4)),
        "".join(f"User: Is boat {n} in?\n\nAssistant: Boat {n} is in.\n\n" for n in range(4)),
    ],
)
def test_that_what_may_be_conversations_is_said_and_a_setting_reads_it_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    events = list(write_corpus([tmp_path / "a.txt"], CorpusConfig(), tmp_path / "out", stop=Stop()))
    warned = next(event for event in events if isinstance(event, Noted) and "looks like conversations" in str(event.message))
    (remedy,) = warned.remedies
    assert (warned.level, remedy.target, remedy.value) == ("warning", "reading.format", "marked")

    config = CorpusConfig(reading=ReadingConfig(format="marked"))
    list(write_corpus([tmp_path / "a.txt"], config, tmp_path / "as_chat", stop=Stop()))
    records = list(Corpus(tmp_path / "as_chat").records("all"))
    assert sum(turn["who"] == "assistant" for record in records for turn in record["turns"]) == 4


def test_that_a_play_is_no_conversation_of_user_and_assistant(tmp_path: Path) -> None:
    text = "ROMEO:\nIt is the east.\n\nJULIET:\nAy me!\n\n" * 5
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    events = list(write_corpus([tmp_path / "a.txt"], CorpusConfig(), tmp_path / "out", stop=Stop()))
    assert Corpus(tmp_path / "out").record_kind == "text"
    assert not any("looks like conversations" in str(event.message) for event in events if isinstance(event, Noted))
