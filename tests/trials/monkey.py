"""A monkey at the real window: random clicks, keys, texts and choices under load, and after each the screen is read.

    python tests/trials/monkey.py --actions 2000 --seed 1 --load 2

After every action, once the event loop has settled, three things must be equal: the pixels that were handed to the screen,
what the window would paint now, and what the session says of its jobs and items. An exception that nobody caught, or a
report of one, ends the trial with the last actions. It leaves a folder of its own, whose name it prints: every action as it
was done, and if the screen was untrue, the screen as it was and as it should be.

The seed decides every wish by the action's number alone, and what is pressed by its name, so a second run with the same seed
does the same wherever it finds the same; jobs that are faster or slower change only what was there to press meanwhile.

Made for the offscreen platform, where the screen can be read back; `QT_QPA_PLATFORM=xcb` works under a virtual screen.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QDesktopServices, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QInputDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from llmstudio.core.events import Failed
from llmstudio.gui.forms import file_dialog
from llmstudio.gui.look.theme import theme
from llmstudio.gui.window.main_window import MainWindow

TABS = ("home", "corpus", "tokenizer", "train", "prune", "chat", "inspect")
TEXTS = ("where is Clara ?", "<b>bold</b> & so on", "名前", "x" * 300, "", "0", "-1", "1e9", "R&D", "a\nb")
KEYS = (
    Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Up,
    Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Delete, Qt.Key.Key_Home, Qt.Key.Key_End,
)  # fmt: skip
_SIZES = (QSize(1180, 780), QSize(900, 640), QSize(1500, 950))
_SETTLE_S = 20.0  # how long the screen may take to show what is true, on a computer that is busy
_REMEMBERED = 25


class Wrong(AssertionError):
    """What the monkey found, with the actions that led there."""


class Monkey:
    """Acts on a window at random and reads the screen after each action.

    Args:
        window: A window that is shown.
        seed: Decides every wish, of each action by itself.
        folder: Where files may be written.
        other_projects: Folders of projects that may be opened.
        heavy: Whether it may begin a whole tour, which works for minutes.
    """

    def __init__(
        self, window: MainWindow, seed: int, folder: Path, other_projects: tuple[Path, ...] = (), *, heavy: bool = True
    ) -> None:
        self.window, self.session, self.folder = window, window.session, folder
        self.projects = (window.session.project.root, *other_projects)
        self.dice, self.answers = random.Random(f"{seed} wish 0"), random.Random(f"{seed} answer 0")
        self.number, self._seed = 0, seed
        self.done: deque[str] = deque(maxlen=_REMEMBERED)
        self.counts: dict[str, int] = {}
        self.longest_settle_s = self.longest_turn_s = 0.0
        self.longest_turn = ""
        self.failures: list[str] = []
        self.heavy = heavy
        self._actions: list[tuple[int, Callable[[], str]]] = [
            (30, self._click), (10, self._choose), (8, self._turn), (8, self._slide), (10, self._type), (10, self._press),
            (14, self._turn_tab), (6, self._verb),
            (4, self._menu), (3, self._resize), (2, self._drop), (2, self._items), (3, self._stop),
            (3, self._pause), (1, self._open),
        ]  # fmt: skip
        self._own_hook, sys.excepthook = sys.excepthook, self._on_error
        self.session.job_ended.connect(self._on_ended)
        self.session.problem.connect(lambda failed: self._on_ended("", failed))
        self._patch()
        self._answers = QTimer(interval=30)
        self._answers.timeout.connect(self._answer)
        self._answers.start()

    def run(self, count: int) -> None:
        """Do this many things. Raises Wrong for the first that leaves the window untrue."""
        for _ in range(count):
            self.number += 1
            self.dice.seed(f"{self._seed} wish {self.number}")
            self.answers.seed(f"{self._seed} answer {self.number}")
            weights, actions = zip(*self._actions, strict=True)
            action = self.dice.choices(actions, weights)[0]
            name = action.__name__.strip("_")
            self.done.append(f"{self.number} {name}: …")
            began = time.monotonic()
            told = action()
            self.done[-1] = f"{self.number} {name}: {told}"
            self._turned(began)
            with open(self.folder / "actions.txt", "a", encoding="utf-8") as file:
                file.write(self.done[-1].replace("\n", " ") + "\n")
            self.counts[name] = self.counts.get(name, 0) + 1
            self.settle()

    def settle(self) -> None:
        """Let the loop come to rest and compare what is painted with what is true. Raises Wrong."""
        began = time.monotonic()
        QTest.mouseMove(self.window, QPoint(1, 1))  # away from what was pressed: under a pointer a button looks otherwise
        while True:
            turn = time.monotonic()
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            self._turned(turn)
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # which only a loop's own return does by itself
            self._close_popups()
            reason = self.difference()
            if self.failures:
                raise Wrong(self._report(self.failures[0]))
            if not reason:
                break
            if time.monotonic() - began > _SETTLE_S:
                self._keep_pictures()
                raise Wrong(self._report(reason))
        self.longest_settle_s = max(self.longest_settle_s, time.monotonic() - began)

    def _turned(self, began: float) -> None:
        if (seconds := time.monotonic() - began) > self.longest_turn_s:
            self.longest_turn_s, self.longest_turn = seconds, self.done[-1] if self.done else "before the first action"

    def end(self) -> None:
        """Give back what was taken over."""
        self._answers.stop()
        sys.excepthook = self._own_hook
        for owner, name, value in self._patched:
            setattr(owner, name, value)

    # what must be equal

    def difference(self) -> str:
        """How the screen, the widgets and the session differ; empty if they do not."""
        return self._untrue() or ("" if self._is_painted() else "the screen does not show what the window would paint")

    def _is_painted(self) -> bool:
        return painted(self.window) == fresh(self.window)

    def _untrue(self) -> str:
        window, session = self.window, self.session
        job, status = window.sight.job(), window.status
        if status._bar.isVisibleTo(status) != (job is not None):
            return f"the status bar {'hides' if job else 'shows'} a job"
        if job is not None:
            if status._name.text() != job.title.replace("&", "&&"):
                return f"the status bar names {status._name.text()!r} and the job is {job.title!r}"
            if status._paused != session.is_paused(job.lane):
                return f"the status bar says paused={status._paused}, the session {session.is_paused(job.lane)}"
        if window.windowTitle().split(" · ")[0] != session.project.root.name:
            return f"the title is {window.windowTitle()!r} for {session.project.root.name!r}"
        working = {job.tab for lane in ("work", "talk") if (job := session.running(lane))}
        working |= {window.tour.stage} if window.tour.stage else set()
        for name, mark in window.marks.by_tab.items():
            if (mark.state in ("running", "paused")) != (name in working):
                return f"the mark of {name} says {mark.state}, at work are {sorted(working)}"
        if window.tour.stage and session.running() is None:
            return "the tour bar goes on without a tour"
        if window.tour._next and not session.is_paused():
            return "the tour bar waits at a stop and the tour does not"
        return self._untrue_tabs()

    def _untrue_tabs(self) -> str:
        built = self.window.tabs.built
        names = {kind: {item.name for item in self.session.items.of(kind)} for kind in ("corpus", "tokenizer", "model")}
        for tab, kind, pick in (
            ("tokenizer", "corpus", lambda tab: tab.setup.corpus),
            ("tokenizer", "tokenizer", lambda tab: tab.view.picker),
            ("train", "corpus", lambda tab: tab.setup.corpus),
            ("train", "tokenizer", lambda tab: tab.setup.tokenizer),
        ):
            if tab in built and set(pick(built[tab]).names()) != names[kind]:
                return f"{tab} offers {sorted(pick(built[tab]).names())}, there are {sorted(names[kind])}"
        if "train" in built:
            train = built["train"]
            at_work = (job := self.session.running()) is not None and job.tab == "train"
            if at_work and train.controls.isHidden():  # with the settings folded away, the status bar has them
                return "a run goes on without its controls"
            if self.session.running() is None and train.controls.isVisibleTo(train):
                return "the controls of a run stay after its end"
            form = train.setup.form
            for path, row in form._rows.items():
                if path in form._pending and not row.error:
                    return f"{path} waits without a word"
        return ""

    # what it does

    def _seen(self, kind: type) -> list[Any]:
        place = QApplication.activeModalWidget() or self.window
        return [w for w in place.findChildren(kind) if w.isVisible() and w.isEnabled() and not w.visibleRegion().isEmpty()]

    def _pick(self, things: list[Any], name: Callable[[Any], str] | None = None) -> Any:
        """One of them, chosen by what they are called: one more or less beside it seldom changes the choice."""
        roll, seen = self.dice.getrandbits(64), Counter[str]()
        ranks = []
        for thing in things:
            called = (name or _name_of)(thing)
            seen[called] += 1
            ranks.append(random.Random(f"{roll} {called} {seen[called]}").random())
        return things[ranks.index(min(ranks))]

    def _click(self) -> str:
        buttons = [b for b in self._seen(QAbstractButton) if self.heavy or b.text() != "Start"]
        if not buttons:
            return "nothing to click"
        button = self._pick(buttons)
        name = _name_of(button)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        if isValid(button) and hasattr(button, "menu") and button.menu() is not None:
            button.update()  # Qt leaves it painted as pressed if its menu is closed by anything but a hand
        return name

    def _choose(self) -> str:
        boxes = [box for box in self._seen(QComboBox) if box.count()]
        if not boxes:
            return "nothing to choose"
        box = self._pick(boxes)
        model, column = box.model(), box.modelColumn()
        free = [i for i in range(box.count()) if model.flags(model.index(i, column)) & Qt.ItemFlag.ItemIsEnabled]
        if not free:
            return "nothing that can be chosen"
        index = self._pick(free, box.itemText)
        box.setCurrentIndex(index)
        box.activated.emit(index)
        return f"{box.accessibleName()} = {box.itemText(index) if isValid(box) else index}"

    def _turn(self) -> str:
        boxes = self._seen(QAbstractSpinBox)
        if not boxes:
            return "nothing to turn"
        box = self._pick(boxes)
        box.setFocus()
        if self.dice.random() < 0.5:
            box.stepBy(self.dice.choice((-5, -1, 1, 5)))
        else:
            box.selectAll()
            QTest.keyClicks(box, self.dice.choice(("3", "7", "0", "9999999999", "-4", "1e-3", "abc", "")))
            if self.dice.random() < 0.7:
                QTest.keyClick(box, Qt.Key.Key_Return)
        return f"{box.accessibleName()} = {box.text() if isValid(box) else '?'}"

    def _slide(self) -> str:
        sliders = [s for s in self._seen(QAbstractSlider) if s.maximum() > s.minimum()]
        if not sliders:
            return "nothing to slide"
        slider = self._pick(sliders)
        slider.setValue(self.dice.randint(slider.minimum(), slider.maximum()))
        return f"{slider.accessibleName() or type(slider).__name__}"

    def _type(self) -> str:
        fields = [f for kind in (QLineEdit, QPlainTextEdit, QTextEdit) for f in self._seen(kind) if not f.isReadOnly()]
        if not fields:
            return "nothing to write in"
        field, text = self._pick(fields), self.dice.choice(TEXTS)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text.replace("\n", " ")[:40].encode("ascii", "replace").decode())
        if self.dice.random() < 0.4 and isValid(field):
            QTest.keyClick(field, Qt.Key.Key_Return)
        return f"{text[:20]!r}"

    def _press(self) -> str:
        key = self.dice.choice(KEYS)
        control = self.dice.random() < 0.3
        target = QApplication.focusWidget() or self.window.focusWidget() or self.window
        modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(target, key, modifier)
        return f"{'Ctrl+' if control else ''}{key.name}"

    def _turn_tab(self) -> str:
        name = self.dice.choice(TABS)
        self.window.tabs.show_tab(name)
        return name

    def _verb(self) -> str:
        """Begin what the tab in front is for."""
        name = TABS[self.window.tabs.currentIndex()]
        if name == "home" and not self.heavy:
            return "not the tour"
        self.window.run_verb()
        return name

    def _menu(self) -> str:
        refused = ("Quit", "Open log folder")
        actions = [a for a in self.window.findChildren(QAction) if a.isEnabled() and a.text() and a.text() not in refused]
        # The plots' library keeps menus of its own, which nobody can open here.
        actions = [a for a in actions if not type(a.parent()).__module__.startswith("pyqtgraph")]
        action = self._pick(actions)
        name = action.text()
        action.trigger()
        return name

    def _resize(self) -> str:
        size = self.dice.choice(_SIZES)
        self.window.resize(size)
        if self.dice.random() < 0.3:
            theme.choose(self.dice.choice(("light", "dark")))
        return f"{size.width()}×{size.height()}, {theme.wish}"

    def _drop(self) -> str:
        path = self.folder / f"dropped {self.dice.randrange(5)}.txt"
        path.write_text("The fox went to the river.\n\nThe bear saw <b>it</b> & left.\n\n" * 30, encoding="utf-8")
        self.window.take_files([str(path)])
        return path.name

    def _items(self) -> str:
        views = [v for v in self._seen(QAbstractItemView) if v.model() is not None and v.model().rowCount()]
        if not views:
            return "no list"
        view = self._pick(views)
        index = view.model().index(self.dice.randrange(view.model().rowCount()), 0)
        view.scrollTo(index)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
        return type(view).__name__

    def _stop(self) -> str:
        self.window.keys.stop()
        return "the job in sight"

    def _pause(self) -> str:
        self.window.keys.toggle_pause()
        return "or go on"

    def _open(self) -> str:
        root = self.dice.choice(self.projects)
        self.session.open_project(root)
        return root.name

    # what a person would do with what comes up

    def _patch(self) -> None:
        def saved(*_arguments: Any, **_words: Any) -> str:
            return str(self.folder / f"out {self.answers.randrange(9)}.png") if self.answers.random() < 0.5 else ""

        def opened(*_arguments: Any, **_words: Any) -> list[str]:
            return []

        def folder(*_arguments: Any, **_words: Any) -> str:
            return str(self.answers.choice(self.projects)) if self.answers.random() < 0.3 else ""

        self._patched: list[tuple[Any, str, Any]] = []
        for owner, name, value in (
            (file_dialog, "save_file", saved), (file_dialog, "open_files", opened), (file_dialog, "open_folder", folder),
            (QDesktopServices, "openUrl", lambda _url: True),
        ):  # fmt: skip
            self._patched.append((owner, name, getattr(owner, name)))
            setattr(owner, name, staticmethod(value) if isinstance(owner, type) else value)

    def _answer(self) -> None:
        """A question that waits for an answer gets one; a menu that is open is taken or left."""
        popup, dialog = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        if isinstance(popup, QMenu):
            actions = [a for a in popup.actions() if a.isEnabled() and not a.isSeparator() and a.text() != "Quit"]
            if actions and self.answers.random() < 0.6:
                # Not from here: what it opens waits for its answer, and a timer does not ring within its own call.
                QTimer.singleShot(0, self.answers.choice(actions).trigger)
            popup.close()
            for button in self._seen(QPushButton):  # Qt leaves it painted as pressed if its menu is closed by no hand
                if button.menu() is popup:
                    QTimer.singleShot(0, button.update)
        elif popup is not None:
            popup.close()
        elif isinstance(dialog, QMessageBox) and dialog.buttons():
            QTimer.singleShot(0, self.answers.choice(dialog.buttons()).click)
        elif isinstance(dialog, QInputDialog):
            dialog.setTextValue(f"Renamed {self.answers.randrange(20)}")
            dialog.accept() if self.answers.random() < 0.6 else dialog.reject()
        elif isinstance(dialog, QDialog):
            dialog.reject()

    def _close_popups(self) -> None:
        if (popup := QApplication.activePopupWidget()) is not None and not isinstance(popup, QMenu):
            popup.close()

    # what went wrong

    def _on_error(self, kind: type[BaseException], error: BaseException, trace: Any) -> None:
        self.failures.append("".join(traceback.format_exception(kind, error, trace)))

    def _on_ended(self, _lane: str, end: object) -> None:
        if isinstance(end, Failed) and end.report:
            self.failures.append(end.report)

    def _report(self, reason: str) -> str:
        return "\n".join((reason, "", "the last actions:", *self.done))

    def _keep_pictures(self) -> None:
        painted(self.window).save(str(self.folder / "painted.png"))
        fresh(self.window).save(str(self.folder / "fresh.png"))


def _name_of(widget: Any) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton | QAction) else ""
    return text or (widget.accessibleName() if isinstance(widget, QWidget) else "") or type(widget).__name__


def painted(window: QWidget) -> QImage:
    """The pixels that were handed to the screen."""
    return window.screen().grabWindow(window.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)


def fresh(window: QWidget) -> QImage:
    """What the window would paint now."""
    return window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def _burn() -> None:
    while True:
        sum(range(10_000))


def main() -> int:
    """The long form, from the command line."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--actions", type=int, default=2000)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--load", type=int, default=2, help="processes that keep the computer busy meanwhile")
    words.add_argument("--seconds", type=float, default=0.0, help="end earlier, after this time")
    given = words.parse_args()
    burners = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(given.load)]
    kept = Path(tempfile.mkdtemp(prefix="monkey-"))
    print(f"what it does is kept in {kept}", flush=True)
    with tempfile.TemporaryDirectory(prefix="monkey ") as name:
        folder = Path(name)
        os.environ["LLMSTUDIO_HOME"] = str(folder / "home")
        from llmstudio.app.preferences import Preferences
        from llmstudio.gui.session.session import Session
        from llmstudio.store.project import Project

        projects = [Project(folder / title) for title in ("First", "Second")]
        for project in projects:
            project.prepare()
        grow(projects[0])
        application = QApplication(sys.argv[:1])
        theme.start(application, wish="light")
        window = MainWindow(Session(projects[0], Preferences()))
        window.show()
        for burner in burners:
            burner.start()
        monkey = Monkey(window, given.seed, kept, (projects[1].root,))
        began, done = time.monotonic(), 0
        status = 0
        try:
            while done < given.actions and not (given.seconds and time.monotonic() - began > given.seconds):
                monkey.run(min(50, given.actions - done))
                done += min(50, given.actions - done)
                print(f"{done} actions, {time.monotonic() - began:.0f} s, longest settling {monkey.longest_settle_s:.1f} s, "
                      f"longest turn {monkey.longest_turn_s:.2f} s", flush=True)  # fmt: skip
        except Wrong as wrong:
            print(f"after {sum(monkey.counts.values())} actions with seed {given.seed}:\n{wrong}")
            status = 1
        finally:
            for burner in burners:
                burner.terminate()
            monkey.window.session.request_end()
            while not window.session.has_ended():
                QApplication.processEvents()
                time.sleep(0.01)
            monkey.end()
        print(f"{sum(monkey.counts.values())} actions: {monkey.counts}")
        print(f"the longest turn took {monkey.longest_turn_s:.2f} s, at {monkey.longest_turn}")
        window.deleteLater()
    return status


