from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from llmstudio.app.pruning.sensitivity import FILE, parts_kept, sensitivity
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.sensitivity import table
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig, SplitConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Progress, Stopped
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

CONFIG = PruningConfig(sparsity=0.9, calibration_tokens=256)


def measured(project: Project, config: PruningConfig = CONFIG, by: str = "part") -> tuple[list[Event], dict]:
    *events, end = sensitivity(project, "Tiny", config=config, by=by, stop=Stop())
    assert isinstance(end, Finished)
    return events, dict(end.result)


def rows_in(events: list[Event]) -> list[dict]:
    return [event.details["row"] for event in events if isinstance(event, Progress) and "row" in event.details]


@pytest.mark.parametrize("method", ["magnitude", "sparsegpt"])
def test_that_every_part_is_measured_alone_and_nothing_but_figures_is_saved(project: Project, method: str) -> None:
    events, result = measured(project, replace(CONFIG, method=method))
    assert [row["part"] for row in result["rows"]] == ["1.attention", "1.feed_forward"]
    assert rows_in(events) == result["rows"]
    assert all(row["cost"] == row["figure"] - result["figure_before"] for row in result["rows"])
    assert sum(row["cost"] for row in result["rows"]) > 0
    done = [float(event.done) for event in events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert done[-1] == 2
    assert [item.name for item in project.items("model")] == ["Tiny"]
    assert "1.feed_forward" in table(result)
    assert result["spread"] in table(result)


def test_that_a_layer_that_loses_nothing_costs_nothing(project: Project) -> None:
    _, result = measured(project, replace(CONFIG, sparsity=0.0), "layer")
    assert [(row["part"], row["cost"]) for row in result["rows"]] == [("1", 0.0)]
    assert result["expected_spread"] == 0


def test_that_what_was_measured_is_told_again_and_not_measured_twice(project: Project) -> None:
    _, first = measured(project)
    about = project.about("model", "Tiny")
    held = json.loads((about.path / FILE).read_text())
    held["parts"][0]["figure"] = 42.0
    (about.path / FILE).write_text(json.dumps(held))
    # What is not part of the question does not matter to it.
    events, again = measured(project, replace(CONFIG, calibration_tokens=512, seed=3, layer_shares="1=0.3"))
    assert [row["figure"] for row in again["rows"]] == [42.0, first["rows"][1]["figure"]]
    assert all(event.done == int(event.done) for event in events if isinstance(event, Progress))
    _, other = measured(project, replace(CONFIG, sparsity=0.8))
    assert other["rows"][0]["figure"] != 42.0
    (about.path / FILE).write_text(json.dumps(held | {"hash": "other"}))
    assert parts_kept(about) == {}
    for wrong in ({"measured_by": "beauty"}, {"figure": math.nan}, {"figure_before": math.inf}, {"figure": 10**400}):
        (about.path / FILE).write_text(json.dumps(held | {"parts": [held["parts"][0] | wrong]}))
        assert parts_kept(about) == {}
    (about.path / FILE).write_text('{"hash": 3')
    assert parts_kept(about) == {}


def test_that_what_was_stopped_keeps_what_it_has_and_goes_on_there(project: Project) -> None:
    stop = Stop()
    for event in sensitivity(project, "Tiny", config=CONFIG, stop=stop):
        if isinstance(event, Progress) and "row" in event.details:
            stop.request()
    assert isinstance(event, Stopped)
    assert [row["part"] for row in event.result["rows"]] == ["1.attention"]
    assert "spread" not in event.result
    kept = parts_kept(project.about("model", "Tiny"))
    assert [part for _, part in kept] == ["1.attention"]
    _, result = measured(project)
    assert [row["part"] for row in result["rows"]] == ["1.attention", "1.feed_forward"]
    assert len(parts_kept(project.about("model", "Tiny"))) == 2


def test_that_tables_of_tokens_are_measured_where_they_may_go(project: Project) -> None:
    _, result = measured(project, replace(CONFIG, keep_embeddings=False), "layer")
    assert [row["part"] for row in result["rows"]] == ["embed", "1"]


def test_that_a_model_is_pruned_by_the_shares_that_follow(project: Project) -> None:
    _, result = measured(project)
    config = replace(CONFIG, layer_shares=result["spread"])
    *_, end = prune(project, "Tiny", name="Thin", config=config, stop=Stop())
    assert isinstance(end, Finished)
    assert end.result["zeros"] == round(0.9 * end.result["prunable"])


def test_that_shares_of_layers_that_there_are_not_are_told_before_anything_is_measured(project: Project) -> None:
    seen: list[Event] = []
    with pytest.raises(StudioError, match="no layer 7"):
        seen.extend(prune(project, "Tiny", name="Thin", config=replace(CONFIG, layer_shares="7=0.5"), stop=Stop()))
    assert not any(isinstance(event, Progress) for event in seen)


def test_that_a_classifier_is_worse_where_fewer_texts_are_sorted_right(sorting: Project) -> None:
    *_, end = sensitivity(sorting, "Sort", config=replace(CONFIG, sparsity=0.98), by="layer", stop=Stop())
    assert isinstance(end, Finished)
    assert end.result["measured_by"] == "accuracy"
    for row in end.result["rows"]:
        assert row["cost"] == end.result["figure_before"] - row["figure"]


def test_that_without_text_to_measure_on_it_says_so(project: Project, tiny: Recipe, tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("the fox saw the dog . the dog ran home .\n" * 200, encoding="utf-8")
    config, stop = CorpusConfig(split=SplitConfig(val_share=0.0, test_share=0.0)), Stop()
    list(import_corpus(project, [str(tmp_path / "all.txt")], name="All", config=config, stop=stop))
    list(train(project, corpus="All", tokenizer="Words", name="Blind", recipe=tiny, stop=stop))
    with pytest.raises(StudioError, match="nothing to measure Blind on"):
        list(sensitivity(project, "Blind", config=CONFIG, stop=stop))
    with pytest.raises(StudioError, match="layer, part"):
        list(sensitivity(project, "Tiny", config=CONFIG, by="row", stop=stop))
