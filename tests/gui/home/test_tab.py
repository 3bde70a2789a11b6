from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.app.computer.hardware import Probe, keep_probe, machine, probe_key
from llmstudio.app.items.chats import save_chat
from llmstudio.app.preferences import Preferences
from llmstudio.core.events import Event, Failed, Finished, Noted, Progress, Started, Stopped, inside
from llmstudio.core.generation.chat import USER, Chat
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.gui.home.journey_strip import JourneyStrip
from llmstudio.gui.home.tab import HomeTab
from llmstudio.gui.home.tour import TABS, Stops, TourBar
from llmstudio.gui.session.session import Session
from llmstudio.store.project import Project
from tests.gui.conftest import end


@pytest.fixture
def tab(session: Session, qtbot: QtBot) -> HomeTab:
    made = HomeTab(session)
    qtbot.addWidget(made)
    made.show()
    return made


def measured() -> Probe:
    return Probe(
        key=probe_key(), matmul={"fp32": 6e10, "bf16": 4.8e11}, format_gain={"bf16": 8.0}, bandwidth=1e10, threads=2,
        thread_speeds={"1": 3e10, "2": 6e10}, measured=time.time(), load=0.0,
    )  # fmt: skip


def test_that_the_first_paint_is_told_once(session: Session, qtbot: QtBot) -> None:
    told: list[bool] = []
    made = HomeTab(session)
    qtbot.addWidget(made)
    made.first_painted.connect(lambda: told.append(True))
    made.show()
    qtbot.waitUntil(lambda: bool(told))
    made.update()
    qtbot.wait(50)
    assert told == [True]


def test_that_what_is_not_measured_says_so(tab: HomeTab) -> None:
    tab.sheet.show_machine()
    facts = {name: label.text() for name, label in tab.sheet._facts.items()}
    assert facts["cpu"] == machine().cpu
    assert facts["cores"] == str(machine().cores)
    assert facts["speed"] == facts["format"] == "not measured yet"
    assert not tab.sheet.is_measured


def test_that_a_kept_measurement_is_told_with_units(tab: HomeTab) -> None:
    keep_probe(measured())
    tab.sheet.show_machine()
    facts = {name: label.text() for name, label in tab.sheet._facts.items()}
    assert facts["speed"] == "about 30 billion multiplications a second with 2 threads"
    assert facts["format"] == "bfloat16, 8.0× as fast as 32-bit"
    assert "none" in facts["gpu"]
    assert tab.sheet.is_measured


def test_that_figures_taken_beside_busy_programs_are_shown_in_doubt(tab: HomeTab) -> None:
    keep_probe(replace(measured(), load=0.7))
    tab.sheet.show_machine()
    assert all(tab.sheet._facts[key].text().endswith("; measured while busy") for key in ("speed", "format"))
    keep_probe(replace(measured(), load=0.0))
    tab.sheet.show_machine()
    assert not any("busy" in tab.sheet._facts[key].text() for key in ("speed", "format"))


def test_that_the_measure_button_measures_and_shows_how_far_it_is(tab: HomeTab, session, qtbot, monkeypatch) -> None:
    def fake(*, stop: Stop) -> Iterator[Event]:
        yield Started(job="probe", title=words("Measuring"))
        while not stop.requested:
            time.sleep(0.005)
            yield Progress(job="probe", what=words("Number formats"), done=1, total=4)
        keep_probe(measured())
        yield Finished(job="probe")

    monkeypatch.setattr("llmstudio.app.computer.probe.probe", fake)
    monkeypatch.setattr("llmstudio.gui.session.session.is_loaded", lambda: True)
    tab.sheet._measure.click()
    qtbot.waitUntil(lambda: tab.sheet._bar.value() > 1)
    assert tab.sheet._what.text() == "Number formats"
    session.stop("measure")
    qtbot.waitUntil(lambda: not session.is_running("measure"))
    assert tab.sheet.is_measured
    assert tab.sheet._bar.isHidden()


