"""The strip above the plots: which run is seen, what is laid over it, how the curves are drawn, and where they may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from llmstudio.app.runs.run_summary import RunSummary
from llmstudio.gui.look.label import Label, caption
from llmstudio.gui.look.steady import SteadySlider
from llmstudio.gui.look.theme import icon, space, theme
from llmstudio.gui.shared.pickers.export_button import ExportButton, MenuButton
from llmstudio.gui.shared.pickers.item_picker import ItemPicker, name_of
from llmstudio.gui.shared.readouts.quality_text import brief
from llmstudio.gui.train.run.two_groups import TwoGroups

MAX_OVERLAYS = 4  # the series have six colours that stay apart, and two are the run's own


class TrainTools(TwoGroups):
    """Choices about the picture; it changes nothing itself.

    Signals:
        go_on_pressed: The run in sight is to go on.
        learn_on_pressed: A new run is to begin with the weights of the one in sight.
        overlays_changed(list): Names of the runs to lay over it.
        smoothing_changed(float): 0 to 1.
        axes_changed(str, bool, bool): Column of the x axes; whether they are logarithmic; whether the loss is.
        export_asked(str): One of `export_button.FORMATS`.
        model_asked: The model itself is wanted for other programs.
    """

    go_on_pressed = Signal()
    learn_on_pressed = Signal()
    overlays_changed = Signal(object)
    smoothing_changed = Signal(float)
    axes_changed = Signal(str, bool, bool)
    export_asked = Signal(str)
    model_asked = Signal()

    def __init__(self, smoothing: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ids: dict[str, str] = {}
        self.runs = ItemPicker(self.tr("Run"))
        self.go_on = QPushButton(self.tr("Go on"))
        self.go_on.setToolTip(self.tr("Not finished: train on from its last checkpoint, as if it had never stopped."))
        self.go_on.clicked.connect(self.go_on_pressed)
        self.learn_on = QPushButton(self.tr("Go on with…"))
        self.learn_on.setToolTip(
            self.tr(
                "A new run from this model's weights: on this text or another, with a schedule, rate and batch of its own."
            )
        )
        self.learn_on.clicked.connect(self.learn_on_pressed)
        self.smoothing = SteadySlider(Qt.Orientation.Horizontal, maximum=100, value=round(100 * smoothing))
        self.smoothing.setAccessibleName(self.tr("Smoothing"))
        self.smoothing.setToolTip(self.tr("How much the lines are evened out; the faint line always shows every step."))
        self.smoothing.valueChanged.connect(self._on_smoothing)
        self.axes = MenuButton(self.tr("Axes"), self._axes_menu())
        self.compare = MenuButton(self.tr("Compare"), QMenu(self))
        self.compare.setToolTip(self.tr("Lay earlier runs over this one"))
        self.export = ExportButton()
        self.export.asked.connect(self.export_asked)
        self.export.choices.addSeparator()
        self.model = self.export.choices.addAction(self.tr("Model for other programs…"))
        self.model.triggered.connect(self.model_asked)
        smoothing = Label(self.tr("Smoothing"))
        self.set_groups(
            (self.runs, self.go_on, self.learn_on), (smoothing, self.smoothing, self.axes, self.compare, self.export)
        )
        self.go_on.hide()
        self.learn_on.hide()
        self.learn_on_action = self.runs.add_action(self.tr("Go on with…"))
        self.learn_on_action.triggered.connect(self.learn_on_pressed)
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def overlays(self) -> list[str]:
        """The runs to lay over the one in sight."""
        return [str(action.data()) for action in self.compare.choices.actions() if action.isChecked()]

    def set_runs(self, names: Sequence[str], ids: Mapping[str, str]) -> None:
        """Offer these runs, newest first; those that are laid over another are followed by their ids under other names."""
        self.runs.set_names(names, ids)
        before = self.overlays
        chosen = {name_of(self._ids.get(name, ""), name, ids) or name for name in before}
        self._ids = dict(ids)
        menu = self.compare.choices
        menu.clear()
        for name in names:
            action = menu.addAction(caption(name))
            action.setCheckable(True)
            action.setData(name)
            action.setChecked(name in chosen)
            action.toggled.connect(self._on_overlay)
        self.compare.setVisible(len(names) > 1)
        if set(self.overlays) - set(before):
            self.overlays_changed.emit(self.overlays)

    def show_run(self, name: str) -> None:
        """This one is in sight: it is not laid over itself."""
        self.runs.pick(name)
        for action in self.compare.choices.actions():
            action.setVisible(action.data() != name)

    @Slot(object)
    def set_summaries(self, found: dict[str, RunSummary]) -> None:
        """Say beside the name of each run how it stands."""
        self.runs.set_notes({name: brief(one) for name, one in found.items()})

    def overlay(self, name: str, shown: bool = True) -> None:
        """Lay a run over the one in sight, or take it away."""
        for action in self.compare.choices.actions():
            if action.data() == name:
                action.setChecked(shown)

    def _axes_menu(self) -> QMenu:
        menu = QMenu(self)
        counted = QActionGroup(self)
        self._by_column: dict[str, QAction] = {}
        for column, label in (("step", self.tr("Count steps")), ("tokens", self.tr("Count tokens"))):
            action = menu.addAction(label)
            action.setCheckable(True)
            action.setChecked(column == "step")
            counted.addAction(action)
            self._by_column[column] = action
        menu.addSeparator()
        self.log_loss, self.log_steps = (
            menu.addAction(self.tr("Logarithmic loss")),
            menu.addAction(self.tr("Logarithmic steps")),
        )
        for action in (self.log_loss, self.log_steps):
            action.setCheckable(True)
        for action in (*self._by_column.values(), self.log_loss, self.log_steps):
            action.toggled.connect(self._on_axes)
        return menu

    @Slot()
    def _on_axes(self) -> None:
        column = next(name for name, action in self._by_column.items() if action.isChecked())
        self.axes_changed.emit(column, self.log_steps.isChecked(), self.log_loss.isChecked())

    @Slot()
    def _on_overlay(self) -> None:
        if len(self.overlays) > MAX_OVERLAYS and isinstance(action := self.sender(), QAction):
            action.setChecked(False)
            return
        self.overlays_changed.emit(self.overlays)

    @Slot(int)
    def _on_smoothing(self, value: int) -> None:
        self.smoothing_changed.emit(value / 100)

    @Slot()
    def _dress(self) -> None:
        self.smoothing.setFixedWidth(space(7))
        self.go_on.setIcon(icon("play", "accent"))
        self.go_on.setIconSize(QSize(space(1.75), space(1.75)))
