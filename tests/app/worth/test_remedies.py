"""Remedies side by side: each is learned as the model was, measured on the same texts, and not again when it goes on."""

from __future__ import annotations

import pytest

from llmstudio.app.items.ancestry import corpus_of, recipe_of
from llmstudio.app.job_runner import run
from llmstudio.app.verbs.remedies import table
from llmstudio.app.verbs.train import train
from llmstudio.app.worth.kept import keep
from llmstudio.app.worth.remedies import REMEDIES, compare_remedies, last_comparison
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Failed, Finished, Noted, Progress, Stopped, TrainStep
from llmstudio.core.recipe import change
from llmstudio.core.word_vectors.kept import WordVectors
from llmstudio.core.work import Stop
from llmstudio.store.item_files import update_facts
from llmstudio.store.project import Project
from llmstudio.terminal.printer import PlainPrinter

FAST = {"training.max_steps": "2", "training.eval_steps": "100", "training.threads": "1", "training.number_format": "fp32"}
WISHED = ("none", "oversampling", "threshold")


def compared(project, stop=None, wished=WISHED):
    recipe = change(recipe_of(project.about("model", "Sort")), FAST)
    work = lambda s: compare_remedies(project, "Sort", wished, name="tried", recipe=recipe, stop=s)  # noqa: E731
    return run(work, stop or Stop())


def test_that_every_remedy_is_measured_on_the_same_texts_and_a_stopped_comparison_goes_on(sorting, capsys) -> None:
    stop, seen = Stop(), []
    for event in compared(sorting, stop):
        seen.append(event)
        if isinstance(event, Progress) and len(event.details.get("points", ())) == 1:
            stop.request()
    assert isinstance(seen[-1], Stopped), seen[-1]
    assert [point["way"] for point in seen[-1].result["points"]] == ["none"]
    *events, end = compared(sorting)
    assert isinstance(end, Finished), end
    assert sum("is there already" in str(event.message) for event in events if isinstance(event, Noted)) == 1
    points = end.result["points"]
    assert [point["way"] for point in points] == list(WISHED)
    assert len({point["figures"]["texts"] for point in points}) == 1
    assert all(0 <= point["figures"][name] <= 1 for point in points for name in ("rare_recall", "accuracy", "macro_f1"))
    for point in points:
        assert recipe_of(sorting.about("model", point["model"])).task.imbalance == point["way"]
    lines = table(end.result).splitlines()
    assert {event.path for event in events if isinstance(event, Progress) and "points" in event.details} == {("remedies",)}
    PlainPrinter()(end)  # by the table of its own verb
    assert table(end.result) in capsys.readouterr().out
    assert [line.startswith(str(REMEDIES[way])) for line, way in zip(lines[1:], WISHED, strict=True)] == [True] * 3
    lost = {"way": "inverse", "share": 1.0, "model": "tried inverse"}
    assert table({**end.result, "diverged": [lost]}).splitlines()[-1].split("  ")[-1] == "diverged"


def test_that_a_finished_comparison_is_known_on_another_day_until_the_model_learns_on_and_is_not_learned_again(
    sorting,
) -> None:
    assert last_comparison(sorting, "Sort") is None
    first = list(compared(sorting, wished=("none", "threshold")))[-1].result
    kept = last_comparison(Project(sorting.root), "Sort")
    assert (kept.name, kept.measured_on, kept.points, kept.diverged) == ("tried", first["measured_on"], first["points"], [])
    *events, end = compared(sorting, wished=("threshold", "none"))
    assert not any(isinstance(event, TrainStep) for event in events)
    assert sorted(end.result["points"], key=str) == sorted(first["points"], key=str)
    (sorting.path("model", "Sort") / "remedies.json").write_text('{"points": 3}')
    assert last_comparison(sorting, "Sort") is None
    model, corpus = sorting.about("model", "Sort"), corpus_of(sorting, sorting.about("model", "Sort"))
    newer = first | {"points": [first["points"][0] | {"way": "of a newer version"}]}
    keep(model, corpus, newer, "remedies.json")
    assert last_comparison(sorting, "Sort") is None
    keep(model, corpus, first, "remedies.json")
    assert last_comparison(sorting, "Sort") == kept
    update_facts(sorting.path("model", "Sort"), hash="another")
    assert last_comparison(sorting, "Sort") is None


def test_that_a_comparison_of_which_every_model_diverges_ends_in_a_sentence(sorting) -> None:
    fast = FAST | {"training.max_steps": "8", "training.learning_rate": "100"}
    recipe = change(recipe_of(sorting.about("model", "Sort")), fast)
    work = lambda s: compare_remedies(sorting, "Sort", ["none", "inverse"], name="wild", recipe=recipe, stop=s)  # noqa: E731
    *events, end = run(work, Stop())
    assert isinstance(end, Failed), end
    assert "Every model diverged" in str(end.message)
    assert sum("so it is not measured" in str(event.message) for event in events if isinstance(event, Noted)) == 2


def test_that_an_unknown_remedy_and_a_model_that_tells_no_classes_are_sentences(project, sorting) -> None:
    with pytest.raises(StudioError, match="no remedy"):
        list(compare_remedies(sorting, "Sort", ["hope"], name="x", stop=Stop()))
    with pytest.raises(StudioError, match="cannot sort texts"):
        list(compare_remedies(project, "Tiny", ["none"], name="x", stop=Stop()))


def test_that_remedies_begin_with_the_word_vectors_of_the_classifier_though_their_file_is_gone(sorting, tmp_path) -> None:
    own = recipe_of(sorting.about("model", "Sort"))
    file = tmp_path / "some.vec"
    file.write_text(f"the{' 0.1' * own.model.embed_dim}\n", encoding="utf-8")
    recipe = change(own, FAST | {"teach.word_vectors": str(file), "teach.weights": "all"})
    list(train(sorting, corpus="Reviews", tokenizer="Words", name="Spelled", recipe=recipe, stop=Stop()))
    file.unlink()
    for _ in range(2):  # and again, when it is there already
        end = list(compare_remedies(sorting, "Spelled", ("none",), name="again", stop=Stop()))[-1]
        assert isinstance(end, Finished), end
    first, second = (WordVectors.load(sorting.path("model", name)) for name in ("Spelled", "again none"))
    assert first is not None
    assert second is not None
    assert (first.ids.tolist(), first.numbers.tolist()) == (second.ids.tolist(), second.numbers.tolist())
    assert recipe_of(sorting.about("model", "again none")).teach.word_vectors == "some.vec"
