"""All models: every model of the project that has a figure as a point, what it costs against how good it is."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from llmstudio.app.pruning.pareto import COSTS, HEALED, Entry, Group, Overview, overview
from llmstudio.app.runs.run_summary import UNITS
from llmstudio.core.errors import Remedy
from llmstudio.core.words import Words, words
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.steady import SteadyList
from llmstudio.gui.look.theme import say, space
from llmstudio.gui.prune.models.models_plot import ModelsPlot, cost_text
from llmstudio.gui.prune.pages.page import Page
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.flow import FlowBox
from llmstudio.gui.shared.pickers.chip_choice import ChipChoice
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.readouts.quality_text import figure_text
from llmstudio.store.lineage import COMPACTED, GROWN, PRUNED, QUANTIZED

_HOW: dict[str, Words] = {
    GROWN: words("trained"),
    PRUNED: words("pruned"),
    COMPACTED: words("made smaller"),
    QUANTIZED: words("quantised"),
    HEALED: words("healed"),
}


class ModelsPage(Page):
    """Which models at the left, the picture at the right.

    Attributes:
        overview: What is known of them; empty until it is read.
    """

    name = "models"
    needs_model = False

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("All models"), self.tr("Talk to it")
        self.why = self.tr(
            "Each point is a model: what it costs from left to right, its figure upwards. The dashed line is the"
            " <a href='front'>front</a>. Only models that were measured on the same text in the same way stand in one"
            " picture: figures on other texts cannot be compared."
        )
        self.terms = {
            "front": self.tr("Models of which none is better in both: whoever wants more of one pays in the other.")
        }
        self.source = "Pareto 1906"
        self.overview = Overview({})
        self.groups = SteadyList(accessibleName=self.tr("Measured on"))
        self.groups.activated.connect(self._on_group)
        self.models = ItemPicker(self.tr("Model"), has_menu=False, above=True)
        self.models.picked.connect(self._on_picked)
        self.details, self.left_out = Label(wordWrap=True), Label(wordWrap=True)
        self.left_out.setProperty("role", "muted")
        self.settings = QWidget()
        left = QVBoxLayout(self.settings)
        left.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: left.setSpacing(space(2)))
        label = Label(self.tr("Measured on"))
        label.setBuddy(self.groups)
        for widget in (label, self.groups, self.models, self.details, self.left_out):
            left.addWidget(widget)
        self.prune_button = QPushButton(self.tr("Prune it"))
        self.prune_button.setToolTip(self.tr("On the page of zeros"))
        self.prune_button.clicked.connect(self._prune)
        self.foot = (self.prune_button,)
        chips = FlowBox()
        chips.add(Label(self.tr("Compare by")))
        self.cost = ChipChoice(chips.row, {name: self._chip(name) for name in COSTS}, self)
        self.cost.chosen.connect(self._show)
        self.plot = ModelsPlot()
        self.plot.picked.connect(self._on_point)
        self.signs = Label(self.tr("●  trained or healed    ■  pruned    ▼  made smaller    ◆  quantised"))
        self.signs.setProperty("role", "muted")
        self.column.addWidget(chips)
        scaled(self, lambda: chips.row.setSpacing(space(0.75)))
        self.column.addWidget(self.plot, 1)
        self.column.addWidget(self.signs)
        scaled(self, lambda: self.column.setSpacing(space(1)))

    def _chip(self, cost: str) -> str:
        names = {
            "bytes": self.tr("Size of the file"),
            "parameters": self.tr("Weights"),
            "nonzeros": self.tr("Nonzeros"),
            "pace": self.tr("Tokens a second"),
        }
        return names[cost]

    @property
    def is_ready(self) -> bool:
        """Whether a model is chosen."""
        return self.entry is not None

    @property
    def entry(self) -> Entry | None:
        """The model that is chosen."""
        return next((entry for entry in self._entries if entry.model == self.models.current()), None)

    @property
    def _entries(self) -> tuple[Entry, ...]:
        groups = list(self.overview.entries)
        at = self.groups.currentIndex()
        return self.overview.entries[groups[at]] if 0 <= at < len(groups) else ()

    def run(self) -> None:
        """Open it: one talks to it."""
        if (entry := self.entry) is not None:
            self._session.visit(Remedy("talk", words("Talk to it"), entry.model))

    @Slot()
    def _prune(self) -> None:
        if (entry := self.entry) is not None:
            self.led.emit("zeros", entry.model)

    # what is known

    def show_model(self) -> None:
        """It is about all of them."""
        self.refresh()

    def refresh(self) -> None:
        """Read anew."""
        project = self._session.project
        self._session.ask(lambda: (project, overview(project)), self._on_overview, owner=self)

    def clear(self) -> None:
        """Nothing of another project."""
        super().clear()
        self.models.forget()
        self._fill(Overview({}))

    def choose(self, name: str) -> None:
        """A model was made or picked elsewhere."""
        if any(entry.model == name for entry in self._entries):
            self.models.pick(name)
            self._show()

    def _on_overview(self, answer: tuple[object, Overview]) -> None:
        project, found = answer
        if project is self._session.project:
            self._fill(found)

    def _fill(self, found: Overview) -> None:
        at = self.groups.currentIndex()
        before = list(self.overview.entries)[at] if 0 <= at < len(self.overview.entries) else None
        self.overview = found
        self.groups.clear()
        for group, entries in found.entries.items():
            self.groups.addItem(self._named(group, len(entries)))
        if before in found.entries:
            self.groups.setCurrentIndex(list(found.entries).index(before))
        self._on_group()

    def _named(self, group: Group, count: int) -> str:
        said = self.tr("{corpus}: {unit}, {n|model|models}")
        if group.tokenizer:
            said = self.tr("{corpus}, {tokenizer}: {unit}, {n|model|models}")
        unit = say(UNITS[group.measure])
        return plural(said, corpus=group.corpus, tokenizer=group.tokenizer, unit=unit, n=f"{count:,}")

    @Slot()
    def _on_group(self) -> None:
        self.models.set_names([entry.model for entry in self._entries], self._session.items.ids("model"))
        self._show()

    @Slot(str)
    def _on_point(self, name: str) -> None:
        self.models.pick(name)
        self._show()

    @Slot()
    def _on_picked(self) -> None:
        self._show()

    @Slot()
    def _show(self) -> None:
        entry = self.entry
        self.plot.set_entries(self._entries, self.cost.key, self.models.current())
        self.details.setText(self._told(entry) if entry is not None else "")
        self.left_out.setText(self._absent())
        self.ready_changed.emit()

    def _told(self, entry: Entry) -> str:
        figure = figure_text(entry.group.measure, entry.quality.value)
        lines = [self.tr("{figure} {unit}").format(figure=figure, unit=say(UNITS[entry.group.measure]))]
        for cost, about in COSTS.items():
            if cost in entry.costs:
                lines.append(
                    self.tr("{what}: {value}").format(what=say(about.label), value=cost_text(cost, entry.costs[cost]))
                )
        steps = [
            self.tr("{name} ({how})").format(name=name, how=say(_HOW[verb]) if verb in _HOW else verb)
            for verb, name in entry.lineage
        ]
        lines.append(self.tr("Comes from: {steps}").format(steps=" → ".join(steps)))
        return "\n".join(lines)

    def _absent(self) -> str:
        """Who is not in the picture, and why."""
        lines = []
        lost = sum(self.cost.key not in entry.costs for entry in self._entries)
        if lost and self.cost.key == "pace":
            said = self.tr("{n|model was|models were} never timed while writing: try, sweep or make smaller, and both are.")
            lines.append(plural(said, n=f"{lost:,}"))
        if self.overview.sampled:
            said = self.tr("{n|model was|models were} measured on a sample alone, which is another text: evaluate them.")
            lines.append(plural(said, n=f"{len(self.overview.sampled):,}"))
        if self.overview.unmeasured:
            said = self.tr("{n|model has|models have} no figure yet.")
            lines.append(plural(said, n=f"{len(self.overview.unmeasured):,}"))
        return "\n".join(lines)
