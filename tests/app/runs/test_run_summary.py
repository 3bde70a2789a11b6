from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from dataclasses import replace

import pytest

from llmstudio.app.items.locks import writing
from llmstudio.app.items.showing import told_of
from llmstudio.app.pruning.preview import lineage, whole_figure
from llmstudio.app.race.board import Runner, leaderboard
from llmstudio.app.race.racing import Budget, race
from llmstudio.app.runs.at_work import at_work
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.run_summary import MEASURES, Quality, RunSummary, as_facts, summaries, summarize, summary_of
from llmstudio.app.runs.whole_figures import keep_whole_figures
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.list import list_items, table
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.show import show
from llmstudio.app.verbs.train import train
from llmstudio.core.events import Evaluated, Event, Finished, TrainStep
from llmstudio.core.models.checkpoint.folders import checkpoint_folders
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.training.history import read_end, read_history
from llmstudio.core.training.steps import STEPS_FILE, rows_begin
from llmstudio.core.work import Stop
from llmstudio.store.files import STAGED
from llmstudio.store.item_files import update_facts
from llmstudio.store.project import Project


def look(step: int, bits: float, **about: object) -> Evaluated:
    figures = {"loss": bits, "bits_per_byte": bits, "zip_bits_per_byte": 2.5}
    return Evaluated(job="train", step=step, split="val", figures=figures, **about)  # type: ignore[arg-type]


def told(*looks: Evaluated) -> RunSummary:
    return summarize("Any", looks, state="training", step=50, tokens=1000, seconds=4.0)


def training(project: Project, name: str, recipe: Recipe, stop: Stop) -> Generator[Event, None, None]:
    events = train(project, corpus="World", tokenizer="Words", name=name, recipe=recipe, stop=stop)
    assert isinstance(events, Generator)
    return events


def live(events: list[Event]) -> RunSummary:
    """The run as it told of itself."""
    looks = [event for event in events if isinstance(event, Evaluated)]
    last = [event for event in events if isinstance(event, TrainStep)][-1]
    return summarize("live", looks, state="", step=last.step, tokens=last.tokens, seconds=last.seconds)


@pytest.mark.parametrize("measure", MEASURES)
def test_that_a_pruned_model_is_known_by_the_figure_of_its_task_whichever_that_is(project: Project, measure: str) -> None:
    *_, end = prune(project, "Tiny", name="Half", config=PruningConfig(sparsity=0.5), stop=Stop())
    assert isinstance(end, Finished)
    told = dict(end.result) | {"bits_per_byte_before": None, "bits_per_byte_after": None}
    told |= {f"{measure}_before": 0.5, f"{measure}_after": 0.25}
    update_facts(project.path("model", "Half"), result=told)
    about = project.about("model", "Half")
    found = summary_of(project, about)
    assert found.quality == Quality(measure, 0.25, end.result["step"], is_whole=True)
    assert whole_figure(lineage(project, "Half"), "Half") == 0.25
    *_, last = show(project, "Half")
    assert isinstance(last, Finished)
    assert f"{measure}_after" not in told_of(last.result)["result"]  # what the run says is not said again


def test_that_the_quality_is_that_of_the_best_weights_and_knows_its_step() -> None:
    found = told(look(10, 3.0, is_best=True), look(20, 2.0, is_best=True), look(30, 2.4))
    assert found.quality == Quality("bits_per_byte", 2.0, 20, is_whole=False)
    assert found.latest == Quality("bits_per_byte", 2.4, 30, is_whole=False)
    assert found.tokens_per_second == 250.0
    assert found.zipped == 2.5


def test_that_the_last_look_at_all_of_the_text_counts_and_is_that_of_the_best_weights() -> None:
    found = told(look(20, 2.0, is_best=True), look(50, 2.1, is_whole=True, of_step=20))
    assert found.quality == Quality("bits_per_byte", 2.1, 20, is_whole=True)


