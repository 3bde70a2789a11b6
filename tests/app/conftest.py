"""A small grown project, made once and copied for each test that changes it; and a home of its own for every test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
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

TINY = Recipe(
    model=DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=64),
    training=TrainingConfig(
        max_steps=6, batch_size=4, eval_steps=3, checkpoint_steps=2, threads=1, number_format="fp32", sample_tokens=4
    ),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LLMSTUDIO_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    loaded.forget()


@pytest.fixture
def tiny() -> Recipe:
    """The recipe of the model Tiny."""
    return TINY


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the corpus World, the tokenizer Words, and the model Tiny."""
    root = tmp_path_factory.mktemp("grown") / "project"
    project = Project(root)
    config = CorpusConfig(sample_count=120)
    list(jobs.import_corpus(project, ["sample:tour"], name="World", config=config, stop=Stop()))
    words = TokenizerConfig(kind="word", min_frequency=1)
    list(jobs.build_tokenizer(project, "World", name="Words", config=words, stop=Stop()))
    list(jobs.train(project, corpus="World", tokenizer="Words", name="Tiny", recipe=TINY, stop=Stop()))
    loaded.forget()
    return root


@pytest.fixture
def project(grown: Path, tmp_path: Path) -> Project:
    """A copy that a test may change."""
    shutil.copytree(grown, tmp_path / "project")
    return Project(tmp_path / "project")
