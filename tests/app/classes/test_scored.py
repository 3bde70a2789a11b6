"""Every figure of a classifier on held-out texts, in the window and by `evaluate`, beside the baseline on the same texts."""

from __future__ import annotations

import numpy as np
import pytest

from llmstudio.app.classes import baseline as baseline_module
from llmstudio.app.classes.confusion import confusion
from llmstudio.app.classes.scored import plain_figures, scored
from llmstudio.app.verbs.evaluate import VERB, evaluate
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Noted
from llmstudio.core.tasks.classes import bag_of_words as bag_module
from llmstudio.core.tasks.scores.agreement import macro_f1
from llmstudio.core.work import Stop, WasStopped


def test_that_the_report_agrees_with_the_table_and_with_what_evaluate_measures(sorting) -> None:
    found = scored(sorting, "Sort")
    *_, end = evaluate(sorting, "Sort", stop=Stop())
    held_out = {part: list(Corpus(sorting.about("corpus", "Reviews").path).records(part)) for part in ("test", "val")}
    assert found.part == ("test" if held_out["test"] else "val")
    assert found.own.num_texts == len(held_out[found.part])
    assert found.is_all
    assert found.moved == ()
    assert found.counted is not None
    assert (found.counted.truth == found.own.truth).all()
    figures = end.result
    assert figures["accuracy_low"] <= figures["accuracy"] <= figures["accuracy_high"]
    entries = figures["by_class"]
    assert [entry["name"] for entry in entries] == list(found.own.names)
    assert sum(entry["texts"] for entry in entries) == len(held_out["val"])
    assert figures["macro_f1"] == pytest.approx(np.mean([entry["f1"] for entry in entries if entry["texts"]]))
    if found.part == "val":
        assert (found.own.matrix == confusion(sorting, "Sort", which="best").matrix).all()
        assert plain_figures(found.own, found.counted)["baseline_macro_f1"] == pytest.approx(
            macro_f1(found.counted.by_class)
        )
        assert figures["baseline_macro_f1"] == pytest.approx(macro_f1(found.counted.by_class))
    told = VERB.reads(figures)
    assert isinstance(told, str)
    assert all(name in told for name in (*found.own.names, "baseline accuracy", "recall"))


def test_that_a_file_is_measured_by_classify_and_that_is_said(sorting, tmp_path) -> None:
    (file := tmp_path / "more.tsv").write_text("text\tlabel\na good book\tgood\n")
    with pytest.raises(StudioError, match="classify this file"):
        list(evaluate(sorting, "Sort", text_file=file, stop=Stop()))


def test_that_a_model_that_tells_no_classes_and_a_stop_are_sentences(project, sorting) -> None:
    with pytest.raises(StudioError, match="cannot sort texts"):
        scored(project, "Tiny")
    (stop := Stop()).request()
    with pytest.raises(StudioError, match="stopped"):
        scored(sorting, "Sort", stop=stop)


def test_that_the_baseline_learns_every_class_of_a_table_that_is_sorted_by_class(monkeypatch) -> None:
    rows = [{"text": f"{name} {n}", "label": name} for name in ("red", "blue", "green") for n in range(40)]
    monkeypatch.setattr(baseline_module, "MOST", 40)
    told = baseline_module.baseline(rows, rows, ("red", "blue", "green"), several=False)
    assert told is not None
    assert (told.told == told.truth).all()


def test_that_without_a_baseline_the_figures_of_the_model_stand_and_that_is_said(sorting, monkeypatch) -> None:
    monkeypatch.setattr(baseline_module, "_MOST_CLASSES", 2)
    found = scored(sorting, "Sort")
    assert found.counted is None
    assert ["are too many for it, it takes up to 2" in str(said) for said in found.said] == [True]
    *notes, end = evaluate(sorting, "Sort", stop=Stop())
    assert any("too many for it" in str(event.message) for event in notes if isinstance(event, Noted))
    assert "accuracy" in end.result
    assert "baseline_accuracy" not in end.result


def test_that_a_stop_is_heeded_while_the_baseline_learns(monkeypatch) -> None:
    rows = [{"text": f"{name} {n}", "label": name} for name in ("red", "blue") for n in range(40)]
    stop = Stop()
    learn = baseline_module.learn_bag_of_words

    def asked_to_stop(*given: object) -> object:
        stop.request()
        return learn(*given)

    monkeypatch.setattr(baseline_module, "learn_bag_of_words", asked_to_stop)
    monkeypatch.setattr(bag_module, "_regression", lambda *_: pytest.fail("it went on"))
    with pytest.raises(WasStopped):
        baseline_module.baseline(rows, rows, ("red", "blue"), several=False, stop=stop)
