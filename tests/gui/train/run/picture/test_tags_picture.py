from __future__ import annotations

from pytestqt.qtbot import QtBot

from llmstudio.app.tags.watched import TagLook, WatchedWord
from llmstudio.core.events import Evaluated, TrainStep
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.train.run.picture.run_picture import TrainPicture
from llmstudio.gui.train.run.picture.tags_picture import TagsPicture

RIGHT = (WatchedWord("Anna", True, "B-PER", "B-PER"), WatchedWord("sleeps", False, "O", "O"))
WRONG = (
    WatchedWord("Rome", True, "B-LOC", "B-PER"),
    WatchedWord("<b>", True, "O", "O"),
    WatchedWord("Ems", False, "B-LOC", "O"),
)
LOOK = TagLook("Names", 20, (RIGHT, WRONG), (("PER", 2 / 3, 1), ("LOC", 0.0, 2)), True, 3, 5, 2)


def shown(qtbot: QtBot, told: TagLook | None) -> TagsPicture:
    made = TagsPicture()
    qtbot.addWidget(made)
    made.show_told(told)
    return made


def test_that_a_wrong_word_is_underlined_with_both_tags_and_a_right_one_is_not(qtbot: QtBot) -> None:
    picture = shown(qtbot, LOOK)
    assert picture.remark == "2 held-out sentences, weights of step 20: 60\u00a0% of the words right"
    assert "Anna<sub>&nbsp;B-PER</sub>" in picture.sentence
    assert "<u>" not in picture.sentence
    picture.another.click()
    assert "<u>Rome</u><sub>&nbsp;B-PER ✗ B-LOC</sub>" in picture.sentence
    assert "<u>Ems</u><sub>&nbsp;O ✗ B-LOC</sub>" in picture.sentence
    assert "&lt;b&gt;" in picture.sentence
    assert picture.bars.bars == [("PER (1)", 2 / 3), ("LOC (2)", 0.0)]
    picture.show_told(LOOK)
    assert "Rome" in picture.sentence, "the sentence in sight stays while the model learns on"


def test_that_nothing_is_shown_of_what_is_not_known(qtbot: QtBot) -> None:
    picture = shown(qtbot, None)
    assert (picture.told, picture.bars.isHidden(), picture.another.isHidden()) == (None, True, True)
    picture.show_told(TagLook("Names"))
    assert "No sentence was held out" in picture.remark


def test_that_a_run_that_learns_tags_is_shown_by_them_until_its_curves_are_asked_for(qtbot: QtBot) -> None:
    picture = TrainPicture()
    qtbot.addWidget(picture)
    picture.show()
    run = RunData("Names")
    step = TrainStep(step=10, loss=1.0, learning_rate=1e-2, grad_norm=1.0, tokens=1, tokens_per_second=1.0)
    figures = {"loss": 1.0, "tag_accuracy": 0.5, "span_f1": 0.2}
    run.add([step, Evaluated(step=10, split="val", figures=figures)])
    with qtbot.waitSignal(picture.told_seen, timeout=1000):
        picture.set_run(run)
    assert (picture.lesson is picture.tags, picture.shows_lesson) == (True, True)
    assert picture._choice.chips["told"].text() == "Tags"
    picture._choice.chips["curves"].click()
    assert not picture.shows_lesson
