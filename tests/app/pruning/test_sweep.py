from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmstudio.app.pruning.looks import FILE, looks_of
from llmstudio.app.pruning.sweep import sweep
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.sweep import table
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig, SplitConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Stopped
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

CONFIG = PruningConfig(calibration_tokens=256)


def swept(project: Project, methods: list[str], shares: list[float], stop: Stop | None = None) -> list[Event]:
    return list(sweep(project, "Tiny", methods=methods, shares=shares, config=CONFIG, stop=stop or Stop()))


def points_in(events: list[Event]) -> list[Progress]:
    return [event for event in events if isinstance(event, Progress) and "result" in event.details]


def test_that_every_method_is_looked_at_at_every_share_and_saves_no_model(project: Project) -> None:
    *events, end = swept(project, ["magnitude", "wanda"], [0.9, 0.5])
    assert isinstance(end, Finished)
    found = [(point["method"], point["sparsity"]) for point in end.result["points"]]
    assert found == [("magnitude", 0.5), ("magnitude", 0.9), ("wanda", 0.5), ("wanda", 0.9)]
    half, most = end.result["points"][:2]
    assert half["figure_before"] < half["figure"] < most["figure"]
    assert half["file_bytes"] > most["file_bytes"]
    assert half["memory_bytes"] >= most["memory_bytes"] > 0
    assert half["tokens_per_second"] > 0
    assert [item.name for item in project.items("model")] == ["Tiny"]
    done = [float(event.done) for event in events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert done[-1] == 4
    assert len(points_in(events)) == 4
    assert "Wanda" in table(end.result)


@pytest.mark.parametrize("width", ["fp32", "fp16"])
def test_that_a_look_tells_the_file_that_pruning_would_write(project: Project, width: str) -> None:
    config = PruningConfig(sparsity=0.7, number_format=width)
    *_, end = sweep(project, "Tiny", methods=["magnitude"], shares=[0.7], config=config, stop=Stop())
    *_, saved = prune(project, "Tiny", name="Thin", config=config, stop=Stop())
    assert isinstance(end, Finished)
    assert isinstance(saved, Finished)
    (point,) = end.result["points"]
    assert point["file_bytes"] == saved.result["file_bytes_after"]
    assert point["nonzeros"] == saved.result["nonzeros"]
    assert point["memory_bytes"] == saved.result["memory_bytes_after"]
    assert saved.result["tokens_per_second_before"] > 0


def test_that_a_sweep_that_was_stopped_keeps_what_it_has_and_goes_on_there(project: Project) -> None:
    stop, seen = Stop(), 0
    events = sweep(project, "Tiny", methods=["magnitude"], shares=[0.3, 0.5, 0.7], config=CONFIG, stop=stop)
    for event in events:
        if isinstance(event, Progress) and "result" in event.details and (seen := seen + 1) == 2:
            stop.request()
    assert isinstance(event, Stopped)
    assert len(event.result["points"]) == 2
    kept = looks_of(project.about("model", "Tiny"))
    assert sorted(config.sparsity for config in kept) == [0.3, 0.5]
    *again, end = swept(project, ["magnitude"], [0.3, 0.5, 0.7])
    assert isinstance(end, Finished)
    told = [event.details["result"] for event in points_in(again)]
    assert told[:2] == [kept[config] for config in sorted(kept, key=lambda config: config.sparsity)]


def test_that_looks_at_other_weights_and_damaged_ones_are_not_told(project: Project) -> None:
    swept(project, ["magnitude"], [0.5])
    about = project.about("model", "Tiny")
    held = json.loads((about.path / FILE).read_text())
    (about.path / FILE).write_text(json.dumps(held | {"hash": "other"}))
    assert looks_of(about) == {}
    (about.path / FILE).write_text('{"hash": 3')
    assert looks_of(about) == {}


@pytest.mark.parametrize("value", ["x", "NaN", "Infinity", "[1]", "1" + 400 * "0"])
@pytest.mark.parametrize("name", ["bits_per_byte_after", "tokens_per_second", "nonzeros", "sample_after"])
def test_that_a_look_that_holds_no_figure_where_one_belongs_is_measured_again(project: Project, name, value) -> None:
    (about,) = [item for item in project.items("model") if item.name == "Tiny"]
    look = {
        "config": {},
        "result": {"bits_per_byte_before": 3, "bits_per_byte_after": 4.0, "sample_after": "a", "tokens": 9},
    }
    held = {"hash": about.model_card.hash, "looks": [look]}
    (about.path / FILE).write_text(json.dumps(held))
    assert list(looks_of(about).values()) == [look["result"]]
    wrong = '"x"' if value == "x" and name != "sample_after" else "7" if value == "x" else value
    look["result"][name] = "HERE"
    (about.path / FILE).write_text(json.dumps(held).replace('"HERE"', wrong))
    assert looks_of(about) == {}


def test_that_without_text_to_measure_on_a_sweep_says_so(project: Project, tiny: Recipe, tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("the fox saw the dog . the dog ran home .\n" * 200, encoding="utf-8")
    config, stop = CorpusConfig(split=SplitConfig(val_share=0.0, test_share=0.0)), Stop()
    list(import_corpus(project, [str(tmp_path / "all.txt")], name="All", config=config, stop=stop))
    list(train(project, corpus="All", tokenizer="Words", name="Blind", recipe=tiny, stop=stop))
    with pytest.raises(StudioError, match="nothing to measure Blind on"):
        list(sweep(project, "Blind", methods=["magnitude"], shares=[0.5], config=CONFIG, stop=stop))


@pytest.mark.parametrize(
    ("methods", "shares", "said"),
    [
        (["magnitud"], [0.5], "magnitude"),
        (["magnitude"], [1.0], "0.99"),
        (["magnitude"], [-1], "share"),
        ([], [0.5], "least"),
    ],
)
def test_that_what_cannot_be_swept_is_told_before_anything_is_measured(project, methods, shares, said) -> None:
    with pytest.raises(StudioError, match=said):
        swept(project, methods, shares)
    with pytest.raises(StudioError, match="pattern"):
        list(sweep(project, "Tiny", methods=["wanda"], shares=[0.5], config=PruningConfig(pattern="2:4"), stop=Stop()))


def test_that_a_sweep_of_a_pruned_model_begins_where_that_is(project: Project) -> None:
    list(prune(project, "Tiny", name="Half", config=PruningConfig(sparsity=0.5), stop=Stop()))
    *events, end = sweep(project, "Half", methods=["magnitude"], shares=[0.3, 0.5, 0.7], config=CONFIG, stop=Stop())
    assert isinstance(end, Finished)
    assert end.result["sparsity_before"] == pytest.approx(0.5, abs=1e-3)
    assert [point["sparsity"] for point in end.result["points"]] in ([0.7], [0.5, 0.7])  # the half may be rounded down
    assert any("gone already" in str(event.message) for event in events if isinstance(event, Noted))
    rows = [line.split("%")[0].strip() for line in table(end.result).splitlines()[2:] if "knee" not in line]
    assert "0" not in rows
    with pytest.raises(StudioError, match="above"):
        list(sweep(project, "Half", methods=["magnitude"], shares=[0.3], config=CONFIG, stop=Stop()))


@pytest.mark.parametrize(
    ("text", "said"),
    [("few words .\n", "too few to fill"), (None, "folder"), ("", "no file")],
    ids=["short", "folder", "none"],
)
def test_that_a_text_that_cannot_be_read_is_told_in_words_of_pruning(project, tmp_path, text, said) -> None:
    path = tmp_path / "text.txt"
    if text:
        path.write_text(text, encoding="utf-8")
    elif text is None:
        path.mkdir()
    config = PruningConfig(method="wanda", sparsity=0.5, calibration_text=str(path))
    with pytest.raises(StudioError, match=said):
        list(prune(project, "Tiny", name="Read", config=config, stop=Stop()))


def test_that_the_record_of_a_pattern_says_what_went(project: Project) -> None:
    config = PruningConfig(sparsity=0.9, pattern="2:4")
    list(prune(project, "Tiny", name="Even", config=config, stop=Stop()))
    assert project.about("model", "Even").model_card.last_step.settings["sparsity"] == 0.5
