"""A remedy for rare classes inside the task: its loss, its rows, and what is said where it does nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from llmstudio.core.generation.classes import class_logits
from llmstudio.core.generation.spelling import Wording
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import settings_of
from llmstudio.core.tasks.classes.balancing import Balance
from llmstudio.core.tasks.classes.imbalance import class_weights, label_weights
from llmstudio.core.tasks.classes.made_up.texts import MADE_UP
from llmstudio.core.tasks.classify import Classify
from llmstudio.core.tasks.marked_rows import MarkedRows
from llmstudio.core.tasks.settings import ClassifySettings
from llmstudio.core.training.machine.setup import set_up
from llmstudio.core.training.remarks import without_effect
from llmstudio.core.training_config import TrainingConfig

COUNTS = np.array([50, 30, 5])
REMEDIES = next(setting for setting in settings_of(ClassifySettings) if setting.path == "imbalance").fact.choices
SHAPE = GRUConfig(num_layers=1, embed_dim=16, hidden_dim=16, context_length=64)


def balance(remedy: str, **changed: object) -> Balance:
    given = {"counts": COUNTS, "rows": 85, "several": False} | changed
    return Balance(remedy, **given)


def told(count: int = 40) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    classes = torch.randint(3, (count,), generator=generator)
    return torch.randn(count, 3, generator=generator), F.one_hot(classes, 3).float()


def test_that_no_remedy_and_those_that_choose_rows_leave_the_loss_as_it_is() -> None:
    logits, truth = told()
    plain = F.cross_entropy(logits, truth.argmax(1), reduction="none")
    for remedy in ("none", "oversampling", "undersampling"):
        assert torch.equal(balance(remedy).losses(logits, truth), plain)


@pytest.mark.parametrize("remedy", ["inverse", "square_root", "effective_number"])
def test_that_weights_multiply_the_loss_of_a_text_by_its_class(remedy: str) -> None:
    logits, truth = told()
    weight = torch.tensor(class_weights(COUNTS, remedy), dtype=torch.float32)
    found = balance(remedy, smoothing=0.1).losses(logits, truth)
    plain = F.cross_entropy(logits, truth.argmax(1), reduction="none", label_smoothing=0.1)
    assert torch.allclose(found, plain * weight[truth.argmax(1)])


def test_that_an_adjusted_model_without_a_hint_knows_how_frequent_classes_are() -> None:
    chances = torch.tensor(COUNTS / COUNTS.sum(), dtype=torch.float32)
    found = balance("logit_adjustment").losses(torch.zeros(3, 3), torch.eye(3))
    assert torch.allclose(found, -chances.log())


def test_that_labels_weigh_their_yes_and_what_needs_one_class_says_so() -> None:
    logits, truth = told()
    truth[0] = 1
    found = balance("inverse", several=True).losses(logits, truth)
    yes = torch.tensor(label_weights(COUNTS, 85, "inverse"), dtype=torch.float32)
    assert torch.allclose(found, F.binary_cross_entropy_with_logits(logits, truth, pos_weight=yes, reduction="none").sum(1))
    for remedy in REMEDIES:
        reason = balance(remedy, several=True).without_effect()
        assert (reason is not None) == (remedy in ("oversampling", "undersampling", "logit_adjustment", *MADE_UP))
        if reason is not None:
            plain = balance("none", several=True)
            assert torch.equal(balance(remedy, several=True).losses(logits, truth), plain.losses(logits, truth))


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("remedy", REMEDIES)
def test_that_a_look_measures_plain_cross_entropy_whatever_is_learned_by(remedy: str, several: bool, classes_data) -> None:
    dataset, tokenizer = classes_data
    if several:
        sets = [[0, 1], *dataset.mark_sets[1:]]
        dataset = replace(dataset, meta=dict(dataset.meta) | {"marks": {"names": dataset.mark_names, "sets": sets}})
    training = TrainingConfig(max_steps=1, batch_size=8, number_format="fp32", threads=1)
    settings = ClassifySettings(imbalance=remedy, label_smoothing=0.2)
    recipe = Recipe("gru", SHAPE, task_name="classify", task=settings, training=training)
    task = recipe.make_task(dataset, tokenizer)
    task.balance.counts = np.array([200, 100, 4])
    model = build_model("gru", SHAPE, tokenizer.vocab_size, changes=task.changes(())).eval()
    *_, score = task.evaluate(model, set_up(training))
    rows = MarkedRows(dataset.split("val"), SHAPE.context_length)
    batch = rows.batch(np.arange(len(rows)), each=False)
    with torch.inference_mode():
        logits = class_logits(model, batch.ids, Wording(tokenizer))
    truth = torch.tensor(
        [[float(c in task.classes_of[mark]) for c in range(len(task.names))] for mark in batch.labels.tolist()]
    )
    if several:
        plain = F.binary_cross_entropy_with_logits(logits, truth, reduction="none").sum(1).mean()
    else:
        plain = F.cross_entropy(logits, truth.argmax(1))
    assert score.figures()["loss"] == pytest.approx(float(plain), rel=1e-5)
    learned = task.balance.losses(logits, truth).sum() / task.balance.weights(truth).sum()
    is_plain = float(learned) == pytest.approx(float(plain), rel=1e-5)
    is_told = any("plain cross-entropy" in str(note.message) for note in task.notes())
    assert is_told == task.balance.shapes_loss == (not is_plain)


def test_that_even_classes_need_no_remedy_but_the_focal_loss_sees_more_than_counts() -> None:
    logits, truth = told()
    even = np.array([7, 7, 7])
    for remedy in REMEDIES:
        idle = balance(remedy, counts=even).without_effect()
        assert (idle is None) == (remedy in ("none", "focal", "threshold"))
    assert not torch.allclose(balance("focal", counts=even).losses(logits, truth), balance("none").losses(logits, truth))


@pytest.mark.parametrize(("remedy", "each"), [("oversampling", 50), ("undersampling", 5)])
def test_that_an_epoch_shows_as_many_of_each_class(remedy: str, each: int) -> None:
    labels = np.repeat(np.arange(3), COUNTS)
    shown = balance(remedy).shown(labels, 3)
    assert shown is not None
    assert Counter(labels[shown(4)].tolist()) == {0: each, 1: each, 2: each}
    assert not np.array_equal(shown(0), shown(1))


@pytest.mark.parametrize("remedy", REMEDIES)
def test_that_a_task_deals_and_learns_by_its_remedy_and_names_a_setting_that_does_nothing(classes_data, remedy) -> None:
    training = TrainingConfig(max_steps=1, batch_size=8, number_format="fp32", threads=1)
    settings = ClassifySettings(imbalance=remedy, label_smoothing=0.1)
    recipe = Recipe("gru", SHAPE, task_name="classify", task=settings, training=training)
    task = recipe.make_task(*classes_data)
    assert isinstance(task, Classify)
    dealt = task.batches()
    assert dealt.most_rows == 8
    labels = Counter(label for step in range(40) for label in dealt.batch(step).labels.tolist())
    assert all(labels.values())
    if remedy in ("oversampling", "undersampling"):
        assert max(labels.values()) - min(labels.values()) <= 0.25 * max(labels.values())
    idle = [remark for remark in without_effect(recipe, task) if "smoothing" in str(remark)]
    assert bool(idle) == (remedy in ("focal", "logit_adjustment"))


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("remedy", REMEDIES)
def test_that_the_mean_loss_of_any_texts_stays_in_bounds_however_heavy_their_class(remedy: str, several: bool) -> None:
    counts = np.array([1000, 900, 2])
    remedied = balance(remedy, counts=counts, rows=1902, several=several)
    rare = torch.tensor([[0.0, 0.0, 1.0]]).expand(16, 3)
    logits = torch.zeros(16, 3)
    mean = float(remedied.losses(logits, rare).sum() / remedied.weights(rare).sum())
    assert mean < 2.5 * float(balance("none", several=several).losses(logits, rare).mean()) + 5


@pytest.mark.parametrize("remedy", ["inverse", "square_root", "effective_number"])
def test_that_a_step_with_many_of_a_rare_class_does_not_look_as_if_the_run_had_gone_wrong(classes_data, remedy) -> None:
    training = TrainingConfig(max_steps=1, batch_size=8, number_format="fp32", threads=1)
    recipe = Recipe("gru", SHAPE, task_name="classify", task=ClassifySettings(imbalance=remedy), training=training)
    task = recipe.make_task(*classes_data)
    task.balance.counts = np.array([2000, 1000, 2])
    model = build_model("gru", SHAPE, classes_data[1].vocab_size, changes=task.changes(())).eval()
    batch = task.batches().batch(0)
    rare = replace(
        batch, labels=torch.full_like(batch.labels, next(m for m, chosen in enumerate(task.classes_of) if 2 in chosen))
    )
    assert float(task.loss(model, rare, task.weight(rare)).detach()) == pytest.approx(np.log(3), abs=0.3)


def test_that_a_class_far_rarer_than_another_is_told_of_unless_something_is_done(classes_data) -> None:
    training = TrainingConfig(max_steps=1, batch_size=8, number_format="fp32", threads=1)
    recipe = Recipe("gru", SHAPE, task_name="classify", training=training)
    said = {}
    for remedy in ("none", "focal"):
        task = replace(recipe, task=ClassifySettings(imbalance=remedy)).make_task(*classes_data)
        task.balance.counts = np.array([200, 100, 4])
        said[remedy] = [str(note.message) for note in task.notes()]
    assert any("4 texts" in message for message in said["none"])
    assert not any("4 texts" in message for message in said["focal"])
