"""A forecast counts the rows that a text has, as a batch does: no more of them than there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from llmstudio.app.computer import past_runs as past
from llmstudio.app.computer.estimate import Estimate, estimate
from llmstudio.app.computer.hardware import Probe
from llmstudio.app.presets.by_name import preset
from llmstudio.app.verbs.train import train
from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import Documents
from llmstudio.core.dataset.tokens import Rows
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.tasks.classes.made_up.texts import MADE_UP
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.gui.train.forecast.forecast import text_of
from llmstudio.store.project import Project

STEPS = [
    {"layers": 2.0, "width": 64.0, "tokens": 128.0, "vocab_size": 512.0, "flops": 1e8, "seconds": 0.004},
    {"layers": 4.0, "width": 128.0, "tokens": 2048.0, "vocab_size": 512.0, "flops": 1e10, "seconds": 0.12},
]
PROBE = Probe("key", {"fp32": 1e11}, {"bf16": 1.0}, 1e10, 2, {"2": 1e11}, STEPS, load=0.0)


def foretold(recipe: Recipe, num_rows: int | None) -> Estimate:
    texts = {"dataset_tokens": 300, "num_rows": num_rows, "longest_document": 100}
    return estimate(recipe, vocab_size=100, probe=PROBE, **texts)


@pytest.mark.parametrize("name", ["nano", "encoder:nano", "lstm:nano", "vae:nano"])
def test_that_a_batch_larger_than_the_text_is_forecast_as_the_rows_that_there_are(name: str) -> None:
    wanted = {"training.rows": "documents", "model.context_length": 128, "training.max_seconds": 0}
    huge = change(preset(name).recipe, wanted | {"training.batch_size": 65536})
    bounded, unbounded = foretold(huge, 3), foretold(huge, None)
    assert bounded.peak_bytes < unbounded.peak_bytes / 20
    assert bounded.seconds is not None
    assert unbounded.seconds is not None
    assert bounded.seconds < unbounded.seconds / 20
    if name != "vae:nano":  # how many sentences there are, nobody has counted
        few = change(huge, {"training.batch_size": 3 + 300 // 128})
        assert bounded == foretold(few, 3) == foretold(few, None)
        running = change(huge, {"training.rows": "running"})
        assert foretold(running, 3) == foretold(running, None), "running text is read anew until a batch is full"


@pytest.mark.parametrize(("batch_size", "parts"), [(8, 1), (8, 4), (3, 2), (1, 1), (2, 40), (65536, 4096)])
@pytest.mark.parametrize("num_rows", [1, 3, 7, 40])
def test_that_the_bounded_batch_is_the_one_that_is_dealt(batch_size: int, parts: int, num_rows: int) -> None:
    training = TrainingConfig(batch_size=batch_size, grad_accumulation_steps=parts)
    offsets = np.arange(0, 4 * num_rows + 1, 4)
    counts = np.full(num_rows, 4)
    rows = Rows(np.arange(4 * num_rows), offsets, None, counts, 0 * counts)
    dealt = Documents(rows, context=8, batch_size=training.step_rows, seed=0, context_weight=1.0)
    fullest = max((dealt.batch(step) for step in range(dealt.batches)), key=lambda batch: len(batch.ids))
    assert len(fullest.ids) == dealt.most_rows
    micro = Batch(torch.zeros(dealt.most_rows, 1)).split(parts)
    found = training.with_rows(dealt.most_rows)
    assert found.batch_size >= max(len(part.ids) for part in micro)
    assert found.grad_accumulation_steps == len(micro) or found == training
    assert found.batch_size <= batch_size


def test_that_the_window_knows_the_rows_and_a_run_is_remembered_with_those_it_had(
    project: Project, tiny: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "_LEAST_STEPS", 5)
    monkeypatch.setattr(past, "_LEAST_SECONDS", 0.0)
    corpus, tokenizer = project.about("corpus", "World"), project.about("tokenizer", "Words")
    before = text_of(project, corpus, tokenizer)
    huge = change(tiny, {"training.rows": "documents", "training.batch_size": 65536, "training.max_steps": 8})
    end = list(train(project, corpus="World", tokenizer="Words", name="New", recipe=huge, stop=Stop()))[-1]
    after = text_of(project, corpus, tokenizer)
    assert before is not None
    assert after is not None
    assert after.num_rows is not None
    assert before.num_rows is not None
    (kept,) = past.past_runs()
    assert kept.dealt.recipe.training.batch_size < 65536 / 50
    assert kept.dealt.recipe.training.batch_size >= after.num_rows
    result = end.result  # type: ignore[attr-defined]
    assert result["predicted_peak_bytes"] < 2**30, "of 65,536 rows it would be many times that"


@pytest.mark.parametrize("how", MADE_UP)
@pytest.mark.parametrize("max_seconds", [0, 60])
def test_that_the_making_up_of_texts_is_foretold_where_there_will_be_any(how: str, max_seconds: int) -> None:
    def asked(remedy: str, counts: Sequence[int], probe: Probe = PROBE, **sizes: int) -> Estimate:
        recipe = change(preset("classifier").recipe, {"task.imbalance": remedy, "training.max_seconds": max_seconds})
        texts = {"dataset_tokens": 10_000, "num_rows": 1000, "longest_document": 30, "vocab_size": 500} | sizes
        return estimate(recipe, num_classes=len(counts), class_counts=counts, probe=probe, **texts)

    counts = (900, 80, 20)
    found, plain = asked(how, counts), asked("none", counts)
    assert plain.making_seconds == 0
    assert found.making_seconds > 0
    assert found.seconds == pytest.approx(plain.seconds + found.making_seconds)
    assert found.least_seconds == pytest.approx(plain.least_seconds + found.making_seconds)
    assert (found.passes, found.seconds_per_1000_steps) == (plain.passes, plain.seconds_per_1000_steps)
    twice = replace(PROBE, thread_speeds={name: 2 * speed for name, speed in PROBE.thread_speeds.items()})
    assert asked(how, counts, twice).making_seconds == pytest.approx(found.making_seconds / 2)
    assert asked(how, counts, vocab_size=5000).making_seconds > found.making_seconds
    assert asked(how, (900, 99, 1)).making_seconds < found.making_seconds, "of a single text only five more are made"
    for nothing in ((500, 500), (), (900, 800, 20)):  # alike, not known, and several of a text
        assert asked(how, nothing).making_seconds == 0
