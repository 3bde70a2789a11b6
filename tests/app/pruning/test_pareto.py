"""All models in one picture."""

from __future__ import annotations

import numpy as np
import pytest

from llmstudio.app.pruning.pareto import COSTS, best_of, front, overview
from llmstudio.app.pruning.preview import try_pruning
from llmstudio.app.verbs.compact import compact
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.quantize import quantize
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.models.checkpoint.folders import WEIGHTS, checkpoint_folders
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.sparsity.structured.config import CompactConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project
from tests.grown import recipe

CONFIG = PruningConfig(sparsity=0.5)


@pytest.mark.parametrize("more_across", [False, True])
@pytest.mark.parametrize("more_up", [False, True])
def test_that_the_front_is_what_no_other_point_is_better_than(more_across: bool, more_up: bool) -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        points = [(float(x), float(y)) for x, y in random.integers(0, 6, (random.integers(0, 12), 2))]
        signs = (-1 if more_across else 1, -1 if more_up else 1)
        costs = [(signs[0] * x, signs[1] * y) for x, y in points]
        alone = {
            place for place, (x, y) in enumerate(costs) if not any(a <= x and b <= y and (a, b) != (x, y) for a, b in costs)
        }
        found = front(points, more_across=more_across, more_up=more_up)
        assert set(found) == alone
        assert len(found) == len(alone)
        assert [points[place][0] for place in found] == sorted(points[place][0] for place in found)


def test_that_every_model_stands_with_those_of_its_text_and_is_told_without_its_weights(project: Project) -> None:
    stop = Stop()
    list(prune(project, "Tiny", name="Sparse", config=CONFIG, stop=stop))
    list(compact(project, "Sparse", name="Half", config=CompactConfig(score="magnitude"), stop=stop))
    list(try_pruning(project, "Tiny", config=CONFIG, stop=stop))
    list(import_corpus(project, ["sample:tour"], name="Other", config=CorpusConfig(sample_count=60), stop=stop))
    other = recipe(num_layers=1, checkpoint_steps=3)
    list(train(project, corpus="Other", tokenizer="Words", name="Stranger", recipe=other, stop=stop))
    found = overview(project)
    first, second = found.entries
    assert {entry.model for entry in found.entries[first]} == {"Tiny", "Sparse", "Half"}
    assert [entry.model for entry in found.entries[second]] == ["Stranger"]
    assert (first.corpus, second.corpus, first.measure) == ("World", "Other", "bits_per_byte")
    entries = {entry.model: entry for entry in found.entries[first]}
    for name, entry in entries.items():
        told = project.about("model", name).model_card.result
        assert told is not None
        assert entry.quality.value == told.figures["bits_per_byte"]
        assert entry.costs["parameters"] == told.parameters
        assert any(
            entry.costs["bytes"] == (folder / WEIGHTS).stat().st_size
            for folder in checkpoint_folders(project.path("model", name))
        )
    assert entries["Sparse"].costs["nonzeros"] < entries["Tiny"].costs["nonzeros"]
    assert all(entry.costs["pace"] > 0 for entry in entries.values())  # a look at Tiny by the very setting of Sparse
    assert entries["Half"].lineage == (("grown", "Tiny"), ("pruned", "Sparse"), ("compacted", "Half"))
    for cost in COSTS:
        best = best_of(found.entries[first], cost)
        assert min(entries.values(), key=lambda entry: entry.quality.value).model in {entry.model for entry in best}
    assert best_of((), "bytes") == []


def test_that_a_quantised_model_is_told_as_one_at_the_pace_that_quantising_measured(project: Project) -> None:
    list(quantize(project, "Tiny", name="Small", config=QuantizingConfig(method="nearest"), stop=Stop()))
    (entries,) = overview(project).entries.values()
    known = {entry.model: entry for entry in entries}
    told = project.about("model", "Small").model_card.result
    assert told is not None
    assert known["Small"].made_by == "quantized"
    assert known["Small"].costs["pace"] == told.told["tokens_per_second_after"]
    assert known["Tiny"].costs["pace"] == told.told["tokens_per_second_before"]
