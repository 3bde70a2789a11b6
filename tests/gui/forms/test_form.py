from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QPushButton, QSpinBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Failed
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import change, get, setting, settings_of
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import words
from llmstudio.gui.forms import file_dialog
from llmstudio.gui.forms.editors import editor_for, is_share
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.theme import font, theme

CONFIGS = [Recipe, CorpusConfig, TokenizerConfig, GenerationConfig, PruningConfig]


@dataclass(frozen=True)
class Inner:
    width: int = setting(8, label="Width", help="Numbers.", ge=1, le=64, symbol="d", source="Somebody 2020")


@dataclass(frozen=True)
class Outer:
    inner: Inner = field(default_factory=Inner)
    rate: float = setting(3e-3, label="Rate", help="Steps.", ge=1e-7, le=100.0)
    share: float = setting(0.05, label="Part", help="Share held out.", ge=0.0, le=0.5)
    is_on: bool = setting(False, label="On", help="Whether.")
    kind: str = setting("a", label="Kind", help="Which.", choices={"a": "first", "b": "second"})
    note: str = setting("", label="Note", help="Free text.")
    pairs: tuple[tuple[str, str], ...] = setting((), label="Pairs", help="Words.")
    rare: int = setting(1, label="Rare", help="Seldom changed.", ge=0, le=9, advanced=True)


VALUES = {
    "inner.width": 12, "rate": 0.5, "share": 0.125, "is_on": True, "kind": "b", "note": "hello", "pairs": (("a", "b"),),
    "rare": 3,
}  # fmt: skip


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    made = Form(Outer)
    qtbot.addWidget(made)
    made.show()
    return made


def press(row: QWidget, text: str) -> None:
    next(button for button in row.findChildren(QPushButton) if button.text() == text).click()


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c.__name__)
def test_that_every_setting_shows_its_default_and_gives_it_back(qtbot: QtBot, config: type) -> None:
    for about in settings_of(config):
        editor = editor_for(about)
        qtbot.addWidget(editor)
        editor.set_value(about.default)
        assert editor.value() == pytest.approx(about.default) if about.kind is float else editor.value() == about.default


def test_that_a_unit_follows_its_number(qtbot: QtBot) -> None:
    editor = editor_for(next(about for about in settings_of(TrainingConfig) if about.path == "max_steps"))
    qtbot.addWidget(editor)
    for value, text in ((1, "1 step"), (2, "2 steps"), (1, "1 step")):
        editor.set_value(value)
        assert editor.findChild(QSpinBox).text() == text
    editor.findChild(QSpinBox).setValue(500)
    assert editor.findChild(QSpinBox).text() == "500 steps"


@pytest.mark.parametrize("path", VALUES)
def test_that_an_edited_value_reaches_the_configuration_and_nothing_else(form: Form, path: str) -> None:
    heard: list[Outer] = []
    form.changed.connect(heard.append)
    form.row(path).editor.edited.emit(VALUES[path])
    assert get(form.config, path) == VALUES[path]
    assert heard == [form.config]
    same = [p for p in VALUES if p != path]
    assert all(get(form.config, p) == get(Outer(), p) for p in same)


@pytest.mark.parametrize("path", VALUES)
def test_that_a_configuration_put_in_is_shown_and_says_nothing(form: Form, path: str) -> None:
    heard: list[Outer] = []
    form.changed.connect(heard.append)
    full = Outer(Inner(12), 0.5, 0.125, True, "b", "hello", (("a", "b"),), 3)
    form.config = full
    assert form.row(path).editor.value() == VALUES[path]
    assert heard == []
    assert form.config == full


def test_that_the_arrow_is_seen_only_away_from_the_default_and_leads_back(form: Form) -> None:
    row = form.row("inner.width")
    assert row._reset.isHidden()
    row.editor.field.setValue(20)
    assert not row._reset.isHidden()
    assert "8" in row._reset.toolTip()
    row._reset.click()
    assert form.config.inner.width == 8
    assert row._reset.isHidden()


