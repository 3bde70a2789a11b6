"""Laws of a file that is read line by line: if it seems to be a table, every verb says so."""

from __future__ import annotations

import pytest

from llmstudio.app.classes.texts import TextsOfFile
from llmstudio.app.rewriting.sources import SourcesOfFile
from llmstudio.app.tags.sentences import SentencesOfFile
from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.work import Stop


def readers(path):
    return (
        TextsOfFile(path, ReadingConfig(), frozenset({"pos", "neg"})),
        SourcesOfFile(path, ReadingConfig()),
        SentencesOfFile(path, ReadingConfig(), (), parts_words=True),
    )


def warned(reader, path):
    list(reader.read(Stop()))
    found = [str(remark.message) for remark in reader.remarks if remark.level == "warning"]
    return [message for message in found if message.startswith(f"{path.name} seems to hold a table")]


@pytest.mark.parametrize("text", ["text,label\nA good film.,pos\n", "source\ttarget\nIch gehe, sagt er.\tI go, he says.\n"])
def test_that_what_comes_in_with_names_of_columns_and_is_read_line_by_line_is_said(tmp_path, text) -> None:
    path = tmp_path / "standard input"
    path.write_text(text, encoding="utf-8")
    for reader in readers(path):
        assert len(warned(reader, path)) == 1


@pytest.mark.parametrize("text", ["A good film, I say.\nA bad one, I say.\n", "Tom sleeps.\n", "one\ntwo\nthree\n"])
def test_that_texts_a_line_are_taken_for_no_table(tmp_path, text) -> None:
    path = tmp_path / "standard input"
    path.write_text(text, encoding="utf-8")
    for reader in readers(path):
        assert not warned(reader, path)


def test_that_a_class_before_or_behind_the_first_text_is_no_name_of_a_column(tmp_path) -> None:
    path = tmp_path / "standard input"
    path.write_text("good\tpos\nbad\tneg\n", encoding="utf-8")
    assert not warned(readers(path)[0], path)
