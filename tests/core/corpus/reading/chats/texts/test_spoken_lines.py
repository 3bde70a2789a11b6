"""Texts in which headings, bold names, numbers or times say who speaks are conversations, also in Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import CorpusConfig, ReadingConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop

ASK, ANSWER = "Is boat {n} in?", "Boat {n} is in.\n\nSo are the **others**."
ONE_TALK = {
    "headings": "# A chat\n\n*Saved today*\n\n" + "## User\n\n" + ASK + "\n\n---\n\n## Assistant\n\n" + ANSWER + "\n\n",
    "signs": "### 🧑 You:\n" + ASK + "\n\n### 🤖 **ChatGPT**\n" + ANSWER + "\n\n",
    "prompts": "## Prompt:\n" + ASK + "\n\n## Response:\n" + ANSWER + "\n\n",
    "bold": "**You:** " + ASK + "\n\n**ChatGPT:** " + ANSWER + "\n\n",
    "bold lines": "**User**\n\n" + ASK + "\n\n**Assistant**\n\n" + ANSWER + "\n\n",
    "said": "You said:\n" + ASK + "\nChatGPT said:\n" + ANSWER + "\n",
    "people": "Human 1: " + ASK + "\nHuman 2: " + ANSWER.replace("\n\n", "\n") + "\n",
    "messages": "Jan 01, 2024 10:00:03 AM (Read)\nMe\n" + ASK + "\n\nJan 01, 2024 10:01:03 AM\n+49 12\n" + ANSWER + "\n\n",
}  # fmt: skip


def imported(folder: Path, name: str, text: str, reading: str = "") -> tuple[list[list[tuple[str, str]]], str]:
    (folder / name).write_text(text, encoding="utf-8")
    config = CorpusConfig(reading=ReadingConfig(format=reading))
    events = list(write_corpus([folder / name], config, folder / f"out{reading}", stop=Stop()))
    said = " | ".join(str(event.message) for event in events if isinstance(event, Noted))
    records = Corpus(folder / f"out{reading}").records("all")
    return [[(turn["who"], turn["what"]) for turn in record.get("turns", ())] for record in records], said


@pytest.mark.parametrize("ending", [".md", ".txt"])
@pytest.mark.parametrize("way", ONE_TALK)
def test_that_speakers_are_told_by_their_lines(tmp_path: Path, way: str, ending: str) -> None:
    first, _, rest = ONE_TALK[way].rpartition("*Saved today*\n\n")
    found, said = imported(tmp_path, f"a{ending}", f"{first}*Saved today*\n\n" * bool(first) + "".join(
        rest.replace("{n}", str(n)) for n in range(4)))  # fmt: skip
    answer = ANSWER.replace("\n\n", "\n") if way == "people" else ANSWER
    assert found == [[turn for n in range(4) for turn in (("user", ASK.format(n=n)), ("assistant", answer.format(n=n)))]]
    assert "is read as conversations" in said
    assert ("above the first speaker left out" in said) is (way == "headings")


def test_that_each_numbered_question_begins_a_conversation(tmp_path: Path) -> None:
    text = "".join(f"Q{n}. Is boat {n} in?\nA{n}. It is.\nAll day.\n\n" for n in range(1, 6))
    found, _ = imported(tmp_path, "a.txt", text)
    assert found == [[("user", f"Is boat {n} in?"), ("assistant", "It is.\nAll day.")] for n in range(1, 6)]


@pytest.mark.parametrize("text", [
    "User: Is boat {n} in?\nAssistant: It is.\n\n",
    "[INST] Is boat {n} in? [/INST] It is.\n",
])  # fmt: skip
def test_that_a_chat_is_read_from_markdown_as_from_a_text(tmp_path: Path, text: str) -> None:
    found, _ = imported(tmp_path, "a.md", "".join(text.format(n=n) for n in range(5)))
    assert found == [[("user", f"Is boat {n} in?"), ("assistant", "It is.")] for n in range(5)]


def test_that_signals_chats_are_read_from_markdown_without_reactions_and_pictures(tmp_path: Path) -> None:
    lines = [f"[2024-01-01 10:{n:02d}] {('Me', 'Ann')[n % 2]}: Boat {n} is in.  \n(- Ann: 👍 -)\n" for n in range(10)]
    picture = "[2024-01-01 10:10] Me: ![pier](./media/pier.jpg)  \n"
    found, said = imported(tmp_path, "a.md", "".join(lines) + picture)
    assert found == [[(("user", "assistant")[n % 2], f"Boat {n} is in.") for n in range(10)]]
    assert "Reactions to messages left out: 10" in said
    assert "Pictures, files and other parts without words left out: 1" in said


def test_that_bold_names_of_nobody_known_are_said_and_a_setting_reads_them(tmp_path: Path) -> None:
    text = "".join(f"**Ann:** Is boat {n} in?\n\n**Ben:** It is.\n\n" for n in range(4))
    found, said = imported(tmp_path, "a.md", text)
    assert found == [[]]
    assert "names come again and again (Ann, Ben)" in said
    found, _ = imported(tmp_path, "a.md", text, "marked")
    assert found == [[turn for n in range(4) for turn in (("user", f"Is boat {n} in?"), ("assistant", "It is."))]]


@pytest.mark.parametrize("text", [
    "# Boats\n\n## User manual\n\nTurn it on.\n\n## Assistant lights\n\nThey are red.\n\n" * 3,
    "# Guide\n\n**Note:** It is wet.\n\nA long day began.\n\nAll went out.\n\nThen came rain.\n\nAnd wind.\n\n" * 3,
    "**Oak:** a tree.\n\n**Elm:** another.\n\n**Ash:** a third.\n\n",
    "Q1. How?\nQ2. Why?\nQ3. When?\nQ4. Where?\n",
])  # fmt: skip
def test_that_other_headings_and_bold_words_are_text(tmp_path: Path, text: str) -> None:
    found, said = imported(tmp_path, "a.md", text)
    assert not any(found)
    assert "conversation" not in said
