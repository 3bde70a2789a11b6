"""A button that lets a verb loose on a whole file: which file, where the new one goes, how far it is, what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Failed, Finished, Noted, Progress, Started
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.gui.forms import file_dialog
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session

Factory = Callable[[Path, Path], Callable[[Stop], Iterator[Event]]]


class WholeFile(QObject):
    """It works on the lane of heavy jobs, so it is seen at the foot of the window wherever one goes, and stopped there.

    Attributes:
        button: Begins it.
        far: How far it is; hidden while nothing is at work.
        is_busy: True while a file of this page is at work.

    Signals:
        told: A `Noted`: what came of it.
        refused: The `Failed` that it ended in.
    """

    told = Signal(object)
    refused = Signal(object)

    def __init__(self, session: Session, job_for: Factory, *, suffix: str, title: str, page: QWidget) -> None:
        """`job_for` gives the job that makes a new file of one, with the model in sight; `suffix` is put behind its name;
        `title` names what is done to `{file}`.
        """
        super().__init__(page)
        self._session, self._job_for, self._suffix, self._title, self._page = session, job_for, suffix, title, page
        self.is_busy = False
        self._warnings: list[Words] = []
        tip = self.tr("Every line of a text, or every row of a table or of JSON; the result is a new file.")
        self.button = QPushButton(self.tr("A whole file…"), toolTip=plain(tip))
        self.button.setProperty("role", "chip")
        self.button.clicked.connect(self.ask)
        self.far = Label(visible=False)
        self.far.setProperty("role", "muted")
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)

    @Slot()
    def ask(self) -> None:
        """Let the person choose the file and the place of the new one, and begin."""
        chosen = file_dialog.open_files(self._page, self.tr("Which file?"))
        if not chosen:
            return
        file = Path(chosen[0])
        proposed = str(_free(file.with_name(f"{file.stem} {self._suffix}.tsv")))
        kinds = self.tr("Tables and JSON (*.tsv *.csv *.jsonl)")
        # Nothing is overwritten, whatever is answered to a question about it.
        title = self.tr("Name the new file")
        if path := file_dialog.save_file(self._page, title, proposed, kinds, asks_before_overwriting=False):
            out = Path(path)
            self.begin(file, out if out.suffix else out.with_name(f"{out.name}.tsv"))

    def begin(self, file: Path, out: Path) -> None:
        """Make a new file of one."""
        self._warnings = []
        title = self._title.format(file=file.name)
        self._turn(True)
        if not self._session.start(self._job_for(file, out), tab="inspect", title=title):
            self._turn(False)  # something else is at work, which the session has said

    def _turn(self, is_busy: bool) -> None:
        self.is_busy = is_busy
        self.button.setEnabled(not is_busy)
        self.far.setVisible(is_busy)
        self.far.setText("")

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane != "work" or not self.is_busy:
            return
        self._warnings += [event.message for event in events if isinstance(event, Noted) and event.level == "warning"]
        for event in events:
            match event:
                case Progress(total=float() | int() as total) if total:
                    self.far.setText(f"{say(event.what)} {event.done:,} / {total:,}")
                case Progress() | Started():
                    self.far.setText(say(event.what if isinstance(event, Progress) else event.title))

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane != "work" or not self.is_busy:
            return
        self._turn(False)
        if isinstance(end, Failed):
            self.refused.emit(end)
            return
        if not isinstance(end, Finished):
            self.told.emit(Noted(message=words("Stopped. Nothing was written.")))
            return
        path = str(end.result["path"])
        said = words("{n|text|texts} written: {path}", n=int(end.result["texts"]), path=path)
        if "accuracy" in end.result:
            figures = {name: 100 * float(end.result[name]) for name in ("accuracy", "macro_f1")}
            right = words("{accuracy:.1f} % agree with the labels of the file (macro-F1 {macro_f1:.1f} %).", **figures)
            said = words("{said} {more}", said=said, more=right)
        if "tag_accuracy" in end.result:
            share = 100 * float(end.result["tag_accuracy"])
            right = words("{share:.1f} % of its words are tagged as in the file.", share=share)
            said = words("{said} {more}", said=said, more=right)
        if "bleu" in end.result:
            near = {name: float(end.result[name]) for name in ("bleu", "chrf")}
            said = words(
                "{said} {more}", said=said, more=words("Against its targets: BLEU {bleu:.1f}, chrF {chrf:.1f}.", **near)
            )
        for warning in self._warnings:
            said = words("{said} {more}", said=said, more=warning)
        way = Remedy("open_folder", words("Open its folder"), path)
        self.told.emit(Noted(message=said, level="warning" if self._warnings else "info", remedies=(way,)))


def _free(place: Path) -> Path:
    """The place itself, or one beside it with a number, where there is something already."""
    number, found = 2, place
    while found.exists():
        found = place.with_name(f"{place.stem} {number}{place.suffix}")
        number += 1
    return found
