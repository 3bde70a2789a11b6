"""What sorts texts out of the box learns to, with its own tokenizer and settings, from texts with labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from llmstudio.app.presets.classifiers import CLASSIFIERS
from llmstudio.app.presets.preset import Preset
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core import recipe
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.events import Evaluated, Finished
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


@pytest.mark.parametrize("entry", CLASSIFIERS, ids=lambda entry: entry.name)
def test_that_a_classifier_learns_to_tell_classes_as_it_stands(tmp_path: Path, entry: Preset) -> None:
    project, stop = Project(tmp_path), Stop()
    list(import_corpus(project, ["sample:reviews"], name="reviews", config=CorpusConfig(sample_count=400), stop=stop))
    list(build_tokenizer(project, "reviews", name="tokens", config=entry.tokenizer, stop=stop))
    steps = 80 if entry.name != "textbook_classifier" else 160  # what forgets on purpose learns later
    small = {"training.max_steps": steps, "training.batch_size": 16, "training.threads": 1, "training.number_format": "fp32"}
    wanted = recipe.change(entry.recipe, small)
    assert replace(wanted, training=entry.recipe.training) == entry.recipe, "only how long it learns is another"
    events = list(train(project, corpus="reviews", tokenizer="tokens", name="m", recipe=wanted, stop=stop))
    assert isinstance(events[-1], Finished)
    last = [event for event in events if isinstance(event, Evaluated)][-1]
    assert last.figures["accuracy"] > 0.6