def test_that_the_strip_ticks_what_is_there_and_leads_to_it(tab: HomeTab, session: Session) -> None:
    assert not any(tab.strip._ready.values())
    with session.project.create("corpus", "Tales") as (_, facts):
        facts["hash"] = "x"
    session.items_changed.emit("corpus")
    assert [name for name, ready in tab.strip._ready.items() if ready] == ["corpus"]
    gone: list[str] = []
    session.go_to.connect(gone.append)
    for name in ("tokenizer", "inspect"):
        tab.strip._buttons[name].click()
    assert gone == ["tokenizer", "inspect"]
    assert list(tab.strip._buttons) == list(session.items.ready())


def test_that_home_leads_to_teaching(tab: HomeTab, session: Session) -> None:
    asked: list[str] = []
    session.go_to.connect(asked.append)
    session.teach_asked.connect(lambda: asked.append("teach"))
    tab.teach.click()
    assert asked == ["train", "teach"]


def test_that_a_station_is_ticked_only_where_something_was_made(grown_project: Project, qtbot: QtBot) -> None:
    session = Session(grown_project, Preferences())
    tab = HomeTab(session)
    qtbot.addWidget(tab)

    def said(name: str) -> str:
        return str(tab.strip._buttons[name].accessibleDescription())

    assert {name for name, done in tab.strip._done.items() if done} == {"corpus", "tokenizer", "train"}
    assert said("train") == "done: a model learns"
    assert said("chat") == "can be done now: talk to it"
    assert said("inspect") == "can be done now: look inside"
    save_chat(grown_project, "Talk", Chat().say(USER, "Where is the bear?"), model="Tiny")
    session.items_changed.emit("chat")
    assert said("chat") == "done: talk to it"
    end(session)


def test_that_the_strip_says_less_where_it_is_narrow_and_all_again_where_it_is_wide(tab: HomeTab, qtbot: QtBot) -> None:
    strip = JourneyStrip()
    qtbot.addWidget(strip)
    strip.show()
    for width, lines in ((1072, 2), (976, 2), (640, 1), (1072, 2)):
        strip.resize(width, 60)
        qtbot.wait(1)  # what it says changes what its parts need
        assert strip.width() == width
        assert {button.text().count("\n") + 1 for button in strip._buttons.values()} == {lines}, width
        assert all(button.width() >= button.sizeHint().width() for button in strip._buttons.values()), width


def test_that_recent_projects_are_one_press_away(project: Project, tmp_path: Path, qtbot: QtBot) -> None:
    other = Project(tmp_path / "唐诗")
    other.prepare()
    gone = str(tmp_path / "gone")
    session = Session(project, Preferences(recent=(gone, str(other.root))))
    tab = HomeTab(session)
    qtbot.addWidget(tab)
    names = [button.text() for button in recent(tab)]
    assert names == ["project (open)", "唐诗"]
    recent(tab)[1].click()
    assert session.project.root == other.root
    assert recent(tab)[0].text() == "唐诗 (open)"
    session.request_end()
    qtbot.waitUntil(session.has_ended)


def recent(tab: HomeTab) -> list[QPushButton]:
    return tab.recent.buttons


def test_that_a_project_that_may_only_be_read_says_so(project: Project, qtbot: QtBot) -> None:
    project.is_writable = False
    tab = HomeTab(Session(project, Preferences()))
    qtbot.addWidget(tab)
    assert "may only be read" in tab.messages.text


def journey(stop: Stop) -> Iterator[Event]:
    """The tour's events without its work."""

    def part(name: str) -> Iterator[Event]:
        yield Started(job=name, title=words("Part"))
        yield Started(job=name, title=words("Part, now that its steps are known"), total=5)
        for done in range(5):
            if stop.requested:
                yield Stopped(job=name)
                return
            yield Progress(job=name, what=words("Part"), done=done, total=5)
        if name == "evaluate":
            yield Noted(job=name, message=words("{n} % right.", n=90))
        yield Finished(job=name)

    yield Started(job="tour", title=words("Whole"))
    for name in ("import", "tokenizer", "train", "evaluate", "prune", "chat"):
        end = yield from inside("tour", part(name))
        if isinstance(end, Stopped):
            yield Stopped(job="tour")
            return
    yield Finished(job="tour", result={"questions_right": 0.9, "random_questions_right": 0.3})


