"""What is forecast by arithmetic is what a process really takes, in a process that does nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from math import prod
from pathlib import Path
from typing import Any

import pytest
import torch

from llmstudio.core.memory.breakdown import CLASSES, LOGITS, LOOK
from llmstudio.core.memory.estimate import estimate
from llmstudio.core.memory.learning import learning_shapes
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes import apply_all
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.parts.heads.class_head import ClassHead
from llmstudio.core.models.parts.heads.sizes import TABLE_ROWS
from llmstudio.core.models.roles import Role, roles_of
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.settings import settings_of
from llmstudio.core.tasks.settings import MaskedSettings
from llmstudio.core.teaching_config import TeachingConfig
from llmstudio.core.training.teaching.weights import adapters, teach
from llmstudio.core.training_config import TrainingConfig

SHAPES = {
    "wide": ("decoder", ("model.embed_dim=256", "model.num_layers=4", "model.num_heads=4", "training.batch_size=16")),
    "long": (
        "decoder",
        (
            "model.embed_dim=96",
            "model.num_heads=4",
            "model.context_length=256",
            "training.batch_size=32",
            "training.max_steps=30",
        ),
    ),
    "wordy": ("decoder", ("model.embed_dim=64", "model.num_heads=2", "model.num_layers=2", "training.batch_size=64")),
    # Sentences of every length, for long enough that what is freed and kept would show.
    "sentences": ("vae", ("training.batch_size=128", "training.max_steps=80")),
    "recurrent": ("lstm", ("model.hidden_dim=512", "model.dropout=0.1", "training.batch_size=16")),
    "forgetful": ("lstm", ("model.hidden_dim=512", "model.recurrent_dropout=0.2", "training.batch_size=16")),
    "hidden words": ("encoder", ("task.mask_rate=0.5", "training.batch_size=32")),
}
(FORMATS,) = (about.fact.choices for about in settings_of(TrainingConfig) if about.path == "number_format")


def run(project: Path, *words: str) -> dict[str, object]:
    command = [sys.executable, "-m", "llmstudio", *words, "--project", str(project), "--json"]
    environment = os.environ | {"LLMSTUDIO_HOME": str(project.parent)}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
    last = json.loads(done.stdout.strip().splitlines()[-1])
    assert last["event"] == "finished", last
    return dict(last["result"])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forecast") / "project"
    run(folder, "import", "sample:tales", "--name", "Tales", "--set", "sample_count=600")
    run(folder, "tokenizer", "Tales", "--name", "Words", "--kind", "word", "--vocab-size", "2000")
    return folder


@pytest.mark.parametrize("name", SHAPES)
def test_that_the_memory_forecast_is_near_what_the_process_takes(project: Path, name: str) -> None:
    family, shape = SHAPES[name]
    wishes = [word for wish in ("training.max_steps=8", "training.eval_steps=100", *shape) for word in ("--set", wish)]
    named = ("--corpus", "Tales", "--tokenizer", "Words", "--name", name)
    found = run(project, "train", *named, "--model", family, *wishes)
    peak, predicted = float(str(found["peak_bytes"])), float(str(found["predicted_peak_bytes"]))
    assert 0.6 < predicted / peak < 1.6, f"predicted {predicted / 1e6:.0f} MB, measured {peak / 1e6:.0f} MB"


def test_that_the_forecast_knows_what_passes_through_what_does_not_learn(project: Path) -> None:
    base = (
        "model.embed_dim=256",
        "model.num_layers=3",
        "model.num_heads=4",
        "training.batch_size=16",
        "training.max_steps=3",
    )
    base = (*base, "model.tie_embeddings=no", "training.eval_steps=100", "training.number_format=fp32")
    named = ("--corpus", "Tales", "--tokenizer", "Words", "--name", "base")
    run(project, "train", *named, *(word for wish in base for word in ("--set", wish)))
    for way in ("head_only", "lora"):
        found = run(project, "train", "--from", "base", "--name", way, "--set", f"teach.weights={way}")
        peak, predicted = float(str(found["peak_bytes"])), float(str(found["predicted_peak_bytes"]))
        assert 0.75 < predicted / peak < 1.3, f"{way}: predicted {predicted / 1e6:.0f} MB, measured {peak / 1e6:.0f} MB"


@pytest.mark.parametrize("number_format", FORMATS)
@pytest.mark.parametrize("kind", MODELS)
def test_that_every_family_has_a_forecast_in_every_number_format_and_narrow_ones_are_alike(
    kind: str, number_format: str
) -> None:
    def total(form: str) -> int:
        training = TrainingConfig(number_format=form, batch_size=2)
        return estimate(Recipe(kind, MODELS[kind].config(), training), 100, context=32).total

    assert total(number_format) == total("fp32" if number_format == "fp32" else "bf16") > 0


def test_that_logits_which_are_made_piece_by_piece_are_not_forecast_as_if_all_were_there_at_once() -> None:
    shape = DecoderConfig(embed_dim=64, context_length=32)
    small, large = (
        estimate(Recipe(model=shape, training=TrainingConfig(batch_size=rows)), 32_000, context=32).by_kind()["activations"]
        for rows in (32, 64)
    )
    assert large - small < 32 * 32 * 32_000 * 4 / 2  # half of what the logits of as many more rows take, once


@pytest.mark.parametrize("kind", [kind for kind, family in MODELS.items() if family.reading == "both ways"])
def test_that_logits_of_a_step_and_of_a_look_are_forecast_of_the_tokens_that_are_guessed_and_of_no_others(kind: str) -> None:
    def parts(task: str, settings: Any, vocab_size: int = 20_000) -> tuple[int, int]:
        recipe = Recipe(kind, MODELS[kind].config(), TrainingConfig(batch_size=2), task_name=task, task=settings)
        found = estimate(recipe, vocab_size, context=64).by_part()
        return found[LOGITS], found[LOOK]

    few, many = (parts("masked", MaskedSettings(mask_rate=share)) for share in (0.15, 0.9))
    assert many[0] == pytest.approx(0.9 / 0.15 * few[0], rel=0.02)
    # A look hides as much in any case: the more logits a step has left behind, the less it takes beside.
    logits = 4 * 20_000 * round(2 * 64 * (0.9 - 0.15))
    assert few[1] - many[1] == pytest.approx(2 * logits, rel=0.02)
    assert many[1] > 0
    small, large = (parts("classify", None, vocab_size) for vocab_size in (100, 20_000))
    assert small == large
    assert small[0] == 0


@pytest.mark.parametrize(
    "way",
    [{}, {"weights": "last_layers"}, {"weights": "lora", "lora_rank": 3}, {"weights": "lora", "lora_matrices": "tokens"}],
)
@pytest.mark.parametrize("kind", MODELS)
def test_that_an_optimizer_is_asked_for_the_shapes_that_there_are(kind: str, way: dict[str, Any]) -> None:
    made = MODELS[kind].config()
    recipe = Recipe(kind, made, teach=TeachingConfig(**way))
    model = build_model(kind, made, 300)
    apply_all(model, adapters(model, recipe))
    taught, roles = teach(model, recipe), roles_of(model)
    shapes = [shape for part in learning_shapes(recipe, 300, made.parameters(300)).values() for shape in part]
    there = {name: tuple(p.shape) for name, p in model.named_parameters() if name in taught.depth}
    for role in (Role.MATRIX, Role.ADAPTER):
        told = sorted(shape for of, shape in shapes if of == role)
        assert told == sorted(shape for name, shape in there.items() if roles[name] == role)
    assert sum(prod(shape) for _, shape in shapes) == sum(map(prod, there.values()))


@pytest.mark.parametrize(("kind", "task"), [("classify", {"task.wording": True}), ("tag", {"task.spelling": True})])
def test_that_a_table_of_hashed_features_is_foretold_for_as_many_classes_as_there_are(kind: str, task: dict) -> None:
    plain = Recipe("encoder", EncoderConfig(), task_name=kind)
    tabled = change(plain, task)
    assert estimate(tabled, 500, context=64) == estimate(plain, 500, context=64)
    without, found = (estimate(recipe, 500, context=64, num_classes=9) for recipe in (plain, tabled))
    table = 4 * TABLE_ROWS * 9
    assert found.by_kind()["weights"] - without.by_kind()["weights"] == table
    assert found.total - without.total == 4 * table  # weights, gradients, and AdamW's two


@pytest.mark.parametrize("pooling", ["mean", "phrases"])
def test_that_a_head_for_classes_is_foretold_in_its_size_and_scores_grow_with_the_texts_looked_at(pooling: str) -> None:
    recipe = change(Recipe("encoder", EncoderConfig(), task_name="classify"), {"task.pooling": pooling})
    few, many = (estimate(recipe, 500, context=64, num_classes=5_000, held_out_tokens=64 * n) for n in (1_000, 2_000))
    head = ClassHead(recipe.model.features_dim, 5_000, pooling, torch.Generator())
    weights = [entry.num_bytes for entry in few.entries if (entry.part, entry.kind) == (CLASSES, "weights")]
    assert weights == [4 * sum(p.numel() for p in head.out.parameters())]
    assert many.by_part()[CLASSES] - few.by_part()[CLASSES] == 1_000 * 5_000 * 5
    assert few.by_part()[CLASSES] > 1_000 * estimate(recipe, 500, context=64, num_classes=2).by_part()[CLASSES]


def test_that_a_look_at_little_text_is_foretold_smaller_and_at_much_as_if_it_were_not_known() -> None:
    recipe = Recipe("encoder", EncoderConfig(), task_name="tag", training=TrainingConfig(batch_size=8))
    unknown, little, much = (estimate(recipe, 500, context=64, held_out_tokens=n).total for n in (0, 600, 10**6))
    assert little < unknown == much
