"""Remedies: which ones for rare classes are tried, and a table that grows as each model is learned and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from llmstudio.app.runs.run_summary import STATES
from llmstudio.app.worth.kept import Kept
from llmstudio.app.worth.remedies import REMEDIES, compare_remedies, last_comparison
from llmstudio.core.events import Event, Failed, Finished, Noted, Progress, Stopped
from llmstudio.core.words import words
from llmstudio.gui.inspect.pages.page import Page, muted
from llmstudio.gui.look.label import caption
from llmstudio.gui.look.theme import BODY, font, say, space
from llmstudio.gui.session.session import Session

_FIRST = ("none", "inverse", "logit_adjustment", "oversampling", "threshold")
_COLUMNS = ("rare_recall", "accuracy", "macro_f1")


class RemediesPage(Page):
    """A box for each remedy at the left, the table at the right. The models are items like any others: what is there already
    is not learned again, so that a comparison that was stopped goes on.

    Attributes:
        boxes: By remedy.
        table: A row for each that was measured.
    """

    name = "remedies"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Remedies"), self.tr("Learn with each")
        self.why = self.tr(
            "The model is learned again with each remedy for rare classes, from what it began with, and measured on the same"
            " texts. What a remedy wins in recall of the rarest class, it may cost in accuracy: macro-F1, which counts every"
            " class alike, weighs both."
        )
        self.source = "Johnson and Khoshgoftaar 2019, doi:10.1186/s40537-019-0192-5"
        self.settings = QWidget()
        left = QVBoxLayout(self.settings)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(muted(self.tr("Rare classes")))
        self.boxes = {name: QCheckBox(caption(say(label)), checked=name in _FIRST) for name, label in REMEDIES.items()}
        for box in self.boxes.values():
            left.addWidget(box)
        self._far = muted("")
        self.table = QTableWidget(
            showGrid=False,
            accessibleName=self.tr("Remedies side by side"),
            selectionMode=QAbstractItemView.SelectionMode.NoSelection,
            editTriggers=QAbstractItemView.EditTrigger.NoEditTriggers,
        )
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setHighlightSections(False)
        self.column.addWidget(self._far)
        self.foot()
        self.column.addWidget(self.table, 1)
        self._compared = ""  # the model whose remedies the table shows
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)
        self.clear()
        self.restyle()

    def wake(self) -> None:
        """Show what is known from another day; nothing is learned before somebody asks for it."""
        if self.subject is None or not self._is_stale:
            return
        self._is_stale = False
        if not self.is_busy and self.model != self._compared:
            project, model = self._session.project, self.model
            self.question.ask(lambda _: last_comparison(project, model), self._on_kept)

    def _on_kept(self, kept: Kept | None) -> None:
        if kept is not None:
            self.show_points(kept.points, kept.diverged)
            self._say_end(kept.measured_on, kept.name)

    def clear(self) -> None:
        """No table, but for the model that it is of: that is shown anew when its remedies have become models too."""
        if not self.is_busy and (not self.model or self.model != self._compared):
            self._compared = ""
            self._far.setText(self.tr("Choose remedies, then learn: a model each, as long as this one took."))
            self.show_points(())

    def look(self) -> None:
        """Learn and measure those that are chosen."""
        chosen = [name for name, box in self.boxes.items() if box.isChecked()]
        if not chosen:
            self.said.emit(Noted(message=words("Choose at least one remedy."), level="warning"))
            return
        self.stop()
        project, model = self._session.project, self.model
        name = self.tr("{model} with").format(model=model)
        title = self.tr("Remedies for rare classes of {model}").format(model=model)
        self.is_busy = self._session.start(
            lambda stop: compare_remedies(project, model, chosen, name=name, stop=stop), tab="inspect", title=title
        )
        if self.is_busy:
            self._compared = model

    def show_points(self, points: Sequence[Mapping[str, Any]], diverged: Sequence[Mapping[str, Any]] = ()) -> None:
        """Show what was measured so far, and which trials have diverged."""
        heads = [self.tr("Remedy"), self.tr("Recall of the rarest class"), self.tr("Accuracy"), self.tr("Macro-F1")]
        self.table.clear()
        self.table.setColumnCount(len(heads))
        self.table.setRowCount(len(points) + len(diverged))
        self.table.setHorizontalHeaderLabels(heads)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        found = {name: [point["figures"][name] for point in points] for name in _COLUMNS}
        for row, point in enumerate(points):
            self._put(row, 0, say(REMEDIES[point["way"]]), is_best=False)
            for column, name in enumerate(_COLUMNS, 1):
                share = point["figures"][name]
                is_best = share == max(found[name]) > min(found[name])  # where all are alike none is best
                self._put(row, column, f"{100 * share:.1f} %", is_best=is_best)
        for row, trial in enumerate(diverged, len(points)):
            for column, text in enumerate((say(REMEDIES[trial["way"]]), say(STATES["diverged"]), "–", "–")):
                self._put(row, column, text, is_best=False)

    def _put(self, row: int, column: int, text: str, *, is_best: bool) -> None:
        item = QTableWidgetItem(text)
        side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
        item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        item.setFont(font(BODY, bold=is_best, tabular=True))
        self.table.setItem(row, column, item)

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane != "work" or not self.is_busy:
            return
        for event in events:
            if isinstance(event, Progress) and "points" in event.details:
                self._far.setText(f"{say(event.what)} · {event.done:,} / {event.total or 0:,}")
                self.show_points(event.details["points"], event.details["diverged"])

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane != "work" or not self.is_busy:
            return
        self.is_busy = False
        if isinstance(end, Failed):
            self.refused.emit(end)
        elif isinstance(end, Finished | Stopped):
            self.show_points(end.result.get("points", ()), end.result.get("diverged", ()))
            self._say_end(str(end.result.get("measured_on")), str(end.result.get("name")))

    def _say_end(self, measured_on: str, name: str) -> None:
        part = {"test": self.tr("Measured on the test part."), "val": self.tr("Measured on the validation part.")}
        if measured_on in part:
            said = self.tr("{measured} The models are called “{name} …”.")
            self._far.setText(said.format(measured=part[measured_on], name=name))
        else:
            self._far.setText(self.tr("Stopped. Learn again, and it goes on where it was."))

    def restyle(self) -> None:
        """Take the sizes and colours in force."""
        super().restyle()
        self.column.setSpacing(space(1.5))
        self.table.setFont(font(BODY, tabular=True))