@pytest.fixture
def bar(session: Session, qtbot: QtBot) -> TourBar:
    made = TourBar(session)
    qtbot.addWidget(made)
    return made


def test_that_the_journey_turns_the_tabs_and_waits_at_each_stop_while_held(session, bar: TourBar, qtbot: QtBot) -> None:
    shown: list[str] = []
    session.go_to.connect(shown.append)
    bar._hold.setChecked(True)
    session.start(journey, tab="home", title="Tour", engine=False, hold_at=Stops())
    for tab in list(TABS.values())[1:]:
        qtbot.waitUntil(lambda tab=tab: bar._next == tab)
        before = list(shown)
        qtbot.wait(50)
        assert session.is_paused()
        assert shown == before
        assert bar._text.text()
        assert bar._go.text() == "Next"
        if tab == "prune":
            assert bar._text.text() == "90 % right."
        bar._go.click()
    qtbot.waitUntil(lambda: not session.is_running())
    assert shown == ["corpus", "tokenizer", "train", "prune", "chat", "chat"]
    assert "90 %" in bar._text.text()
    assert not bar.is_running


def test_that_the_journey_goes_on_by_itself_when_it_is_not_held(session: Session, bar: TourBar, qtbot: QtBot) -> None:
    bar._clock.setInterval(5)
    session.start(journey, tab="home", title="Tour", engine=False, hold_at=Stops())
    qtbot.waitUntil(lambda: not session.is_running() and not bar.is_running, timeout=10_000)
    assert bar._title.text() == "Your first model is grown"


def test_that_a_journey_can_be_stopped_at_a_stop(session: Session, bar: TourBar, qtbot: QtBot) -> None:
    bar._hold.setChecked(True)
    session.start(journey, tab="home", title="Tour", engine=False, hold_at=Stops())
    qtbot.waitUntil(lambda: bar._next == "tokenizer")
    session.stop()
    qtbot.waitUntil(lambda: not session.is_running())
    assert "kept" in bar._text.text()
    assert not bar.is_running


def test_that_start_begins_the_journey_and_a_failure_is_said_on_home(tab: HomeTab, session, qtbot, monkeypatch) -> None:
    def refused(project: Project, *, stop: Stop) -> Iterator[Event]:
        yield Started(job="tour", title=words("Whole"))
        yield Failed(job="tour", message=words("The disk is full."))

    monkeypatch.setattr("llmstudio.app.verbs.tour.tour", refused)
    tab.card.start.click()
    assert session.is_running()
    assert not tab.card.start.isEnabled()
    qtbot.waitUntil(lambda: not session.is_running())
    assert tab.messages.text == "The disk is full."
    assert tab.card.start.isEnabled()


def test_that_wherever_it_is_let_go_on_the_journey_and_its_bar_go_together(session, bar: TourBar, qtbot: QtBot) -> None:
    """At a stop the status bar's button and Space do what Next does; the bar never counts for a job that is on its way."""
    shown: list[str] = []
    session.go_to.connect(shown.append)
    bar._clock.setInterval(100_000)
    session.start(journey, tab="home", title="Tour", engine=False, hold_at=Stops())
    for tab in ("tokenizer", "train", "prune", "chat"):
        qtbot.waitUntil(lambda tab=tab: bar._next == tab)
        assert session.is_paused()
        assert not bar._go.isHidden()
        session.toggle_pause()  # as the status bar and Space do
        assert bar.stage == tab
        assert bar._go.isHidden()
        assert not bar._clock.isActive()
    qtbot.waitUntil(lambda: not session.is_running())
    assert shown == ["corpus", "tokenizer", "train", "prune", "chat", "chat"]


