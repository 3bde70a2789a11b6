"""What would stay of a model, and which units."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llmstudio.app.items.loaded import load
from llmstudio.app.pruning.smaller import Foretold, foretell, look_at_units, units_told
from llmstudio.app.verbs.compact import compact
from llmstudio.app.verbs.train import train
from llmstudio.core.events import Event, Finished, Stopped
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparsity.structured.config import CompactConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project
from tests.grown import SHORT

HALF = CompactConfig(parts=("heads", "neurons", "width"), calibration_tokens=256)


def result_of(events: Iterator[Event]) -> dict[str, object]:
    *_, end = events
    assert isinstance(end, Finished)
    return dict(end.result)


def test_that_what_is_foretold_is_what_is_made(project: Project) -> None:
    foretold = foretell(project, "Tiny", HALF)
    made = result_of(compact(project, "Tiny", name="Half", config=HALF, stop=Stop()))
    assert foretold.problem is None
    assert {part: list(both) for part, both in foretold.units.items()} == made["units"]
    assert list(foretold.parameters) == [made["parameters_before"], made["parameters"]]
    assert foretold.file_bytes[0] == made["file_bytes_before"]
    assert foretold.file_bytes[1] == pytest.approx(made["file_bytes_after"], rel=0.1)
    assert set(foretold.refused) == {"units", "latent", "layers"}


def test_that_the_units_said_to_stay_are_those_whose_numbers_stay(project: Project) -> None:
    config = CompactConfig(parts=("neurons",), calibration_tokens=256)
    places = units_told(result_of(look_at_units(project, "Tiny", config=config, stop=Stop())))
    left = foretell(project, "Tiny", config).units["neurons"][1]
    result_of(compact(project, "Tiny", name="Half", config=config, stop=Stop()))
    whole, half = (dict(load(project, name).model.named_parameters()) for name in ("Tiny", "Half"))
    assert [one.name for one in places] == [f"layers.{n}.neurons" for n in range(len(places))]
    for number, one in enumerate(places):
        name = f"blocks.{number}.feed_forward.up.weight"
        kept = sorted(one.kept(left))
        rows = whole[name].view(-1, len(one.scores), whole[name].shape[1])[:, kept].reshape(-1, whole[name].shape[1])
        assert rows.equal(half[name])


def test_that_what_cannot_go_is_told_before_and_what_is_stopped_ends(project: Project) -> None:
    foretold = foretell(project, "Tiny", CompactConfig(parts=("units",)))
    assert foretold.problem == foretold.refused["units"]
    assert "cannot be taken away here" in str(foretold.problem)
    stop = Stop()
    stop.request()
    *_, end = look_at_units(project, "Tiny", config=HALF, stop=stop)
    assert isinstance(end, Stopped)


def test_that_a_model_that_can_lose_nothing_says_so(tmp_path: Path, project: Project) -> None:
    recipe = Recipe(
        "gru", GRUConfig(num_layers=1, embed_dim=16, hidden_dim=16, layer_norm=True, context_length=32), training=SHORT
    )
    list(train(project, corpus="World", tokenizer="Words", name="Stiff", recipe=recipe, stop=Stop()))
    foretold: Foretold = foretell(project, "Stiff", CompactConfig())
    assert foretold.possible == ()
    assert foretold.problem is not None
