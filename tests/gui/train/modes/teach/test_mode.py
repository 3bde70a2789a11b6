"""Teaching in the window: prepared from what the project holds, run, and used."""

from __future__ import annotations

import json
import shutil
import time

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.app.classes.labelled import teach_with
from llmstudio.app.computer.hardware import Probe, machine
from llmstudio.app.items.loaded import load
from llmstudio.app.presets.by_name import choose
from llmstudio.app.presets.sizes import SIZES
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.records import ANSWERED
from llmstudio.core.events import Finished, Stopped
from llmstudio.core.models.families import MODELS
from llmstudio.core.work import Stop
from llmstudio.gui.look.figures import duration_text
from llmstudio.gui.look.label import Label
from llmstudio.gui.session.session import Session
from llmstudio.gui.train.modes.teach.setup import suits
from llmstudio.gui.train.tab import TrainTab
from llmstudio.store.project import Project
from tests.grown import SHORT, SORTER

STEPS = {"training.max_steps": 6, "training.threads": 1, "training.number_format": "fp32", "training.eval_steps": 3}


@pytest.fixture
def tab(desk: Session, qtbot: QtBot) -> TrainTab:
    made = TrainTab(desk)
    qtbot.addWidget(made)
    made.resize(1100, 900)
    made.show()
    made.switch.turn_to("teach")
    return made


def known(tab: TrainTab, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: tab.teach.lesson.text is not None, timeout=20_000)


def imported(project: Project, session: Session, name: str, text: str) -> None:
    file = project.root / "new.jsonl"
    file.write_text(text, encoding="utf-8")
    list(import_corpus(project, [file], name=name, config=CorpusConfig(), stop=Stop()))
    session.items_changed.emit("corpus")
    session.chosen.emit("corpus", name)


def test_that_the_lesson_shows_every_class_and_the_rare_one_as_rare(tab: TrainTab, qtbot: QtBot) -> None:
    known(tab, qtbot)
    lesson = tab.teach.lesson
    assert tab.pages.currentWidget() is lesson
    assert [count for _, count in lesson.bars.bars] == [float(count) for _, count in lesson.text.classes]
    assert [name for name, _ in lesson.bars.bars][-1] == "mixed (rare)"
    assert lesson.bars.marked == [2]  # it stands out, not the largest
    shown = [(name.text(), text.text()) for name, text in lesson.rows if not name.isHidden()]
    assert shown == [(name, text) for text, name in lesson.text.rows]
    assert tab.teach.setup.task.text() == "Task: sort texts into 3 classes"
    assert tab.train.text() == "Teach"


def test_that_a_model_that_has_read_is_proposed_and_its_shape_taken(tab: TrainTab, qtbot: QtBot) -> None:
    setup = tab.teach.setup
    assert setup.begins_with == "Reader"
    assert set(setup.start.names()) == {"Reader", "Sort"}
    assert setup.recipe.model == SORTER
    assert setup.recipe.task_name == "classify"
    assert setup.recipe.training.learning_rate < SHORT.learning_rate
    assert setup.kind.isHidden()
    setup.start.pick("")
    setup.start.picked.emit("")
    assert not setup.kind.isHidden()
    assert setup.recipe.task_name == "classify"
    assert setup.recipe.model != SORTER
    assert setup.tokenizer.current() == "Words"


def test_that_a_model_that_has_only_read_is_proposed_before_a_newer_one_that_has_learned_to_answer(
    desk: Session, classroom: Project, qtbot: QtBot
) -> None:
    def copy(name: str, record_kind: str) -> None:
        shutil.copytree(classroom.path("model", "Reader"), folder := classroom.path("model", name))
        for file, new in (
            ("about.json", {"name": name, "id": name, "created": time.time()}),
            ("corpus.json", {"record_kind": record_kind}),
        ):
            told = json.loads((folder / file).read_text(encoding="utf-8"))
            (folder / file).write_text(json.dumps(told | new), encoding="utf-8")

    copy("Only read", "text")
    for kind in ANSWERED:
        copy(f"Answers {kind}", kind)
    desk.items_changed.emit("model")
    tab = TrainTab(desk)
    qtbot.addWidget(tab)
    tab.switch.turn_to("teach")
    setup = tab.teach.setup
    assert setup.start.names()[0] == "Answers labelled"  # the newest
    assert setup.begins_with == "Only read"


