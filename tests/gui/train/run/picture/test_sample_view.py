from __future__ import annotations

from PySide6.QtGui import QFont
from pytestqt.qtbot import QtBot

from llmstudio.core.events import Sampled
from llmstudio.gui.look.theme import theme
from llmstudio.gui.train.run.picture.sample_view import SampleView


def samples(count: int) -> list[Sampled]:
    return [Sampled(job="train", step=100 * i, time=1.0, prompt="小狐狸", text=f" ran {i} <b>") for i in range(1, count + 1)]


def test_that_the_newest_sample_is_followed(qtbot: QtBot) -> None:
    view = SampleView()
    qtbot.addWidget(view)
    for count in (1, 2, 5):
        view.set_samples(samples(count))
        assert view.text == f"小狐狸 ran {count} <b>"
        assert view.title == f"Sample text at step {100 * count}"


def test_that_one_can_look_back_while_new_ones_come(qtbot: QtBot) -> None:
    view = SampleView()
    qtbot.addWidget(view)
    view.set_samples(samples(4))
    with qtbot.waitSignal(view.looked) as told:
        view._slider.setValue(1)
    assert told.args == [200]
    view.set_samples(samples(6))
    assert view.text == "小狐狸 ran 2 <b>"
    view._slider.setValue(5)
    view.set_samples(samples(7))
    assert view.text == "小狐狸 ran 7 <b>"


def test_that_the_prompt_is_quiet_and_the_models_own_words_are_strong(qtbot: QtBot) -> None:
    view = SampleView()
    qtbot.addWidget(view)
    view.set_samples(samples(1))
    cursor = view._text.textCursor()
    cursor.setPosition(2)
    assert cursor.charFormat().foreground().color().name() == theme.colors.muted
    assert cursor.charFormat().fontWeight() == QFont.Weight.Normal
    cursor.setPosition(6)
    assert cursor.charFormat().foreground().color().name() == theme.colors.text
    assert cursor.charFormat().fontWeight() >= QFont.Weight.DemiBold


def test_that_another_run_begins_at_its_newest(qtbot: QtBot) -> None:
    view = SampleView()
    qtbot.addWidget(view)
    view.set_samples(samples(6))
    view._slider.setValue(0)
    view.set_samples(
        [Sampled(job="train", step=7, prompt="x", text="y"), Sampled(job="train", step=9, prompt="x", text="z")]
    )
    assert view.text == "xz"
    view.set_samples([])
    assert view.text == ""
