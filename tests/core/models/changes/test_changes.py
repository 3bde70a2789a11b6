"""A change is recorded in the checkpoint and made again by whoever builds the model: to load it, to resume, to learn on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes import CHANGES, Recorded
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.weights.dense import Matrix
from llmstudio.core.recipe import Recipe
from llmstudio.core.training.start import Start
from llmstudio.core.training.trainer import resume, train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

MODEL = DecoderConfig(num_layers=2, embed_dim=32, num_heads=2, context_length=32)
WIDER = {"change": "widened", "width": 4}
TRAINING = TrainingConfig(max_steps=3, batch_size=2, eval_tokens=200, sample_tokens=2, number_format="fp32", threads=1)


class Widened:
    """A matrix more, which nothing is multiplied by yet."""

    def apply(self, model: LanguageModel, recorded: Recorded) -> None:
        model.spare = Matrix(recorded["width"], recorded["width"])

    def num_parameters(self, count: int, recorded: Recorded) -> int:
        return count + int(recorded["width"]) ** 2


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHANGES, "widened", Widened())


def test_that_a_change_comes_back_with_the_weights(tmp_path: Path, known: None) -> None:
    model = build_model("decoder", MODEL, 20, changes=(WIDER,))
    assert sum(p.numel() for p in model.parameters()) == MODEL.num_parameters(20) + 16
    save_checkpoint(tmp_path, 1, model=model, kind="decoder", facts={})
    again = load_model(find_checkpoint(tmp_path)[0])
    assert again.changes == (WIDER,)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))


def test_that_a_run_learns_on_from_a_changed_model_and_is_resumed_as_such(tmp_path: Path, text_data, known: None) -> None:
    model = build_model("decoder", MODEL, text_data[1].vocab_size, changes=(WIDER,))
    save_checkpoint(tmp_path / "parent", 1, model=model, kind="decoder", facts={})
    start = Start(find_checkpoint(tmp_path / "parent")[0])
    data = {"dataset": text_data[0], "tokenizer": text_data[1], "stop": Stop()}
    (tmp_path / "child").mkdir()
    recipe = Recipe("decoder", MODEL, TRAINING)
    work = train(tmp_path / "child", recipe=recipe, start=start, **data)
    assert isinstance(list(work)[-1], Finished)
    [*_, end] = resume(tmp_path / "child", recipe=recipe, training=replace(TRAINING, max_steps=5), start=start, **data)
    assert isinstance(end, Finished)
    assert load_model(find_checkpoint(tmp_path / "child", "last")[0]).changes == (WIDER,)


def test_that_a_change_which_this_version_does_not_know_is_told_by_name(
    tmp_path: Path, known: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_checkpoint(tmp_path, 1, model=build_model("decoder", MODEL, 20, changes=(WIDER,)), kind="decoder", facts={})
    monkeypatch.delitem(CHANGES, "widened")
    with pytest.raises(StudioError, match="widened"):
        load_model(find_checkpoint(tmp_path)[0])
