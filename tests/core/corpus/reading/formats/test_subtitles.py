"""Of subtitles and lyrics what is said is read; times, counters, styles and drawings are not, and this is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.formats.subtitles import subtitle_kind
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead

NOUNS = ["gull", "anchor", "rudder", "keel", "mast", "oar", "tide", "reef"]
SAID = "".join(f"The {noun}, well,\nis gone.\n" for noun in NOUNS)
SCRIPT = (
    "[Script Info]\nTitle: boats\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    "Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,by hand\n"
    "Dialogue: 1,0:00:00.00,0:00:01.00,Default,,0,0,0,,{\\an7\\p1}m 0 0 l 9 9\n"
)


def _each(form: str) -> str:
    times = enumerate(NOUNS)
    return "".join(form.format(n=n, nn=f"{n:02d}", next=f"{n + 1:02d}", noun=noun) for n, noun in times)


FILES = {
    "a.srt": _each("{n}\n00:00:{nn},000 --> 00:00:{next},500\n<i>The {noun}, well,</i>\nis gone.\n\n"),
    "a.txt": _each("{n}\r\n00:00:{nn},000 --> 00:00:{next},500\r\nThe {noun}, well,\r\nis gone.\r\n\r\n"),
    "a.vtt": "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:0\n\nNOTE by hand\n\n"
    + _each("00:00:{nn}.000 --> 00:00:{next}.500\n<v Ann>The {noun}, well,\nis gone.\n\n"),
    "a.sbv": _each("0:00:{nn}.000,0:00:{next}.500\nThe {noun}, well,\nis gone.\n\n"),
    "viewer.sub": "[INFORMATION]\n[TITLE]boats\n[END INFORMATION]\n\n"
    + _each("00:00:{nn}.00,00:00:{next}.50\nThe {noun}, well,[br]is gone.\n\n"),
    "frames.sub": "{1}{1}23.976\n" + _each("{{{n}}}{{{n}9}}{{y:i}}The {noun}, well,|is gone.\n"),
    "brackets.txt": _each("[{n}][{n}9]/The {noun}, well,|is gone.\n"),
    "a.ass": SCRIPT
    + _each("Dialogue: 0,0:00:{nn}.00,0:00:{next}.00,Default,,0,0,0,,{{\\i1}}The {noun}, well,\\Nis gone.\n"),
    "a.lrc": "[ti:boats]\n[ar: Ann]\n\n" + _each("[00:{nn}.5][01:{nn}]The {noun}, <00:01.20>well,\n[00:{nn}.90]is gone.\n"),
    "song.txt": _each("[00:{nn}.50]The {noun}, well,\n[00:{nn}.90]is gone.\n"),
}


def _read(tmp_path: Path, name: str, text: str) -> tuple[str, str]:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    items = list(read([tmp_path / name], ReadingConfig()))
    said = [str(remark.message) for item in items if isinstance(item, FileRead) for remark in item.taken.remarks]
    return "".join(item["text"] for item in items if isinstance(item, dict)), " ".join(said)


@pytest.mark.parametrize("name", FILES)
def test_that_what_is_said_is_read_and_nothing_else(tmp_path: Path, name: str) -> None:
    text, said = _read(tmp_path, name, FILES[name])
    assert text == SAID
    assert "subtitles" in said


def test_that_a_line_shown_again_at_once_is_read_once_and_a_number_that_is_said_is_kept(tmp_path: Path) -> None:
    again = "".join(f"0:00:0{n}.000,0:00:0{n + 1}.000\n{'three' if n < 2 else n}\n\n" for n in range(4))
    assert _read(tmp_path, "a.sbv", again)[0] == "three\n2\n3\n"


@pytest.mark.parametrize(
    "text",
    [
        _each("[10:{nn}] ann: The {noun} is gone.\n"),  # a chat
        _each("[10:03:{nn}] <ann> The {noun} is gone.\n"),
        _each("The {noun} {{{n}}}{{{n}}} is gone.\n"),
        _each("At 0:00:{nn}.000,0:00:{next}.500 the {noun} went.\n"),
    ],
)
def test_that_other_times_and_brackets_are_no_subtitles(tmp_path: Path, text: str) -> None:
    assert _read(tmp_path, "a.txt", text)[0] == text


def test_that_a_play_headed_dialogue_is_no_script_of_subtitles_and_loses_no_line() -> None:
    play = "Dialogue:\nAnna: Where is the boat?\nBert: It lies at the pier.\nDialogue: the end.\n"
    assert subtitle_kind("play.txt", play) == ""
    script = "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Where is the boat?\n"
    assert subtitle_kind("film.ass", script) == "script"
