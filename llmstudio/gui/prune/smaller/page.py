"""Smaller: take whole heads, neurons, units or layers away, so that a smaller dense model is left.

While the slider moves, arithmetic tells what would stay; a look at the units tells which; making it saves a new model and
measures both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton, QWidget

from llmstudio.app.pruning.smaller import Foretold, UnitScores, foretell, look_at_units, units_told
from llmstudio.app.runs.run_summary import Quality, summary_of
from llmstudio.app.verbs.compact import compact
from llmstudio.core.events import Failed
from llmstudio.core.settings import to_dict
from llmstudio.core.sparsity.structured.config import CompactConfig
from llmstudio.core.words import words
from llmstudio.gui.prune.pages.jobs import Task
from llmstudio.gui.prune.pages.page import Page, heal_it, made_of
from llmstudio.gui.prune.smaller.setup import SmallerSetup
from llmstudio.gui.prune.smaller.view import Seen, SmallerView
from llmstudio.gui.session.session import Session
from llmstudio.store.lineage import COMPACTED
from llmstudio.store.project import About

PAUSE_MS = 40  # of the slider, after which one counts
_USUAL = ("heads", "neurons", "units")


class SmallerPage(Page):
    """What goes at the left, every unit of the model at the right.

    Attributes:
        foretold: What was counted last; None until something was.
    """

    name = "smaller"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Smaller"), self.tr("Make smaller")
        self.why = self.tr(
            "Each bar is a <a href='unit'>unit</a>, as high as it <a href='matters'>matters</a>; the grey ones go, with all"
            " their weights. What is left is an ordinary <a href='dense'>dense</a> model, smaller and faster everywhere;"
            " it forgets more than by zeros, and a little healing brings most of it back."
        )
        self.terms = {
            "unit": self.tr("A head of attention, a neuron, a number that a recurrent layer remembers, or a whole layer."),
            "matters": self.tr("By the score that is chosen at the left; the heights of a row compare with that row alone."),
            "dense": self.tr("Without zeros to leave out: every program that runs the model runs the smaller one."),
        }
        self.source = "Molchanov et al. 2019, arXiv:1906.10771; Ma et al. 2023, arXiv:2305.11627"
        self.settings = self.setup = SmallerSetup(session)
        self.form, self.name_field = self.setup.form, self.setup.name_field
        self.look_button = QPushButton(self.tr("Look at the units"))
        self.look_button.setToolTip(self.tr("Find out how much each unit matters, and so which ones go; nothing is saved."))
        self.foot = (self.look_button,)
        self.foretold: Foretold | None = None
        self._is_new = True  # nothing is ticked yet for this model
        self._scores: dict[CompactConfig, list[UnitScores]] = {}  # of the model in sight, by how they were reckoned
        self._quality: Quality | None = None
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._count)
        self.view = SmallerView()
        self.column.addWidget(self.view, 1)
        for changed in (self.setup.dial.changed, self.setup.form.changed, self.setup.parts.changed):
            changed.connect(self._on_setting)
        self.look_button.clicked.connect(self.look)

    # what one may do

    @property
    def is_ready(self) -> bool:
        """Whether there is something that can go."""
        return self.foretold is not None and self.foretold.problem is None and bool(self.setup.config.parts)

    def run(self) -> None:
        """Save a smaller model beside this one."""
        if self.may_start():
            project, model, config = self._session.project, self.model, self.setup.config
            name = self.setup.name_field.name()
            self.start(
                Task("compact", model, config),
                self.tr("Making “{name}” smaller").format(name=model),
                lambda stop: compact(project, model, name=name, config=config, stop=stop),
            )

    @Slot()
    def look(self) -> None:
        """Find out which units would go."""
        if self.foretold is not None and self.setup.form.settle():
            project, model = self._session.project, self.model
            config = self._reckoned(self.setup.config)
            self.start(
                Task("look", model, config, "measure"),
                self.tr("Looking at the units of “{name}”").format(name=model),
                lambda stop: look_at_units(project, model, config=config, stop=stop),
            )

    def finished(self, task: Task, result: Mapping[str, Any]) -> None:
        """Units have scores, or a model was made."""
        if task.verb == "look" and task.model == self.model:
            self._scores[task.config] = units_told(result)
            self._show()
        elif task.verb == "compact":
            name = str(result["model"])
            self.say_made(words("{name} is saved beside {model}.", name=name, model=task.model), name, heal_it(name))

    # the model

    def show_model(self) -> None:
        """Nothing of another model, or of other weights."""
        self.foretold, self._is_new, self._quality = None, True, None
        self._scores.clear()
        self._show()
        self._on_setting()
        self.refresh()

    def clear(self) -> None:
        """Nothing of another project."""
        super().clear()
        self.show_model()

    def refresh(self) -> None:
        """Look again how good the model is, and what was made of it."""
        project, model = self._session.project, self.model
        if model:
            self._session.ask(
                lambda: summary_of(project, project.about("model", model)).quality, self._on_quality, owner=self
            )
            self._show()

    def _child(self) -> Mapping[str, Any] | None:
        """What was measured when a model was made of this one by the very setting in sight; None if there is none."""
        own, usual = self._session.items.find("model", self.model), to_dict(CompactConfig())
        wanted = _plain(to_dict(self.setup.config))
        for item in self._session.items.models() if own is not None else ():
            step, result = item.model_card.last_step, item.model_card.result
            is_child = step.verb == COMPACTED and step.parent is not None and own is not None and step.parent.id == own.id
            if is_child and result is not None and _plain(usual | dict(step.settings)) == wanted:
                return result.told
        return None

    def _on_quality(self, quality: Quality | None) -> None:
        self._quality = quality
        self._show()

    def shown_for(self, item: About) -> str:
        """A model that was made here is seen beside the one that it was made of."""
        return made_of(self._session.project, item) if item.model_card.last_step.verb == COMPACTED else item.name

    # the setting in sight

    @Slot()
    def _on_setting(self) -> None:
        self.setup.propose_name(self.model)
        if self.isVisible():
            self._pause.start()

    @Slot()
    def _count(self) -> None:
        project, model, config = self._session.project, self.model, self.setup.config
        if model and self.isVisible():
            self._session.ask(
                lambda: foretell(project, model, config), self._on_foretold, owner=self, failed=self._on_refused
            )

    def _on_foretold(self, foretold: Foretold) -> None:
        if foretold.model != self.model:
            return
        if self._is_new:  # what is ticked was ticked for another model
            self._is_new = False
            ticked = [part for part in self.setup.parts.parts if part in foretold.possible]
            usual = [part for part in _USUAL if part in foretold.possible]
            self.setup.parts.refuse(foretold.refused, foretold.absent)
            self.setup.parts.tick(ticked or usual or foretold.possible[:1])
            if self.setup.config != foretold.config:
                self._count()
                return
        self.foretold = foretold
        self.setup.show_foretold(foretold)
        self._show()

    def _on_refused(self, failed: Failed) -> None:
        self.foretold = None
        self.messages.show_failed(failed)
        self._show()

    def _reckoned(self, config: CompactConfig) -> CompactConfig:
        """How units get their scores, whatever share goes: of all kinds that can, so that ticking needs no other look."""
        possible = self.foretold.possible if self.foretold is not None else config.parts
        return replace(config, share=0.5, parts=possible, multiple=CompactConfig().multiple)

    def _show(self) -> None:
        """Draw what is known."""
        config = self.setup.config
        told = self.foretold if self.is_ready else None
        scores = self._scores.get(self._reckoned(config), [])
        self.view.show_all(Seen(self.model, config.share, told, scores, self._quality, self._child()))
        self.ready_changed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Units are only counted for someone who looks."""
        super().showEvent(event)
        self._pause.start()


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they compare: the order in which kinds of units are named means nothing."""
    return {**settings, "parts": sorted(settings["parts"])}
