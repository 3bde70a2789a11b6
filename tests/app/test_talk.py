"""A talk in the terminal: every answer has a seed of its own, and what the model no longer reads is said."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from llmstudio.app.verbs.generate import generate
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.events import Event, Finished, Noted, Piece
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.work import Stop
from llmstudio.store.project import Project
from llmstudio.terminal.json_lines import as_json
from llmstudio.terminal.talk import talk

Say = Callable[..., list[Event]]


@pytest.fixture
def say(project: Project, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Type lines, hear events."""

    def typed(*lines: str, fresh: bool = False, **config: Any) -> list[Event]:
        left = iter([*(line + "\n" for line in lines), ""])

        class Typed:
            def isatty(self) -> bool:
                return False

            def readline(self) -> str:
                return next(left)

        monkeypatch.setattr(sys, "stdin", Typed())
        heard: list[Event] = []
        settings = GenerationConfig(**({"max_new_tokens": 3} | config))
        assert talk(project, "Tiny", settings, heard.append, fresh=fresh) == 0
        return heard

    return typed


def _seeds(heard: list[Event]) -> list[int]:
    return [int(event.details["seed"]) for event in heard if isinstance(event, Noted) and "seed" in event.details]


def test_that_every_answer_has_a_seed_of_its_own_that_is_told_and_can_be_had_again(say: Say) -> None:
    first, again = (say("who ?", "where ?", "what ?", seed=7) for _ in range(2))
    assert _seeds(first) == _seeds(again) == [7, 8, 9]
    texts = [[event.text for event in heard if isinstance(event, Piece)] for heard in (first, again)]
    assert texts[0] == texts[1]
    assert "seed 8" in " ".join(str(event.message) for event in first if isinstance(event, Noted))
    drawn = _seeds(say("who ?", "where ?", "what ?", fresh=True))
    assert len(set(drawn)) == 3
    assert drawn != _seeds(say("who ?", "where ?", "what ?", fresh=True))


def test_that_turns_and_long_messages_that_are_not_read_are_told(say: Say) -> None:
    heard = say(*["where is the dog and who has the ball and the kite ?"] * 6, "ball " * 200)
    told = [event for event in heard if isinstance(event, Noted) and event.level == "warning"]
    assert [event.details["num_dropped"] for event in told] == sorted(event.details["num_dropped"] for event in told)
    assert any("earliest" in str(event.message) and "no longer read" in str(event.message) for event in told)
    assert "only the last" in str(told[-1].message)
    figures = [event.details["num_dropped"] for event in heard if isinstance(event, Noted) and "tokens" in event.details]
    assert len(figures) == 7
    assert figures[0] == 0 < figures[-1]
    lines = [json.loads(as_json(event)) for event in heard]
    assert any(line.get("details", {}).get("num_dropped") for line in lines)


def test_that_a_short_talk_is_read_whole_and_says_nothing_of_it(say: Say) -> None:
    heard = say("who ?")
    assert not [event for event in heard if isinstance(event, Noted) and event.level == "warning"]
    assert isinstance(heard[-1], Finished)


def test_that_a_setting_without_effect_is_said_once(say: Say) -> None:
    heard = say("who ?", "where ?", length_penalty=1.5)
    told = [str(event.message) for event in heard if isinstance(event, Noted) and "length_penalty" in str(event.message)]
    assert len(told) == 1
    assert "no effect" in told[0]


def test_that_what_the_model_does_not_know_is_named_with_the_line_that_holds_it(say: Say) -> None:
    heard = say("/story clara has the zork .", "who has flumpf ?", "who ?", "字 ?")
    told = [str(event.message) for event in heard if isinstance(event, Noted) and event.level == "warning"]
    assert [line.partition(": ")[2] for line in told if "Not known" in line] == ["zork flumpf", "字"]


def test_that_commands_of_other_programs_and_capitals_are_understood(say: Say) -> None:
    for ending in ("/Quit", "/exit", "/bye"):
        assert len(_seeds(say("who ?", ending, "where ?"))) == 1
    heard = say("who ?", "/Reset", "/clear", "/HELP", "where ?")
    assert len(_seeds(heard)) == 2
    assert sum("begins anew" in str(event.message) for event in heard if isinstance(event, Noted)) == 2, "once at the start"


def test_that_a_command_that_is_none_is_told_and_not_asked(say: Say) -> None:
    heard = say("/undo", "/undo that", "/usr/bin is where ?")
    told = [str(event.message) for event in heard if isinstance(event, Noted) and event.level == "warning"]
    assert [line.startswith("There is no command /undo. /story TEXT") for line in told[:2]] == [True, True]
    assert len(_seeds(heard)) == 1, "a path is no command"


def test_that_a_line_in_another_encoding_is_answered_and_what_is_lost_is_said(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = io.TextIOWrapper(io.BytesIO("who has caf\u00e9 ?\nwho ?\n".encode("latin-1")), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", typed)
    heard: list[Event] = []
    assert talk(project, "Tiny", GenerationConfig(max_new_tokens=3), heard.append) == 0
    told = [str(event.message) for event in heard if isinstance(event, Noted) and event.level == "warning"]
    assert sum("another encoding" in line for line in told) == 1
    assert len(_seeds(heard)) == 2


def test_that_a_model_that_has_only_read_texts_says_that_it_does_not_answer(
    project: Project, tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tales.txt").write_text("\n\n".join(f"anna has the ball . ben is in barn {n} ." for n in range(60)), "utf-8")
    list(import_corpus(project, [tmp_path / "tales.txt"], name="Tales", config=CorpusConfig(), stop=Stop()))
    list(train(project, corpus="Tales", tokenizer="Words", name="Base", recipe=tiny, stop=Stop()))
    lines = iter(["who has the ball ?\n", ""])
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False, readline=lambda: next(lines)))
    heard: list[Event] = []
    config = GenerationConfig(max_new_tokens=3)
    assert talk(project, "Base", config, heard.append) == 0
    for prompt in ("who has the ball ?", "anna has the"):
        heard += generate(project, "Base", prompt=prompt, config=config, stop=Stop())
    said = [str(event.message) for event in heard if isinstance(event, Noted)]
    said = [note for note in said if "never learned to answer" in note]
    assert [note.rsplit("from ", 1)[1] for note in said] == ["what you type.", "the question."]
