from __future__ import annotations

import errno
import os
import sys
import tracemalloc
from pathlib import Path
from typing import TypedDict

import pytest

from llmstudio.core.errors import StudioError
from llmstudio.store import reading
from llmstudio.store.reading import damage_told, file_told, read_bytes, read_json


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


def test_that_reading_takes_as_much_memory_as_the_file_is_long(tmp_path: Path) -> None:
    place = tmp_path / "small.json"
    place.write_text('{"n": 1}')
    tracemalloc.start()
    try:
        read_json(place)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 100_000, f"{most:,} bytes for a file of 8"


def test_that_a_file_that_grows_while_it_is_read_is_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "grows.txt"
    content = b"0123456789" * 300_000
    place.write_bytes(content)
    size = reading.os.fstat
    monkeypatch.setattr(reading.os, "fstat", lambda handle: os.stat_result((size(handle)[0], *[0] * 9)))  # before it grew
    assert read_bytes(place) == content
    assert read_bytes(place, max_bytes=2_000_000) == content[:2_000_000]


def test_that_a_file_that_cannot_be_read_for_want_of_memory_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "whole.json"
    place.write_text("{}")
    full = OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
    with pytest.raises(MemoryError), damage_told(place):
        raise full

    def refused(*given: object, **named: object) -> int:
        raise full

    monkeypatch.setattr(reading.os, "open", refused)
    with pytest.raises(MemoryError):
        read_bytes(place)


def test_that_what_is_wrong_with_values_is_said_of_the_file_that_holds_them(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as refused, file_told(tmp_path / "a"):
        raise StudioError("Width cannot be {n}.", n=-1)
    assert str(refused.value) == f"{tmp_path / 'a'} cannot be used. Width cannot be -1."
