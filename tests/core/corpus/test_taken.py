from __future__ import annotations

import json
from pathlib import Path

from llmstudio.core.corpus.config import CorpusConfig, ReadingConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.corpus.reading.readers import preview
from llmstudio.core.corpus.taken import Remark, Taken, TakenNotes
from llmstudio.core.events import Noted
from llmstudio.core.words import words
from llmstudio.core.work import Stop

ROWS = "id,text,label,seen\n" + "".join(f"{n},soup number {n} was warm,{n % 2},2021\n" for n in range(9))


def test_that_what_was_taken_and_what_was_not_is_previewed_noted_and_kept(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / name).write_text(ROWS.replace("soup", name))
    sentence = "text = text, label = label; not read: id, seen"
    assert str(preview(tmp_path / "a.csv", ReadingConfig()).taken.sentence()) == sentence
    events = list(write_corpus([tmp_path], CorpusConfig(), tmp_path / "corpus", stop=Stop()))
    told = [str(event.message) for event in events if isinstance(event, Noted)]
    assert told == [f"{tmp_path.name}/a.csv and 2 more files: {sentence}."]
    for source in Corpus(tmp_path / "corpus").facts["sources"]:
        assert (source["taken"], source["not_read"]) == ({"text": "text", "label": "label"}, ["id", "seen"])


def test_that_running_text_is_read_whole_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Once a boat sailed far.\n")
    events = list(write_corpus([tmp_path / "a.txt"], CorpusConfig(), tmp_path / "corpus", stop=Stop()))
    assert not [event for event in events if isinstance(event, Noted) and event.message.template.startswith("{name}")]
    assert "taken" not in Corpus(tmp_path / "corpus").facts["sources"][0]


def test_that_what_was_counted_in_many_files_is_noted_once_with_its_sum(tmp_path: Path) -> None:
    said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ahoy"}, {"role": "user", "content": None}]
    for n in range(30):
        (tmp_path / f"{n:02}.jsonl").write_text(
            json.dumps({"messages": said + said[2:] * n + [{**said[0], "content": f"{n}"}]})
        )
    events = list(write_corpus([tmp_path], CorpusConfig(), tmp_path / "corpus", stop=Stop()))
    told = [str(event.message) for event in events if isinstance(event, Noted)]
    assert f"{tmp_path.name}/00.jsonl and 29 more files: Messages without words left out: {30 + sum(range(30))}." in told


def test_that_of_many_things_left_unread_the_first_are_named() -> None:
    taken = Taken({"text": "body"}, tuple(f"c{n}" for n in range(20)))
    assert str(taken.sentence()) == "text = body; not read: c0, c1, c2, c3, c4, c5, c6, c7 and 12 more"


def test_that_what_is_kept_is_read_back_and_what_is_foreign_is_passed_over() -> None:
    taken = Taken({"text": "body"}, ("title",))
    assert Taken.from_facts(taken.facts()) == taken
    assert Taken.from_facts({"taken": [1], "not_read": 3}) == Taken()


def test_that_braces_in_a_name_stay_as_they_are() -> None:
    assert str(Taken({"text": "{x}"}, ("{0}",)).sentence()) == "text = {x}; not read: {0}"


def test_that_a_remark_keeps_its_level_and_is_said_once_for_files_alike() -> None:
    notes = TakenNotes()
    for name in ("a", "b"):
        notes.add(name, Taken(remarks=(Remark(words("Backslashes stand before quotes."), "warning"),)))
    (event,) = notes.events()
    assert isinstance(event, Noted)
    assert (str(event.message), event.level) == ("a and one more file: Backslashes stand before quotes.", "warning")


def test_that_texts_without_a_label_are_kept_and_counted(tmp_path: Path) -> None:
    rows = [f"soup number {n} was warm,{'' if n % 4 == 0 else n % 2}" for n in range(20)]
    (tmp_path / "a.csv").write_text("\n".join(["text,label", *rows]))
    events = list(write_corpus([tmp_path / "a.csv"], CorpusConfig(), tmp_path / "corpus", stop=Stop()))
    records = list(Corpus(tmp_path / "corpus").records("all"))
    assert (len(records), sum("label" in record for record in records)) == (20, 15)
    told = [str(event.message) for event in events if isinstance(event, Noted) and event.level == "warning"]
    assert told == ["a.csv: 5 texts have no label and stay without one."]


def test_that_a_story_beside_the_turns_counts_as_taken(tmp_path: Path) -> None:
    said = [{"from": "human", "value": "Is it late?"}, {"from": "gpt", "value": "By ten minutes."}]
    (tmp_path / "a.json").write_text(
        json.dumps([{"id": n, "system": "You sell tickets.", "conversations": said} for n in range(3)])
    )
    taken = preview(tmp_path / "a.json", ReadingConfig()).taken
    assert str(taken.sentence()) == "Conversations, read from “conversations + system”; not read: id"
