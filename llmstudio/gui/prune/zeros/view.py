"""The picture of the prune tab: the curve, where the zeros are, the file's size, and the model before and after.

It is told what is known and draws it; it asks nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from llmstudio.app.pruning.descent import USUAL_OF_ONE
from llmstudio.app.pruning.preview import Member, Outlook, whole_figure
from llmstudio.app.runs.run_summary import MEASURES, UNITS, Quality
from llmstudio.core.settings import settings_of
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.methods import METHODS
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.gui.look.figures import bytes_text, share_text, weights_text
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import say, space, theme
from llmstudio.gui.prune.pages.side_by_side import Side, SideBySide
from llmstudio.gui.prune.zeros.layer_bars import LayerBars, bars_of
from llmstudio.gui.prune.zeros.size_bars import SizeBars
from llmstudio.gui.prune.zeros.sparsity_plot import Point, SparsityPlot
from llmstudio.gui.shared.pickers.chip_choice import ChipChoice
from llmstudio.gui.shared.readouts.figure_row import Figure
from llmstudio.gui.shared.readouts.quality_text import NONE, bits_per_byte_help, figure_text


@dataclass(frozen=True)
class Look:
    """A copy that was pruned by `config` and looked at: where it lies on all of the text, what else was measured, and the
    name of the model that it was a copy of.
    """

    config: PruningConfig
    figure: float
    result: Mapping[str, Any]
    model: str


class PruneView(QScrollArea):
    """The picture.

    Attributes:
        plot: Bits per byte against sparsity, or what else `axis` counts.
        axis: What the plot counts from left to right.
        layers: Zeros by layer.
        sizes: The file before and after.
        sides: The model before and after.

    Signals:
        picked: (name) a model of the plot was pressed.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        others = (method for method in METHODS if method not in USUAL_OF_ONE)
        usual = (*USUAL_OF_ONE, *others)  # as on the page of one matrix
        self.plot = SparsityPlot([way_text(PruningConfig(method=method)) for method in usual])
        self.plot.picked.connect(self.picked)
        self.layers, self.sizes, self.sides = LayerBars(), SizeBars(), SideBySide()
        zeros, size = QVBoxLayout(), QVBoxLayout()
        self._halves = (zeros, size)
        zeros.addWidget(_quiet(self.tr("Where the zeros are")))
        zeros.addWidget(self.layers, 1)
        size.addWidget(_quiet(self.tr("What the file takes")))
        size.addWidget(self.sizes)
        size.addStretch(1)
        self._middle = QHBoxLayout()
        self._middle.addLayout(zeros, 3)
        self._middle.addLayout(size, 2)
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 0, 0)
        chips = QHBoxLayout()
        self.axis = ChipChoice(
            chips,
            {"share": self.tr("Share gone"), "bytes": self.tr("Size of the file"), "pace": self.tr("Tokens a second")},
            self,
        )
        self.axis.chosen.connect(self.plot.set_axis)
        chips.addStretch(1)
        self._column.addLayout(chips)
        self._column.addWidget(self.plot, 4)
        self._column.addLayout(self._middle, 2)
        self._column.addWidget(self.sides, 2)
        self.setWidget(body)
        body.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_lineage(self, lineage: Sequence[Member], looks: Sequence[Look]) -> None:
        """Draw what was measured of a lineage, and what was looked at without saving."""
        root = next((m for m in lineage if not _way_of(m) and m.figure is not None), None)
        measure = root.measure if root is not None else next((m.measure for m in lineage), MEASURES[0])
        whole = whole_figure(lineage, root.model) if root is not None else None
        first = []
        if root is not None and whole is not None:
            num_bytes, pace = _of_the_whole(root.model, lineage, looks)
            first = [Point(root.sparsity, whole, root.model, num_bytes=num_bytes, pace=pace)]
        series: dict[str, list[Point]] = {}
        for member in lineage:
            way = _way_of(member)
            if way and member.figure is not None and member.measure == measure:
                way = self.tr("{way}, healed").format(way=way) if member.is_healed else way
                points = series.setdefault(way, list(first))
                kept = _number(member.result.told.get("file_bytes_after"))
                points.append(Point(member.sparsity, member.figure, member.model, num_bytes=kept))
        for look in looks:
            points = series.setdefault(way_text(look.config), list(first))
            kept, wrote = (_number(look.result.get(name)) for name in ("file_bytes", "tokens_per_second"))
            before = _number(look.result.get("sparsity_before")) or 0.0  # that much may have been gone
            share = max(look.config.share, before)
            points.append(Point(share, look.figure, self.tr("tried"), True, kept, wrote))
        if not series and first:
            series[first[0].name] = first
        self.plot.set_series(series, measure)

    def show_outlook(self, outlook: Outlook | None) -> None:
        """Draw what is counted; None clears it."""
        if outlook is None:
            self.layers.set_bars([])
            self.sizes.set_bytes(0, 0)
            return
        self.layers.set_bars(bars_of(outlook.counts.layers))
        counts = outlook.counts
        # Which weights go is known once a text was read; until then as many, as the smallest would.
        sizes = counts.file_bytes_before, counts.file_bytes, counts.file_bytes_bound
        self.sizes.set_bytes(*sizes, is_estimate=outlook.config.reads)

    def show_sides(
        self,
        model: str,
        quality: Quality | None,
        outlook: Outlook | None,
        result: dict[str, object] | None,
    ) -> None:
        """Fill the two columns.

        Args:
            model: The whole model's name.
            quality: How good it is; None if it was not measured.
            outlook: What is counted for the setting in force; None while it is not known.
            result: What was measured for this very setting, as `prune` and `try_pruning` report it; None if nothing was.
        """
        found, counts = result or {}, outlook and outlook.counts
        usual = MEASURES[0] if quality is None else quality.measure
        measure = next((each for each in MEASURES if found.get(f"{each}_after") is not None), usual)
        first, last = found.get(f"{measure}_before"), found.get(f"{measure}_after")
        if first is None and quality is not None and quality.measure == measure:
            first = quality.value
        before = Side(
            model,
            self._figures(
                measure,
                first,
                counts and counts.nonzeros_before,
                counts and counts.file_bytes_before,
                _number(found.get("tokens_per_second_before")),
                _number(found.get("memory_bytes_before")),
            ),
            prompt=str(found.get("prompt") or ""),
            text=str(found.get("sample_before") or ""),
            remark=self._basis(first, found, on_sample=quality is not None and not quality.is_whole),
        )
        if outlook is None:
            remark = self.tr("Counting the weights…")
        elif result is None:
            remark = self.tr("Counted, not measured: try it, or prune.")
        else:
            remark = ""
        if last is not None:
            remark = self._basis(last, found)
        after = Side(
            self.tr("{share} gone").format(share=share_text(outlook.config.share)) if outlook else "…",
            self._figures(
                measure,
                last,
                counts and counts.nonzeros,
                counts and counts.file_bytes,
                _number(found.get("tokens_per_second", found.get("tokens_per_second_after"))),
                _number(found.get("memory_bytes", found.get("memory_bytes_after"))),
            ),
            prompt=str(found.get("prompt") or ""),
            text=str(found.get("sample_after") or ""),
            remark=remark,
        )
        self.sides.set_sides(before, after)

    def _basis(self, value: object, found: dict[str, object], *, on_sample: bool = False) -> str:
        """On how much text a figure was measured; nothing where there is no figure."""
        if value is None:
            return ""
        if found.get("tokens"):
            return plural(self.tr("Measured on {n|token|tokens} of validation text."), n=f"{found['tokens']:,}")
        if on_sample and not found:
            return self.tr("Measured on a sample of the validation text.")
        return self.tr("Measured on all of the validation text.")

    def _figures(
        self,
        measure: str,
        value: object,
        nonzeros: int | None,
        num_bytes: int | None,
        pace: float | None,
        memory: float | None,
    ) -> tuple[Figure, ...]:
        text = figure_text(measure, value) if isinstance(value, float) else NONE
        found = [
            Figure(text, say(UNITS[measure]), bits_per_byte_help() if measure == "bits_per_byte" else ""),
            Figure(weights_text(nonzeros) if nonzeros is not None else "–", self.tr("weights left")),
            Figure(bytes_text(num_bytes) if num_bytes is not None else "–", self.tr("file")),
        ]
        if memory is not None:
            found.append(
                Figure(bytes_text(round(memory)), self.tr("in memory"), self.tr("Its weights, in memory while it writes"))
            )
        if pace is not None:
            found.append(
                Figure(f"{pace:,.0f}", self.tr("tokens/s"), self.tr("Written one after the other, on this computer"))
            )
        return tuple(found)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """However little of the page is in sight, the plot is in sight as a whole."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.plot.setMaximumHeight(max(self.plot.minimumHeight(), self.viewport().height()))

    @Slot()
    def _restyle(self) -> None:
        self.plot.setMinimumHeight(space(17))
        self.setMinimumHeight(self.plot.minimumHeight())  # else the explanation below would stand on the names of its axis
        self._fit()
        self._column.setSpacing(space(1.5))
        self._middle.setSpacing(space(4))
        for half in self._halves:
            half.setSpacing(space())


def _of_the_whole(root: str, lineage: Sequence[Member], looks: Sequence[Look]) -> tuple[float | None, float | None]:
    """Bytes of the file of the model that was trained, and at what pace it writes, as far as they were measured when copies
    of it were pruned: what was before a copy of a pruned one is that one.
    """
    own = [look.result for look in looks if look.model == root]
    told = [member.result.told.get("file_bytes_before") for member in lineage if member.parent == root]
    told += [look.get("file_bytes_before") for look in own]
    paces = [look.get("tokens_per_second_before") for look in own]
    sizes = [size for each in told if (size := _number(each)) is not None]
    known = sorted(pace for each in paces if (pace := _number(each)) is not None)
    return max(sizes, default=None), known[len(known) // 2] if known else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _quiet(text: str) -> Label:
    label = Label(text)
    label.setProperty("role", "muted")
    return label


def _way_of(member: Member) -> str:
    """How a model was pruned or quantised, in a few words; empty of the one that was trained."""
    if member.quantized is not None:
        fact = next(about.fact for about in settings_of(QuantizingConfig) if about.path == "bits")
        return say(fact.choices[member.quantized.bits])
    return way_text(member.config) if member.config is not None else ""


def way_text(config: PruningConfig) -> str:
    """A way of pruning in a few words: what a curve of the plot is called."""
    choices = next(about.fact.choices for about in settings_of(PruningConfig) if about.path == "method")
    method = say(choices[config.method]) if config.method in choices else config.method  # as in the form
    usual = METHODS[config.method].scope if config.method in METHODS else "global"
    scope = "usual" if config.compared == usual else config.compared
    kinds = {
        ("usual", True): _tr("{method}"),
        ("global", True): _tr("{method}, whole model"),
        ("layer", True): _tr("{method}, by layer"),
        ("row", True): _tr("{method}, by row"),
        ("usual", False): _tr("{method}, tables too"),
        ("global", False): _tr("{method}, whole model, tables too"),
        ("layer", False): _tr("{method}, by layer, tables too"),
        ("row", False): _tr("{method}, by row, tables too"),
    }
    if config.pattern != "any":
        both = _tr("{method}, {pattern}") if config.keep_embeddings else _tr("{method}, {pattern}, tables too")
        return both.format(method=method, pattern=config.pattern)
    if config.has_shares:
        own = _tr("{method}, own shares by layer")
        return (own if config.keep_embeddings else _tr("{method}, own shares by layer, tables too")).format(method=method)
    return kinds[scope, config.keep_embeddings].format(method=method)


def _tr(text: str) -> str:
    return QCoreApplication.translate("prune_view", text)
