"""What may happen to a text: words go, move, or give way to neighbours; END, labels and held-out texts stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.augmentation.augmenting import Augmenter
from llmstudio.core.tasks.augmentation.neighbours import neighbours, token_table
from llmstudio.core.tasks.marked_rows import MarkedRows
from llmstudio.core.tasks.settings import ClassifySettings, TagSettings
from llmstudio.core.tokenizer.config import END, PAD
from llmstudio.core.training.saving import said_of_begin
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.word_vectors.whole_words import whole_words

SHAPE = GRUConfig(num_layers=1, embed_dim=16, hidden_dim=16, context_length=48)
TRAINING = TrainingConfig(max_steps=4, batch_size=8, number_format="fp32", threads=1, learning_rate=1e-2)


@pytest.fixture
def rows(classes_data) -> Batch:
    read = MarkedRows(classes_data[0].split("train"), 48)
    return read.batch(np.arange(32), each=False)


def table(vocab_size: int) -> Callable[[], torch.Tensor]:
    return lambda: torch.randn(vocab_size, 16, generator=torch.Generator().manual_seed(1))


def texts(batch: Batch) -> list[list[int]]:
    """The tokens of each row before END; nothing but padding stands behind it."""
    found = []
    for row in batch.ids.tolist():
        end = row.index(END)
        assert set(row[end + 1 :]) <= {PAD}
        found.append(row[:end])
    return found


def test_that_swapping_keeps_every_texts_words(classes_data, rows: Batch) -> None:
    changed = Augmenter(classes_data[1], swap=0.3)(rows, table(classes_data[1].vocab_size))
    assert texts(changed) != texts(rows)
    assert list(map(Counter, texts(changed))) == list(map(Counter, texts(rows)))


def test_that_leaving_out_keeps_the_order_of_the_rest_and_about_the_right_share(classes_data, rows: Batch) -> None:
    augment, before = Augmenter(classes_data[1], delete=0.25), texts(rows)
    left = 0
    for _ in range(20):
        for was, now in zip(before, texts(augment(rows, table(1))), strict=True):
            words = iter(was)
            assert all(word in words for word in now), "a word came from elsewhere, or before another"
            assert now
            left += len(now)
    assert left / (20 * sum(map(len, before))) == pytest.approx(0.75, abs=0.02)


def test_that_a_word_is_always_left(classes_data, rows: Batch) -> None:
    for text in texts(Augmenter(classes_data[1], delete=1.0)(rows, table(1))):
        assert len(text) == 1


def test_that_a_replaced_word_becomes_one_of_its_nearest_neighbours(classes_data, rows: Batch) -> None:
    tokenizer = classes_data[1]
    vectors, among = table(tokenizer.vocab_size), {id for ids in whole_words(tokenizer).values() for id in ids}
    changed = Augmenter(tokenizer, replaced=0.5)(rows, vectors)
    unit = torch.nn.functional.normalize(vectors())
    num_replaced = 0
    for was, now in zip(texts(rows), texts(changed), strict=True):
        for old, new in zip(was, now, strict=True):
            if old != new:
                num_replaced += 1
                order = sorted(among - {old}, key=lambda other, own=old: -float(unit[own] @ unit[other]))
                assert new in order[:5]
    assert num_replaced > 20


def test_that_neighbours_are_others_and_come_by_their_angle() -> None:
    vectors = torch.tensor([[1.0, 0.0], [10.0, 1.0], [0.0, 1.0], [-1.0, 0.0], [1.0, 1.0]])
    found = neighbours(vectors, torch.tensor([0, 2]), torch.tensor([0, 1, 2, 3, 4]), 2)
    assert found.tolist() == [[1, 4], [4, 1]]


def test_that_the_same_step_changes_the_same_words_and_another_step_others(classes_data, rows: Batch) -> None:
    augment, vectors = Augmenter(classes_data[1], delete=0.2, swap=0.2, replaced=0.2), table(classes_data[1].vocab_size)
    made = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        made.append(augment(rows, vectors).ids)
    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])


def test_that_pieces_of_a_word_stay_together(tags_data) -> None:
    dataset, tokenizer = tags_data
    read = MarkedRows(dataset.split("train"), 48)
    batch = read.batch(np.arange(32), each=False)
    changed = Augmenter(tokenizer, swap=0.5)(batch, table(1))
    assert texts(changed) != texts(batch)
    for was, now in zip(texts(batch), texts(changed), strict=True):
        first, *rest = tokenizer.decode(was).replace(".", " .").split(" ")
        moved = tokenizer.decode(now).replace(".", " .").split(" ")
        assert moved[0] == first
        assert Counter(moved[1:]) == Counter(rest)


@pytest.mark.parametrize("changes", [{"delete_share": 0.3}, {"swap_share": 0.3}, {"replace_share": 0.3}])
def test_that_only_what_is_learned_from_is_changed(changes, classes_data, made_run) -> None:
    plain = Recipe("gru", SHAPE, TRAINING, task_name="classify")
    runs = [made_run(replace(plain, task=task), classes_data) for task in (ClassifySettings(), ClassifySettings(**changes))]
    looks = [list(run.task.evaluate(run.model, run.setup, 500))[-1].figures() for run in runs]
    assert looks[0] == looks[1]
    losses = [run.take_step().loss for run in runs]
    assert losses[0] != losses[1]


def test_that_a_run_with_no_share_set_is_the_same_to_the_last_bit_as_before(classes_data, made_run) -> None:
    run = made_run(
        Recipe("gru", SHAPE, TRAINING, task_name="classify", task=ClassifySettings(word_dropout=0.3)), classes_data
    )
    torch.manual_seed(5)
    batch = run.batches.batch(0)
    assert run.task._augment(batch, partial(token_table, run.model)) is batch


def test_that_tags_keep_their_words_places(tags_data, made_run) -> None:
    recipe = Recipe("gru", SHAPE, TRAINING, task_name="tag", task=TagSettings(replace_share=0.5))
    run = made_run(recipe, tags_data)
    batch = run.batches.batch(0)
    changed = run.task._augment(batch, partial(token_table, run.model))
    assert torch.equal(changed.labels, batch.labels)
    assert torch.equal(changed.ids == END, batch.ids == END)
    assert not torch.equal(changed.ids, batch.ids)


def test_that_neighbours_in_a_random_table_are_warned_of(classes_data, made_run) -> None:
    recipe = Recipe("gru", SHAPE, TRAINING, task_name="classify", task=ClassifySettings(replace_share=0.1))
    [said] = said_of_begin(made_run(recipe, classes_data))
    assert "begins at random" in str(said)
