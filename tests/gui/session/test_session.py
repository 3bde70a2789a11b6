from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Failed, Finished, Progress, Saved, Started, Stopped, TrainStep
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.gui.session.session import Session
from llmstudio.store.project import Project


def count(steps: int, *, pause_s: float = 0.0) -> Callable[[Stop], Iterator[Event]]:
    def job(stop: Stop) -> Iterator[Event]:
        yield Started(job="train", title=words("Counting"), total=steps)
        for step in range(1, steps + 1):
            if stop.requested:
                yield Stopped(job="train", step=step, result={"kept": stop.keep})
                return
            time.sleep(pause_s)
            yield TrainStep(
                job="train", step=step, loss=1 / step, learning_rate=1e-3, grad_norm=1.0, tokens=step, tokens_per_second=1.0
            )
        yield Finished(job="train", step=steps, result={"steps": steps})

    return job


def endless() -> Callable[[Stop], Iterator[Event]]:
    return count(10**9, pause_s=0.001)


def begin(session: Session, job: Callable[[Stop], Iterator[Event]], lane: str = "work") -> bool:
    return session.start(job, tab="train", title="Counting", lane=lane, engine=False)


def test_that_every_event_arrives_once_and_in_order(session: Session, ear, qtbot: QtBot) -> None:
    assert begin(session, count(500))
    qtbot.waitUntil(lambda: bool(ear.ends))
    assert [event.step for event in ear.events if isinstance(event, TrainStep)] == list(range(1, 501))
    assert isinstance(ear.events[0], Started)
    assert isinstance(ear.events[-1], Finished)


def test_that_a_thousand_steps_a_second_reach_the_window_in_few_bundles(session: Session, ear, qtbot: QtBot) -> None:
    began = time.monotonic()
    begin(session, count(1000, pause_s=0.0005))
    qtbot.waitUntil(lambda: bool(ear.ends), timeout=20_000)
    seconds = time.monotonic() - began
    assert ear.bundles <= 25 * seconds + 2


def test_that_events_come_in_the_windows_thread(session: Session, qtbot: QtBot) -> None:
    seen: list[int] = []
    session.job_events.connect(lambda _lane, _events: seen.append(threading.get_ident()))
    begin(session, count(3))
    qtbot.waitUntil(lambda: not session.is_running())
    assert set(seen) == {threading.get_ident()}


def test_that_jobs_of_a_lane_share_one_thread(session: Session, ear, qtbot: QtBot) -> None:
    threads: list[int] = []

    def job(stop: Stop) -> Iterator[Event]:
        threads.append(threading.get_ident())
        yield Finished()

    for number in range(3):
        begin(session, job)
        qtbot.waitUntil(lambda number=number: len(ear.ends) == number + 1)
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


def test_that_a_lane_takes_one_job_at_a_time_and_says_so(session: Session, ear, qtbot: QtBot) -> None:
    assert begin(session, endless())
    assert not begin(session, count(1))
    assert "Counting is still running" in str(ear.problems[0].message)
    assert begin(session, count(1), lane="talk")
    session.stop("work")
    qtbot.waitUntil(lambda: len(ear.ends) == 2)


def test_that_a_paused_job_is_not_pulled(session: Session, ear, qtbot: QtBot) -> None:
    begin(session, endless())
    qtbot.waitUntil(lambda: len(ear.events) > 5)
    session.pause("work")
    qtbot.wait(150)
    held = len(ear.events)
    qtbot.wait(200)
    assert len(ear.events) == held
    session.resume("work")
    qtbot.waitUntil(lambda: len(ear.events) > held)
    session.stop("work")
    qtbot.waitUntil(lambda: bool(ear.ends))


def test_that_a_single_step_pulls_exactly_one_training_step(session: Session, ear, qtbot: QtBot) -> None:
    begin(session, endless())
    session.pause("work")
    qtbot.wait(150)
    before = sum(isinstance(event, TrainStep) for event in ear.events)
    for steps in (1, 2, 3):
        session.single_step("work")
        qtbot.wait(150)
        assert sum(isinstance(event, TrainStep) for event in ear.events) == before + steps
    assert session.is_paused("work")
    session.stop("work")
    qtbot.waitUntil(lambda: bool(ear.ends))


