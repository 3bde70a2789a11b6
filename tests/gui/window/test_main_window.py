from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QTabWidget,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from llmstudio.app import preferences as tastes
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Failed, Finished, Progress, Saved, Started, Stopped
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.gui.forms import file_dialog
from llmstudio.gui.look.theme import theme
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.help_text import HelpText
from llmstudio.gui.shared.layout.tab_layout import LEFT
from llmstudio.gui.shared.readouts.chip import Chip
from llmstudio.gui.train.run.tools import TrainTools
from llmstudio.gui.window.main_window import MainWindow
from llmstudio.store.project import Project

TABS = ("home", "corpus", "tokenizer", "train", "prune", "chat", "inspect")


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(session)
    made.show()
    yield made
    if session.is_running():
        session.stop()
        qtbot.waitUntil(lambda: not session.is_running())
    made.close()
    made.deleteLater()
    if theme.scale != 1.0 or theme.wish != "light":
        theme.zoom(1.0)
        theme.choose("light")


def endless(stop: Stop) -> Iterator[Event]:
    yield Started(job="train", title=words("Waiting"), total=100)
    done = 0
    while not stop.requested:
        time.sleep(0.002)
        done += 1
        yield Progress(job="train", what=words("Waiting"), done=min(done, 99), total=100, remaining_s=90.0)
    yield Stopped(job="train", result={"kept": stop.keep})


def begin(session: Session, job: Callable[[Stop], Iterator[Event]] = endless, tab: str = "train") -> None:
    assert session.start(job, tab=tab, title="Waiting for something", engine=False)


def answer(button: str, read: Callable[[QMessageBox], None] = lambda _box: None) -> None:
    """Press a button of the next question as soon as it is on the screen, and has been read."""

    def press() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            read(box)
            next(b for b in box.buttons() if b.text() == button).click()
        else:
            QTimer.singleShot(20, press)

    QTimer.singleShot(20, press)


def test_that_the_tabs_are_the_journey_in_order(window: MainWindow) -> None:
    assert [window.tabs.tabText(i) for i in range(window.tabs.count())] == [
        "Home", "Corpus", "Tokenizer", "Train", "Prune", "Chat", "Inspect",
    ]  # fmt: skip


def test_that_the_other_tabs_are_built_after_the_first_paint_and_without_torch(session: Session, qtbot: QtBot) -> None:
    window = MainWindow(session)
    assert list(window.tabs.built) == ["home"]
    window.tabs.tab("home").first_painted.connect(window.begin_idle)
    with qtbot.waitSignal(window.tabs_built, timeout=30_000):
        window.show()
    assert list(window.tabs.built) == list(TABS)
    for name in TABS:
        assert window.tabs.tab(name).name == name
        assert callable(window.tabs.tab(name).run_verb)
        assert callable(window.tabs.tab(name).stop_verb)
    assert window.first_paint_seconds > 0
    window.close()


def test_that_no_part_of_a_tab_opens_a_window_of_its_own(session: Session, qtbot: QtBot) -> None:
    class Watch(QObject):
        seen: ClassVar[list[str]] = []

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                self.seen.append(type(watched).__name__)
            return False

    watch = Watch()
    QApplication.instance().installEventFilter(watch)
    made = MainWindow(session)
    made.show()
    for name in TABS:
        made.tabs.show_tab(name)
    QApplication.instance().removeEventFilter(watch)
    made.close()
    assert watch.seen == ["MainWindow"]


def test_that_keys_turn_the_tabs(window: MainWindow, qtbot: QtBot) -> None:
    for number, name in enumerate(TABS, start=1):
        action = next(a for a in window.actions() if a.shortcut().toString() == f"Ctrl+{number}")
        action.trigger()
        assert window.tabs.current() is window.tabs.tab(name)