def grow(project: Any) -> None:
    """A small corpus, tokenizer and model to begin with."""
    from llmstudio.app.items import loaded
    from llmstudio.app.verbs.import_corpus import import_corpus
    from llmstudio.app.verbs.tokenizer import build_tokenizer
    from llmstudio.app.verbs.train import train as train_job
    from llmstudio.core.corpus.config import CorpusConfig
    from llmstudio.core.models.families.decoder_config import DecoderConfig
    from llmstudio.core.recipe import Recipe
    from llmstudio.core.tokenizer.config import TokenizerConfig
    from llmstudio.core.training_config import TrainingConfig
    from llmstudio.core.work import Stop

    recipe = Recipe(
        model=DecoderConfig(num_layers=2, embed_dim=16, num_heads=2, context_length=64),
        training=TrainingConfig(max_steps=6, batch_size=4, eval_steps=3, checkpoint_steps=3, threads=1),
    )
    list(import_corpus(project, ["sample:tour"], name="World", config=CorpusConfig(sample_count=120), stop=Stop()))
    config = TokenizerConfig(kind="word", min_frequency=1)
    list(build_tokenizer(project, "World", name="Words", config=config, stop=Stop()))
    list(train_job(project, corpus="World", tokenizer="Words", name="Tiny", recipe=recipe, stop=Stop()))
    loaded.forget()


if __name__ == "__main__":
    sys.exit(main())