@pytest.mark.parametrize("start", ["Reader", ""])
def test_that_teaching_leads_to_a_model_that_tells_classes(
    tab: TrainTab, desk: Session, classroom: Project, qtbot: QtBot, start: str
) -> None:
    known(tab, qtbot)
    setup = tab.teach.setup
    setup.start.pick(start)
    setup.start.picked.emit(start)
    if not start:
        setup.kind.activated.emit(setup.kind.findData("gru"))
        setup.size.chosen.emit("nano")
    setup.form.put(STEPS)
    name = setup.name_field.name()
    with qtbot.waitSignal(desk.job_ended, timeout=60_000) as ended:
        tab.train.click()
        qtbot.waitUntil(lambda: tab.watch.is_training, timeout=10_000)
        assert tab.pages.currentWidget() is tab.view
    assert isinstance(ended.args[1], Finished)
    card = classroom.about("model", name).model_card
    assert card.recipe.task == "classify"
    assert (len(card.lineage) > 1) == bool(start)
    assert tab.view.shown == name
    assert setup.name_field.name() != name  # a free one for the next
    classes = tab.view.picture.classes
    qtbot.waitUntil(lambda: classes.matrix.confusion is not None, timeout=20_000)
    best = load(classroom, name).step
    qtbot.waitUntil(lambda: classes.matrix.confusion.step == best, timeout=20_000)  # of the weights that are used
    accuracy = np.trace(classes.matrix.confusion.matrix) / classes.matrix.confusion.num_texts
    assert accuracy == pytest.approx(tab.view.run.best.figures["accuracy"])
    assert "% of texts classified correctly" in tab.messages.text or "unknown to the tokenizer" in tab.messages.text
    assert "Use it in Inspect" in [button.text() for button in tab.messages.findChildren(QPushButton)]


def test_that_a_text_without_labels_is_no_choice_and_the_way_out_is_said(
    tab: TrainTab, desk: Session, classroom: Project, qtbot: QtBot
) -> None:
    known(tab, qtbot)
    imported(classroom, desk, "Plain", json.dumps({"text": "only text, and nothing that says what it is"}) + "\n")
    setup = tab.teach.setup
    assert setup.corpus.names() == ["Reviews"]
    assert "Plain have no labels" in setup.remark.text()
    went = []
    desk.go_to.connect(went.append)
    setup.way_out.click()
    assert went == ["corpus"]


def test_that_another_text_is_another_lesson(tab: TrainTab, desk: Session, classroom: Project, qtbot: QtBot) -> None:
    known(tab, qtbot)
    rows = [
        {"text": f"{word} number {n}", "label": label} for n in range(40) for word, label in (("up", "a"), ("down", "b"))
    ]
    imported(classroom, desk, "New", "".join(json.dumps(row) + "\n" for row in rows))
    qtbot.waitUntil(lambda: tab.teach.lesson.text is not None, timeout=20_000)
    assert tab.teach.setup.corpus.current() == "New"
    assert {name for name, _ in tab.teach.lesson.text.classes} == {"a", "b"}
    assert tab.teach.setup.name_field.name().startswith("New")


