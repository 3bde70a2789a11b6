from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from llmstudio.app.items.ancestry import dataset_of, recipe_of
from llmstudio.app.job_runner import run
from llmstudio.app.runs.resuming import resume
from llmstudio.app.verbs.train import train
from llmstudio.app.verbs.worth import table
from llmstudio.app.worth.comparing import compare, last_worth
from llmstudio.app.worth.trials import FROZEN, SCRATCH, TAUGHT, WAYS, recipe_for, trials
from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Failed, Finished, Noted, Stopped
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.recipe import change
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

FAST = {"training.max_steps": "3", "training.eval_steps": "100", "training.threads": "1", "training.number_format": "fp32"}


def planned(project, name, shares=(0.1, 1.0), **changes):
    recipe = recipe_for(recipe_of(project.about("model", "Tiny")), "classify")
    return trials(name, change(recipe, FAST | changes), shares)


def comparison(project, name, plan, stop=None):
    stop = stop or Stop()
    return list(run(lambda s: compare(project, model="Tiny", corpus="Reviews", name=name, trials=plan, stop=s), stop))


def test_that_every_way_is_trained_and_measured_with_every_share_on_the_same_texts(reviewed) -> None:
    plan = planned(reviewed, "worth")
    events = comparison(reviewed, "worth", plan)
    assert isinstance(events[-1], Finished), events[-1]
    result = events[-1].result
    assert [(point["way"], point["share"]) for point in result["points"]] == [(w, s) for s in (0.1, 1.0) for w in WAYS]
    assert {point["figures"]["texts"] for point in result["points"]} == {result["points"][0]["figures"]["texts"]}
    assert len(table(result).splitlines()) == 4
    corpus, other = (reviewed.about("corpus", name).id for name in ("Reviews", "World"))
    kept = last_worth(Project(reviewed.root), "Tiny", corpus)
    assert (kept.name, kept.points, kept.diverged) == ("worth", result["points"], [])
    assert last_worth(reviewed, "Tiny", other) is None
    parent, frozen, scratch = (
        load_model(find_checkpoint(reviewed.path("model", name))[0])
        for name in ("Tiny", f"worth {FROZEN} 1", f"worth {SCRATCH} 1")
    )
    assert (parent.embed.weight == frozen.embed.weight).all(), "what is frozen stays"
    assert not (parent.embed.weight == scratch.embed.weight).any()


def test_that_a_comparison_that_was_stopped_goes_on_and_does_nothing_twice(reviewed) -> None:
    plan = planned(reviewed, "again", shares=(1.0,))
    stop, seen = Stop(), 0
    for event in run(lambda s: compare(reviewed, model="Tiny", corpus="Reviews", name="again", trials=plan, stop=s), stop):
        seen += getattr(event, "item", "") == plan[1].name
        if seen:
            stop.request()
    assert isinstance(event, Stopped)
    events = comparison(reviewed, "again", plan)
    assert isinstance(events[-1], Finished)
    there = [str(event.message) for event in events if isinstance(event, Noted) and "is there already" in str(event.message)]
    assert there == [f"{plan[0].name} is there already, and is only measured."]
    other = planned(reviewed, "again", shares=(1.0,), **{"training.seed": "5"})
    failed = comparison(reviewed, "again", other)[-1]
    assert isinstance(failed, Failed)
    assert "taught in another way" in str(failed.message)


@pytest.mark.parametrize("asked", [{"teach.new_tokens": "5000"}, {"teach.word_vectors": "{folder}/some.vec"}])
def test_that_a_comparison_goes_on_where_a_recipe_keeps_less_than_was_asked(reviewed, tmp_path, asked) -> None:
    width = recipe_of(reviewed.about("model", "Tiny")).model.embed_dim
    (tmp_path / "some.vec").write_text(f"the{' 0.1' * width}\n", encoding="utf-8")
    way = SCRATCH if "teach.word_vectors" in asked else TAUGHT
    plan = [trial for trial in planned(reviewed, way, shares=(1.0,)) if trial.way == way]
    changes = {path: value.format(folder=tmp_path) for path, value in asked.items()}
    plan = [replace(plan[0], recipe=change(plan[0].recipe, changes))]
    first, second = (comparison(reviewed, way, plan)[-1] for _ in range(2))
    assert isinstance(first, Finished), first
    assert isinstance(second, Finished), second
    assert recipe_of(reviewed.about("model", plan[0].name)) != plan[0].recipe
    assert first.result == second.result


