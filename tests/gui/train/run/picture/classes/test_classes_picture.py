from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from llmstudio.app.classes.confusion import Confusion
from llmstudio.core.events import Evaluated, TrainStep
from llmstudio.core.words import words
from llmstudio.gui.look.theme import BODY, font, space
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.train.run.picture.classes.classes_picture import ClassesPicture
from llmstudio.gui.train.run.picture.classes.matrix import MOST, Matrix
from llmstudio.gui.train.run.picture.run_picture import TrainPicture

NAMES = ("good", "bad", "mixed")
MATRIX = np.array([[8, 1, 0], [2, 6, 0], [0, 3, 1]])


def table(names=NAMES, matrix=MATRIX, **facts) -> Confusion:
    cells = {(int(r), int(c)): tuple(f"{r} {c} {n}" for n in range(matrix[r, c])) for r, c in np.argwhere(matrix)}
    return Confusion("Sort", 20, names, matrix, cells, int(matrix.sum()), **facts)


def run_of(*figures: dict[str, float]) -> RunData:
    run = RunData("Sort")
    steps = [
        TrainStep(step=n, loss=1.0, learning_rate=1e-2, grad_norm=1.0, tokens=n, tokens_per_second=1.0) for n in range(1, 41)
    ]
    run.add([*steps, *(Evaluated(step=10 * n, split="val", figures=each) for n, each in enumerate(figures, 1))])
    return run


@pytest.fixture
def picture(qtbot: QtBot) -> ClassesPicture:
    made = ClassesPicture()
    qtbot.addWidget(made)
    made.resize(900, 560)
    made.show()
    return made


def test_that_the_two_lines_are_the_figures_of_the_looks_in_per_cent(picture: ClassesPicture) -> None:
    picture.set_run(
        run_of({"accuracy": 0.5, "macro_f1": 0.25, "loss": 1.0}, {"accuracy": 0.75, "macro_f1": 0.5, "loss": 1.0})
    )
    picture.looks.redraw()
    curves = picture.looks.lines.curves
    assert curves["accuracy"].getData()[1].tolist() == [50.0, 75.0]
    assert curves["macro_f1"].getData()[1].tolist() == [25.0, 50.0]
    assert curves["accuracy"].getData()[0].tolist() == [10.0, 20.0]
    assert picture.looks.readout(12.0) == "step 10 · accuracy 50.0 % · macro-F1 25.0 %"
    assert picture.looks.beside.texts == ["accuracy 75.0 %", "macro-F1 50.0 %"]


def test_that_a_press_on_a_cell_shows_its_texts(picture: ClassesPicture, qtbot: QtBot) -> None:
    picture.show_told(table())
    assert "21 held-out texts, weights of step 20" in picture.remark
    for cell in [(1, 0), (2, 1), (0, 2), (0, 0)]:
        place = picture.matrix.place_of(cell).center().toPoint()
        qtbot.mouseClick(picture.matrix, Qt.MouseButton.LeftButton, pos=place)
        assert picture.matrix.chosen == cell
        assert picture.texts == "\n\n".join(f"{cell[0]} {cell[1]} {n}" for n in range(MATRIX[cell]))
    assert picture._texts_title.text() == "8 texts of good, classified correctly"
    picture.matrix.choose((2, 1))
    assert picture._texts_title.text() == "3 texts of mixed, predicted as bad"
    assert picture.matrix.cell_at(QPointF(1, 1)) is None


def test_that_the_arrow_keys_reach_every_cell_and_stay_inside(picture: ClassesPicture, qtbot: QtBot) -> None:
    picture.show_told(table())
    keys = [Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down]
    seen = []
    for key in keys:
        qtbot.keyClick(picture.matrix, key)
        seen.append(picture.matrix.chosen)
    assert seen == [(0, 0), (0, 0), (0, 1), (1, 1), (2, 1), (2, 1)]


def test_that_a_newer_table_keeps_the_cell_in_sight_and_another_run_does_not(picture: ClassesPicture) -> None:
    picture.show_told(table())
    picture.matrix.choose((2, 1))
    more = MATRIX.copy()
    more[2, 1] = 1
    picture.show_told(table(matrix=more))
    assert picture.texts == "2 1 0"
    picture.show_told(table(("a", "b", "c")))
    assert picture.matrix.chosen is None
    assert picture.texts == ""


def test_that_of_many_classes_those_with_the_most_mistakes_are_drawn_and_the_rest_counted(picture: ClassesPicture) -> None:
    count = MOST + 5
    matrix = np.diag(np.full(count, 9))
    for number in range(count - 4, count):
        matrix[number, 0] = 2
    picture.show_told(table(tuple(f"class {n}" for n in range(count)), matrix))
    assert len(picture.matrix.order) == MOST
    assert {0, *range(count - 4, count)} <= set(picture.matrix.order)
    assert "5 classes with few mistakes not drawn" in picture.remark
    assert picture.grab().toImage().width()


def test_that_why_there_is_no_table_is_said_in_its_place(picture: ClassesPicture) -> None:
    picture.show_told(table(remark=words("Nothing was held out.")))
    assert picture.remark == "Nothing was held out."
    assert picture.matrix.confusion is None
    picture.show_told(None, "Soon.")
    assert picture.remark == "Soon."


def test_that_a_run_that_learns_classes_is_shown_by_them_and_any_other_by_its_curves(qtbot: QtBot) -> None:
    picture = TrainPicture()
    qtbot.addWidget(picture)
    picture.show()
    picture.set_run(run_of({"loss": 1.0}))
    assert not picture.shows_lesson
    assert picture.loss.isVisible()
    with qtbot.waitSignal(picture.told_seen, timeout=1000):
        picture.set_run(run_of({"accuracy": 0.5, "macro_f1": 0.25, "loss": 1.0}))
    assert picture.shows_lesson
    picture._choice.chips["curves"].click()
    assert picture.loss.isVisible()
    assert not picture.shows_lesson


def test_that_a_class_of_which_no_text_was_held_out_is_named(picture: ClassesPicture) -> None:
    picture.show_told(table())
    assert "nothing is known" not in picture.remark
    picture.show_told(table(matrix=np.array([[9, 0, 0], [0, 11, 0], [0, 0, 0]])))
    assert "none of mixed: of that nothing is known" in picture.remark


@pytest.mark.parametrize("width", [220, 300, 600])
def test_that_the_words_in_the_corner_are_whole_where_few_classes_leave_room(width: int, qtbot: QtBot) -> None:
    made = Matrix()
    qtbot.addWidget(made)
    made.resize(width, 250)
    made.show_confusion(table())
    words_there = QFontMetricsF(font(BODY)).horizontalAdvance(made.tr("true ↓  predicted →"))
    first = made.place_of((0, 0))
    assert first.left() >= min(words_there, width - 3 * space(5))
    assert made.place_of((2, 2)).right() <= width