def test_that_what_is_forgotten_is_told_from_the_first_look_to_the_last_where_it_was_measured() -> None:
    looks = [
        Evaluated(step=step, split="val", figures={"bits_per_byte": 2.0, "parent_loss": loss})
        for step, loss in ((0, 1.5), (10, 1.75), (20, 2.0))
    ]
    told = as_facts(summarize("Taught", looks, state="finished", step=20))
    assert str(told["forgotten"]).startswith("+0.500 nats a token on the text learned from before")
    plain = [replace(look, figures={"bits_per_byte": 2.0}) for look in looks]
    assert "forgotten" not in as_facts(summarize("Taught", plain, state="finished", step=20))


def test_that_before_the_first_look_nothing_is_claimed() -> None:
    assert told().quality is None
    assert told().bits_per_byte is None
    assert summarize("Any", [], state="training").tokens_per_second == 0.0


def test_that_a_finished_run_says_on_disk_what_it_said_alive(project: Project, tiny: Recipe) -> None:
    heard = list(training(project, "Whole", tiny, Stop()))
    kept, said = summary_of(project, project.about("model", "Whole")), live(heard)
    end = heard[-1]
    assert isinstance(end, Finished)
    assert kept.state == "finished"
    assert kept.quality == said.quality
    assert kept.quality is not None
    assert kept.quality.is_whole
    assert kept.bits_per_byte == end.result["bits_per_byte"]
    assert kept.seconds == pytest.approx(end.result["seconds"])
    assert kept.tokens_per_second == pytest.approx(end.result["tokens_per_second"])
    assert kept.step == kept.total_steps == 6


def test_that_a_stopped_run_keeps_the_figures_it_had(project: Project, tiny: Recipe) -> None:
    stop = Stop()
    heard: list[Event] = []
    for event in training(project, "Held", change(tiny, {"training.max_steps": 40, "training.eval_tokens": 100}), stop):
        heard.append(event)
        if isinstance(event, TrainStep) and event.step == 10:
            stop.request()
    kept, said = summary_of(project, project.about("model", "Held")), live(heard)
    assert kept.state == "stopped"
    assert kept.quality == said.quality
    assert kept.quality is not None
    assert not kept.quality.is_whole
    assert (kept.step, kept.seconds, kept.tokens_per_second) == (10, said.seconds, said.tokens_per_second)


def test_that_a_run_nobody_is_at_work_on_broke_off_and_one_that_goes_on_did_not(project: Project, tiny: Recipe) -> None:
    work = training(project, "Broken", tiny, Stop())
    next(event for event in work if isinstance(event, TrainStep) and event.step == 4)
    about = project.about("model", "Broken")
    assert summary_of(project, about).state == "training"
    work.close()
    found = summary_of(project, about)
    assert (found.state, found.step) == ("broken_off", 4)
    assert found.quality is not None
    with writing(project):  # another job of this program
        assert summary_of(project, about).state == "broken_off"
        with at_work(about.path):
            assert summary_of(project, about).state == "training"


def test_that_a_checkpoint_that_was_still_being_written_is_none(project: Project, tiny: Recipe) -> None:
    work = training(project, "Cut", tiny, Stop())
    next(event for event in work if isinstance(event, TrainStep) and event.step == 4)
    about = project.about("model", "Cut")
    work.close()
    for folder in checkpoint_folders(about.path):
        folder.rename(folder.with_name(f"{STAGED}00000000.1.1-{folder.name}"))
    assert summary_of(project, about).state == "not_begun"


def test_that_a_run_stopped_once_that_breaks_off_later_is_not_called_stopped(project: Project, tiny: Recipe) -> None:
    stop = Stop()
    for event in training(project, "Twice", tiny, stop):
        if isinstance(event, TrainStep) and event.step == 2:
            stop.request()
    assert summary_of(project, project.about("model", "Twice")).state == "stopped"
    again = resume(project, "Twice", stop=Stop())
    assert isinstance(again, Generator)
    next(event for event in again if isinstance(event, TrainStep) and event.step == 4)
    again.close()
    assert summary_of(project, project.about("model", "Twice")).state == "broken_off"


def held(project: Project, tiny: Recipe, name: str) -> None:
    """A run that was stopped at step 10, having looked at a sample of the text."""
    stop = Stop()
    recipe = change(tiny, {"training.max_steps": 40, "training.eval_tokens": 100, "training.eval_steps": 5})
    for event in training(project, name, recipe, stop):
        if isinstance(event, TrainStep) and event.step == 10:
            stop.request()


