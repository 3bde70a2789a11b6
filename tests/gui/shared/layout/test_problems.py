from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Failed
from llmstudio.core.words import words
from llmstudio.gui.shared.layout.problems import MessageBar, Net, crash_told, versions


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    made = MessageBar()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def net() -> Iterator[Net]:
    hooks = sys.excepthook, threading.excepthook
    made = Net()
    made.spread()
    yield made
    sys.excepthook, threading.excepthook = hooks


def buttons(bar: MessageBar) -> dict[str, QPushButton]:
    return {button.text(): button for button in bar.findChildren(QPushButton) if not button.isHidden()}


def test_that_nothing_is_seen_while_there_is_nothing_to_say(bar: MessageBar) -> None:
    assert bar.isHidden()
    assert bar.text == ""


def test_that_a_remedy_is_a_button_that_carries_it_out(bar: MessageBar) -> None:
    remedy = Remedy("set", words("Use 256"), "vocab_size", "256")
    heard: list[Remedy] = []
    bar.remedy.connect(heard.append)
    bar.show_error(StudioError("The vocabulary is too large for {n} bytes.", n=30, remedies=(remedy,)))
    assert bar.text == "The vocabulary is too large for 30 bytes."
    buttons(bar)["Use 256"].click()
    assert heard == [remedy]
    assert bar.isHidden()


@pytest.mark.parametrize(("width", "rows"), [(1200, 1), (500, 2), (200, 4)])
def test_that_buttons_stand_side_by_side_where_there_is_room_and_never_on_each_other(
    bar: MessageBar, qtbot: QtBot, width: int, rows: int
) -> None:
    ways = tuple(Remedy("retry", words("Use a learning rate of {n}", n=n)) for n in range(4))
    bar.show_message("Two are out of the race.", remedies=ways)
    bar.resize(width, bar.heightForWidth(width))
    qtbot.waitUntil(lambda: all(button.y() > 0 for button in buttons(bar).values()))
    places = [button.geometry() for button in buttons(bar).values()]
    assert len({place.top() for place in places}) == rows
    assert not any(a.intersects(b) for a, b in itertools.combinations(places, 2))
    assert all(place.bottom() < bar.height() for place in places)


def test_that_an_older_messages_buttons_go_with_it(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_error(StudioError("One.", remedies=(Remedy("retry", words("Again")),)))
    bar.show_message("Two.")
    qtbot.waitUntil(lambda: buttons(bar) == {})
    assert bar.text == "Two."


def test_that_a_report_can_be_copied_and_is_not_shown(bar: MessageBar) -> None:
    bar.show_failed(Failed(message=words("It broke."), report="Traceback: line 1"))
    assert "Traceback" not in bar.text
    buttons(bar)["Copy report"].click()
    assert QGuiApplication.clipboard().text() == "Traceback: line 1"


def test_that_a_closed_message_is_gone(bar: MessageBar) -> None:
    bar.show_message("Something.", level="warning")
    bar._close.click()
    assert bar.text == ""


def raise_somewhere() -> None:
    raise KeyError("a secret path")


def test_that_too_little_memory_is_named_also_where_nobody_caught_it(net: Net) -> None:
    heard: list[Failed] = []
    net.caught.connect(heard.append)
    for error in (MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")):
        sys.excepthook(type(error), error, None)
    assert ["not enough memory" in str(failed.message) for failed in heard] == [True, True]


def test_that_what_nobody_caught_becomes_a_plain_sentence(net: Net) -> None:
    heard: list[Failed] = []
    net.caught.connect(heard.append)
    try:
        raise_somewhere()
    except KeyError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert "KeyError" in str(heard[0].message)
    assert "secret" not in str(heard[0].message)
    assert "raise_somewhere" in heard[0].report


def test_that_another_threads_mishap_is_told_in_the_windows_thread(net: Net, qtbot: QtBot) -> None:
    heard: list[tuple[Failed, int]] = []

    class Listener(MessageBar):
        def hear(self, failed: Failed) -> None:
            heard.append((failed, threading.get_ident()))

    listener = Listener()
    qtbot.addWidget(listener)
    net.caught.connect(listener.hear)
    thread = threading.Thread(target=raise_somewhere)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(heard))
    assert heard[0][1] == threading.get_ident()


def test_that_a_mistake_of_the_person_carries_no_report(net: Net) -> None:
    heard: list[Failed] = []
    net.caught.connect(heard.append)
    error = StudioError("Choose another name.")
    sys.excepthook(type(error), error, None)
    assert (str(heard[0].message), heard[0].report) == ("Choose another name.", "")


def test_that_versions_name_what_the_program_stands_on() -> None:
    assert all(name in versions() for name in ("llmstudio", "Python", "Qt", "torch"))


def test_that_what_was_said_of_one_thing_goes_when_another_is_in_sight(bar: MessageBar) -> None:
    bar.turn_to("a")
    late = bar.refusal()
    bar.show_message("A is odd.", remedies=(Remedy("set", words("Mend it"), "x", "1"),))
    bar.turn_to("a")
    assert bar.text == "A is odd."
    bar.turn_to("b")
    assert not bar.text
    assert not any(button.isVisible() for button in bar.findChildren(QPushButton))
    late(Failed(message=words("A cannot be read.")))  # it was asked of a, which nobody looks at any more
    assert not bar.text
    bar.refusal()(Failed(message=words("B cannot be read.")))
    assert bar.text == "B cannot be read."


def test_that_a_crash_of_the_whole_program_is_told_with_its_trace_to_copy(bar: MessageBar) -> None:
    bar.show_failed(crash_told("Fatal Python error: Segmentation fault"))
    assert "crashed" in bar.text
    buttons(bar)["Copy report"].click()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("llmstudio ")
    assert copied.endswith("Fatal Python error: Segmentation fault")
