"""No more rows are forecast for a step than a text has, whatever they are to the task."""

from __future__ import annotations

import pytest

from llmstudio.app.computer.dealt import dealt
from llmstudio.core.models.families import MODELS
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.tasks import TASKS, task_of

ROWS, TOKENS = 3, 3000
LEARNED = [
    (kind, task) for kind, family in MODELS.items() for task, facts in TASKS.items() if family.reading in facts.readings
]


def step_rows(kind: str, task: str, *, have_answers: bool) -> int:
    recipe = change(Recipe(kind, MODELS[kind].config(), task_name=task), {"training.batch_size": 60_000})
    found = dealt(
        recipe, vocab_size=100, num_tokens=TOKENS, num_rows=ROWS, longest_document=64, have_answers=have_answers
    ).recipe
    return found.training.step_rows


@pytest.mark.parametrize(("kind", "task"), LEARNED)
def test_that_whole_texts_are_as_many_as_the_text_has_and_sentences_at_most_as_many_as_tokens(kind: str, task: str) -> None:
    context = MODELS[kind].config().context_length
    cuts = task_of(kind, task).cuts_sentences
    for have_answers in (True, False):
        if task_of(kind, task).rows_are_free and not have_answers:
            continue  # running text
        are_sentences = cuts == "always" or (cuts == "without answers" and not have_answers)
        assert step_rows(kind, task, have_answers=have_answers) == (TOKENS if are_sentences else ROWS + TOKENS // context)


def test_that_which_tasks_cut_sentences_is_known() -> None:
    found = {name: facts.cuts_sentences for name, facts in TASKS.items() if facts.cuts_sentences != "never"}
    assert found == {"pairs": "without answers", "latent": "always"}
