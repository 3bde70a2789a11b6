from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmstudio.app.items.loaded import load
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.core.events import Finished, Noted, Progress, Stopped
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def test_that_a_model_of_conversations_is_told_how_many_answers_it_writes_as_they_should_be(project: Project) -> None:
    heard = list(evaluate(project, "Tiny", stop=Stop()))
    end = heard[-1]
    assert isinstance(end, Finished)
    assert 0 <= end.result["exact_match"] <= end.result["token_f1"] <= 1
    (said,) = [str(event.message) for event in heard if isinstance(event, Noted) and "wrote itself" in str(event.message)]
    assert said.startswith(f"exact_match and token_f1 are of {end.result['answers']} held-out answers")


def test_that_answers_longer_than_the_context_are_left_out_and_that_is_said(project: Project, tmp_path: Path) -> None:
    short, long = "the box is red .", "the box is red . " * 40
    rows = [{"turns": [{"who": "user", "what": text}, {"who": "assistant", "what": "red"}]} for text in (short, long)]
    file = tmp_path / "new.jsonl"

    def told(rows: list[dict[str, Any]]) -> tuple[list[str], dict[str, Any]]:
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        heard = list(evaluate(project, "Tiny", text_file=file, stop=Stop()))
        assert isinstance(heard[-1], Finished)
        said = [str(event.message) for event in heard if isinstance(event, Noted) and "left out" in str(event.message)]
        return said, dict(heard[-1].result)

    assert told(rows[:1])[0] == []
    (said,), result = told(rows)
    assert said.startswith("1 of 2 held-out answers are left out")
    assert said.endswith("the context of 64.")
    assert result["answers"] == 1
    (said,), result = told(rows[1:])
    assert said.startswith("1 of 1 held-out answer is left out")
    assert not {"answers", "exact_match"} & set(result)


def test_that_writing_answers_can_be_stopped(project: Project) -> None:
    stop, heard = Stop(), []
    for event in evaluate(project, "Tiny", stop=stop):
        heard.append(event)
        if isinstance(event, Progress) and event.unit == "answers":
            stop.request()
    assert isinstance(heard[-1], Stopped)


@pytest.mark.parametrize("name", ["Sort"])
def test_that_a_model_that_writes_nothing_is_told_no_written_answers(sorting: Project, name: str) -> None:
    assert load(sorting, name)
    end = list(evaluate(sorting, name, stop=Stop()))[-1]
    assert isinstance(end, Finished)
    assert not {"exact_match", "token_f1", "answers"} & set(end.result)