def test_that_who_is_led_to_teaching_finds_the_text_and_the_lesson_in_sight(
    tab: TrainTab, desk: Session, classroom: Project, qtbot: QtBot
) -> None:
    imported(classroom, desk, "New", "".join(json.dumps({"source": f"a {n}", "target": f"b {n}"}) + "\n" for n in range(40)))
    desk.chosen.emit("corpus", "Reviews")
    tab.switch.turn_to("one")
    went = []
    desk.go_to.connect(went.append)
    desk.visit(teach_with(classroom.about("corpus", "New"), has_model=True))
    assert (went, tab.switch.mode, tab.teach.setup.corpus.current()) == (["train"], "teach", "New")
    qtbot.waitUntil(lambda: tab.teach.setup.task.text().startswith("Task: turn one text"), timeout=20_000)
    assert tab.pages.currentWidget() is tab.teach.lesson


def test_that_without_any_text_to_teach_with_the_button_leads_to_one(
    session: Session, project: Project, qtbot: QtBot
) -> None:
    imported(project, session, "Plain", json.dumps({"text": "only text, and nothing that says what it is"}) + "\n")
    tab = TrainTab(session)
    qtbot.addWidget(tab)
    tab.show()
    tab.switch.turn_to("teach")
    assert tab.train.text() == "Import a text to teach with"
    assert "Plain have no labels" in tab.teach.setup.remark.text()
    went = []
    session.go_to.connect(went.append)
    tab.train.click()
    assert went == ["corpus"]


def test_that_random_weights_without_a_tokenizer_have_one_built_first(
    tab: TrainTab, desk: Session, classroom: Project, qtbot: QtBot
) -> None:
    known(tab, qtbot)
    desk.items.delete("tokenizer", "Words")
    desk.items_changed.emit("tokenizer")
    tab.teach.setup.start.pick("")
    tab.teach.setup.start.picked.emit("")
    assert tab.train.text() == "Build a tokenizer"
    tab.train.click()
    qtbot.waitUntil(lambda: bool(tab.teach.setup.tokenizer.current()), timeout=20_000)
    assert tab.train.text() == "Teach"


@pytest.mark.parametrize(
    ("row", "family", "size", "special"),
    [
        ({"text": "it was good", "label": "a"}, "encoder", "classifier", ["classifier", "textcnn"]),
        ({"source": "it was good", "target": "good"}, "encoder_decoder", "micro", []),
        ({"turns": [{"who": "user", "what": "how ?"}, {"who": "assistant", "what": "good"}]}, "decoder", "micro", []),
    ],
)
def test_that_random_weights_begin_as_what_suits_the_task_and_no_preset_of_another_task_is_offered(
    tab: TrainTab, desk: Session, classroom: Project, qtbot: QtBot, row: dict, family: str, size: str, special: list[str]
) -> None:
    known(tab, qtbot)
    setup = tab.teach.setup
    setup.kind.activated.emit(setup.kind.findData("lstm"))  # what was tried for another text does not stay
    rows = [json.loads(json.dumps(row).replace("good", f"good {n}")) for n in range(60)]
    imported(classroom, desk, "New", "".join(json.dumps(row) + "\n" for row in rows))
    setup.start.pick("")
    setup.start.picked.emit("")
    if family == "encoder":  # the same task as before
        setup.kind.activated.emit(setup.kind.findData("encoder"))
    assert (setup.recipe.kind, setup.size.current) == (family, size)
    offered = {str(setup.kind.itemData(place)) for place in range(setup.kind.count())}
    assert family in offered
    assert offered == {kind for kind in MODELS if suits(kind, setup.task_name)}
    assert [name for name in setup.size.names if name not in SIZES] == special
    qtbot.waitUntil(lambda: tab.teach.lesson.text is not None, timeout=20_000)
    assert setup.recipe.training.max_steps == choose(family, size).recipe.training.max_steps  # it was tuned for the task


_TURNS = [{"who": "user", "what": "which number ?"}, {"who": "assistant", "what": "it was good"}]


