"""A grown project with a tiny model of each family beside its `Tiny`, the decoder; each is called after its family."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from llmstudio.app.items import loaded
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.models.config import ModelConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

TRAINING = TrainingConfig(
    max_steps=4, batch_size=4, eval_steps=4, checkpoint_steps=4, threads=1, number_format="fp32", sample_tokens=4
)
SHAPES: dict[str, ModelConfig] = {
    "encoder": EncoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=32),
    "lstm": LSTMConfig(hidden_dim=12, num_layers=2),
    "gru": GRUConfig(hidden_dim=8, num_layers=1),
    "vae": VAEConfig(embed_dim=16, hidden_dim=16, latent_dim=4, context_length=32),
    "encoder_decoder": EncoderDecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=32),
}


def grow_zoo(grown: Path, folder: Path, kinds: Iterable[str] = SHAPES) -> Project:
    """A copy of a grown project in a folder, with models of these families and the text of pairs that one of them wants."""
    project = Project(Path(shutil.copytree(grown, folder / "project")))
    config, words = CorpusConfig(sample_count=120), TokenizerConfig(kind="word", min_frequency=1)
    list(import_corpus(project, ["sample:pairs"], name="Pairs", config=config, stop=Stop()))
    list(build_tokenizer(project, "Pairs", name="PairWords", config=words, stop=Stop()))
    for kind in kinds:
        corpus, tokenizer = ("Pairs", "PairWords") if kind == "encoder_decoder" else ("World", "Words")
        recipe = Recipe(kind, SHAPES[kind], replace(TRAINING, rows="documents") if kind == "vae" else TRAINING)
        list(train(project, corpus=corpus, tokenizer=tokenizer, name=kind, recipe=recipe, stop=Stop()))
    loaded.forget()
    return project
