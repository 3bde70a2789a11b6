from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.showing import effective_split, told_of
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.show import show
from llmstudio.app.verbs.train import train
from llmstudio.core.events import Event, Finished
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project
from llmstudio.terminal import printer as terminal


def shown(project: Project, item: str) -> Finished:
    *_, end = show(project, item)
    assert isinstance(end, Finished)
    return end


def printed(event: Event, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    terminal.PlainPrinter()(event)
    return capsys.readouterr().out


@pytest.fixture
def half(project: Project, tiny: Recipe) -> Finished:
    """Tiny, in automatic numbers, and half of its weights gone."""
    recipe = change(tiny, {"training.number_format": "auto"})
    list(train(project, corpus="World", tokenizer="Words", name="Auto", recipe=recipe, stop=Stop()))
    *_, end = prune(project, "Auto", name="Half", config=PruningConfig(sparsity=0.5), stop=Stop())
    assert isinstance(end, Finished)
    return end


def test_that_a_corpus_tells_its_languages(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    shares = shown(project, "World").result["languages"]
    assert shares
    assert sum(shares.values()) == pytest.approx(1.0, abs=0.001)
    out = printed(shown(project, "World"), capsys)
    (line,) = [line for line in out.splitlines() if line.split()[0] == "languages"]
    assert "%" in line
    assert "English" in line or "Chinese" in line


@pytest.mark.parametrize(
    ("method", "kept"),
    [("given", set()), ("none", set()), ("documents", {"seed", "val_share", "test_share"}), ("position", {"at", "cut"})],
)
def test_that_of_a_split_only_what_took_part_is_told(method: str, kept: set[str]) -> None:
    wishes = {"seed": 0, "val_share": 0.05, "test_share": 0.05, "at": 0.9, "cut": 0}
    found = effective_split({"method": method, "overlap": 2, **wishes})
    assert set(found) == {"method", "overlap"} | kept
    assert effective_split({"method": "of a newer version", **wishes}).keys() == {"method", *wishes}


def test_that_a_corpus_tells_programs_and_people_the_split_it_has(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    end = shown(project, "World")
    split = project.about("corpus", "World").facts["split"]
    assert end.result["facts"]["split"] == effective_split(split) != split
    text = printed(end, capsys)
    assert not [
        name for name in set(split) - set(effective_split(split)) if f"facts · split · {name.replace('_', ' ')} " in text
    ]


@pytest.mark.usefixtures("half")
def test_that_an_item_tells_people_each_thing_once_and_in_words(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("Auto", "Half"):
        end = shown(project, name)
        text = printed(end, capsys)
        assert "template" not in text
        assert "facts · state" not in text
        assert "values" not in text
        assert text.count(" bits per byte\n") == 1
        assert "bits per byte  " not in text, "the sentence of its quality says it"
    assert "lineage" in text
    assert "Auto → Half" in text
    auto = shown(project, "Auto")
    assert "lineage" not in auto.result
    assert str(auto.result["run"]["computing"]) in printed(auto, capsys)
    assert set(told_of(auto.result)["made from"]) == {"corpus", "tokenizer"}


@pytest.mark.usefixtures("half")
def test_that_the_folder_and_the_weights_file_in_it_have_names_of_their_own(project: Project) -> None:
    told = told_of(shown(project, "Half").result)
    assert told["weights_file_bytes"] == told["result"]["file_bytes_after"] < told["folder_bytes"]


def test_that_lines_after_the_first_stand_under_it(capsys: pytest.CaptureFixture[str]) -> None:
    result: dict[str, Any] = {"short": 1, "long_name": "first\nsecond\n\nlast"}
    text = printed(Finished(job="doctor", result=result), capsys)
    assert text == "done\n  short      1\n  long name  first\n             second\n             \n             last\n"


def test_that_pruning_says_of_what_half_is_gone(
    half: Finished, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    result = half.result
    assert result["zeros"] == pytest.approx(0.5 * result["prunable"], abs=1)
    assert result["prunable"] < result["parameters"]
    for event in (half, shown(project, "Half")):
        text = printed(event, capsys)
        assert f"{result['zeros']:,} of the {result['prunable']:,} that may go are zero" in text
        assert f"of all {result['parameters']:,} weights, {result['nonzeros']:,} stay" in text


def test_that_of_texts_that_are_cut_one_by_one_no_single_place_is_told(tmp_path, capsys) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Anna goes to the mill.\n" * 200, encoding="utf-8")
    (tmp_path / "in" / "b.txt").write_text("安娜今天去磨坊了。\n" * 200, encoding="utf-8")
    project = Project(tmp_path / "project")
    for event in import_corpus(project, [tmp_path / "in"], name="Two", stop=Stop()):
        last = event
    assert "characters (by position in each document)" in printed(last, capsys)
    split = shown(project, "Two").result["facts"]["split"]
    cuts = split["cuts"]
    assert len(cuts) == 2
    assert "cut" not in split, "it is no place in these texts"


def test_that_a_parent_is_shown_by_its_present_name_and_not_by_that_of_another_item(project: Project) -> None:
    from llmstudio.gui.train.run.picture.differences import compare

    def text_of(item: str) -> str:
        return str(told_of(shown(project, item).result)["made from"]["corpus"])

    assert text_of("Tiny") == "World"
    shutil.copytree(project.path("corpus", "World"), project.path("corpus", "Other"))
    about = json.loads((project.path("corpus", "Other") / "about.json").read_text(encoding="utf-8"))
    about |= {"id": "another", "facts": about["facts"] | {"hash": "another"}}
    (project.path("corpus", "Other") / "about.json").write_text(json.dumps(about), encoding="utf-8")
    project.rename("corpus", "World", "World of before")
    project.rename("corpus", "Other", "World")
    assert text_of("Tiny") == text_of("Words") == "World of before"
    again = project.about("model", "Tiny")
    old = replace(again, made_from={"corpus": {"id": "another", "name": "World", "hash": "another"}})
    rows = dict(compare(project, [again, old]).settings)
    assert ["World of before", "World"] in rows.values(), "two texts of one name are two"
    project.delete("corpus", "World of before")
    assert text_of("Tiny").startswith("World, which is gone")
    project.delete("corpus", "World")
    assert text_of("Tiny") == "World"


def test_that_a_training_loss_which_counts_answers_above_all_has_a_name_of_its_own(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project.path("model", "Tiny") / "about.json"
    about = json.loads(path.read_text())
    for is_of_before in (False, True):
        if is_of_before:
            del about["facts"]["result"]["answers_weighted"]
            path.write_text(json.dumps(about))
        end = shown(project, "Tiny")
        told = told_of(end.result)
        assert told["result"]["train_loss, answers weighted"] == about["facts"]["result"]["train_loss"]
        assert "train_loss" not in told["result"]
        assert "val_loss" in told["result"]
        assert "result · train loss, answers weighted" in printed(end, capsys)
        assert "two measures" in told["losses"]
    ended = Finished(job="train", result=about["facts"]["result"] | {"answers_weighted": True})
    assert "  train loss, answers weighted  " in printed(ended, capsys)
    alike = dict(about["facts"]["result"])
    assert "train loss  " in printed(Finished(job="train", result=alike), capsys)


def test_that_rows_without_answers_have_one_measure(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("clara has the kite . ben is in the garden .\n" * 200)
    list(import_corpus(project, [str(tmp_path / "a.txt")], name="Plain", stop=Stop()))
    recipe = recipe_of(project.about("model", "Tiny"))
    list(train(project, corpus="Plain", tokenizer="Words", name="Flat", recipe=recipe, stop=Stop()))
    told = told_of(shown(project, "Flat").result)
    assert "losses" not in told
    assert "train_loss" in told["result"]
