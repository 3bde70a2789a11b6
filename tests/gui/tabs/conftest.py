"""A small grown project in sight of the tabs: made once, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from llmstudio.store.project import Project
from tests.grown import grow, recipe

SMALL = recipe(num_layers=2, checkpoint_steps=3)


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the corpus World (conversations), the tokenizer Words and the model Tiny."""
    return grow(tmp_path_factory.mktemp("grown") / "project", SMALL)


@pytest.fixture
def grown_project(grown: Path, tmp_path: Path) -> Project:
    """A copy of the grown project that a test may change."""
    shutil.copytree(grown, tmp_path / "grown")
    return Project(tmp_path / "grown")
