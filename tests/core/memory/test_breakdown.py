"""A forecast is a table by part and kind, and what a technique saves is a small function from one to another."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

import pytest

from llmstudio.core.memory.breakdown import KINDS, LIBRARIES, LOGITS, LOOK, Breakdown, Entry
from llmstudio.core.memory.estimate import estimate
from llmstudio.core.models.config import FLOAT, TEMPORARY
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.training_config import TrainingConfig

VOCAB = 300
DEEP = Recipe(model=DecoderConfig(num_layers=6, embed_dim=32), training=TrainingConfig(batch_size=4, optimizer="adamw"))


@pytest.fixture
def deep() -> Breakdown:
    return estimate(DEEP, VOCAB, context=64)


def cells(breakdown: Breakdown) -> dict[tuple[str, str], int]:
    return {(entry.part, entry.kind): entry.num_bytes for entry in breakdown.entries}


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
@pytest.mark.parametrize("number_format", ["fp32", "bf16"])
@pytest.mark.parametrize("kind", MODELS)
def test_that_each_kind_is_the_sum_of_its_parts(kind: str, number_format: str, optimizer: str) -> None:
    config: Any = MODELS[kind].config()
    training = TrainingConfig(batch_size=4, number_format=number_format, optimizer=optimizer)
    found = estimate(Recipe(kind, config, training), VOCAB, context=32)
    parameters = config.num_parameters(VOCAB)
    beside = sum(found.by_part()[part] for part in (LOGITS, LIBRARIES, LOOK))
    matrices = [shape for kinds in config.matrices().values() for shapes in kinds.values() for shape in shapes]
    spared = sum(map(prod, matrices)) if optimizer == "muon" else 0  # which keeps one number of each, and AdamW two
    assert found.by_kind() == {
        "weights": FLOAT * parameters,
        "gradients": FLOAT * parameters,
        "optimizer": FLOAT * (2 * parameters - spared),
        "activations": beside + config.activation_bytes(tokens=128, context=32, number_format=number_format),
    }
    assert found.total == sum(found.by_kind().values()) == sum(found.by_part().values())
    assert [*found.by_part()] == [*config.parameters(VOCAB), TEMPORARY, LOGITS, LIBRARIES, LOOK]
    assert len(cells(found)) == len(found.entries), "no cell stands twice"


def test_that_a_change_reaches_the_entries_it_names_and_leaves_the_first_table_as_it_was(deep: Breakdown) -> None:
    before = cells(deep)
    less = cells(deep.changed(lambda entry: entry.part == "norm", lambda entry: entry.num_bytes / 3))
    assert cells(deep) == before
    assert {cell for cell in before if before[cell] != less[cell]} == {("norm", kind) for kind in KINDS[:3]}
    assert less["norm", "weights"] == round(32 * FLOAT / 3)


# --- what a technique has to write: one function each, for the tests only ---


def narrow_weights(found: Breakdown) -> Breakdown:
    """Weights in 16 bits."""
    return found.changed(lambda entry: entry.kind == "weights", lambda entry: entry.num_bytes / 2)


def small_moments(found: Breakdown) -> Breakdown:
    """The optimizer's numbers in 8 bits, and a scale in 32 for each 256 of them."""
    return found.changed(lambda entry: entry.kind == "optimizer", lambda entry: entry.num_bytes * (1 + 4 / 256) / 4)


def checkpointed(found: Breakdown) -> Breakdown:
    """Layers keep what came in; when gradients come back, one layer at a time is computed again."""
    again = max(entry.num_bytes for entry in found.entries if _is_kept_by_layer(entry))
    found = found.changed(_is_kept_by_layer, lambda entry: entry.input_bytes)
    return found.changed(lambda entry: entry.part == TEMPORARY, lambda entry: entry.num_bytes + again)


def frozen(found: Breakdown, parts: set[str]) -> Breakdown:
    """Parts that do not learn."""
    return found.changed(lambda entry: entry.part in parts and entry.kind in ("gradients", "optimizer"), lambda _: 0)


def shared(found: Breakdown) -> Breakdown:
    """One layer's weights for all layers."""
    return found.changed(
        lambda entry: entry.is_layer and entry.part != "layers.0" and entry.kind != "activations", lambda _: 0
    )


def _is_kept_by_layer(entry: Entry) -> bool:
    return entry.is_layer and entry.kind == "activations"


def test_that_narrower_numbers_are_a_change_of_one_kind(deep: Breakdown) -> None:
    kinds = deep.by_kind()
    assert narrow_weights(deep).by_kind() == kinds | {"weights": kinds["weights"] // 2}
    moments = small_moments(deep).by_kind()
    assert moments == kinds | {"optimizer": moments["optimizer"]}
    assert abs(moments["optimizer"] / kinds["optimizer"] - 65 / 256) < 1e-3


def test_that_checkpointed_layers_keep_what_came_in_and_one_of_them_at_a_time_all(deep: Breakdown) -> None:
    before, after = deep.by_kind(), checkpointed(deep).by_kind()
    layer = cells(deep)["layers.0", "activations"]
    saved = 6 * (layer - 4 * 64 * 32 * FLOAT) - layer
    assert saved > 0
    assert after == before | {"activations": before["activations"] - saved}


def test_that_what_does_not_learn_has_neither_gradients_nor_moments(deep: Breakdown) -> None:
    parts = {"embed", *(f"layers.{number}" for number in range(3))}
    before, after = cells(deep), cells(frozen(deep, parts))
    gone = {cell for cell, num_bytes in before.items() if num_bytes and not after[cell]}
    assert gone == {(part, kind) for part in parts for kind in ("gradients", "optimizer")}


def test_that_shared_layers_weigh_as_one_and_work_as_many(deep: Breakdown) -> None:
    found = shared(deep).by_kind()
    one = estimate(replace(DEEP, model=replace(DEEP.model, num_layers=1)), VOCAB, context=64).by_kind()
    assert found == one | {"activations": deep.by_kind()["activations"]}


def test_that_techniques_combine_in_any_order(deep: Breakdown) -> None:
    assert checkpointed(small_moments(shared(deep))) == shared(small_moments(checkpointed(deep)))
    assert checkpointed(narrow_weights(deep)).total < checkpointed(deep).total < deep.total