@pytest.mark.parametrize("keep", [True, False])
def test_that_stopping_reaches_a_paused_job_and_says_whether_to_keep(
    session: Session, ear, qtbot: QtBot, keep: bool
) -> None:
    begin(session, endless())
    session.pause("work")
    qtbot.wait(100)
    session.stop("work", keep=keep)
    qtbot.waitUntil(lambda: bool(ear.ends))
    lane, end = ear.ends[0]
    assert (lane, end.result) == ("work", {"kept": keep})
    assert not session.is_running("work")


def test_that_a_crash_in_a_job_becomes_a_sentence_with_a_report(session: Session, ear, qtbot: QtBot) -> None:
    def job(stop: Stop) -> Iterator[Event]:
        yield Started(title=words("Dividing"))
        raise ZeroDivisionError

    begin(session, job)
    qtbot.waitUntil(lambda: bool(ear.ends))
    end = ear.ends[0][1]
    assert isinstance(end, Failed)
    assert "Traceback" not in str(end.message)
    assert "ZeroDivisionError" in end.report


def test_that_something_saved_is_told_to_all_tabs(session: Session, qtbot: QtBot) -> None:
    def job(stop: Stop) -> Iterator[Event]:
        yield Saved(kind="checkpoint", name="10", location="x")
        yield Saved(kind="corpus", name="Tales", location="x")
        yield Finished()

    changed, chosen = [], []
    session.items_changed.connect(changed.append)
    session.chosen.connect(lambda kind, name: chosen.append((kind, name)))
    begin(session, job)
    qtbot.waitUntil(lambda: not session.is_running())
    assert changed == ["corpus"]
    assert chosen == [("corpus", "Tales")]


def test_that_measuring_gives_way_to_work(session: Session, ear, qtbot: QtBot) -> None:
    begin(session, endless(), lane="measure")
    begin(session, count(3))
    qtbot.waitUntil(lambda: len(ear.ends) == 2)
    kinds = {lane: type(end) for lane, end in ear.ends}
    assert kinds == {"measure": Stopped, "work": Finished}


