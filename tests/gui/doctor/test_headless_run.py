from __future__ import annotations

import time
from pathlib import Path

import pytest

from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.gui.doctor.headless_run import HeadlessRun, pace
from llmstudio.store.project import Project

PATIENCE_S = 120.0


def test_that_a_pace_counts_what_lies_between_the_steps_of_each_turn() -> None:
    steps = [(0.5, 10), (1.0, 20), (2.0, 50), (9.0, 60), (11.0, 80), (12.0, 90), (12.5, 99)]
    assert pace(steps, [(0.9, 3.0), (10.0, 12.2)]) == (30 + 10) / (1.0 + 1.0)


def test_that_there_is_no_pace_without_two_steps_in_a_turn() -> None:
    assert pace([(1.0, 10), (3.0, 20)], [(0.0, 2.0), (2.0, 4.0)]) == 0.0


def test_that_a_run_that_is_held_stands_still_and_goes_on_where_it_was(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.prepare()
    config = CorpusConfig(sample_count=50)
    for job in (
        import_corpus(project, ["sample:tales"], name="Tales", config=config, stop=Stop()),
        build_tokenizer(project, "Tales", name="Letters", config=TokenizerConfig(kind="char"), stop=Stop()),
    ):
        list(job)
    place = ["--project", str(tmp_path / "project"), "--corpus", "Tales", "--tokenizer", "Letters", "--name", "A"]
    with HeadlessRun([*place, "--preset", "nano", "--set", "training.max_steps=1000000"]) as run:
        run.wait_for(3, PATIENCE_S)
        run.hold()
        time.sleep(0.3)  # what it has already written is read
        held = len(run.steps)
        time.sleep(0.5)
        assert len(run.steps) == held
        run.let_go()
        run.wait_for(held + 3, PATIENCE_S)
    assert run.steps == sorted(run.steps)


def test_that_a_run_that_cannot_begin_is_a_sentence(tmp_path: Path) -> None:
    wrong = ["--project", str(tmp_path / "none"), "--corpus", "Nothing", "--tokenizer", "Letters", "--name", "A"]
    with HeadlessRun(wrong) as run, pytest.raises(StudioError, match=r"Training without a window failed: .*Nothing"):
        run.wait_for(1, PATIENCE_S)
