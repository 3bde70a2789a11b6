"""A small grown project, made once and copied for each test that changes it; and a home of its own for every test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmstudio.app.items import loaded
from llmstudio.core.recipe import Recipe
from llmstudio.store.project import Project
from tests.grown import grow, recipe, teach, translate_pairs
from tests.grown_tags import teach_tags

TINY = recipe(num_layers=1, checkpoint_steps=2)


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
    return grow(tmp_path_factory.mktemp("grown") / "project", TINY)


@pytest.fixture
def project(grown: Path, tmp_path: Path) -> Project:
    """A copy that a test may change."""
    shutil.copytree(grown, tmp_path / "project")
    return Project(tmp_path / "project")


@pytest.fixture(scope="session")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the corpus Reviews, and the model Sort that tells its classes."""
    return teach(tmp_path_factory.mktemp("taught") / "project")


@pytest.fixture
def sorting(taught: Path, tmp_path: Path) -> Project:
    """A copy of it that a test may change."""
    shutil.copytree(taught, tmp_path / "sorting")
    return Project(tmp_path / "sorting")


@pytest.fixture(scope="session")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the corpus Pairs, and the model Turn that translates."""
    return translate_pairs(tmp_path_factory.mktemp("paired") / "project")


@pytest.fixture
def translating(paired: Path, tmp_path: Path) -> Project:
    """A copy of it that a test may change."""
    shutil.copytree(paired, tmp_path / "translating")
    return Project(tmp_path / "translating")


@pytest.fixture(scope="session")
def taught_tags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the models Names, which tags people and places, and Parts, which finds words."""
    return teach_tags(tmp_path_factory.mktemp("taught tags") / "project")


@pytest.fixture
def tagging(taught_tags: Path, tmp_path: Path) -> Project:
    """A copy of it that a test may change."""
    shutil.copytree(taught_tags, tmp_path / "tagging")
    return Project(tmp_path / "tagging")