class Asker(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.answers: list[object] = []

    def take(self, answer: object) -> None:
        self.answers.append((answer, threading.get_ident()))


def test_that_an_answer_is_found_elsewhere_and_given_in_the_windows_thread(session: Session, qtbot: QtBot) -> None:
    asker = Asker()
    session.ask(threading.get_ident, asker.take, owner=asker)
    qtbot.waitUntil(lambda: bool(asker.answers))
    found_in, given_in = asker.answers[0]
    assert found_in != threading.get_ident()
    assert given_in == threading.get_ident()


def test_that_a_question_frees_nothing_in_its_own_thread(session: Session, qtbot: QtBot) -> None:
    """The collector comes to whoever allocates; a widget that it freed there would end the process."""
    freed: list[str] = []

    class Knot:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            freed.append(threading.current_thread().name)

    def allocate() -> int:
        return len([[Knot()] for _ in range(5000)])

    answers: list[int] = []
    session.ask(allocate, answers.append, owner=session)
    qtbot.waitUntil(lambda: bool(answers))
    qtbot.waitUntil(lambda: len(freed) == 5000, timeout=5000)
    assert set(freed) == {threading.main_thread().name}


def test_that_the_newest_question_wins(session: Session, qtbot: QtBot) -> None:
    asker = Asker()
    gate = threading.Event()
    session.ask(lambda: gate.wait(5) and "old", asker.take, owner=asker)
    for number in range(5):
        session.ask(lambda number=number: number, asker.take, owner=asker)
    gate.set()
    qtbot.waitUntil(lambda: bool(asker.answers))
    qtbot.wait(100)
    assert [answer for answer, _ in asker.answers] == [4]


def test_that_nobody_is_called_who_is_gone(session: Session, qtbot: QtBot) -> None:
    import shiboken6

    asker, other = Asker(), Asker()
    answers = asker.answers
    gate = threading.Event()
    session.ask(lambda: gate.wait(5), asker.take, owner=asker)
    session.ask(lambda: "here", other.take, owner=other)
    shiboken6.delete(asker)
    gate.set()
    qtbot.waitUntil(lambda: bool(other.answers))
    assert answers == []


def test_that_a_question_that_fails_says_why(session: Session, ear, qtbot: QtBot) -> None:
    def refuse() -> None:
        raise StudioError("No text found in {name}.", name="a.txt")

    asker = Asker()
    failures: list[Failed] = []
    session.ask(refuse, asker.take, owner=asker, failed=failures.append)
    qtbot.waitUntil(lambda: bool(failures))
    session.ask(refuse, asker.take, owner=asker)
    qtbot.waitUntil(lambda: bool(ear.problems))
    assert str(failures[0].message) == str(ear.problems[0].message) == "No text found in a.txt."
    assert asker.answers == []


def test_that_opening_another_project_is_refused_while_a_job_runs(
    session: Session, ear, qtbot: QtBot, tmp_path: Path
) -> None:
    here = session.project
    begin(session, endless())
    assert not session.open_project(tmp_path / "other")
    assert session.project is here
    session.stop("work")
    qtbot.waitUntil(lambda: bool(ear.ends))
    assert session.open_project(tmp_path / "other")
    assert session.preferences.recent[0] == str((tmp_path / "other").resolve())


def test_that_a_project_of_a_newer_version_is_refused_with_a_sentence(session: Session, ear, tmp_path: Path) -> None:
    (tmp_path / "future").mkdir()
    (tmp_path / "future" / "project.json").write_text('{"format": 99}')
    here = session.project
    assert not session.open_project(tmp_path / "future")
    assert session.project is here
    assert "newer version" in str(ear.problems[0].message)


def test_that_a_job_without_numbers_ends_the_visits(session: Session, ear, qtbot: QtBot) -> None:
    def job(stop: Stop) -> Iterator[Event]:
        yield Progress(what=words("Looking"), done=0)
        yield Finished()

    begin(session, job)
    qtbot.waitUntil(lambda: bool(ear.ends))
    assert session.running("work") is None
    qtbot.waitUntil(lambda: not any(lane._visits.isActive() for lane in session._lanes.values()))


def test_that_nothing_begins_once_the_end_was_asked_for(session: Session, qtbot: QtBot) -> None:
    asker = Asker()
    session.request_end()
    assert not begin(session, count(1))
    session.ask(lambda: 1, asker.take, owner=asker)
    qtbot.wait(50)
    assert session.has_ended()
    assert asker.answers == []


def test_that_items_are_read_once_and_anew_after_a_change(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[str] = []
    real = session.project.items
    monkeypatch.setattr(session.project, "items", lambda kind: reads.append(kind) or real(kind))
    assert session.items.of("corpus") == session.items.of("corpus") == []
    assert reads == ["corpus"]
    with session.project.create("corpus", "Tales") as (_, facts):
        facts["hash"] = "x"
    heard: list[list[str]] = []
    session.items_changed.connect(lambda kind: heard.append([item.name for item in session.items.of(kind)]))
    session.items_changed.emit("corpus")
    session.items.rename("corpus", "Tales", "Stories")
    session.items.delete("corpus", "Stories")
    assert heard == [["Tales"], ["Stories"], []]


def test_that_items_which_cannot_be_read_are_told_when_a_project_is_opened(
    session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    other = Project(tmp_path / "other")
    other.prepare()
    with other.create("model", "Tales") as (_, facts):
        facts["recipe"] = {}
    (other.path("model", "Tales") / "about.json").write_text("{")
    told: list[list[Words]] = []
    session.damaged.connect(told.append)
    assert session.open_project(tmp_path / "other")
    qtbot.waitUntil(lambda: bool(told))
    assert "Tales" in str(told[0][0])
