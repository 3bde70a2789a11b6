"""Latent space: rebuild a sentence, draw some, slide from one to another, walk on the map, turn single units."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from llmstudio.app.inspecting import latent_space
from llmstudio.app.inspecting.latent_space import Map, Spot
from llmstudio.app.inspecting.subject import Subject
from llmstudio.core.work import Stop
from llmstudio.gui.inspect.pages.latent_figures import LatentFigures
from llmstudio.gui.inspect.pages.latent_map import LatentMap
from llmstudio.gui.inspect.pages.page import Page, chip, muted
from llmstudio.gui.inspect.pages.spot import SpotView
from llmstudio.gui.inspect.pages.trail import Trail
from llmstudio.gui.inspect.pages.unit_sliders import UnitSliders
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import say, space
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.readouts.share_bars import share_text

T = TypeVar("T")

STEPS, SAMPLES = 11, 7


class LatentPage(Page):
    """The map, the sentence of the place one stands at, ways to another.

    Attributes:
        remark: Why moving about changes nothing; hidden if it does.
        edit: The sentence that is rebuilt, and the first of two.
        second: The other one.
        trail: Places between them, or samples, and the slider along them.
        map: The corpus.
        spot: What is written here.
        units: The space's units, one slider each.
        here: Where one stands; None until the map is drawn.
        figures: How much of the space is in use, and what a sentence costs.
    """

    name = "latent"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Latent space"), self.tr("Rebuild")
        self.why = self.tr(
            "Every point is a sentence, put where the model keeps it; press anywhere, and what it writes from that place"
            " stands at the right. Where the space is smooth, places between two sentences are sentences too."
        )
        self.source = "Bowman et al. 2016, arXiv:1511.06349; Kingma and Welling 2014, arXiv:1312.6114"
        self.here: Spot | None = None
        self._map: Map | None = None
        self._seed = 0
        self._is_turning = False
        self._turn: tuple[int, float] | None = None
        self.remark = Label(wordWrap=True)
        self.remark.setProperty("role", "warning")
        self.again = chip(self.tr("Train again"), self.tr("In Train, with other settings of the latent space"))
        self.again.clicked.connect(lambda: session.go_to.emit("train"))
        self._warning = QWidget()
        row = QHBoxLayout(self._warning)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.remark, 1)
        row.addWidget(self.again, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addWidget(self._warning)
        self._pair = QHBoxLayout()
        self.column.addLayout(self._pair)
        self.edit = self.field(self.tr("A sentence"), lines=(1, 3), beside=self._pair)
        self.second = self.field(self.tr("Another sentence, to move towards"), lines=(1, 3), beside=self._pair)
        self.between = chip(self.tr("From one to the other"), self.tr("Eleven places along the way; the slider moves."))
        self.between.clicked.connect(self.show_between)
        self.sample = chip(self.tr("Sample"), self.tr("Sentences from places drawn at random."))
        self.sample.clicked.connect(self.show_samples)
        self.foot(self.between, self.sample)
        self.map, self.spot = LatentMap(), SpotView()
        self.map.picked.connect(self.go_to_point)
        self.trail = Trail(self.map, self.spot)
        self.trail.reached.connect(self._on_spot)
        self.column.addWidget(self.trail)
        self._halves = QHBoxLayout()
        self._halves.addWidget(self.map, 3)
        self._halves.addWidget(self.spot, 2)
        self.column.addLayout(self._halves, 1)
        self._explained = muted("")
        self.column.addWidget(self._explained)
        self.figures = LatentFigures(session)
        self.column.addWidget(self.figures)
        self.question.stopped.connect(self.figures.stop)  # the next one would have to wait for them
        self.units = UnitSliders()
        self.units.moved.connect(self.go_to_place)
        self.settings = QWidget()
        left = QVBoxLayout(self.settings)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(self.figures.bounds)
        left.addWidget(self.figures.race, 0, Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self.units)
        self.clear()
        self.restyle()

    def start(self, subject: Subject) -> None:
        """Two sentences."""
        if len(subject.sentences) > 1:
            short = sorted(subject.sentences, key=len)
            self.offer(self.edit, short[0])
            self.offer(self.second, short[1])

    def clear(self) -> None:
        """No map."""
        self._map, self.here = None, None
        self.map.set_points(np.zeros((0, 2), np.float32), ())
        self.spot.show_spot(None)
        self.trail.clear()
        self.units.set_units(())
        self._warning.hide()
        self._explained.setText("")
        self.figures.forget()

    def unanswered(self) -> None:
        """A sentence that cannot be read leaves the map, and the place one stands at."""
        if self._map is None:
            self.clear()

    def look(self) -> None:
        """Rebuild the sentence."""
        project, model, text = self._session.project, self.model, self.edit.text
        self._go(lambda stop: latent_space.rebuild(project, model, text, stop=stop), self._on_spot)

    def _go(self, function: Callable[[Stop], T], then: Callable[[T], None]) -> None:
        """Ask, and show the map before the answer if it is not drawn yet."""
        project, model, has_map = self._session.project, self.model, self._map is not None
        self._is_turning, self._turn = False, None

        def with_map(stop: Stop) -> tuple[Map | None, T]:
            return None if has_map else latent_space.draw_map(project, model, stop=stop), function(stop)

        def shown(answer: tuple[Map | None, T]) -> None:
            found, rest = answer
            if found is not None:
                self._show_map(found)
            then(rest)
            if not self.figures.are_shown and not self.question.is_open:
                self.figures.measure(self.model)

        self.question.ask(with_map, shown)

    def leave(self) -> None:
        """As every page; figures that are given up are asked for again, too."""
        is_measuring = self.figures.is_measuring
        super().leave()
        if is_measuring:
            self.stop()
            self._is_stale = True

    def _show_map(self, found: Map) -> None:
        self._map = found
        self.map.set_points(found.points, found.texts)
        self.units.set_units(found.units)
        self.remark.setText(say(found.remark) if found.remark is not None else "")
        self._warning.setVisible(found.remark is not None)
        said = self.tr("{n|sentence|sentences}; the map shows {share} of the differences between them.")
        self._explained.setText(plural(said, n=len(found.texts), share=share_text(found.explained)))

    # ways to another place

    @Slot(float, float)
    def go_to_point(self, x: float, y: float) -> None:
        """Stand at a point of the map."""
        project, model = self._session.project, self.model
        if self._map is not None:
            self._go(lambda stop: latent_space.at_point(project, model, x, y, stop=stop), self._on_spot)

    @Slot(int, float)
    def go_to_place(self, unit: int, value: float) -> None:
        """Turn one unit and leave the others. The newest turn waits for the answer to the one before, and stops none, so
        that one who drags a slider sees the sentences on the way.
        """
        project, model = self._session.project, self.model
        if self.here is None:
            return
        if self._is_turning and self.question.is_open:
            self._turn = (unit, value)
            return
        z = self.here.z.copy()
        z[unit] = value
        self._go(lambda stop: latent_space.at_place(project, model, z, stop=stop), self._on_turn)
        self._is_turning = True

    def _on_turn(self, spot: Spot) -> None:
        self._on_turned(spot)
        if self._turn is not None:
            self.go_to_place(*self._turn)

    @Slot()
    def show_between(self) -> None:
        """Places from the one sentence to the other."""
        project, model, first, second = self._session.project, self.model, self.edit.text, self.second.text
        self._go(lambda stop: latent_space.between(project, model, first, second, count=STEPS, stop=stop), self._on_between)

    @Slot()
    def show_samples(self) -> None:
        """Some places drawn at random; others each time."""
        self._seed += 1
        project, model, seed = self._session.project, self.model, self._seed
        self._go(lambda stop: latent_space.sample(project, model, count=SAMPLES, seed=seed, stop=stop), self._on_samples)

    # answers

    def _on_spot(self, spot: Spot) -> None:
        self._on_turned(spot)
        self.units.set_place(spot.z)

    def _on_turned(self, spot: Spot) -> None:
        self.here = spot
        self.trail.note(spot)
        self.map.set_here(spot.x, spot.y)
        self.spot.show_spot(spot)

    def _on_between(self, places: tuple[Spot, ...]) -> None:
        self.trail.set_places(self.tr("From one to the other"), places, is_way=True)

    def _on_samples(self, places: tuple[Spot, ...]) -> None:
        self.trail.set_places(self.tr("Drawn at random"), places, is_way=False)

    def restyle(self) -> None:
        """Take the sizes and colours in force."""
        super().restyle()
        self._halves.setSpacing(space(2))
        self._pair.setSpacing(space(2))
