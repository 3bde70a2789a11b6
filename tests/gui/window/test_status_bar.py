"""What the foot of the window says in little room: fewer words, none of them cut."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from llmstudio.core.events import Progress
from llmstudio.core.words import words
from llmstudio.gui.look.theme import theme
from llmstudio.gui.session.session import JobInfo
from llmstudio.gui.window.status_bar import StatusBar


@pytest.fixture
def bar(qtbot: QtBot) -> StatusBar:
    made = StatusBar()
    qtbot.addWidget(made)
    theme.dress(made)
    made.show_device("2 cores")
    made.show()
    made._look()
    made.show_job(JobInfo("train", "Going on with the race “Race 1”", "work"))
    made.show_events([Progress(job="race", what=words("Reading the text for everybody"), done=1, total=4, remaining_s=145)])
    return made


@pytest.mark.parametrize("width", [1440, 1024, 900, 800, 720, 640])
def test_that_no_words_are_cut_while_there_are_fewer_to_say(width: int, bar: StatusBar, qtbot: QtBot) -> None:
    bar.resize(width, bar.sizeHint().height())
    qtbot.wait(20)
    assert bar.width() == width
    for still in (bar._memory, bar._left, bar._device):
        assert "…" not in still.shown()
    assert "2 min 25 s" in bar._left.shown()


def test_that_what_is_needed_least_goes_first_and_comes_back(bar: StatusBar, qtbot: QtBot) -> None:
    said = []
    for width in (1440, 1000, 900, 800, 640, 1440):
        bar.resize(width, bar.sizeHint().height())
        qtbot.wait(20)
        said.append((bar._memory.shown(), bar._left.shown()))
    assert said[0] == said[-1]
    assert "at most" in said[0][0]
    assert said[0][1] == "Reading the text for everybody: about 2 min 25 s left"
    lengths = [len(memory) + len(left) for memory, left in said[:-1]]
    assert lengths == sorted(lengths, reverse=True)
    assert "2 min 25 s" in said[-2][1]
    assert not any("at most" in memory and not left.startswith("Reading") for memory, left in said)


def test_that_a_figure_that_shrinks_brings_no_words_back_at_once(bar: StatusBar, qtbot: QtBot) -> None:
    bar.resize(800, bar.sizeHint().height())
    qtbot.wait(20)
    before = bar._drops
    assert before
    bar.show_events([Progress(job="race", what=words("Reading"), done=1, total=4, remaining_s=9)])
    assert bar._drops == before
