"""What versions up to 0.1 wrote: settings of a task stood among those of the shape."""

from __future__ import annotations

import pytest

from llmstudio.core.errors import StudioError
from llmstudio.core.models.families.earlier import path_now, read_shape
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.recipe import Recipe, change, from_dict, to_dict
from llmstudio.core.tasks.latent.settings import LatentSettings
from llmstudio.core.tasks.settings import MaskedSettings, PairsSettings

OLD = {
    "encoder": {"num_layers": 2, "mask_rate": 0.3, "whole_words": False, "rare_words": 1.0},
    "encoder_decoder": {"num_layers": 2, "label_smoothing": 0.2},
    "vae": {
        "latent_dim": 8,
        "free_bits": 9.0,
        "word_dropout": 0.3,
        "warm_start_share": 0.1,
        "kl_schedule": "cyclical",
        "kl_warmup_share": 0.5,
    },
}
TASKS = {
    "encoder": MaskedSettings(mask_rate=0.3, whole_words=False, rare_words=1.0),
    "encoder_decoder": PairsSettings(label_smoothing=0.2),
    "vae": LatentSettings(free_bits=9.0, warm_start_share=0.1, kl_schedule="cyclical", kl_warmup_share=0.5),
}


@pytest.mark.parametrize("kind", OLD)
def test_that_an_old_recipe_keeps_every_setting(kind: str) -> None:
    recipe = from_dict({"kind": kind, "model": OLD[kind], "training": {"max_steps": 7}, "preset": "micro"})
    assert recipe.task == TASKS[kind]
    assert (recipe.training.max_steps, recipe.preset, recipe.task_name) == (7, "micro", "")
    assert from_dict(to_dict(recipe)) == recipe
    known = to_dict(recipe)["model"]
    assert {name: known[name] for name in OLD[kind] if name in known} == {n: v for n, v in OLD[kind].items() if n in known}


@pytest.mark.parametrize("kind", OLD)
def test_that_an_old_checkpoints_shape_is_read_without_what_is_the_tasks(kind: str) -> None:
    assert read_shape(kind, OLD[kind]) == from_dict({"kind": kind, "model": OLD[kind]}).model


def test_that_an_old_setting_out_of_bounds_is_still_refused() -> None:
    with pytest.raises(StudioError, match="mask_rate"):
        from_dict({"kind": "encoder", "model": {"mask_rate": 3.0}})


def test_that_a_path_as_it_was_typed_before_sets_the_same() -> None:
    wished = change(Recipe("encoder", EncoderConfig()), {"model.mask_rate": "0.3", "model.num_layers": "2"})
    assert wished.task == MaskedSettings(mask_rate=0.3)
    assert wished == change(Recipe("encoder", EncoderConfig()), {"task.mask_rate": "0.3", "model.num_layers": "2"})
    assert path_now("decoder", "model.mask_rate") == "model.mask_rate", "no setting of this family"
