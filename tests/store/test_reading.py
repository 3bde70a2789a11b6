from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TypedDict

import pytest

from llmstudio.core.errors import StudioError
from llmstudio.store import reading
from llmstudio.store.reading import damage_told, read_bytes, read_json


class _Item(TypedDict):
    size: int


def test_that_json_of_the_expected_type_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('{"size": 3, "more": [1]}', encoding="utf-8")
    assert read_json(tmp_path / "a", _Item) == {"size": 3, "more": [1]}


HALF = b'{"size": 3, "x": "\\ud83d"}'  # of a character: it could not be written again
DEEP = b'{"size": 3, "x": ' + b"[" * 60 + b"]" * 60 + b"}"


@pytest.mark.parametrize(
    "content", [b"", b"[", b"\xff\xfe\x00", b'{"size": "3"}', b"[3]", b"[" * 100_000, DEEP, b'{"size": 3, "x": "\\ud83d"}']
)
def test_that_any_other_file_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(StudioError, match="damaged"):
        read_json(tmp_path / "a", _Item)


def test_that_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="a is missing"):
        read_json(tmp_path / "a")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders there")
def test_that_nobody_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    with pytest.raises(StudioError, match="damaged"):
        read_json(tmp_path / "a")


def test_that_a_folder_or_a_circle_of_links_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to(tmp_path / "c")
    (tmp_path / "c").symlink_to(tmp_path / "b")
    for name in "ab":
        with pytest.raises(StudioError, match="damaged"):
            read_json(tmp_path / name)


def test_that_a_file_without_end_is_not_taken_in(tmp_path: Path) -> None:
    with open(tmp_path / "a", "wb") as file:
        file.truncate(reading.MAX_BYTES + 1)  # takes no room on disk
    with pytest.raises(StudioError, match="too large"):
        read_bytes(tmp_path / "a")


def test_that_what_goes_wrong_with_damaged_content_is_one_sentence(tmp_path: Path) -> None:
    for error in (KeyError("x"), TypeError("x"), IndexError("x"), RecursionError("x"), ValueError("x"), OverflowError("x")):
        with pytest.raises(StudioError, match="is damaged"), damage_told(tmp_path / "a"):
            raise error


def test_that_a_sentence_that_says_more_passes(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="newer version"), damage_told(tmp_path / "a"):
        raise StudioError("made by a newer version")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders there")
@pytest.mark.parametrize("mode", ["rb", "ab"])
def test_that_what_is_read_in_parts_is_no_pipe_either(tmp_path: Path, mode: str) -> None:
    os.mkfifo(tmp_path / "a")
    refused = pytest.raises(OSError, match=r"no regular file|No such device")
    with refused, open(tmp_path / "a", mode, opener=reading.regular_only):
        pass


def test_that_a_character_in_two_halves_is_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('{"size": 3, "x": "\\ud83d\\ude00"}', encoding="utf-8")
    assert read_json(tmp_path / "a", _Item) == {"size": 3, "x": "\U0001f600"}