@pytest.mark.parametrize(
    ("row", "task", "said", "names"),
    [
        ({"turns": _TURNS}, "next_token", "Task: answer in a chat", ["person", "model"]),
        ({"source": "it was good", "target": "good"}, "pairs", "Task: turn one text into another", ["reads", "writes"]),
    ],
)
def test_that_chats_and_pairs_are_taught_by_the_same_steps_and_what_is_forgotten_is_seen(
    tab: TrainTab, desk: Session, classroom: Project, qtbot: QtBot, row: dict, task: str, said: str, names: list[str]
) -> None:
    known(tab, qtbot)
    rows = [json.loads(json.dumps(row).replace("good", f"good {n}")) for n in range(60)]
    imported(classroom, desk, "New", "".join(json.dumps(row) + "\n" for row in rows))
    setup = tab.teach.setup
    qtbot.waitUntil(lambda: setup.task.text().startswith(said), timeout=20_000)
    setup.start.pick("Reader")  # it knows few of these words, so it need not be proposed
    setup.start.picked.emit("Reader")
    assert (setup.recipe.task_name or "next_token", setup.begins_with) == (task, "Reader")
    assert [(name.text(), text.property("role") == "muted") for name, text in tab.teach.lesson.rows[:2]] == [
        (names[0], True),  # it is only read
        (names[1], False),
    ]
    assert tab.teach.lesson.bars.isHidden()
    assert tab.teach._choice.chips["worth"].isHidden()  # there are no labels of which a share could be taken
    setup.form.put({**STEPS, "teach.weights": "lora", "teach.parent_loss": True})
    name = setup.name_field.name()
    with qtbot.waitSignal(desk.job_ended, timeout=60_000) as ended:
        tab.train.click()
    assert isinstance(ended.args[1], Finished), ended.args[1]
    assert classroom.about("model", name).parent("corpus").name == "New"
    assert tab.view.run.best.figures["parent_loss"] > 0
    setup.corpus.pick("Reviews")
    setup.corpus.picked.emit("Reviews")
    assert setup.recipe.task_name == "classify"
    assert not tab.teach._choice.chips["worth"].isHidden()


@pytest.mark.parametrize("start", ["Reader", ""])
def test_that_what_teaching_will_take_is_foretold_for_the_text_the_settings_and_the_weights_it_begins_with(
    tab: TrainTab, desk: Session, qtbot: QtBot, start: str
) -> None:
    setup = tab.teach.setup
    setup.start.pick(start)
    setup.start.picked.emit(start)
    assert not setup.card.isHidden()
    assert "parameters" in setup.card.text
    assert bool(setup.size.forecast) == (not setup.card.isHidden())
    smaller = setup.card.bar.predicted
    setup.form.row("training.batch_size").edited.emit("training.batch_size", 4 * setup.recipe.training.batch_size)
    assert sum(setup.card.bar.predicted.values()) > sum(smaller.values())
    assert "text" not in setup.card.text.lower()  # how well a writer is fed says nothing of a task
    if not start:
        desk.items.delete("tokenizer", "Words")
        desk.items_changed.emit("tokenizer")
        assert setup.card.isHidden()
        assert not setup.size.forecast


def test_that_the_time_foretold_holds_the_making_up_of_texts(tab: TrainTab, qtbot: QtBot) -> None:
    known(tab, qtbot)
    step = {"layers": 2.0, "width": 64.0, "tokens": 128.0, "vocab_size": 512.0, "flops": 1e8, "seconds": 0.01}
    probe = Probe("key", {"fp32": 1e11}, {"fp32": 1.0}, 1e10, 1, {"1": 1e10}, [step], load=0.0)
    tab.teach.setup.set_computer((machine(), probe, ()))
    said = {}
    for remedy in ("none", "language_model"):
        tab.teach.setup.form.row("task.imbalance").edited.emit("task.imbalance", remedy)
        said[remedy] = tab.teach.setup.card.text, tab.teach.setup.size.forecast
    assert "made up" not in said["none"][0]
    assert "before the first step" in said["language_model"][0]
    assert said["language_model"][1] != said["none"][1]


