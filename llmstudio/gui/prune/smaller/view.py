"""The picture of the page: which units go, what the file takes, the model before and after. It draws what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from llmstudio.app.pruning.smaller import Foretold, UnitScores
from llmstudio.app.runs.run_summary import MEASURES, UNITS, Quality
from llmstudio.core.models.shrinking.shapes import PARTS
from llmstudio.gui.look.figures import share_text, weights_text
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import say, space, theme
from llmstudio.gui.prune.pages.side_by_side import Side, SideBySide
from llmstudio.gui.prune.smaller.units_picture import Row, UnitsPicture
from llmstudio.gui.prune.zeros.size_bars import SizeBars
from llmstudio.gui.shared.readouts.figure_row import Figure
from llmstudio.gui.shared.readouts.quality_text import NONE, bits_per_byte_help, figure_text

_EACH = ("heads", "neurons", "units")  # kinds of which every layer has its own
_IN_ORDER = ("heads", "layers")  # kinds of which a person may want to know which one


@dataclass(frozen=True)
class Seen:
    """What is known.

    Attributes:
        model: Name of the model in sight; empty for none.
        share: How much of each kind goes.
        told: What was counted; None while that is not known, or nothing can go.
        scores: How much each unit matters; none while nobody has looked.
        quality: How good the model is; None if it was not measured.
        result: Of a model that was made by this very setting, as `compact` reports it; None if there is none.
    """

    model: str
    share: float
    told: Foretold | None = None
    scores: Sequence[UnitScores] = ()
    quality: Quality | None = None
    result: Mapping[str, Any] | None = None


class SmallerView(QWidget):
    """The picture.

    Attributes:
        said: How many of each kind stay.
        picture: Every unit.
        sizes: The file before and after.
        sides: The model before and after.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.said = Label(wordWrap=True)
        self.picture, self.sizes, self.sides = UnitsPicture(), SizeBars(), SideBySide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self.said, 0), (self.picture, 1), (self.sizes, 0), (self.sides, 0)):
            self._column.addWidget(widget, stretch)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_all(self, seen: Seen) -> None:
        """Draw what is known."""
        units = seen.told.units if seen.told is not None else {}
        scores = [one for one in seen.scores if one.part in units]
        self.picture.set_rows(self._rows(units, scores))
        self.said.setText(self._sentence(units, is_known=bool(scores)))
        self.sizes.set_bytes(*(seen.told.file_bytes if seen.told is not None else (0, 0)), is_estimate=seen.result is None)
        self._show_sides(seen)

    def _rows(self, units: Mapping[str, tuple[int, int]], scores: Sequence[UnitScores]) -> list[Row]:
        if not scores:
            return [
                Row(say(PARTS[part].label), self.tr("in each layer") if part in _EACH else "", whole, left)
                for part, (whole, left) in units.items()
            ]
        rows = []
        for one in scores:
            left = units[one.part][1] // one.shared
            rows.append(
                Row(
                    say(PARTS[one.part].label),
                    self._place(one.name),
                    len(one.scores),
                    left,
                    one.kept(units[one.part][1]),
                    one.scores,
                    in_order=one.part in _IN_ORDER,
                )
            )
        return rows

    def _place(self, name: str) -> str:
        """`layers.0.heads` is layer 1; what reads a source is told apart."""
        number = next((int(part) for part in name.split(".") if part.isdigit()), None)
        if number is None:
            return ""
        said = self.tr("of layer {n} that reads") if name.startswith("source") else self.tr("of layer {n}")
        return said.format(n=number + 1)

    def _sentence(self, units: Mapping[str, tuple[int, int]], *, is_known: bool) -> str:
        if not units:
            return ""
        parts = "; ".join(f"{say(PARTS[part].label)}: {whole:,} → {left:,}" for part, (whole, left) in units.items())
        if is_known:
            return self.tr("{parts}. The lowest bars go.").format(parts=parts)
        return self.tr("{parts}. Which ones go is found out by looking at the units.").format(parts=parts)

    def _show_sides(self, seen: Seen) -> None:
        found = seen.result or {}
        measure = next((each for each in MEASURES if f"{each}_after" in found), MEASURES[0])
        measure = seen.quality.measure if seen.quality is not None else measure
        known = seen.quality.value if seen.quality is not None else None
        sizes = seen.told.parameters if seen.told is not None else (None, None)
        sides = []
        for place, (when, value) in enumerate((("before", known), ("after", None))):
            figures = self._figures(
                measure,
                found.get(f"{measure}_{when}", value),
                sizes[place],
                found.get(f"tokens_per_second_{when}"),
            )
            title = self.tr("{share} of the units gone").format(share=share_text(seen.share)) if place else seen.model
            is_told = bool(place) and seen.result is None and seen.told is not None
            remark = self.tr("Counted, not measured: make it, and both are measured.") if is_told else ""
            sides.append(
                Side(title, figures, str(found.get("prompt") or ""), str(found.get(f"sample_{when}") or ""), remark)
            )
        self.sides.set_sides(*sides)
        self.sides.setVisible(bool(seen.model))

    def _figures(self, measure: str, value: Any, size: Any, pace: Any) -> tuple[Figure, ...]:
        text = figure_text(measure, value) if isinstance(value, float) else NONE
        found = [Figure(text, say(UNITS[measure]), bits_per_byte_help() if measure == "bits_per_byte" else "")]
        found.append(Figure(weights_text(size) if size is not None else NONE, self.tr("weights")))
        if pace is not None:
            found.append(
                Figure(f"{pace:,.0f}", self.tr("tokens/s"), self.tr("Written one after the other, on this computer"))
            )
        return tuple(found)

    @Slot()
    def _restyle(self) -> None:
        self._column.setSpacing(space(1.5))