def test_that_a_presets_values_can_be_what_the_arrows_lead_to(form: Form) -> None:
    form.set_defaults(dataclasses.replace(Outer(), rate=0.1))
    assert not form.row("rate")._reset.isHidden()
    form.row("rate")._reset.click()
    assert form.config.rate == 0.1


def test_that_bounds_hold_for_what_is_typed_and_stepped(form: Form) -> None:
    box = form.row("inner.width").editor.field
    assert isinstance(box, QAbstractSpinBox)
    box.lineEdit().setText("9999")
    box.interpretText()
    assert form.config.inner.width <= 64
    box.setValue(64)
    box.stepUp()
    assert form.config.inner.width == 64


def test_that_small_numbers_are_spelled_short_and_step_by_decades(form: Form) -> None:
    box = form.row("rate").editor.field
    assert box.text() == "0.003"
    box.stepUp()
    assert form.config.rate == pytest.approx(0.005)
    box.stepUp()
    assert form.config.rate == pytest.approx(0.01)
    box.stepBy(-3)
    assert form.config.rate == pytest.approx(0.001)
    box.lineEdit().setText("1e-6")
    box.interpretText()
    assert form.config.rate == pytest.approx(1e-6)


def test_that_a_share_is_told_in_per_cent_and_moves_with_its_slider(form: Form) -> None:
    row = form.row("share")
    assert row.editor.field.text().replace(",", ".") == "5.0 %"
    row.editor.below.setValue(203)
    assert form.config.share == 0.2
    assert row.editor.field.value() == 20.0


def test_that_only_parts_of_a_whole_are_shares() -> None:
    shares = {about.path for about in settings_of(Recipe) if is_share(about)}
    assert "training.warmup_share" in shares
    assert "training.weight_decay" not in shares
    assert "training.learning_rate" not in shares


def test_that_what_does_not_fit_is_said_in_place_with_a_way_out(qtbot: QtBot) -> None:
    form = Form(Recipe, paths=["model.embed_dim", "model.num_heads"])
    qtbot.addWidget(form)
    heard: list[Recipe] = []
    form.changed.connect(heard.append)
    row = form.row("model.num_heads")
    row.editor.field.setValue(3)
    assert "does not divide" in row.error
    assert heard == []
    press(row, "Use a width of 126")
    assert (form.config.model.num_heads, form.config.model.embed_dim) == (3, 126)
    assert row.error == ""
    assert len(heard) == 1


def test_that_two_settings_that_only_fit_together_can_be_changed_one_after_the_other(qtbot: QtBot) -> None:
    form = Form(Recipe)
    qtbot.addWidget(form)
    form.row("model.num_heads").editor.field.setValue(6)
    form.row("model.embed_dim").editor.field.setValue(192)
    assert (form.config.model.num_heads, form.config.model.embed_dim) == (6, 192)


def test_that_lesser_settings_are_folded_until_asked_for(form: Form) -> None:
    assert not form.row("rare").isVisible()
    form.fold.button.setChecked(True)
    assert form.row("rare").isVisible()


def test_that_lesser_settings_have_no_place_in_the_window_before_they_are_asked_for_and_look_like_the_others_then(
    qtbot: QtBot,
) -> None:
    """Half the widgets of a tab were dressed with every zoom for nobody to see."""
    form = Form(Outer)
    qtbot.addWidget(form)
    form.setEnabled(False)
    theme.dress(form)
    form.show()
    rare, rate = form.row("rare"), form.row("rate")
    assert not form.isAncestorOf(rare)
    assert form.isAncestorOf(rate)
    before = theme.scale
    theme.zoom(2.0 * before)
    try:
        form.fold.button.setChecked(True)
        assert form.isAncestorOf(rare)
        assert form._column.indexOf(form.fold) == form._column.count() - 2  # what fills the rest stays last
        for part in (rare, rate):
            part.editor.field.ensurePolished()
        looks = [
            (row.isEnabled(), row.editor.field.font().pointSizeF(), row._label.font().pointSizeF()) for row in (rare, rate)
        ]
        assert looks[0] == looks[1]
        assert looks[1][:2] == (False, font().pointSizeF())
        form.fold.button.setChecked(False)
        assert not rare.isVisible()
        assert form.isAncestorOf(rare)
    finally:
        theme.zoom(before)


