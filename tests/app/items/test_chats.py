from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from llmstudio.app.items import chats
from llmstudio.app.items.chats import Kept, Place, begin_chat, chat_name, keep_chat, load_chat, save_chat
from llmstudio.core.generation.chat import ASSISTANT, USER, Chat
from llmstudio.store.project import Project, safe_name

TALKER = """
import sys
from pathlib import Path
from llmstudio.app.items.chats import load_chat, save_chat
from llmstudio.core.generation.chat import USER
from llmstudio.store.project import Project

project, who = Project(Path(sys.argv[1])), sys.argv[2]
chat = load_chat(project, "Talk")
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    chat = chat.say(USER, f"{who} {number}", parent=0, time=7.0)
    save_chat(project, "Talk", chat)
"""


@pytest.mark.parametrize("text", ["where is anna ?", "", "???", "a/b\\c:d*", "在哪里？", "x" * 300, "con", ". . .", "CON ?"])
def test_that_any_first_words_give_a_name_that_a_file_may_have(text: str) -> None:
    assert safe_name(chat_name(text)) == chat_name(text)


def test_that_nothing_is_lost_of_what_two_programs_say_in_one_chat_at_the_same_moment(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    save_chat(project, "Talk", Chat().say(USER, "hello"))
    talkers = [
        subprocess.Popen(
            [sys.executable, "-c", TALKER, str(project.root), who],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for who in ("anna", "bob")
    ]  # fmt: skip
    for talker in talkers:
        assert talker.stdout is not None
        assert talker.stdout.readline() == "ready\n"
    for talker in talkers:
        talker.communicate("go\n", timeout=60)
        assert talker.returncode == 0
    said = [message.text for message in load_chat(project, "Talk").messages]
    assert sorted(said) == sorted(["hello", *(f"{who} {n}" for who in ("anna", "bob") for n in range(40))])


def test_that_chats_begun_at_the_same_moment_with_the_same_words_stay_apart(tmp_path: Path) -> None:
    project, gate = Project(tmp_path), threading.Barrier(6)

    def begin(number: int) -> str:
        gate.wait()
        return begin_chat(Project(tmp_path), "where is anna", Chat().say(USER, f"{number}"))

    with ThreadPoolExecutor(6) as pool:
        names = list(pool.map(begin, range(6)))
    assert len(set(names)) == 6
    assert [load_chat(project, name).messages[0].text for name in names] == [str(n) for n in range(6)]


def test_that_a_chat_kept_without_a_name_is_called_by_its_first_question(tmp_path: Path) -> None:
    chat = Chat().say(USER, "where is anna ?")
    kept = keep_chat(Project(tmp_path), Place(), chat)
    assert (kept.place.name, kept.chat, kept.told) == ("where is anna", chat, None)
    longer = chat.say(ASSISTANT, "here", parent=0)
    assert keep_chat(Project(tmp_path), kept.place, longer) == Kept(kept.place, longer)
    assert keep_chat(Project(tmp_path), Place(), chat).place.name == "where is anna 2"


def test_that_a_chat_is_known_by_its_id_whatever_became_of_its_name(tmp_path: Path) -> None:
    project, chat = Project(tmp_path), Chat().say(USER, "hello")
    place = keep_chat(project, Place(), chat).place
    project.rename("chat", "hello", "Greeting")
    others = keep_chat(project, Place(), Chat().say(USER, "hello")).place
    assert others.name == "hello"
    longer = chat.say(ASSISTANT, "hi", parent=0)
    assert keep_chat(project, place, longer) == Kept(Place("Greeting", place.id), longer)
    assert len(load_chat(project, "hello").messages) == 1
    project.delete("chat", "Greeting")
    kept = keep_chat(project, place, longer)
    assert kept.place == Place("hello 2", place.id), "another window that has it open finds it again"
    assert "hello 2" in str(kept.told)
    assert load_chat(project, "hello 2") == longer
    assert len(load_chat(project, "hello").messages) == 1


def test_that_a_chat_is_read_and_written_in_one_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same law as between two programs, with the moment of the other one chosen."""
    project, read = Project(tmp_path), chats.read_json
    begun = Chat().say(USER, "hello")
    save_chat(project, "Talk", begun)
    others: list[threading.Thread] = []

    def meanwhile(path: Path, kind: type[dict[str, object]]) -> dict[str, object]:
        data = read(path, kind)
        if not others:
            there = begun.say(ASSISTANT, "from there", parent=0)
            others.append(threading.Thread(target=save_chat, args=(project, "Talk", there)))
            others[0].start()
            others[0].join(0.2)
        return data

    monkeypatch.setattr(chats, "read_json", meanwhile)
    save_chat(project, "Talk", begun.say(ASSISTANT, "from here", parent=0))
    others[0].join(10)
    assert {message.text for message in load_chat(project, "Talk").messages} == {"hello", "from here", "from there"}


def test_that_a_chat_that_is_kept_while_another_is_renamed_to_its_name_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, asked = Project(tmp_path), Project.refuse_taken
    save_chat(project, "Mine", Chat().say(USER, "mine"))
    others = [threading.Thread(target=begin_chat, args=(Project(tmp_path), "Talk", Chat().say(USER, "theirs")))]

    def meanwhile(self: Project, kind: str, name: str, *, but_for: str = "") -> None:
        asked(self, kind, name, but_for=but_for)
        others[0].start()
        others[0].join(0.3)

    monkeypatch.setattr(Project, "refuse_taken", meanwhile)
    project.rename("chat", "Mine", "Talk")
    others[0].join(10)
    assert {load_chat(project, item.name).messages[0].text for item in project.items("chat")} == {"mine", "theirs"}


def test_that_a_chat_is_not_deleted_between_reading_and_writing_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, read = Project(tmp_path), chats.read_json
    save_chat(project, "Talk", Chat().say(USER, "hello"))
    others = [threading.Thread(target=project.delete, args=("chat", "Talk"))]

    def meanwhile(path: Path, kind: type[dict[str, object]]) -> dict[str, object]:
        data = read(path, kind)
        if not others[0].ident:
            others[0].start()
            others[0].join(0.3)
        return data

    monkeypatch.setattr(chats, "read_json", meanwhile)
    save_chat(project, "Talk", Chat().say(USER, "hello"))
    others[0].join(10)
    assert not project.exists("chat", "Talk"), "it was deleted after it was saved"


@pytest.fixture(autouse=True)
def _no_rest(tmp_path: Path) -> Iterator[None]:
    yield
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]


def test_that_a_chat_whose_model_has_another_name_by_now_stays_with_that_model(tmp_path: Path) -> None:
    project, chat = Project(tmp_path), Chat().say(USER, "hello")
    for name in ("qa", "other"):
        with project.create("model", name) as (_, facts):
            facts["recipe"] = {}
    begin_chat(project, "Talk", chat, model="qa")
    place = Place("Talk", project.about("chat", "Talk").id)
    held_with = project.about("model", "qa").id
    project.rename("model", "qa", "answers")
    keep_chat(project, place, chat.say(USER, "again"), model="qa")  # of a window that has not heard of it
    about = project.about("chat", "Talk")
    assert about.parent("model").id == held_with
    assert len(load_chat(project, "Talk").messages) == 2
    keep_chat(project, place, chat, model="other")
    assert project.about("chat", "Talk").parent("model").name == "other"


def test_that_a_chat_knows_its_model_by_id_whatever_it_is_called(tmp_path: Path) -> None:
    project, chat = Project(tmp_path), Chat().say(USER, "hello")

    def held_with(model: str, model_id: str) -> tuple[str, str, str]:
        place = keep_chat(project, Place(), chat, model=model, model_id=model_id).place
        kept = project.about("chat", place.name)
        return kept.parent("model").id, kept.parent("model").name, str(kept.facts["model"])

    with project.create("model", "Old") as (_, facts):
        facts["recipe"] = {}
    old = project.about("model", "Old").id
    assert held_with("Old", "") == held_with("Old", old) == (old, "Old", "Old")
    project.rename("model", "Old", "New")
    assert held_with("Old", old) == (old, "New", "New")
    with project.create("model", "Old") as (_, facts):
        facts["recipe"] = {}
    assert held_with("Old", old) == (old, "New", "New"), "another model has its name now"
    project.delete("model", "New")
    assert held_with("Old", old) == (old, "Old", "Old")
    assert held_with("Nobody", "") == ("", "", "Nobody")