def test_that_ctrl_enter_does_what_the_tab_in_front_is_for(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    pressed: list[str] = []
    for name in ("home", "prune"):
        monkeypatch.setattr(type(window.tabs.tab(name)), "run_verb", lambda self: pressed.append(self.name))
    action = next(a for a in window.actions() if "Ctrl+Return" in [k.toString() for k in a.shortcuts()])
    for name in ("home", "prune"):
        window.tabs.show_tab(name)
        action.trigger()
    assert pressed == ["home", "prune"]


def test_that_no_menu_entry_leads_nowhere(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    said: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(Path(url.toLocalFile()).name))
    monkeypatch.setattr(file_dialog, "save_file", lambda *a: opened.append("new") or "")
    monkeypatch.setattr(file_dialog, "open_folder", lambda *a: opened.append("open") or "")
    monkeypatch.setattr(QMessageBox, "exec", lambda box: said.append(box.windowTitle()))
    QGuiApplication.clipboard().clear()
    scales = []
    for menu in (action.menu() for action in window.menuBar().actions()):
        menu.aboutToShow.emit()
        for action in menu.actions():
            if action.menu() is not None:
                action.menu().aboutToShow.emit()
                assert action.menu().actions()
            elif not action.isSeparator() and action.text() != "Quit":
                action.trigger()
                scales.append(theme.scale)
    assert opened == ["new", "open", window.session.project.root.name, "logs"]
    assert said == ["Keys", "About llmstudio"]
    assert max(scales) == pytest.approx(1.1)
    assert scales[-1] == 1.0
    assert "llmstudio" in QGuiApplication.clipboard().text()


def test_that_a_chosen_theme_and_size_are_kept(window: MainWindow) -> None:
    trigger(window, "Dark")
    trigger(window, "Larger")
    kept, remark = tastes.load()
    assert remark is None
    assert (kept.theme, kept.scale) == ("dark", 1.1)
    assert theme.is_dark


def trigger(window: MainWindow, text: str) -> None:
    next(action for action in window.findChildren(QAction) if action.text() == text).trigger()


def test_that_the_job_is_seen_in_the_status_bar_and_its_name_leads_to_its_tab(window: MainWindow, qtbot: QtBot) -> None:
    begin(window.session)
    qtbot.waitUntil(lambda: window.status._bar.value() > 0)
    assert window.status._name.text() == "Waiting for something"
    assert "1 min 30 s" in window.status._left.text()
    window.status._name.click()
    assert window.tabs.current() is window.tabs.tab("train")
    window.keys.stop()
    qtbot.waitUntil(lambda: not window.session.is_running())
    assert window.status._name.isHidden()


def test_that_space_pauses_and_escape_stops_but_not_in_a_text(window: MainWindow, qtbot: QtBot) -> None:
    begin(window.session)
    field = QLineEdit()
    window.tabs.tab("home").layout().addWidget(field)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Space)
    assert field.text() == " "
    assert not window.session.is_paused()
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.session.is_paused()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert not window.session.is_paused()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.session.is_running())


def is_painted(window: MainWindow) -> bool:
    """Whether the pixels that were handed to the screen are those that the window would paint now."""
    return window.screen().grabWindow(window.winId()).toImage() == window.grab().toImage()


def test_that_the_window_keeps_its_layout_when_a_job_begins_and_is_painted_again_when_it_ends(
    window: MainWindow, qtbot: QtBot
) -> None:
    session, tabs = window.session, window.centralWidget().findChild(QTabWidget)
    before = tabs.geometry()
    begin(session)
    qtbot.waitUntil(lambda: window.status._bar.isVisible())
    assert tabs.geometry() == before
    session.stop()
    qtbot.waitUntil(lambda: not session.is_running())
    qtbot.waitUntil(lambda: not window.status._bar.isVisible() and is_painted(window))
    assert tabs.geometry() == before


def test_that_escape_beside_an_answer_stops_the_answer_and_not_the_training(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    begin(session)
    assert session.start(endless, tab="chat", title="Ann answers", lane="talk", engine=False)
    window.tabs.show_tab("chat")
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not session.is_running("talk"))
    assert session.is_running("work")
    for name in ("chat", "inspect"):
        window.tabs.show_tab(name)
        qtbot.keyClick(window, Qt.Key.Key_Escape)
        qtbot.wait(100)
        assert session.is_running("work"), name
    window.tabs.show_tab("train")
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not session.is_running("work"))


def test_that_what_is_typed_reaches_the_message_after_the_question_at_closing_and_never_the_training(
    window: MainWindow, qtbot: QtBot
) -> None:
    session = window.session
    chat = window.tabs.tab("chat")
    chat._centre.setCurrentWidget(chat.page)
    window.tabs.show_tab("train")
    begin(session)
    window.setFocus()
    answer("Cancel")
    window.close()
    for number in (3, 4, 6):
        next(a for a in window.actions() if a.shortcut().toString() == f"Ctrl+{number}").trigger()
    qtbot.keyClicks(window.focusWidget(), "abc def")
    assert chat.page.draft.text == "abc def"
    assert not session.is_paused()
    answer("Cancel")
    window.close()
    assert window.focusWidget() is chat.page.draft


