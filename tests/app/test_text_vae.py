"""A text VAE in a project: grown, asked, measured, pruned, like any other model."""

from __future__ import annotations

import pytest

from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.generate import generate
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Event, Finished
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

RECIPE = Recipe(
    kind="vae",
    model=VAEConfig(latent_dim=4, embed_dim=16, hidden_dim=16, context_length=32),
    training=TrainingConfig(
        max_steps=6, batch_size=8, eval_steps=3, checkpoint_steps=2, threads=1, number_format="fp32", learning_rate=1e-2
    ),
)


@pytest.fixture
def vae(project: Project) -> Project:
    """The project of the tests, with a text VAE named Places."""
    *_, last = train(project, corpus="World", tokenizer="Words", name="Places", recipe=RECIPE, stop=Stop())
    assert isinstance(last, Finished)
    return project


def told(project: Project, prompt: str, seed: int = 0) -> dict[str, object]:
    config = GenerationConfig(seed=seed)
    *_, last = generate(project, "Places", prompt=prompt, config=config, stop=Stop())
    assert isinstance(last, Finished)
    return dict(last.result)


def test_that_a_sentence_is_rebuilt_alike_each_time(vae: Project) -> None:
    first, again = told(vae, "clara has a kite ."), told(vae, "clara has a kite .", seed=5)
    assert first["text"] == again["text"]
    assert {"text", "tokens", "tokens_per_second", "first_token_seconds", "is_exact", "kl"} <= set(first)


def test_that_no_prompt_draws_a_new_sentence_by_the_seed(vae: Project) -> None:
    drawn = {seed: told(vae, "", seed)["text"] for seed in range(6)}
    assert drawn[0] == told(vae, "", 0)["text"]
    assert len(set(drawn.values())) > 1


def test_that_a_sentence_too_long_is_refused_in_words(vae: Project) -> None:
    with pytest.raises(StudioError, match="sentences of up to 31 tokens, but yours has 40"):
        told(vae, "clara " * 40)


def test_that_it_is_measured_by_its_bounds(vae: Project) -> None:
    events: list[Event] = list(evaluate(vae, "Places", stop=Stop()))
    figures = next(event for event in events if isinstance(event, Evaluated)).figures
    assert {"loss", "bits_per_byte", "elbo", "reconstruction", "kl", "active_units", "iw_nll"} <= set(figures)
