"""What a setting does to a model: counted while the slider moves, measured by looks and by models that were saved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from llmstudio.app.pruning import preview
from llmstudio.app.pruning.looks import looks_of
from llmstudio.app.pruning.preview import Member, Outlook
from llmstudio.core.events import Failed
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.gui.prune.pages.page import Page
from llmstudio.gui.prune.zeros.setup import PruneSetup
from llmstudio.gui.prune.zeros.view import Look, PruneView
from llmstudio.gui.session.session import Session
from llmstudio.gui.session.weights_seen import WeightsSeen

COUNT_MS = 40  # a pause of the slider after which weights are counted


@dataclass(frozen=True)
class _Known:
    """What lies on disk about a lineage: its models, and looks at them by model and setting."""

    lineage: list[Member]
    looks: dict[tuple[str, PruningConfig], dict[str, Any]]


class Effects(QObject):
    """Finds out off the window's thread, and shows on the page.

    Attributes:
        outlook: What was counted last; None until something was.

    Signals:
        newest: The name of a model asked about by `turn_to_newest`, once its lineage is known.
    """

    newest = Signal(str)

    def __init__(self, session: Session, setup: PruneSetup, view: PruneView, page: Page) -> None:
        super().__init__(page)
        self._session, self._setup, self._view, self._page = session, setup, view, page
        self.outlook: Outlook | None = None
        self._lineage: list[Member] = []
        self._weights = WeightsSeen(session)
        self._looks: dict[tuple[str, PruningConfig], dict[str, Any]] = {}  # since the tab is there
        self._kept: dict[tuple[str, PruningConfig], dict[str, Any]] = {}  # of all days, as they lie beside the models
        self._earlier: dict[str, int] = {}  # by model, the step of the weights that stand in for damaged ones
        self._refused = ""  # why the setting in sight cannot be looked at, as it is said
        self._pause = QTimer(self, interval=COUNT_MS, singleShot=True)
        self._pause.timeout.connect(self._count)

    @property
    def root(self) -> str:
        """The model of the lineage that was trained, not pruned."""
        return next((member.model for member in self._lineage if not member.parent), self._page.model)

    def member(self, name: str) -> Member | None:
        """A model of the lineage in sight."""
        return next((member for member in self._lineage if member.model == name), None)

    def forget(self) -> None:
        """Another project is open."""
        self._lineage, self.outlook = [], None
        self._earlier.clear()
        self._looks.clear()
        self._kept.clear()
        self._view.show_lineage([], [])
        self._view.show_outlook(None)

    def turn_to(self, model: str) -> None:
        """Another model is in sight, or other weights under its name."""
        self._forget_looks()
        self._weights.note(model)
        self._earlier.pop(model, None)
        self.outlook = None
        self.refresh()

    def have_changed(self, model: str) -> bool:
        """Whether the weights on disk are others than those looked at."""
        return self._weights.have_changed(model)

    def remember(self, model: str, config: PruningConfig, result: dict[str, Any]) -> None:
        """What a look has measured."""
        self._looks[model, config] = result

    def _forget_looks(self) -> None:
        """What was measured of weights that are no more says nothing of those that came after them."""
        gone = {model for model, _ in self._kept | self._looks if self._weights.have_changed(model)}
        for looks in (self._kept, self._looks):
            for key in [key for key in looks if key[0] in gone]:
                del looks[key]

    # the lineage

    def refresh(self) -> None:
        """Read anew which models come from the same one, and what is known of them."""
        self._forget_looks()
        project, model = self._session.project, self._page.model
        if model:

            def look() -> _Known:
                lineage = preview.lineage(project, model)
                abouts = ((one.model, project.about("model", one.model)) for one in lineage)
                kept = {(name, config): found for name, about in abouts for config, found in looks_of(about).items()}
                return _Known(lineage, kept)

            self._session.ask(look, self._on_lineage, owner=self._page)

    def turn_to_newest(self, name: str) -> None:
        """Find the lineage of a model that was just made or picked."""
        project = self._session.project
        self._session.ask(lambda: (name, preview.lineage(project, name)), self._on_newest, owner=self._page)

    def _on_newest(self, answer: tuple[str, list[Member]]) -> None:
        name, self._lineage = answer
        self.newest.emit(name)

    def _on_lineage(self, known: _Known) -> None:
        self._lineage = preview.without_lost(known.lineage, self._earlier)
        self._kept = known.looks
        self.show_curves()
        self._setup.propose_name(self.root)
        self.show_sides()

    def show_curves(self) -> None:
        """Draw what is known of the lineage, looks among it."""
        lineage = self._lineage
        names, found = {member.model for member in lineage}, self._kept | self._looks
        looks = [
            Look(config, figure, look, model)
            for (model, config), look in found.items()
            if model in names and (figure := preview.on_all_of_the_text(lineage, model, look)) is not None
        ]
        self._view.show_lineage(lineage, looks)

    # the setting in sight

    def count_soon(self) -> None:
        """Count what would go, once the slider pauses, for someone who looks."""
        self._pause.start()

    @Slot()
    def _count(self) -> None:
        project, model, config = self._session.project, self._page.model, self._setup.config
        if model and self._page.isVisible():
            self._session.ask(
                lambda: preview.outlook(project, model, config),
                self._on_outlook,
                owner=self._page,
                failed=partial(self._on_no_outlook, model),
            )

    def _on_outlook(self, outlook: Outlook) -> None:
        if outlook.model != self._page.model:
            return
        if self._refused and self._page.messages.text == self._refused:  # it was about a setting that is gone
            self._page.messages.clear()
        self._refused = ""
        self.outlook = outlook
        if outlook.earlier_step is not None and self._earlier.get(outlook.model) != outlook.earlier_step:
            self._earlier[outlook.model] = outlook.earlier_step
            self.refresh()
        self._setup.show_count(outlook)
        self._view.show_outlook(outlook)
        self.show_sides()

    def _on_no_outlook(self, model: str, failed: Failed) -> None:
        if model != self._page.model:
            return
        self.outlook = None
        self._view.show_outlook(None)
        self._page.messages.show_failed(failed)
        self._refused = self._page.messages.text

    def show_sides(self) -> None:
        """The model before and after: as counted, and as measured if it was."""
        model = self._page.model
        own = self.member(model)
        outlook = self.outlook if self.outlook is not None and self.outlook.config == self._setup.config else None
        shown = outlook or self.outlook
        result = self._measured(model, shown.config) if shown else None
        self._view.show_sides(model, own.quality if own else None, shown, result)

    def _measured(self, model: str, config: PruningConfig) -> dict[str, Any] | None:
        """What pruning `model` by `config` was measured to do: by a saved child, else by a look."""
        pruned = (one for one in self._lineage if not one.is_healed)
        children = [one.result.told for one in pruned if (one.parent, one.config) == (model, config)]
        return dict(children[-1]) if children else (self._kept | self._looks).get((model, config))