def test_that_a_journey_held_on_its_way_says_so_until_it_goes_on(session, bar: TourBar, qtbot: QtBot) -> None:
    release = threading.Event()

    def slow(stop: Stop) -> Iterator[Event]:
        yield Started(job="tour", title=words("Whole"))
        yield Started(job="import", parents=("tour",), title=words("Part"))
        while not (stop.requested or release.is_set()):
            time.sleep(0.002)
            yield Progress(job="import", parents=("tour",), what=words("Part"), done=1, total=5)
        yield Stopped(job="tour")

    session.start(slow, tab="home", title="Tour", engine=False, hold_at=Stops())
    qtbot.waitUntil(lambda: bar.stage == "corpus")
    said = bar._text.text()
    session.pause()
    assert "Paused" in bar._text.text()
    session.resume()
    assert bar._text.text() == said
    release.set()
    qtbot.waitUntil(lambda: not session.is_running())


def test_that_a_stop_passed_before_it_was_shown_is_no_stop(session, bar: TourBar, qtbot: QtBot) -> None:
    """Space pressed between the worker's halt and the window's hearing of it lets the journey go on: so does the bar."""
    session.start(journey, tab="home", title="Tour", engine=False, hold_at=Stops())
    work, heard = session._lanes["work"], []

    def passed_by() -> None:
        if session.is_paused():
            work._worker.resume()
        heard.append(work.name)
        work._visit()

    work._visits.timeout.disconnect()
    work._visits.timeout.connect(passed_by)
    bar._clock.setInterval(100_000)
    qtbot.waitUntil(lambda: not session.is_running() and not bar.is_running, timeout=10_000)
    assert heard


def test_that_asking_the_questions_shows_how_far_it_is(session, bar: TourBar, qtbot: QtBot) -> None:
    release = threading.Event()

    def asking(stop: Stop) -> Iterator[Event]:
        yield Started(job="tour", title=words("Whole"))
        yield Started(job="train", parents=("tour",), title=words("Part"))
        yield Started(job="evaluate", parents=("tour",), title=words("Asking {n} questions", n=500), total=500)
        yield Progress(job="evaluate", parents=("tour",), what=words("Asking"), done=120, total=500, details={"right": 97})
        release.wait(5)
        yield Stopped(job="tour")

    session.start(asking, tab="home", title="Tour", engine=False, hold_at=Stops())
    qtbot.waitUntil(lambda: "120 of 500" in bar._text.text() and "97" in bar._text.text())
    release.set()
    qtbot.waitUntil(lambda: not session.is_running())


def test_that_a_stop_waits_for_its_picture_before_it_counts_down(session, bar: TourBar, qtbot: QtBot) -> None:
    bar._clock.setInterval(20)
    bar.show()
    release = threading.Event()
    answered: list[object] = []
    session.ask(lambda: release.wait(10), answered.append, owner=bar)  # a place in sight waits for its picture
    session.start(journey, tab="home", title="Tour", engine=False, hold_at=Stops())
    qtbot.waitUntil(lambda: bar._next == "tokenizer")
    bar._patience_s = 10_000
    qtbot.wait(300)
    assert bar._next == "tokenizer"
    release.set()
    qtbot.waitUntil(lambda: bar.stage == "tokenizer")
    session.stop()
    qtbot.waitUntil(lambda: not session.is_running())


def test_that_what_cannot_be_read_is_named_until_it_can(
    tab: HomeTab, session: Session, project: Project, qtbot: QtBot
) -> None:
    for name in ("Torn", "Whole"):
        with project.create("corpus", name) as (_, facts):
            facts |= {"bytes": 1}
    about = project.path("corpus", "Torn") / "about.json"
    whole = about.read_bytes()
    about.write_bytes(whole[:10])
    qtbot.wait(20)
    tab.hide()
    tab.show()  # also where another program did it
    qtbot.waitUntil(lambda: not tab.left_out.isHidden(), timeout=10_000)
    assert "Torn" in tab.left_out.text()
    assert "Whole" not in tab.left_out.text()
    about.write_bytes(whole)
    session.items_changed.emit("corpus")
    qtbot.waitUntil(lambda: tab.left_out.isHidden(), timeout=10_000)