def test_that_a_figure_on_all_of_the_text_is_everybodys_once_it_was_measured(project: Project, tiny: Recipe) -> None:
    held(project, tiny, "Asked")
    held(project, tiny, "Parent")
    for name in ("Asked", "Parent"):
        sample = summary_of(project, project.about("model", name)).quality
        assert sample is not None
        assert not sample.is_whole
    *_, end = evaluate(project, "Asked", stop=Stop())
    assert isinstance(end, Finished)
    *_, pruned = prune(project, "Parent", name="Half", config=PruningConfig(sparsity=0.5), stop=Stop())
    assert isinstance(pruned, Finished)
    for name, bits in (("Asked", end.result["bits_per_byte"]), ("Parent", pruned.result["bits_per_byte_before"])):
        found = summary_of(project, project.about("model", name)).quality
        assert found == Quality("bits_per_byte", bits, sample.step, is_whole=True)
    # Other weights are another matter, and so is a file that is damaged.
    parent = project.about("model", "Parent")
    keep_whole_figures(parent.path, "other weights", sample.step, {"bits_per_byte": 9.0})
    assert summary_of(project, parent).quality == sample
    keep_whole_figures(parent.path, parent.model_card.hash, sample.step + 1, {"bits_per_byte": 9.0})
    assert summary_of(project, parent).quality == sample
    for damage in ('{"hash": 3}', "[]", "{"):
        (parent.path / "whole.json").write_text(damage, encoding="utf-8")
        assert summary_of(project, parent).quality == sample
    (parent.path / "whole.json").unlink()
    list(evaluate(project, "Parent", which="last", stop=Stop()))
    assert not (parent.path / "whole.json").exists()


def test_that_a_pruned_model_stands_at_the_step_of_its_weights(project: Project) -> None:
    list(prune(project, "Tiny", name="Half", config=PruningConfig(sparsity=0.5), stop=Stop()))
    found = summary_of(project, project.about("model", "Half"))
    assert (found.step, found.quality and found.quality.step) == (6, 6)
    assert as_facts(found)["steps"] == as_facts(found)["at_step"] == 6
    shutil.rmtree(project.about("model", "Half").path / "checkpoints")
    told = as_facts(summary_of(project, project.about("model", "Half")))
    assert "steps" not in told
    assert "at_step" not in told


def test_that_list_and_show_and_the_leaderboard_say_the_same(project: Project, tiny: Recipe) -> None:
    runners = [Runner(f"Derby {n}", tiny, "Words") for n in (1, 2)]
    list(race(project, name="Derby", corpus="World", runners=runners, budget=Budget(tokens=2000), stop=Stop()))
    *_, listed = list_items(project)
    assert isinstance(listed, Finished)
    rows = {item["name"]: item for item in listed.result["model"]}
    places = {place.model: place for place in leaderboard(project, "Derby")}
    assert set(places) == {"Derby 1", "Derby 2"}
    for name, place in places.items():
        found = summaries(project)[name]
        *_, shown = show(project, name)
        assert isinstance(shown, Finished)
        run = shown.result["run"]
        assert rows[name]["bits_per_byte"] == run["bits_per_byte"] == place.bits_per_byte == found.bits_per_byte
        assert rows[name]["tokens_per_second"] == place.tokens_per_second == found.tokens_per_second
        assert rows[name]["seconds"] == place.seconds == found.seconds
        assert f"(finished at step {found.step:,}, {found.bits_per_byte:.3f} bits per byte)" in table(listed.result)


def test_that_the_end_of_a_history_is_read_without_the_rest(project: Project) -> None:
    folder = project.about("model", "Tiny").path
    whole, end = read_history(folder), read_end(folder)
    assert len(whole.steps) == 6
    assert end.steps.tobytes() == whole.steps[-1:].tobytes()
    assert end.events == whole.events


def test_that_show_says_where_the_steps_of_a_run_are_lost(project: Project) -> None:
    about = project.about("model", "Tiny")
    assert "remark" not in as_facts(summary_of(project, about))
    begin = rows_begin(about.path)
    os.truncate(about.path / STEPS_FILE, begin + 1)
    said = as_facts(summary_of(project, about))["remark"]
    assert "kept only up to 0" in said
