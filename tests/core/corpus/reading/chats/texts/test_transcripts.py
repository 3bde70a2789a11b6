from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import preview, read, survey

SAID = [("Ann Lee", "Shall we"), ("Ann Lee", "begin?"), ("Ben Ray", "Yes: now."), ("Ann Lee", "Good."), ("Ben Ray", "Well.")]
TURNS = [("user", "Shall we begin?"), ("assistant", "Yes: now."), ("user", "Good."), ("assistant", "Well.")]


def cues(spelled: str, said: list[tuple[str, str]] = SAID) -> str:
    """Subtitles with a number, a time and a line for each."""
    return "WEBVTT\n\n" + "".join(
        f"{n}\n00:00:0{n}.000 --> 00:00:0{n}.900\n{spelled.format(name=name, text=text)}\n\n"
        for n, (name, text) in enumerate(said)
    )


@pytest.mark.parametrize("spelled", ["{name}: {text}", "<v {name}>{text}</v>", "<v.loud {name}>{text}", "{name}：{text}"])
def test_that_subtitles_that_name_who_speaks_are_a_conversation(spelled: str, tmp_path: Path) -> None:
    (tmp_path / "meeting.vtt").write_text(cues(spelled), encoding="utf-8")
    config = ReadingConfig()
    assert survey([tmp_path], config).kind == "turns"
    (record,) = [item for item in read([tmp_path], config) if isinstance(item, dict)]
    assert [(turn["who"], turn["what"]) for turn in record["turns"]] == TURNS
    assert any("name who speaks" in str(remark.message) for remark in preview(tmp_path, config).taken.remarks)


def test_that_a_person_can_have_them_as_running_text_without_times(tmp_path: Path) -> None:
    (tmp_path / "meeting.vtt").write_text(cues("{name}: {text}"), encoding="utf-8")
    seen = preview(tmp_path, ReadingConfig(kind="text"))
    assert seen.records[0]["text"] == "".join(f"{name}: {text}\n" for name, text in SAID)


def test_that_other_subtitles_stay_running_text(tmp_path: Path) -> None:
    said = [("", "Shall we begin?"), ("", "Look: a boat."), ("", "Good."), ("", "Well."), ("", "It ends.")]
    (tmp_path / "film.vtt").write_text(cues("{text}", said), encoding="utf-8")
    assert preview(tmp_path, ReadingConfig()).kind == "text"
