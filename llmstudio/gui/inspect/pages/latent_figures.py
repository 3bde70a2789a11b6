"""The figures of a latent space: how much of it is in use, and what a sentence costs, beside a language model's cost.

They are asked for once a place is in sight, and given up for the next question, which would have to wait for them.
"""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from llmstudio.app.inspecting import latent_rival, latent_space
from llmstudio.app.inspecting.latent_rival import Match, Rival
from llmstudio.app.inspecting.latent_space import Measured
from llmstudio.core.work import Stop
from llmstudio.gui.inspect.pages.page import chip
from llmstudio.gui.look.figures import value_text
from llmstudio.gui.look.label import Label, paragraph
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.readouts.share_bars import ShareBars


class LatentFigures(Label):
    """A line of figures; what belongs to it stands elsewhere on the page. Nothing is in sight until it was measured.

    Attributes:
        bounds: The bounds on what a sentence costs, and a language model of equal size, on one axis.
        race: Prepares the race that grows one.
        are_shown: Whether this model has been measured.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, wordWrap=True)
        self.setProperty("role", "muted")
        self.setToolTip(self._terms())
        self.are_shown = False
        self._session, self._model = session, ""
        self._measuring: Stop | None = None
        self.bounds = ShareBars(self.tr("Nats a sentence, fewer is better"), number=value_text)
        self.bounds.setToolTip(
            self.tr(
                "What a sentence nobody has learned from costs. A text VAE can only be bounded: it costs at most what the"
                " bound says. A language model of the same size, grown sentence by sentence on the same text, stands beside"
                " it as soon as there is one."
            )
        )
        self.race = chip(
            self.tr("Race it against a language model"),
            self.tr("In Train: as large, as long, and on the same single sentences. Its figure then stands here too."),
        )
        self.race.clicked.connect(self._on_race)

    def forget(self) -> None:
        """Show nothing of another model."""
        self.are_shown = False
        self._show(None, None)

    def measure(self, model: str) -> None:
        """Ask for the figures of a model, and show them."""
        project, self._model = self._session.project, model
        self._measuring = asked = Stop()

        def look() -> tuple[Measured | None, Rival | None]:
            return latent_space.measure(project, model, stop=asked), latent_rival.rival(project, model, stop=asked)

        def measured(answer: tuple[Measured | None, Rival | None]) -> None:
            if not asked.requested:
                self._measuring, self.are_shown = None, True
                self._show(*answer)

        page = self.parentWidget()  # in sight, as these figures are not yet: nobody else is answered first
        self._session.ask(look, measured, owner=page, failed=lambda _: None)

    @property
    def is_measuring(self) -> bool:
        """True while they are on their way."""
        return self._measuring is not None

    @Slot()
    def stop(self) -> None:
        """Give them up, if they are on their way."""
        if self._measuring is not None:
            self._measuring.request()
            self._measuring = None

    def _show(self, found: Measured | None, rival: Rival | None) -> None:
        self.setText(self._told(found) if found is not None else "")
        if found is not None:
            self.bounds.set_bars(self._bars(found, rival))
        for part in (self, self.bounds, self.race):
            part.setVisible(found is not None)

    def _told(self, found: Measured) -> str:
        said = self.tr(
            "{active} of {all} units active · KL {kl} nats · mutual information {told} nats · a sentence costs at most, in"
            " nats: ELBO {elbo}, tighter bound {tighter}"
        )
        nats = {name: value_text(getattr(found, name)) for name in ("kl", "elbo", "tighter")}
        told = value_text(found.mutual_information)
        return said.format(active=found.active_units, all=found.num_units, told=told, **nats)

    def _bars(self, found: Measured, rival: Rival | None) -> list[tuple[str, float]]:
        bars = [(self.tr("tighter bound"), found.tighter), (self.tr("ELBO"), found.elbo)]
        if rival is not None:
            bars.append((rival.name, rival.nats))
        return bars

    @Slot()
    def _on_race(self) -> None:
        project, model = self._session.project, self._model

        def proposed(match: Match) -> None:
            self._session.go_to.emit("train")
            self._session.race_proposed.emit(match)

        self._session.ask(lambda: latent_rival.match(project, model), proposed, owner=self)

    def _terms(self) -> str:
        terms = (
            self.tr("Measured on sentences the model has not learned from. A nat is 1.44 bits, yes-or-no answers."),
            self.tr("Active units: those whose value differs from sentence to sentence. The others say nothing."),
            self.tr("KL: how much the reader puts into the units. Near 0, the writer does without them."),
            self.tr("Mutual information: how much of that tells one sentence from another."),
            self.tr(
                "ELBO, evidence lower bound, with its sign turned: the nats that a sentence costs the model at most. Fewer"
                " is better."
            ),
            self.tr("Tighter bound: the same with many places tried for each sentence, so it comes closer to the truth."),
        )
        return "".join(map(paragraph, terms))
