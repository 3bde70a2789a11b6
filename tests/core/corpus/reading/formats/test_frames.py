"""Lines that share a frame are told, with one of them; prose, verse, plays, lists and programs are not suspected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.formats.frames import frame_of
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead

NOUNS = ["gull", "anchor", "rudder", "keel", "mast", "oar", "tide", "reef", "sail", "buoy"]
SAID = [f"The {noun} was lost, and nobody looked for it." for noun in NOUNS]


def every(line: str, ending: str = "\n") -> str:
    """Ten lines of a form, with numbers and sentences in them."""
    return "".join(line.format(n=n, nn=f"{n:02d}", said=said) + ending for n, said in enumerate(SAID))


FRAMED = {
    "page.xml": ("<?xml version='1.0'?>\n<all>\n" + every("<one id='{n}'>{said}</one>") + "</all>\n", "XML"),
    "bare.txt": (every("<line no='{n}'>{said}</line>"), "tags"),
    "unbroken.txt": (every("<l><w>{said}</w></l>", ""), "tags"),
    "crawl.wet": ("WARC/1.0\nWARC-Type: conversion\n\n" + every("{said}"), "WARC"),
    "mine.arff": ("% mine\n@RELATION boats\n@attribute said string\n@data\n" + every("'{said}',good"), "Weka"),
    "posts.js": ('window.part = [ {"said" : "' + SAID[0] + '"}\n]\n', "JSON inside a program"),
    "bot.yml": ("name: bot\nsayings:\n" + every("  - {said}") + "end: yes\n", "YAML"),
    "talk.log": (every("2021-03-04 10:{nn}:09 ben\n{said}\n"), "times"),
    "irc.txt": (every("10:{nn} <ben> {said}"), "times"),
    "room.txt": (every("[3/4/2021 7:{nn} PM] ben\n{said}\n"), "times"),
    "dollars.txt": (every("L{n} +++$+++ u{n} +++$+++ {said}"), "+++$+++"),
    "bars.txt": (every("{said} ||| gone {n}"), "|||"),
    "turns.txt": (every("{said} __eot__ No, {n}. __eot__"), "__eot__"),
    "parts.txt": (every("{n}_!_news_!_{said}"), "_!_"),
    "colons.dat": (every("{n}::{said}::boats"), "::"),
    "trees.txt": (every("(3 (2 {said}) (1 {n}))"), "brackets"),
    "cues.txt": (every("[boat {n}] {said}"), "brackets"),
    "notes.txt": (every("Boats\n{said}\n=========="), "rules"),
    "tasks.txt": (every("1 {said}\n2 Who was it?\tben\t{n}"), "tab"),
    "lines.txt": (every("{n} {said}"), "a number"),
    "pairs.conv": (every("E\nM {said}\nM Which, {n}?"), "E, M"),
    "short": ("Title: boats\nAuthor: ben\nDate: 1.2.2021\n\n" + SAID[0] + "\n", "header"),
    "1042": ("From: ann@x.example\nSubject: boats\nOrganization: none\nLines: 9\n\n" + every("{said}"), "header"),
}
PLAIN = {
    "prose.txt": every("{said} It was 10:3{n}, or (perhaps) later -- who knows..."),
    "verse.txt": every("{said}\n    And the {n} of them went home;\n"),
    "play.txt": every("BEN:\n{said}\n\nANN: What, {n}?\n"),
    "diary.txt": every("I went out; {said}\nA boat, {n}, came in."),
    "questions.txt": every("Q and A are {n} letters. {said}"),
    "chapters.txt": every("{n}. A chapter\n\n{said}\n" + "{said}\n" * 8 + "\n* * *\n"),
    "wiki.txt": every(" = {n} = \n\n {said} <unk> 3 @,@ 000 @-@ foot <unk> . \n"),
    "quotes.txt": every('"{said}" she said -- "or {n}..."'),
    "marks.md": every("- [{n}](http://x.example) | {said}"),
    "source.py": every("x{n} = [{{'said': '{said}'}}]"),
    "chinese.txt": every("第{n}天，船到了港口……“灯笼亮了！”——他说。"),
}


@pytest.mark.parametrize("name", FRAMED)
def test_that_a_frame_is_told_with_a_line_of_the_text(tmp_path: Path, name: str) -> None:
    text, word = FRAMED[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    (done,) = (item for item in read([tmp_path / name], ReadingConfig()) if isinstance(item, FileRead))
    said = [str(remark.message) for remark in done.taken.remarks if remark.level == "warning"]
    assert [word in sentence and "as it stands" in sentence.replace("they stand", "it stands") for sentence in said] == [
        True
    ]
    if "One of them" in said[0]:
        shown = said[0].partition("One of them: “")[2].rstrip("”.…")
        assert shown.split(" → ")[0] in text


@pytest.mark.parametrize("name", PLAIN)
def test_that_texts_without_a_frame_are_let_be(name: str) -> None:
    assert frame_of(name, PLAIN[name]) is None


def test_that_a_format_that_a_person_chose_is_not_doubted(tmp_path: Path) -> None:
    (tmp_path / "bars.txt").write_text(FRAMED["bars.txt"][0])
    items = list(read([tmp_path / "bars.txt"], ReadingConfig(format="text")))
    assert not [item for item in items if isinstance(item, FileRead) and item.taken.remarks]


def test_that_texts_labelled_by_their_folders_are_looked_at_too(tmp_path: Path) -> None:
    for folder in ("pos", "neg"):
        (tmp_path / folder).mkdir()
        for n in range(3):
            (tmp_path / folder / f"{n}.txt").write_text(FRAMED["1042"][0])
    done = [item for item in read([tmp_path], ReadingConfig()) if isinstance(item, FileRead)]
    assert len(done) == 6
    assert len({remark.key for item in done for remark in item.taken.remarks if remark.key}) == 1


def test_that_a_column_of_whole_mails_is_told(tmp_path: Path) -> None:
    mails = [f"From: ann@x.example\nTo: ben@x.example\nSubject: boats\n\n{said}\n" for said in SAID]
    for name, texts, is_told in (("mails.jsonl", mails, True), ("texts.jsonl", SAID, False)):
        (tmp_path / name).write_text("".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts)))
        (done,) = (item for item in read([tmp_path / name], ReadingConfig()) if isinstance(item, FileRead))
        assert any("header" in str(remark.message) for remark in done.taken.remarks) == is_told


def test_that_signs_that_only_some_programs_take_for_line_ends_end_no_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text\tlabel\n" + "".join(f"left\u2028{said}\t{n % 2}\n" for n, said in enumerate(SAID)))
    records = [item for item in read([tmp_path / "a.txt"], ReadingConfig()) if isinstance(item, dict)]
    assert len(records) == len(SAID)
    assert {record["label"] for record in records} == {"0", "1"}
