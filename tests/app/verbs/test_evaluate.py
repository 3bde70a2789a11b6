from __future__ import annotations

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