def test_that_no_field_takes_a_file_for_itself_however_late_it_is_built(qtbot: QtBot) -> None:
    form = Form(TokenizerConfig)
    qtbot.addWidget(form)
    form.config = Outer()
    form.fold.button.setChecked(True)
    fields = form.findChildren(QLineEdit)
    assert fields
    assert not any(field.acceptDrops() for field in fields)


def test_that_what_a_job_refused_stays_at_its_field_until_that_is_changed(form: Form) -> None:
    failed = Failed(message=words("{n} is too rare.", n=1), paths=("rare",))
    assert form.show_failed(failed)
    assert form.row("rare").isVisible()  # unfolded
    assert form.row("rare").error == "1 is too rare."
    form.row("rate").editor.field.setValue(0.5)
    assert form.row("rare").error == "1 is too rare."
    form.row("rare").editor.field.setValue(7)
    assert form.row("rare").error == ""
    assert not form.show_failed(Failed(message=words("Elsewhere."), paths=("training.batch_size",)))


def test_that_what_a_job_refused_is_not_said_of_another_value(qtbot: QtBot) -> None:
    form = Form(Recipe)
    qtbot.addWidget(form)
    path = "training.learning_rate"
    way = Remedy("set", words("Use 0.003"), path, "0.003")
    typed = Remedy("command", words("Go on"), value="resume X --set training.learning_rate=0.003")
    failed = Failed(message=words("1 is too high."), remedies=(way, typed), paths=(path,))
    form.config = change(form.config, path, 1.0)
    form.begin()
    form.config = change(form.config, path, 0.01)  # while the run still goes on
    assert not form.show_failed(failed)
    assert form.row(path).error == ""

    form.config = change(form.config, path, 1.0)
    form.begin()
    assert form.show_failed(failed)
    assert "too high" in form.row(path).error
    offered = [b.text() for b in form.row(path).findChildren(QPushButton) if "Use" in b.text() or "Go on" in b.text()]
    assert offered == ["Use 0.003"]  # a line for a terminal is no button
    form.put({path: 0.02})
    assert form.row(path).error == ""
    form.put({path: 1.0})
    assert form.row(path).error
    form.begin(change(form.config, path, 0.02))  # a run with another value begins
    assert form.row(path).error == ""

    form.begin()
    form.show_failed(failed)
    press(form.row(path), "Use 0.003")
    assert get(form.config, path) == 0.003
    assert form.row(path).error == ""


def test_that_an_impossible_value_holds_back_nothing_but_itself(qtbot: QtBot) -> None:
    form = Form(Recipe)
    qtbot.addWidget(form)
    form.row("model.num_heads").editor.field.setValue(3)
    for path, value in (("training.batch_size", 7), ("training.max_steps", 123)):
        form.row(path).editor.field.setValue(value)
        assert get(form.config, path) == value
    assert form.row("model.num_heads").editor.value() == 3
    assert "does not divide" in form.row("model.num_heads").error
    assert not form.is_valid
    form.row("model.num_heads").editor.field.setValue(4)
    assert form.is_valid
    assert form.row("model.num_heads").error == ""


def test_that_settings_that_do_not_go_together_are_marked_both(qtbot: QtBot) -> None:
    form = Form(Recipe, paths=["model.embed_dim", "model.num_heads"])
    qtbot.addWidget(form)
    width, heads = form.row("model.embed_dim"), form.row("model.num_heads")
    heads.editor.field.setValue(3)
    assert heads.error
    assert width.error
    assert width.editor.field.property("bad")
    width.editor.field.setValue(192)
    assert (heads.error, width.error) == ("", "")
    assert form.is_valid


