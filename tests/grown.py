"""Small grown projects: one with conversations and the model Tiny, one with labelled texts and a model that sorts them,
one with pairs and a model that translates.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from llmstudio.app.items import loaded
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

SORTER = GRUConfig(num_layers=1, embed_dim=16, hidden_dim=16, context_length=48)
"""The shape of the model that sorts texts."""
SHORT = TrainingConfig(max_steps=6, batch_size=16, learning_rate=1e-2, threads=1, number_format="fp32", sample_tokens=4)


def recipe(*, num_layers: int, checkpoint_steps: int) -> Recipe:
    """Six steps of a tiny decoder."""
    return Recipe(
        model=DecoderConfig(num_layers=num_layers, embed_dim=16, num_heads=2, context_length=64),
        training=TrainingConfig(
            max_steps=6, batch_size=4, eval_steps=3, checkpoint_steps=checkpoint_steps, threads=1, number_format="fp32",
            sample_tokens=4,
        ),
    )  # fmt: skip


def grow(root: Path, tiny: Recipe) -> Path:
    """Make the project in a folder, its model by this recipe."""
    project = Project(root)
    config = CorpusConfig(sample_count=120)
    list(import_corpus(project, ["sample:tour"], name="World", config=config, stop=Stop()))
    words = TokenizerConfig(kind="word", min_frequency=1)
    list(build_tokenizer(project, "World", name="Words", config=words, stop=Stop()))
    list(train(project, corpus="World", tokenizer="Words", name="Tiny", recipe=tiny, stop=Stop()))
    loaded.forget()
    return root


def teach(root: Path) -> Path:
    """Make a project with the corpus Reviews (good, bad, mixed) and the model Sort that tells its classes."""
    project = Project(root)
    list(import_corpus(project, ["sample:reviews"], name="Reviews", config=CorpusConfig(sample_count=300), stop=Stop()))
    config = TokenizerConfig(kind="word", min_frequency=1)
    list(build_tokenizer(project, "Reviews", name="Words", config=config, stop=Stop()))
    training = replace(SHORT, max_steps=60, eval_steps=20, checkpoint_steps=60)
    sort = Recipe("gru", SORTER, task_name="classify", training=training)
    list(train(project, corpus="Reviews", tokenizer="Words", name="Sort", recipe=sort, stop=Stop()))
    loaded.forget()
    return root


def translate_pairs(root: Path) -> Path:
    """Make a project with the corpus Pairs (English and Chinese) and the model Turn that has begun to learn them."""
    project = Project(root)
    list(import_corpus(project, ["sample:pairs"], name="Pairs", config=CorpusConfig(sample_count=300), stop=Stop()))
    config = TokenizerConfig(kind="word", min_frequency=1)
    list(build_tokenizer(project, "Pairs", name="Both", config=config, stop=Stop()))
    training = TrainingConfig(
        max_steps=60, batch_size=16, eval_steps=60, checkpoint_steps=60, learning_rate=1e-2, threads=1, number_format="fp32"
    )
    shape = EncoderDecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=40)
    list(
        train(project, corpus="Pairs", tokenizer="Both", name="Turn", stop=Stop(),
              recipe=Recipe("encoder_decoder", shape, training=training))
    )  # fmt: skip
    loaded.forget()
    return root
