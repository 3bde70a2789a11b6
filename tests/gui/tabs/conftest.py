"""A small grown project in sight of the tabs: made once, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from llmstudio.app import jobs, loaded
from llmstudio.app.recipe import Recipe
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.models.config import DecoderConfig
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training.config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

SMALL = Recipe(
    model=DecoderConfig(num_layers=2, embed_dim=16, num_heads=2, context_length=64),
    training=TrainingConfig(
        max_steps=6, batch_size=4, eval_steps=3, checkpoint_steps=3, threads=1, number_format="fp32", sample_tokens=4
    ),
)


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the corpus World (conversations), the tokenizer Words and the model Tiny."""
    root = tmp_path_factory.mktemp("grown") / "project"
    project = Project(root)
    config = CorpusConfig(sample_count=120)
    list(jobs.import_corpus(project, ["sample:tour"], name="World", config=config, stop=Stop()))
    words = TokenizerConfig(kind="word", min_frequency=1)
    list(jobs.build_tokenizer(project, "World", name="Words", config=words, stop=Stop()))
    list(jobs.train(project, corpus="World", tokenizer="Words", name="Tiny", recipe=SMALL, stop=Stop()))
    loaded.forget()
    return root


@pytest.fixture
def grown_project(grown: Path, tmp_path: Path) -> Project:
    """A copy of the grown project that a test may change."""
    shutil.copytree(grown, tmp_path / "grown")
    return Project(tmp_path / "grown")
