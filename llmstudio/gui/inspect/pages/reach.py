"""How far back: which of the tokens before it a model's guess depends on, and for a second model beside it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from llmstudio.app.inspecting.reach import Reach, reach
from llmstudio.app.inspecting.ready import MAX_TOKENS
from llmstudio.app.inspecting.subject import Subject, with_page
from llmstudio.gui.inspect.pages.page import Page, muted
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.plots.curve_plot import Curve, CurvePlot
from llmstudio.gui.shared.readouts.value_strip import ValueStrip


class ReachPage(Page):
    """Chips to press, a curve over the distance back.

    Attributes:
        edit: The text.
        remark: What was not looked at; hidden if all of it was.
        strip: Its tokens, coloured by how much the guess depends on each; the guessed one in a frame.
        plot: The same as a curve, for each model.
        found: The answer, one for each model; empty until there is one.
        other: The second model.
        log: Whether the curve's axis is logarithmic.
    """

    name = "reach"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("How far back"), self.tr("Look back")
        self.why = self.tr(
            "Press a token. The stronger another token is coloured, the more the prediction depends on it, measured by its"
            " gradient. A recurrent model's reach fades with distance; a Transformer's need not."
        )
        self.source = "Simonyan et al. 2014, arXiv:1312.6034; Khandelwal et al. 2018, arXiv:1805.04623"
        self.found: tuple[Reach, ...] = ()
        self._character: int | None = None
        self._text = ""
        self.other = ItemPicker(self.tr("Beside it"), none=self.tr("No other model"), has_menu=False, above=True, holds=True)
        self.other.picked.connect(self.run)
        self.log = QCheckBox(self.tr("Logarithmic axis"))
        self.log.setToolTip(self.tr("Shows what is a thousand times weaker, too; a straight line is a steady fading."))
        self.settings = QWidget()
        left = QVBoxLayout(self.settings)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(self.other)
        left.addWidget(self.log)
        left.addWidget(muted(self.tr("A recurrent model beside a Transformer shows what each can reach.")))
        self.edit = self.field(self.tr("Your text; press one of its tokens below"), lines=(2, 3), live=True)
        self.edit.textChanged.connect(self._on_typed)
        self.foot()
        self.strip = ValueStrip(name=self.tr("Tokens, coloured by how much the guess depends on them"), max_rows=4)
        self.strip.pressed.connect(self._on_pressed)
        self.column.addWidget(self.strip)
        self.remark = muted("")
        self.column.addWidget(self.remark)
        self.plot = CurvePlot(
            self.tr("Share of the influence against the distance back"),
            x_title=self.tr("tokens back"),
            y_title=self.tr("share of the influence"),
        )
        session.items_changed.connect(self._on_items)
        session.project_changed.connect(self.other.forget)
        self.log.toggled.connect(self.plot.set_log)
        self.column.addWidget(self.plot, 1)
        self.restyle()

    def start(self, subject: Subject) -> None:
        """A few sentences in a row, and the models that may be laid over."""
        self._character = None
        if self.other.current() == subject.model:
            self.other.pick("")
        self._fill()
        self.offer(self.edit, subject.passage or self.tr("The fox went to the river, and the river was cold."))

    @Slot(str)
    def _on_items(self, kind: str) -> None:
        if kind == "model" and self.subject is not None:
            self._fill()

    def _fill(self) -> None:
        names = with_page(self._session.items.of("model"), self.name)
        self.other.set_names([name for name in names if name != self.model], self._session.items.ids("model"))
        self.other.setVisible(bool(self.other.names() or self.other.gone))

    def clear(self) -> None:
        """Nothing looked up."""
        self.found = ()
        self._show()

    def look(self) -> None:
        """Look back from the chosen token, the last one if none was."""
        project, text, character = self._session.project, self.edit.text, self._character
        models = [self.model, *filter(None, [self.other.current()])]
        self.question.ask(lambda stop: (text, reach(project, models, text, character, stop=stop)), self._on_found)

    @Slot()
    def _on_typed(self) -> None:
        self._character = None

    @Slot(int)
    def _on_pressed(self, index: int) -> None:
        if self.found and self._text == self.edit.text:
            self._character = max(self.found[0].tokens[index][1] - 1, 0)
            self.run()

    def _on_found(self, answer: tuple[str, tuple[Reach, ...]]) -> None:
        self._text, self.found = answer
        self._show()

    def _show(self) -> None:
        self.remark.setText(self._remark())
        self.remark.setVisible(bool(self.remark.text()))
        if not self.found:
            self.strip.set_values([], [], top=1.0)
            self.plot.set_curves([])
            return
        first = self.found[0]
        tokens = [self._text[start:end] for start, end in first.tokens]
        self.strip.set_values(tokens, first.shares.tolist(), top=float(first.shares.max()), marked=first.place)
        alike = all(reach.tokens == first.tokens for reach in self.found)
        x_title = self.tr("tokens back") if alike else self.tr("characters back")
        self.plot.set_curves([self._curve(reach, alike) for reach in self.found], x_title=x_title)

    def _remark(self) -> str:
        """Of the first model that did not look at all that stands before the place."""
        cut = next((reach for reach in self.found if reach.num_left_out), None)
        if cut is None:
            return ""
        if cut.sees is not None:
            said = self.tr("{model} sees {limit} tokens at once: the first {n} of the text are out of its sight here.")
            return said.format(model=cut.model, limit=f"{cut.sees:,}", n=f"{cut.num_left_out:,}")
        said = self.tr("Only the {limit} tokens before this place are looked at: the first {n} of the text are left out.")
        return said.format(limit=MAX_TOKENS, n=f"{cut.num_left_out:,}")

    def _curve(self, reach: Reach, in_tokens: bool) -> Curve:
        """Shares over the distance back; models that cut a text otherwise are compared by characters."""
        before = [place for place in range(reach.place) if reach.shares[place] > 0][::-1]
        at = reach.tokens[reach.place][0]
        back = [reach.place - place if in_tokens else at - reach.tokens[place][0] for place in before]
        names = tuple(self._text[slice(*reach.tokens[place])].strip() or "␣" for place in before)
        return Curve(reach.model, np.array(back, float), reach.shares[before].astype(float), names)