def test_that_a_verb_that_asks_is_led_to_the_field_that_does_not_fit(qtbot: QtBot) -> None:
    form = Form(Recipe, paths=["training.batch_size"])
    qtbot.addWidget(form)
    form.show()
    qtbot.waitExposed(form)
    assert form.settle()
    form.row("model.num_heads").editor.field.setValue(3)
    assert not form.settle()
    assert form.row("model.num_heads").isVisible()  # it was folded away
    assert form.focusWidget() is form.row("model.num_heads").editor.field


def test_that_a_verb_that_asks_takes_what_is_still_being_typed(form: Form) -> None:
    box = form.row("inner.width").editor.field
    box.setFocus()
    box.lineEdit().setText("12")
    assert form.settle()
    assert form.config.inner.width == 12


@pytest.mark.parametrize(("typed", "bound", "said"), [("9999", 64, "too much"), ("0", None, "too little")])
def test_that_a_number_outside_its_bounds_becomes_the_nearest_and_says_so(form: Form, typed, bound, said) -> None:
    row = form.row("inner.width")
    box = row.editor.field
    box.lineEdit().selectAll()
    box.setFocus()
    QTest.keyClicks(box, typed)
    box.interpretText()
    assert form.config.inner.width == (bound or row.about.fact.ge)
    assert row._note.isVisible()
    assert typed in row._note.text()
    assert said in row._note.text()
    box.setValue(9)
    assert not row._note.isVisible()


@pytest.mark.parametrize(
    ("path", "typed", "stays"),
    [
        ("inner.width", "abc", 8),
        ("inner.width", "1x", 8),
        ("inner.width", "0.5", 8),
        ("inner.width", "1.25", 8),
        ("rate", "fast", 3e-3),
        ("share", "half", 0.05),
        ("share", "5x", 0.05),
    ],
)
def test_that_what_is_no_number_leaves_the_number_before_and_says_so(
    form: Form, path: str, typed: str, stays: float
) -> None:
    row = form.row(path)
    box = row.editor.field
    box.lineEdit().selectAll()
    box.setFocus()
    QTest.keyClicks(box, typed)
    assert form.settle()
    assert get(form.config, path) == stays
    assert row._note.isVisible()
    assert f"“{typed}” is not a number" in row._note.text()
    box.setValue(9)
    assert not row._note.isVisible()


def test_that_what_is_said_of_a_share_is_in_the_per_cent_of_its_field(form: Form) -> None:
    row = form.row("share")
    box = row.editor.field
    for typed, stays, said in (("60", 0.5, "60 is too much: 50.0 is the most."), ("no", 0.5, "50.0 stays")):
        box.lineEdit().selectAll()
        box.setFocus()
        QTest.keyClicks(box, typed)
        assert form.settle()
        assert form.config.share == stays
        assert said in row._note.text()


def test_that_a_value_that_a_field_cannot_show_is_told_beside_it(qtbot: QtBot) -> None:
    form = Form(Recipe)
    qtbot.addWidget(form)
    form.config = change(form.config, "training.seed", 2**31)
    assert f"{2**31:,}" in form.row("training.seed")._note.text()


def test_that_every_field_shows_what_is_in_force_or_says_what_is_wrong(qtbot: QtBot) -> None:
    """A law over a few hundred edits, possible ones and others, in any order."""
    form = Form(Recipe)
    qtbot.addWidget(form)
    draw = random.Random(7)
    numbers = {p: r for p, r in form._rows.items() if isinstance(r.editor.field, QSpinBox)}
    reds = 0
    for _ in range(250):
        path = draw.choice(["model.num_heads", "model.num_kv_heads", "model.embed_dim", *numbers])
        numbers[path].editor.field.setValue(draw.choice([1, 2, 3, 4, 5, 6, 7, 8, 64, 90, 96, 128, 192]))
        in_force = {p: r.editor.value() == get(form.config, p) for p, r in numbers.items()}
        wrong = [p for p, shown in in_force.items() if not shown and not numbers[p].error and not numbers[p]._note.text()]
        assert not wrong
        assert form.is_valid == all(shown or numbers[p]._note.text() for p, shown in in_force.items())
        reds += not form.is_valid
    assert reds > 20


