"""The line between classes, moved on held-out texts: kept with the weights, and used by all that tell classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from llmstudio.core.events import Finished, Noted, TrainStep
from llmstudio.core.generation.classes import Reader
from llmstudio.core.models.changes.head import head_of, new_head
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.classify import ClassScore
from llmstudio.core.tasks.scores.thresholds import best_offsets
from llmstudio.core.tasks.settings import ClassifySettings
from llmstudio.core.training.machine.setup import set_up
from llmstudio.core.training.trainer import resume, train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

TRAINING = TrainingConfig(max_steps=30, batch_size=16, number_format="fp32", threads=1, learning_rate=1e-2, eval_steps=10)
SHAPE = GRUConfig(num_layers=1, embed_dim=16, hidden_dim=16, context_length=64)
RECIPE = Recipe("gru", SHAPE, task_name="classify", task=ClassifySettings(imbalance="threshold"), training=TRAINING)


def test_that_offsets_are_the_factors_and_thresholds_that_were_found() -> None:
    truth = np.array([[1, 0], [1, 0], [1, 0], [0, 1]])
    shares = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    one = best_offsets(truth, shares, several=False)
    assert ((shares * np.exp(one)).argmax(1) == truth.argmax(1)).all()
    some = best_offsets(truth, shares, several=True)
    assert ((np.log(shares / (1 - shares)) + some > 0) == truth.astype(bool)).all()


def test_that_the_line_is_kept_with_the_weights_and_held_out_texts_are_told_by_it(classes_data, tmp_path) -> None:
    events = list(train(tmp_path, recipe=RECIPE, dataset=classes_data[0], tokenizer=classes_data[1], stop=Stop()))
    assert isinstance(events[-1], Finished)
    assert sum("line between classes" in str(event.message) for event in events if isinstance(event, Noted)) == 1
    model = load_model(find_checkpoint(tmp_path)[0])
    offsets = model.class_head.offsets
    assert offsets is not None
    task = RECIPE.make_task(*classes_data)
    *_, score = task.evaluate(model, set_up(TRAINING))
    assert isinstance(score, ClassScore)
    assert score.figures()["macro_f1"] >= replace(score, offsets=[]).figures()["macro_f1"]
    rows = classes_data[0].split("val")
    texts = [classes_data[1].decode(rows.row(i).tolist()) for i in range(rows.num_rows)]
    names = [classes_data[0].mark_names[int(rows.marks[rows.offsets[i + 1] - 1])] for i in range(rows.num_rows)]
    right = [told.names == (name,) for told, name in zip(Reader(model, classes_data[1]).read(texts), names, strict=True)]
    assert sum(right) / len(right) == pytest.approx(score.figures()["accuracy"])
    model.class_head.offsets = torch.tensor([0.0, 0.0, 90.0])
    assert {told.names for told in Reader(model, classes_data[1]).read(texts[:5])} == {(classes_data[0].mark_names[2],)}


def test_that_a_run_that_goes_on_has_moved_the_line_to_the_same_place(classes_data, tmp_path) -> None:
    given = {"recipe": RECIPE, "dataset": classes_data[0], "tokenizer": classes_data[1]}
    for name in ("whole", "broken"):
        (tmp_path / name).mkdir()
    list(train(tmp_path / "whole", stop=Stop(), **given))
    stop = Stop()
    for event in train(tmp_path / "broken", stop=stop, **given):
        if isinstance(event, TrainStep) and event.step == 15:
            stop.request()
    list(resume(tmp_path / "broken", stop=Stop(), **given))
    whole, broken = (load_model(find_checkpoint(tmp_path / name)[0]) for name in ("whole", "broken"))
    for (name, one), other in zip(whole.state_dict().items(), broken.state_dict().values(), strict=True):
        assert torch.equal(one, other), name


def test_that_a_model_whose_line_was_not_moved_goes_on_with_its_head_and_one_whose_was_gets_another(classes_data) -> None:
    given = {"width": 8, "names": ["a", "b"], "pooling": "mean", "seed": 0, "several": False}
    (old,) = new_head((), **given)
    (moved,) = new_head((), moved=True, **given)
    assert new_head((old,), moved=False, **given) == []
    assert new_head((moved,), moved=True, **given) == []
    assert head_of(new_head((moved,), moved=False, **given))["moved"] is False
    without = replace(classes_data[0], _splits={"train": classes_data[0].split("train")})
    task = RECIPE.make_task(without, classes_data[1])
    assert "validation" in str(task.idle()["task.imbalance"])
    assert not head_of(task.changes(()))["moved"]