def test_that_a_pause_and_the_time_left_stay_in_sight_while_an_answer_comes_and_goes(
    window: MainWindow, qtbot: QtBot
) -> None:
    session, status = window.session, window.status
    begin(session)
    qtbot.waitUntil(lambda: status._bar.value() > 0)
    session.pause()
    qtbot.wait(100)  # what it had said by then has arrived
    before = (status._bar.value(), status._bar.maximum(), status._left.text(), status._pause.toolTip())
    assert before[2:] == ("paused", "Go on (Space)")
    assert session.start(endless, tab="chat", title="Ann answers", lane="talk", engine=False)
    qtbot.wait(50)
    session.stop("talk")
    qtbot.waitUntil(lambda: not session.is_running("talk"))
    assert (status._bar.value(), status._bar.maximum(), status._left.text(), status._pause.toolTip()) == before


def test_that_a_tabs_mark_follows_its_work(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    assert window.marks.by_tab["corpus"].state == "empty"

    def job(stop: Stop) -> Iterator[Event]:
        with session.project.create("corpus", "Tales") as (_, facts):
            facts["hash"] = "x"
        yield Saved(kind="corpus", name="Tales", location="")
        while not stop.requested:
            time.sleep(0.002)
            yield Progress(what=words("Reading"), done=1)
        yield Finished()

    begin(session, job, tab="corpus")
    assert window.marks.by_tab["corpus"].state == "running"
    session.stop()
    qtbot.waitUntil(lambda: not session.is_running())
    assert window.marks.by_tab["corpus"].state == "ready"


def test_that_files_let_go_anywhere_go_to_the_corpus(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[list[str]] = []
    monkeypatch.setattr(type(window.tabs.tab("corpus")), "take_sources", lambda self, paths: taken.append(paths))
    (tmp_path / "a.txt").write_text("hello")
    drop(window, [tmp_path / "a.txt"])
    assert [Path(path) for path in taken[0]] == [tmp_path / "a.txt"]
    assert window.tabs.current() is window.tabs.tab("corpus")


def test_that_no_text_field_takes_a_file_for_its_path(window: MainWindow) -> None:
    for name in TABS:
        tab = window.tabs.tab(name)
        fields = [field for kind in (QLineEdit, QTextEdit, QPlainTextEdit) for field in tab.findChildren(kind)]
        assert not any(field.acceptDrops() for field in fields), name


def drop(window: MainWindow, paths: list[Path]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(event)


def test_that_a_project_let_go_on_the_window_is_opened(window: MainWindow, tmp_path: Path) -> None:
    Project(tmp_path / "other").prepare()
    drop(window, [tmp_path / "other"])
    assert window.session.project.root == tmp_path / "other"
    assert "other" in window.windowTitle()


def test_that_a_problem_is_said_in_the_window_and_its_remedy_leads_on(window: MainWindow) -> None:
    remedy = Remedy("open_tab", words("Show the corpus"), "corpus")
    window.session.problem.emit(Failed(message=words("There is no corpus."), remedies=(remedy,)))
    assert window.messages.text == "There is no corpus."
    window.messages.remedy.emit(remedy)
    assert window.tabs.current() is window.tabs.tab("corpus")


@pytest.mark.parametrize(
    ("button", "closes", "keep"), [("Stop and keep", True, True), ("Discard", True, False), ("Cancel", False, None)]
)
def test_that_closing_asks_what_becomes_of_the_work(
    window: MainWindow, qtbot: QtBot, button: str, closes: bool, keep: bool | None
) -> None:
    session = window.session
    ends: list[Event] = []
    session.job_ended.connect(lambda _lane, end: ends.append(end))
    begin(session)
    answer(button)
    window.close()
    assert window.isHidden() is closes
    if closes:
        assert session.has_ended()
        assert ends[0].result == {"kept": keep}
    else:
        assert session.is_running()


def test_that_closing_says_what_discarding_a_run_throws_away(window: MainWindow) -> None:
    begin(window.session)
    asked: list[str] = []
    answer("Cancel", lambda box: asked.append(box.informativeText()))
    window.close()
    assert "a new model is removed" in asked[0]
    assert "put back to how it stood before" in asked[0]


def test_that_closing_promises_to_keep_only_what_can_be_kept(window: MainWindow) -> None:
    begin(window.session, tab="corpus")
    asked: list[str] = []

    def read(box: QMessageBox) -> None:
        asked.extend((box.informativeText(), *(button.text() for button in box.buttons())))

    answer("Cancel", read)
    window.close()
    assert "Nothing of it is kept" in asked[0]
    assert asked[1:] == ["Stop and close", "Cancel"]
    answer("Stop and close")
    window.close()
    assert window.isHidden()


def test_that_closing_says_that_the_journey_itself_is_not_gone_on_with(window: MainWindow) -> None:
    begin(window.session, tab="home")
    asked: list[str] = []
    answer("Cancel", lambda box: asked.append(box.informativeText()))
    window.close()
    assert "begins anew" in asked[0]
    answer("Stop and keep")
    window.close()


def test_that_closing_asks_about_an_answer_and_its_end_is_heard_before_the_window_is_gone(window: MainWindow) -> None:
    session = window.session
    heard: list[tuple[str, bool]] = []
    session.job_ended.connect(lambda lane, _end: heard.append((lane, window.isHidden())))
    assert session.start(endless, tab="chat", title="Ann answers", lane="talk", engine=False)
    answer("Cancel")
    window.close()
    assert not window.isHidden()
    assert session.is_running("talk")
    answer("Stop and close")
    window.close()
    assert heard == [("talk", False)]


def test_that_the_window_comes_back_where_it_was_but_never_off_the_screen(session: Session, qtbot: QtBot) -> None:
    first = MainWindow(session)
    first.show()
    first.setGeometry(40, 50, 700, 500)
    first.close()
    kept, _ = tastes.load()
    assert kept.geometry
    again = MainWindow(Session(session.project, kept))
    assert again.size() == first.size()
    again.move(100_000, 100_000)
    again.show()
    QApplication.processEvents()
    again.setGeometry(50_000, 50_000, 700, 500)
    again.close()
    lost, _ = tastes.load()
    third = MainWindow(Session(session.project, lost))
    screen = QGuiApplication.primaryScreen().availableGeometry()
    assert screen.intersects(third.geometry())
    for one in (again, third):
        one.close()
    qtbot.wait(10)


def test_that_every_tab_fits_a_projectors_screen_and_grows_with_the_type(window: MainWindow) -> None:
    for scale in (1.0, 1.5):
        theme.zoom(scale)
        for name in TABS:
            window.tabs.show_tab(name)
            QApplication.processEvents()
            needed = window.tabs.tab(name).minimumSizeHint()
            around = window.size() - window.tabs.currentWidget().size()
            assert needed.width() <= 1024 * scale, name
            assert needed.height() + around.height() <= 768 * scale, name


def test_that_neither_larger_type_nor_a_tab_that_needs_much_room_makes_the_window_larger(window: MainWindow) -> None:
    window.resize(760, 560)
    for name in TABS:
        window.tabs.show_tab(name)
        window.tabs.tab(name).setMinimumSize(1200, 1200)
    for key in ("Larger", "Larger", "Larger", "Normal size"):
        trigger(window, key)
        QApplication.processEvents()
        assert (window.width(), window.height()) == (760, 560), key


def test_that_merges_as_they_are_learned_scroll_rather_than_push_the_foot_off_the_screen(window: MainWindow) -> None:
    window.tabs.show_tab("tokenizer")
    tab = window.tabs.tab("tokenizer")
    tab.pages.setCurrentWidget(tab.running)
    tab.merges.set_chips([Chip(f"merge number {n}") for n in range(400)])
    QApplication.processEvents()
    assert tab.minimumSizeHint().height() <= 560
    assert tab.merges.verticalScrollBar().maximum() > 0


def test_that_a_message_has_room_for_a_line_in_large_type(window: MainWindow) -> None:
    chat = window.tabs.tab("chat")
    chat._centre.setCurrentWidget(chat.page)
    window.resize(1180, 780)
    window.tabs.show_tab("chat")
    theme.zoom(1.33)
    QApplication.processEvents()
    draft = chat.page.draft
    assert draft.viewport().width() >= draft.fontMetrics().horizontalAdvance("Say something to it.")


def test_that_a_runs_tools_fit_beside_the_settings_on_a_projectors_screen(window: MainWindow) -> None:
    tab = window.tabs.tab("train")
    tools = tab.findChild(TrainTools)
    tools.set_runs(["one", "two"], {"one": "1", "two": "2"})
    tools.go_on.show()
    window.tabs.show_tab("train")
    QApplication.processEvents()
    assert tools.minimumSizeHint().width() <= 1010 - LEFT - 54  # what frame, fold and margins take


def test_that_a_paused_job_says_so_and_one_asked_to_end_says_so_at_once(window: MainWindow, qtbot: QtBot) -> None:
    session, status = window.session, window.status
    begin(session)
    qtbot.waitUntil(lambda: "Waiting: about" in status._left.text())  # the part that it knows of, not the whole
    session.pause()
    qtbot.wait(250)  # what it had said before comes in
    assert status._left.text() == "paused"
    assert window.marks.by_tab["train"].state == "paused"
    session.resume()
    qtbot.waitUntil(lambda: "about" in status._left.text())
    assert window.marks.by_tab["train"].state == "running"
    release: list[bool] = []

    def reluctant(stop: Stop) -> Iterator[Event]:
        yield Started(job="train", title=words("Waiting"), total=100)
        while not release:
            time.sleep(0.005)
            yield Progress(job="train", what=words("Waiting"), done=5, total=100, remaining_s=90.0)
        yield Stopped(job="train", result={"kept": stop.keep})

    session.stop()
    qtbot.waitUntil(lambda: not session.is_running())
    begin(session, reluctant)
    qtbot.waitUntil(lambda: "about" in status._left.text())
    session.stop()
    assert status._left.text() == "stopping…"
    assert not status._stop.isEnabled()
    qtbot.wait(250)
    assert status._left.text() == "stopping…"
    release.append(True)
    qtbot.waitUntil(lambda: not session.is_running())
    begin(session)
    qtbot.waitUntil(lambda: "about" in status._left.text())
    assert status._stop.isEnabled()


def test_that_each_part_is_dressed_by_itself_and_dialogs_like_the_parts(window: MainWindow, qtbot: QtBot) -> None:
    """A style sheet of the whole window would dress all tabs in one turn, those out of sight too."""
    for name in TABS:
        window.tabs.tab(name)
    sheet = window.menuBar().styleSheet()
    assert sheet
    assert not window.styleSheet()
    assert not window.tabs.styleSheet()
    assert {window.tabs.widget(i).styleSheet() for i in range(len(TABS))} == {sheet}
    theme.zoom(1.5)
    later = [window.tabs.widget(i) for i in range(1, len(TABS))]
    assert {part.styleSheet() for part in later} == {sheet}
    assert window.tabs.current().parentWidget().parentWidget().styleSheet() == window.menuBar().styleSheet() != sheet
    dressed = window.menuBar().styleSheet()
    qtbot.waitUntil(lambda: {part.styleSheet() for part in later} == {dressed}, timeout=30_000)
    said: list[str] = []
    answer("Cancel", lambda box: said.append(box.styleSheet()))
    QMessageBox(QMessageBox.Icon.Question, "", "?", QMessageBox.StandardButton.Cancel, window).exec()
    assert said == [window.menuBar().styleSheet()]


def test_that_no_job_makes_the_window_wider_than_a_small_screen_in_large_type(window: MainWindow, qtbot: QtBot) -> None:
    theme.zoom(1.6)
    window.status.show_device("Some processor of a very long name, 8 cores")
    window.status.watch_memory()
    idle = window.minimumSizeHint().width()
    title = "Building the tokenizer “diary nano of the long winter evenings”"
    assert window.session.start(endless, tab="train", title=title, engine=False)
    qtbot.waitUntil(lambda: window.status._bar.maximum() > 1)
    window.status.show_note("Counting the most frequent pairs of characters: about 2 min 5 s left")
    window.resize(1000, 700)
    for name in TABS:
        window.tabs.show_tab(name)
        qtbot.wait(10)
        assert window.minimumSizeHint().width() <= max(idle, 1000), name
        assert window.width() <= max(idle, 1000), name
    assert window.status._name.text() == title, "the whole name is still there for the tooltip and a screen reader"
    assert window.status._name.width() < window.status._name.sizeHint().width(), "too wide to show: else nothing is tried"


def test_that_help_tells_how_a_sparse_model_lies_in_its_file(window: MainWindow) -> None:
    window.menus.help.show_sparse_file()
    (told,) = window.findChildren(HelpText)
    assert "NAME:places" in told.text.toPlainText()
    told.close()
