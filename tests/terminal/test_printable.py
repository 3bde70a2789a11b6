"""No control character of a file, a name or a model reaches the terminal; the program's own do."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.events import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Noted,
    Piece,
    Progress,
    Sampled,
    Saved,
    Started,
    Stopped,
)
from llmstudio.core.words import words
from llmstudio.terminal.json_lines import JsonPrinter, as_json
from llmstudio.terminal.printable import printable, printable_json
from llmstudio.terminal.printer import PlainPrinter

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
NASTY = "a\u202e\x1b]0;owned\x07\x1b[2J\x9b31mb\x00\x08\x7f\x0c\rc"
PLACE = {"name": NASTY, "version": 1, "created": 0.0}
RUNNER = {"model": NASTY, "bits_per_byte": 1.0, "tokens_per_second": 1.0, "parameters": 1, "weight_bytes": 1, "out": ""}
SAID: list[Event] = [
    Started(job="train", title=words("{x}", x=NASTY), item=NASTY + "!"),
    Progress(job="train", what=words("{x}", x=NASTY), done=1, unit=NASTY),
    Evaluated(job="train", split=NASTY, figures={NASTY: 1.0}),
    Sampled(job="train", prompt=NASTY, text=NASTY),
    Saved(job="train", kind="model", name=NASTY, location=NASTY),
    Noted(job="train", message=words("{x}", x=NASTY), details={NASTY: NASTY}),
    Piece(job="generate", text=NASTY),
    Finished(job="list", result={"model": [PLACE]}),
    Finished(job="show", result={NASTY: NASTY, "deep": {NASTY: [NASTY]}}),
    Finished(job="race", result={"places": [RUNNER], "yardstick": None}),
    Stopped(job="train", result={"model": NASTY}),
    Failed(job="train", message=words("{x}", x=NASTY)),
]


def _controls(text: str) -> set[str]:
    return {sign for sign in text if sign not in "\n\t" and (ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 or sign in TURNING)}


@given(st.text() | st.text(alphabet=TURNING + "ab\n"))
def test_that_printable_text_has_no_controls_and_else_is_as_it_was(text: str) -> None:
    found = printable(text)
    assert not _controls(found)
    assert printable(found) == found
    if not _controls(text):
        assert found == text


@given(st.text() | st.text(alphabet=TURNING + "ab\n"))
def test_that_escaped_json_means_the_same(text: str) -> None:
    line = printable_json(json.dumps({text: text}, ensure_ascii=False))
    assert not _controls(line)
    assert json.loads(line) == {text: text}


@pytest.mark.parametrize("printer", [PlainPrinter, JsonPrinter])
@pytest.mark.parametrize("live", [False, True])
def test_that_no_event_hands_a_control_character_to_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, printer: type, live: bool
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: live, raising=False)
    show: Callable[[Event], None] = printer()
    for event in SAID:
        show(event)
    out, err = capsys.readouterr()
    assert "owned" in out
    assert "owned" in err
    assert not _controls(out.replace("\r\x1b[2K", "")), "only our own way back to an empty line"
    assert not _controls(err)
    assert json.loads(as_json(SAID[5]))["details"] == {NASTY: NASTY}
