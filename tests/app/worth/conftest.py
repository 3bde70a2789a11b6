from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


@pytest.fixture(scope="module")
def reviewed(grown: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The grown project with reviews, good, bad or mixed."""
    project = Project(Path(shutil.copytree(grown, tmp_path_factory.mktemp("worth") / "project")))
    list(import_corpus(project, ["sample:reviews"], name="Reviews", config=CorpusConfig(sample_count=200), stop=Stop()))
    return project
