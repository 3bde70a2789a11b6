from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted
from llmstudio.core.retrieval import building
from llmstudio.core.retrieval.building import build
from llmstudio.core.retrieval.folder_state import num_changed, state_of
from llmstudio.core.retrieval.index import PassageIndex
from llmstudio.core.work import Stop

ANNA, BEN = "anna has the ball and she sits in the garden .", "ben has the kite and he sits in the old barn ."


def built(source: Path) -> tuple[PassageIndex, list[Event]]:
    heard, job = list[Event](), build(source, stop=Stop())
    while True:
        try:
            heard.append(next(job))
        except StopIteration as end:
            return end.value, heard


def places(source: Path) -> list[tuple[str, str, str]]:
    return [(each.file, str(each.place), each.text) for each in built(source)[0].passages]


def test_that_a_passage_of_a_text_knows_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"\n{ANNA}\n\n\n{BEN}\n", "utf-8")
    assert places(tmp_path / "a.txt") == [("a.txt", "line 2", ANNA), ("a.txt", "line 5", BEN)]


def test_that_lines_are_those_of_the_file_where_front_matter_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"---\ntitle: Stories\ntags: a\n---\n\n{ANNA}\n", "utf-8")
    assert places(tmp_path / "a.md") == [("a.md", "line 6", ANNA)]


def test_that_lines_go_on_where_a_long_text_comes_in_parts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join([f"{'word ' * 40}."] * 9000 + ["", f"the needle is here , {ANNA}"]), "utf-8")
    index, _ = built(tmp_path / "a.txt")
    assert [found.passage.line for found in index.search("needle", 1)] == [9002]


def test_that_rows_messages_pages_and_texts_lie_side_by_side(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "a.csv").write_text(f"id,text\n1,{ANNA}\n2,{BEN}\n", "utf-8")
    turns = [
        [{"role": "user", "content": who}, {"role": "assistant", "content": what}]
        for who, what in (("Who?", ANNA), ("Hm", BEN))
    ]
    (folder / "b.jsonl").write_text("".join(json.dumps({"messages": turn}) + "\n" for turn in turns), "utf-8")
    (folder / "c.html").write_text(f"<html><body><p>{ANNA}</p></body></html>", "utf-8")
    (folder / "d.txt").write_text(BEN, "utf-8")
    with zipfile.ZipFile(folder / "e.zip", "w") as archive:
        archive.writestr("in/f.txt", ANNA)
    found = places(folder)
    assert [(file, place) for file, place, _ in found] == [
        ("mine/a.csv", "record 1"), ("mine/a.csv", "record 2"), ("mine/b.jsonl", "record 1"), ("mine/b.jsonl", "record 2"),
        ("mine/c.html", "passage 1"), ("mine/d.txt", "line 1"), ("mine/e.zip/in/f.txt", "line 1"),
    ]  # fmt: skip
    assert [text for _, _, text in found] == [ANNA, BEN, f"Who?\n{ANNA}", f"Hm\n{BEN}", ANNA, BEN, ANNA]


def test_that_what_cannot_be_read_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ANNA, "utf-8")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    index, heard = built(tmp_path)
    assert len(index.passages) == 1
    assert any("b.png" in str(event.message) and event.level == "warning" for event in heard if isinstance(event, Noted))


def test_that_an_empty_folder_and_too_much_text_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StudioError, match="No text found"):
        built(tmp_path)
    (tmp_path / "a.txt").write_text(ANNA, "utf-8")
    monkeypatch.setattr(building, "MAX_CHARACTERS", 20)
    with pytest.raises(StudioError, match="choose a folder inside"):
        built(tmp_path)


def test_that_reading_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ANNA, "utf-8")
    stop = Stop()
    state = state_of(tmp_path, stop=stop)
    stop.request()
    with pytest.raises(Halted):
        list(build(tmp_path, state=state, stop=stop))


def test_that_changes_are_seen_by_content_and_not_by_a_time_alone(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text(ANNA, "utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x").write_text("hidden", "utf-8")
    before = state_of(tmp_path, stop=Stop())
    assert set(before) == {"a", "b", "c"}
    os.utime(tmp_path / "a", (1, 1))
    assert num_changed(before, state_of(tmp_path, known=before, stop=Stop())) == 0
    (tmp_path / "b").write_text(BEN, "utf-8")
    (tmp_path / "c").rename(tmp_path / "d")
    assert num_changed(before, state_of(tmp_path, known=before, stop=Stop())) == 3