def test_that_what_began_with_weights_that_the_model_no_longer_has_is_not_measured_as_its_own(reviewed, tmp_path) -> None:
    project = Project(Path(shutil.copytree(reviewed.root, tmp_path / "project")))
    plan = planned(project, "then", shares=(1.0,))
    assert isinstance(comparison(project, "then", plan)[-1], Finished)
    project.rename("model", "Tiny", "Other")
    project.rename("model", "Other", "Tiny")
    assert isinstance(comparison(project, "then", plan)[-1], Finished)
    more = 2 * recipe_of(project.about("model", "Tiny")).training.max_steps
    assert isinstance(list(resume(project, "Tiny", changes={"training.max_steps": more}, stop=Stop()))[-1], Finished)
    end = comparison(project, "then", plan)[-1]
    assert isinstance(end, Failed), end
    assert "began with other weights" in str(end.message)
    assert plan[1].name in str(end.message), "random weights are the same as before"


def test_that_a_trial_that_diverges_is_told_as_such_and_the_others_go_on_also_when_it_is_there_already(reviewed) -> None:
    plan = planned(reviewed, "wild", shares=(1.0,))
    for at, rate in enumerate(("0.003", "0.003", "100")):
        changes = {"training.learning_rate": rate, "training.max_steps": "8"}
        plan[at] = replace(plan[at], recipe=change(plan[at].recipe, changes))
    wild = {"way": TAUGHT, "share": 1.0, "model": plan[2].name}
    results = []
    for _ in range(2):
        events = comparison(reviewed, "wild", [plan[2], *plan[:2]])
        assert isinstance(events[-1], Finished), events[-1]
        results.append(events[-1].result)
        assert results[-1]["diverged"] == [wild]
        assert [point["way"] for point in results[-1]["points"]] == [SCRATCH, FROZEN]
        said = [event.message.template for event in events if isinstance(event, Noted) and event.level == "warning"]
        assert sum("diverged, so it is not measured" in template for template in said) == 1
        assert [event.details["diverged"] for event in events if "diverged" in getattr(event, "details", ())][-1] == [wild]
    assert results[0] == results[1]
    assert table(results[0]).splitlines()[-1].split()[-1] == "diverged"
    assert reviewed.about("model", plan[2].name).model_card.state == "diverged"


def test_that_a_share_holds_texts_of_every_class_and_a_smaller_one_is_part_of_it(reviewed) -> None:
    recipe = planned(reviewed, "x")[0].recipe
    list(train(reviewed, corpus="Reviews", start="Tiny", name="all", recipe=recipe, stop=Stop()))
    steps = dataset_of(reviewed, reviewed.about("model", "all"), job="x", stop=Stop())
    try:
        while True:
            next(steps)
    except StopIteration as end:
        data: Dataset = end.value
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

    tokenizer = Tokenizer.load(reviewed.about("model", "all").path / "tokenizer")
    dealt = []
    for share in (0.05, 0.3, 1.0):
        task = replace(recipe, task=replace(recipe.task, label_share=share)).make_task(data, tokenizer)
        dealt.append(set(task.read.starts.tolist()))
        assert set(task.read.row_marks) == {0, 1, 2}, "every class is there"
    assert dealt[0] < dealt[1] < dealt[2]
    assert len(dealt[2]) == data.split("train").num_rows


def test_that_wrong_shares_and_tasks_without_labels_are_sentences(reviewed) -> None:
    own = recipe_of(reviewed.about("model", "Tiny"))
    with pytest.raises(StudioError, match="in a task with labels"):
        trials("x", own)
    with pytest.raises(StudioError, match="lies above 0 and reaches up to 1"):
        trials("x", recipe_for(own, "classify"), (0.0, 2.0))
    assert {trial.way for trial in trials("x", recipe_for(own, "classify"))} == {SCRATCH, FROZEN, TAUGHT}


def test_that_a_model_that_knows_the_texts_already_is_no_measure_of_what_reading_was_worth(reviewed) -> None:
    plan = planned(reviewed, "first", shares=(1.0,))
    events = comparison(reviewed, "first", plan)
    assert not any("already" in str(event.message) for event in events if isinstance(event, Noted))
    knows = f"first {TAUGHT} 1"
    again, stop, seen = trials("next", plan[-1].recipe, (1.0,)), Stop(), False
    for event in run(lambda s: compare(reviewed, model=knows, corpus="Reviews", name="next", trials=again, stop=s), stop):
        if isinstance(event, Noted) and f"{knows} has learned this from Reviews already" in str(event.message):
            seen = True
            stop.request()
    assert seen
    assert isinstance(event, Stopped)
