from __future__ import annotations

import json

import pytest

from llmstudio.app import chatting
from llmstudio.app.items import loaded
from llmstudio.app.items.ancestry import ancestors
from llmstudio.app.items.loaded import load
from llmstudio.app.pruning import preview
from llmstudio.app.pruning.looks import FILE, looks_of
from llmstudio.app.pruning.preview import Member, on_all_of_the_text, whole_figure
from llmstudio.app.verbs.heal import heal
from llmstudio.app.verbs.prune import prune
from llmstudio.core.events import Finished, Stopped
from llmstudio.core.models.checkpoint.folders import WEIGHTS
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.model_card import Result
from llmstudio.store.project import Project


def pruned(project: Project, model: str, name: str, config: PruningConfig) -> dict[str, object]:
    end = list(prune(project, model, name=name, config=config, stop=Stop()))[-1]
    assert isinstance(end, Finished)
    return dict(end.result)


def test_that_the_outlook_is_what_pruning_then_does(project: Project) -> None:
    config = PruningConfig(sparsity=0.7)
    seen = preview.outlook(project, "Tiny", config).counts
    result = pruned(project, "Tiny", "Less", config)
    assert seen.nonzeros == result["nonzeros"]
    assert seen.parameters == result["parameters"]
    assert seen.file_bytes == result["file_bytes_after"]
    assert seen.file_bytes_before == result["file_bytes_before"]
    assert seen.zeros == round(0.7 * seen.prunable)


def test_that_a_lineage_is_the_same_seen_from_any_member_and_survives_renaming(project: Project) -> None:
    pruned(project, "Tiny", "Half", PruningConfig(sparsity=0.5))
    pruned(project, "Half", "Most", PruningConfig("random", 0.9, "layer"))
    lineage = preview.lineage(project, "Tiny")
    assert [(m.model, m.parent) for m in lineage] == [("Tiny", ""), ("Half", "Tiny"), ("Most", "Half")]
    assert [m.config for m in lineage] == [None, PruningConfig(sparsity=0.5), PruningConfig("random", 0.9, "layer")]
    assert all(m.bits_per_byte is not None for m in lineage)
    assert preview.lineage(project, "Most") == lineage
    project.rename("model", "Half", "Halved")
    assert [m.model for m in preview.lineage(project, "Most")] == ["Tiny", "Halved", "Most"]


def test_that_a_look_saves_no_model_but_what_it_measured_and_leaves_the_one_in_memory_whole(project: Project) -> None:
    model = load(project, "Tiny").model
    before = [p.detach().clone() for p in model.parameters()]
    files = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    end = list(preview.try_pruning(project, "Tiny", config=PruningConfig(sparsity=0.95), stop=Stop()))[-1]
    assert isinstance(end, Finished)
    left = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    assert {path for path in left if left[path] != files.get(path)} == {project.path("model", "Tiny") / FILE}
    assert looks_of(project.about("model", "Tiny")) == {PruningConfig(sparsity=0.95): dict(end.result)}
    assert all((a == b).all() for a, b in zip(before, model.parameters(), strict=True))
    assert end.result["bits_per_byte_before"] > 0
    assert end.result["bits_per_byte_after"] != end.result["bits_per_byte_before"]
    assert end.result["prompt"]


def test_that_looking_at_nothing_gone_measures_the_same_twice(project: Project) -> None:
    end = list(preview.try_pruning(project, "Tiny", config=PruningConfig(sparsity=0.0), stop=Stop()))[-1]
    assert end.result["bits_per_byte_after"] == pytest.approx(end.result["bits_per_byte_before"], abs=1e-12)
    assert end.result["sample_after"] == end.result["sample_before"]


def test_that_a_stopped_look_says_so(project: Project) -> None:
    stop = Stop()
    stop.request()
    assert isinstance(list(preview.try_pruning(project, "Tiny", config=PruningConfig(), stop=stop))[-1], Stopped)


def test_that_a_look_at_an_easier_part_is_placed_where_the_whole_text_would_put_it() -> None:
    whole = Member("Tales", "", None, 0.0, 1.5, True, Result())
    look = {"bits_per_byte_before": 1.3, "bits_per_byte_after": 1.4}
    assert on_all_of_the_text([whole], "Tales", look) == pytest.approx(1.6)
    assert on_all_of_the_text([], "Tales", look) == 1.4
    assert on_all_of_the_text([whole], "Tales", {"bits_per_byte_after": None}) is None