def test_that_steps_follow_the_text_until_the_person_sets_them(tab: TrainTab, qtbot: QtBot) -> None:
    known(tab, qtbot)
    setup = tab.teach.setup
    setup.suggest_steps(6_400)
    assert setup.recipe.training.max_steps == 5 * 6_400 // setup.recipe.training.step_rows
    setup.form.row("training.max_steps").edited.emit("training.max_steps", 333)
    setup.suggest_steps(64_000)
    assert setup.recipe.training.max_steps == 333


def test_that_sentences_with_tags_are_taught_as_tags(tab: TrainTab, desk: Session, classroom: Project, qtbot: QtBot) -> None:
    known(tab, qtbot)
    file = classroom.root / "words.conll"
    file.write_text("\n".join(f"The\tDET\nmill{n}\tNOUN\nturns\tVERB\n" for n in range(60)), encoding="utf-8")
    list(import_corpus(classroom, [file], name="Tagged", config=CorpusConfig(), stop=Stop()))
    desk.items_changed.emit("corpus")
    desk.chosen.emit("corpus", "Tagged")
    setup = tab.teach.setup
    qtbot.waitUntil(lambda: setup.task.text() == "Task: give every word one of 3 tags", timeout=20_000)
    setup.start.pick("Reader")  # it knows few of these words, so it need not be proposed
    setup.start.picked.emit("Reader")
    assert setup.recipe.task_name == "tag"
    assert "sentences to learn from, with 3 tags" in tab.teach.lesson.title
    setup.form.put(STEPS)
    name = setup.name_field.name()
    with qtbot.waitSignal(desk.job_ended, timeout=60_000) as ended:
        tab.train.click()
    assert isinstance(ended.args[1], Finished), ended.args[1]
    assert classroom.about("model", name).model_card.recipe.task == "tag"
    assert "of words" in tab.messages.text or "%" in tab.messages.text
    setup.corpus.pick("Reviews")
    setup.corpus.picked.emit("Reviews")
    assert setup.recipe.task_name == "classify"


def test_that_what_pretraining_is_worth_is_drawn_as_it_comes_in_and_goes_on_after_a_stop(
    tab: TrainTab, desk: Session, qtbot: QtBot
) -> None:
    known(tab, qtbot)
    teach, picture = tab.teach, tab.teach.worth.picture
    teach._choice.chips["worth"].click()
    assert tab.pages.currentWidget() is picture
    assert (tab.train.text(), tab.train.isEnabled()) == ("Compare three ways", True)
    teach.setup.form.put(STEPS)
    teach.setup.changed.emit()  # as when a person changes them
    assert "9 models, 6 steps each" in picture.said
    with qtbot.waitSignal(desk.job_ended, timeout=120_000) as ended:
        tab.train.click()
        qtbot.waitUntil(lambda: len(picture.points) == 2, timeout=60_000)
        assert tab.pages.currentWidget() is picture
        tab.stop_verb()
    assert isinstance(ended.args[1], Stopped)
    made = {model.name for model in desk.items.of("model")}
    assert "goes on from there" in picture.said
    with qtbot.waitSignal(desk.job_ended, timeout=120_000) as ended:
        tab.train.click()
    assert isinstance(ended.args[1], Finished), ended.args[1]
    assert [(point.way, point.share) for point in picture.points] == [
        (way, share) for share in (0.01, 0.1, 1.0) for way in ("scratch", "frozen", "taught")
    ]
    assert made < {model.name for model in desk.items.of("model")}
    assert [len(curve.x) for curve in picture.plot.curves] == [3, 3, 3]
    assert picture.result.startswith("With 1\u00a0% of the labels: ")
    picture.show_points(picture.points, [{"way": "taught", "share": 1.0, "model": "lost"}])
    assert picture.result.endswith("Diverged, so not drawn: pretrained, all weights learn (100\u00a0%).")
    begun = teach.setup.begins_with
    teach.setup.start.pick("")
    teach.setup.start.picked.emit("")
    assert (picture.points, tab.train.isEnabled()) == ((), False)
    assert "Choose a model that has read" in picture.said
    teach.setup.start.pick(begun)
    teach.setup.start.picked.emit(begun)
    assert len(picture.points) == 9, "it is known on another day"
    assert picture.said.startswith("Measured on")


