"""Made-up texts of rare classes: how many, which are kept, that the same seed writes the same, and a stop comes at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from llmstudio.core.dataset.writing import NO_MARK
from llmstudio.core.events import Progress
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.classes.made_up import sizes
from llmstudio.core.tasks.classes.made_up.texts import MADE_UP, kept_texts, rows_of, wanted_texts
from llmstudio.core.tasks.classify import Classify
from llmstudio.core.tasks.settings import ClassifySettings
from llmstudio.core.tokenizer.config import END
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

SHAPE = GRUConfig(num_layers=1, embed_dim=16, hidden_dim=16, context_length=64)


@pytest.fixture(autouse=True)
def few_steps(monkeypatch) -> None:
    for name, steps in {"STEPS": 12, "RARE_STEPS": 4, "VAE_STEPS": 12, "GAN_STEPS": 12}.items():
        monkeypatch.setattr(sizes, name, steps)


def task_of(data, how: str, **changed: object) -> Classify:
    settings = ClassifySettings(imbalance=how, made_up_times=1, **changed)
    training = TrainingConfig(max_steps=2, batch_size=8, number_format="fp32", threads=1, seed=3)
    task = Recipe("gru", SHAPE, task_name="classify", task=settings, training=training).make_task(*data)
    assert isinstance(task, Classify)
    return task


def written(task: Classify) -> list[tuple[str, int]]:
    job = task.make_up(job="train", stop=Stop())
    while True:
        try:
            next(job)
        except StopIteration as end:
            return end.value


def test_that_a_class_is_filled_up_to_half_of_an_even_share_and_at_most_so_many_times_its_own() -> None:
    assert wanted_texts(np.array([900, 80, 20, 0]), 5).tolist() == [0, 86, 100, 0]
    assert wanted_texts(np.array([900, 80, 20, 0]), 100).tolist() == [0, 86, 146, 0]
    assert wanted_texts(np.array([90_000, 3_000, 2]), 5).tolist() == [0, 500, 10]
    assert wanted_texts(np.array([50, 50]), 5).tolist() == [0, 0]
    assert wanted_texts(np.array([0, 0]), 5).tolist() == [0, 0]


def test_that_no_text_is_kept_that_is_empty_or_there_already_or_comes_twice_and_the_most_fitting_ones_are() -> None:
    learned = ["who is Ann", "who is Tom", "where is it", "where was it"]
    texts = ["", "Who is  Ann", "where who", "who was Mia", "who was mia", "who is it"]
    kept = kept_texts({0: texts, 1: []}, learned, np.array([0, 0, 1, 1]), np.array([2, 5]))
    assert sorted(text for text, _ in kept) == ["who is it", "who was Mia"]
    assert {number for _, number in kept} == {0}


def test_that_rows_of_texts_are_marked_at_their_end_as_those_of_a_dataset_are(classes_data) -> None:
    tokenizer = classes_data[1]
    rows = rows_of([("a good book", 2), ("long", 0)], tokenizer)
    assert [rows.row(at).tolist() for at in range(2)] == [[*tokenizer.encode(text), END] for text in ("a good book", "long")]
    assert rows.marks[rows.offsets[1:] - 1].tolist() == [2, 0]
    assert (np.delete(rows.marks, rows.offsets[1:] - 1) == NO_MARK).all()
    assert rows_of([], tokenizer).num_rows == 0


@pytest.mark.parametrize("how", MADE_UP)
def test_that_the_same_seed_makes_up_the_same_new_texts_of_rare_classes_alone(classes_data, how) -> None:
    task = task_of(classes_data, how)
    texts = written(task)
    assert texts == written(task_of(classes_data, how))
    rare = int(np.argmin(task.balance.counts))
    assert texts
    assert {int(task.first_class[mark]) for _, mark in texts} == {rare}
    assert len(texts) <= wanted_texts(task.balance.counts, 1)[rare]
    learned = {" ".join(task.tokenizer.decode(task.read.ids(at).tolist()).lower().split()) for at in range(len(task.read))}
    assert not learned & {" ".join(text.lower().split()) for text, _ in texts}


@pytest.mark.parametrize("how", MADE_UP)
def test_that_making_up_tells_how_far_it_is_and_a_stop_comes_at_once(classes_data, how) -> None:
    task = task_of(classes_data, how)
    told = [event for event in task.make_up(job="train", stop=Stop()) if isinstance(event, Progress)]
    assert (told[0].done, told[0].total, told[0].unit) == (1, told[0].total, "steps")
    assert all(event.remaining_s is not None for event in told if event.total and event.done)
    stages = [at for at, event in enumerate(told) if at == 0 or event.what != told[at - 1].what]
    assert len(stages) == {"language_model": 3, "latent_gan": 4}[how]
    for number in (stages[0], stages[-1]):
        stop = Stop()
        job = task.make_up(job="train", stop=stop)
        for _ in range(number + 1):
            next(job)
        stop.request()
        with pytest.raises(StopIteration) as end:
            next(job)
        assert end.value.value is None


def test_that_made_up_rows_are_learned_and_told_and_never_reach_what_is_measured(classes_data) -> None:
    dataset, tokenizer = classes_data
    plain = task_of(classes_data, "language_model", label_share=0.5)
    rare = int(np.argmin(plain.balance.counts))
    mark = next(number for number, chosen in enumerate(plain.classes_of) if rare in chosen)
    more = rows_of([("good bad book", mark), ("bad good book", mark)], tokenizer)
    task = task_of((replace(dataset, made_up=more), tokenizer), "language_model", label_share=0.5)
    assert len(task.read) == len(plain.read) + 2
    assert task.read.ids(len(plain.read)).tolist() == tokenizer.encode("good bad book")
    assert np.array_equal(task.balance.counts, plain.balance.counts)
    assert task.val_rows is dataset.split("val")
    for name in ("val", "test"):
        if (part := replace(dataset, made_up=more).held_out(name)) is not None:
            assert part.made_up is None
    batches = task.batches()
    shown = {tuple(row) for step in range(80) for row in batches.batch(step).ids.tolist()}
    assert any(row[: len(ids)] == tuple(ids) for ids in [tokenizer.encode("good bad book")] for row in shown)
    said = [str(note.message) for note in task.notes()]
    assert "2 made-up texts are learned along: good bad book · bad good book" in said
    assert "task.made_up_times" in task_of(classes_data, "none").idle()