def test_that_a_stopped_model_lies_on_its_childrens_line_once_one_was_measured() -> None:
    stopped = Member("Tales", "", None, 0.0, 3.2, False, Result())
    child = Member("Half", "Tales", PruningConfig(), 0.5, 3.5, True, Result(figures_before={"bits_per_byte": 3.3}))
    assert whole_figure([stopped], "Tales") == 3.2
    assert whole_figure([stopped, child], "Tales") == 3.3
    assert whole_figure([stopped, child], "Half") == 3.5


def test_that_a_model_that_calls_itself_its_own_ancestor_is_looked_at_like_any_other(project: Project) -> None:
    pruned(project, "Tiny", "Half", PruningConfig(sparsity=0.5))
    pruned(project, "Half", "Most", PruningConfig(sparsity=0.9))
    half, most = project.about("model", "Half"), project.about("model", "Most")
    for item, parent, members in ((half, half.id, {"Half", "Most"}), (half, most.id, {"Half", "Most"})):
        path = item.path / "about.json"
        about = json.loads(path.read_text())
        about["made_from"]["parent"]["id"] = about["facts"]["lineage"][-1]["parent"]["id"] = parent
        path.write_text(json.dumps(about))
        for name in ("Half", "Most"):
            assert {one.model for one in preview.lineage(project, name)} == members
            assert chatting.reader(project, name).passes is None
        assert len({one.id for one in ancestors(most, project.items("model"))}) == len(
            [*ancestors(most, project.items("model"))]
        )


def test_that_a_model_whose_best_weights_are_damaged_has_the_figure_of_those_that_are_pruned(project: Project) -> None:
    assert preview.outlook(project, "Tiny", PruningConfig()).earlier_step is None
    path = project.about("model", "Tiny").path
    best = load(project, "Tiny")
    damaged = best.path / WEIGHTS
    damaged.write_bytes(damaged.read_bytes()[:-8])
    loaded.forget()
    seen = preview.outlook(project, "Tiny", PruningConfig())
    assert seen.earlier_step is not None
    assert seen.earlier_step < best.step
    earlier = {"Tiny": seen.earlier_step}
    read = preview.lineage(project, "Tiny")
    (bare,) = preview.without_lost(read, earlier)
    assert (bare.figure, whole_figure([bare], "Tiny")) == (None, None), "nobody has measured these weights"
    result = pruned(project, "Tiny", "Half", PruningConfig(sparsity=0.5))
    known = preview.without_lost(preview.lineage(project, "Tiny"), earlier)
    own = next(member for member in known if member.model == "Tiny")
    assert own.quality is not None
    assert whole_figure(known, "Tiny") == own.quality.value == result["bits_per_byte_before"], path


def test_that_a_healed_model_stands_beside_the_pruned_one_at_its_sparsity(project: Project) -> None:
    pruned(project, "Tiny", "Half", PruningConfig(sparsity=0.5))
    list(heal(project, "Half", name="Healed", changes={"training.max_steps": 4}, stop=Stop()))
    lineage = {member.model: member for member in preview.lineage(project, "Tiny")}
    assert set(lineage) == {"Tiny", "Half", "Healed"}
    half, healed = lineage["Half"], lineage["Healed"]
    assert (healed.parent, healed.config, healed.sparsity, healed.is_healed) == ("Half", half.config, half.sparsity, True)
    assert not half.is_healed
    assert healed.figure is not None
    assert preview.lineage(project, "Healed") == preview.lineage(project, "Tiny")
    pruned(project, "Healed", "Most", PruningConfig(sparsity=0.9))
    assert "Most" in {member.model for member in preview.lineage(project, "Tiny")}


def test_that_a_model_healed_twice_is_drawn_with_what_was_pruned_at_its_own_share(project: Project) -> None:
    pruned(project, "Tiny", "Half", PruningConfig(sparsity=0.5))
    for model, name in (("Half", "Healed"), ("Healed", "Again")):
        list(heal(project, model, name=name, changes={"training.max_steps": 1}, stop=Stop()))
    lineage = {member.model: member for member in preview.lineage(project, "Tiny")}
    again, half = lineage["Again"], lineage["Half"]
    assert (again.parent, again.config, again.sparsity, again.is_healed) == ("Healed", half.config, half.sparsity, True)