def test_that_paths_choose_what_comes_first_and_exclude_what_is_left_out(qtbot: QtBot) -> None:
    form = Form(Outer, paths=["rare", "kind"], exclude=["note"])
    qtbot.addWidget(form)
    form.show()
    assert form.row("rare").isVisible()
    assert not form.row("rate").isVisible()
    with pytest.raises(KeyError):
        form.row("note")


def test_that_a_remedy_beyond_the_form_is_handed_on(form: Form) -> None:
    heard: list[Remedy] = []
    form.remedy.connect(heard.append)
    remedy = Remedy("open_tab", words("Show the corpus"), "corpus")
    form.show_failed(Failed(message=words("Too little text."), remedies=(remedy,), paths=("rate",)))
    press(form.row("rate"), "Show the corpus")
    assert heard == [remedy]


def test_that_every_field_has_a_name_a_help_and_its_source(form: Form) -> None:
    for about in settings_of(Outer):
        field_ = form.row(about.path).editor.field
        assert field_.accessibleName() == str(about.fact.label)
        assert field_.accessibleDescription() == str(about.fact.help)
        assert str(about.fact.help) in field_.toolTip()
    assert "Somebody 2020" in form.row("inner.width").toolTip()
    assert form.row("inner.width")._source.isVisible()
    assert form.row("inner.width")._cited("Ann 2019, arXiv:1; Ben et al. 2020, arXiv:2 (phrases)") == "Ann 2019 and 1 more"
    assert form.row("inner.width")._cited("Ann, Ben and Eve 2015, arXiv:1; Sue 2020") == "Ann, Ben and Eve 2015 and 1 more"


def test_that_settings_which_do_nothing_beside_the_others_are_not_in_sight(qtbot: QtBot) -> None:
    form = Form(Recipe, paths=("sparse.method", "sparse.sparsity", "sparse.l1", "sparse.rounds", "teach.lora_rank"))
    qtbot.addWidget(form)
    form.show()

    def seen() -> list[str]:
        return [name for name in ("sparsity", "l1", "rounds") if form.row(f"sparse.{name}").isVisible()]

    assert not seen()
    for method, read in (("lottery", ["sparsity", "rounds"]), ("proximal", ["l1"]), ("none", [])):
        form.apply(Remedy("set", words("Choose it"), "sparse.method", method))
        assert seen() == read
    assert not form.row("teach.lora_rank").isVisible()
    form.put({"teach.weights": "lora"})
    assert form.row("teach.lora_rank").isVisible()
    form.show_failed(Failed(message=words("Too many."), paths=("sparse.rounds",)))
    assert seen() == ["rounds"], "what is wrong is in sight, whatever it does"


def test_that_scrolling_past_a_field_leaves_it_as_it_is(form: Form) -> None:
    box = form.row("inner.width").editor.field
    box.clearFocus()
    place = QPointF(box.rect().center())
    turn = QWheelEvent(
        place, box.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, turn)
    assert form.config.inner.width == 8


def test_that_pairs_are_written_and_taken_away_by_hand(form: Form) -> None:
    editor = form.row("pairs").editor
    editor.field.click()
    old, new, _ = editor._rows[0]
    old.setText("colour")
    new.setText("color")
    new.editingFinished.emit()
    assert form.config.pairs == (("colour", "color"),)
    editor._rows[0][2].layout().itemAt(2).widget().click()
    assert form.config.pairs == ()


def test_that_the_place_of_a_file_is_typed_or_chosen(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    about = next(about for about in settings_of(Recipe) if about.path == "teach.word_vectors")
    editor = editor_for(about)
    qtbot.addWidget(editor)
    told: list[str] = []
    editor.edited.connect(told.append)
    monkeypatch.setattr(file_dialog, "open_files", lambda *_: [str(tmp_path / "some.vec")])
    editor.findChild(QToolButton).click()
    assert told == [str(tmp_path / "some.vec")] == [editor.value()]
    monkeypatch.setattr(file_dialog, "open_files", lambda *_: [])
    editor.findChild(QToolButton).click()
    assert told == [editor.value()]