def test_that_the_page_in_sight_stays_when_something_is_made_elsewhere(
    tab: TrainTab, desk: Session, classroom: Project, qtbot: QtBot
) -> None:
    known(tab, qtbot)
    desk.chosen.emit("model", "Sort")
    tab.teach._choice.chips["run"].click()
    for kind in ("corpus", "tokenizer", "model"):
        desk.items_changed.emit(kind)
        assert tab.pages.currentWidget() is tab.view, kind
    desk.chosen.emit("corpus", "Reviews")  # someone is led here by the text
    assert tab.pages.currentWidget() is tab.teach.lesson


def test_that_the_plan_of_a_comparison_names_the_steps_that_stand_in_the_form_and_how_long_all_take(
    tab: TrainTab, qtbot: QtBot
) -> None:
    known(tab, qtbot)
    tab.teach._choice.chips["worth"].click()
    setup, picture = tab.teach.setup, tab.teach.worth.picture
    setup.suggest_steps(6_400)
    assert f"{setup.recipe.training.max_steps:,} steps each" in picture.said
    step = {"layers": 2.0, "width": 64.0, "tokens": 128.0, "vocab_size": 512.0, "flops": 1e8, "seconds": 0.01}
    setup.set_computer((machine(), Probe("key", {"fp32": 1e11}, {"fp32": 1.0}, 1e10, 1, {"1": 1e10}, [step], load=0.0), ()))
    setup.changed.emit()
    assert f"take at most {duration_text(9 * setup.forecaster.found.seconds)}" in picture.said


def test_that_what_is_seen_is_said_of_the_page_and_the_task_in_sight(
    tab: TrainTab, desk: Session, classroom: Project, qtbot: QtBot
) -> None:
    known(tab, qtbot)
    desk.chosen.emit("model", "Sort")
    said = {}
    for page in ("lesson", "run", "worth"):
        tab.teach._choice.chips[page].click()
        said[page] = tab.why.findChildren(Label)[0].text()
    assert "guesses its class" in said["lesson"]
    assert "Curves with dots" in said["run"]
    assert "Each curve is one way to begin" in said["worth"]
    pair = {"source": "it was good", "target": "good"}
    imported(classroom, desk, "New", "".join(json.dumps(pair).replace("good", f"good {n}") + "\n" for n in range(60)))
    assert "one text of a pair" in tab.why.findChildren(Label)[0].text()


def test_that_a_model_that_cannot_read_the_text_is_not_proposed_and_whoever_chooses_it_is_told(
    tab: TrainTab, desk: Session, classroom: Project, qtbot: QtBot
) -> None:
    known(tab, qtbot)
    setup = tab.teach.setup
    assert setup.begins_with == "Reader"
    rows = [{"text": f"第{n}届运动会今天{day}开幕", "label": day} for n in range(60) for day in "早晚"]
    imported(classroom, desk, "Chinese", "".join(json.dumps(row) + "\n" for row in rows))
    qtbot.waitUntil(lambda: not setup.begins_with, timeout=20_000)
    assert setup.remark.text() == ""
    setup.start.pick("Reader")
    setup.start.picked.emit("Reader")
    assert "of the text of Chinese is unknown to the tokenizer Words" in setup.remark.text()
    setup.corpus.pick("Reviews")
    setup.corpus.picked.emit("Reviews")
    assert setup.begins_with == "Reader", "the person chose it"
    qtbot.waitUntil(lambda: "Chinese" not in setup.remark.text(), timeout=20_000)
