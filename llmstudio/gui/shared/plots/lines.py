"""The lines of a plot: each known by a key, drawn anew when the plot is, and gone once it is left out of a drawing."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike
from PySide6.QtGui import QPen

from llmstudio.gui.shared.plots.scales import Scales
from llmstudio.gui.shared.plots.series import MAX_POINTS, without_neighbours


class Lines:
    """Between `begin` and `end` everything that is to be seen is drawn with `draw`.

    Attributes:
        curves: What is in the plot, by key.
    """

    def __init__(self, canvas: pg.PlotWidget, scales: Scales) -> None:
        self._canvas, self._plot, self._scales = canvas, canvas.plotItem, scales
        self.curves: dict[str, pg.PlotCurveItem | pg.PlotDataItem] = {}
        self._drawn: set[str] = set()
        self._marked: dict[str, tuple[bytes, bytes, int]] = {}

    @property
    def max_points(self) -> int:
        """As many points a line as can be told apart at this width."""
        return min(max(self._canvas.width(), 200), MAX_POINTS)

    def begin(self) -> None:
        """Nothing is drawn yet."""
        self._drawn.clear()

    def end(self) -> None:
        """Take away what was not drawn this time."""
        for key in self.curves.keys() - self._drawn:
            self._plot.removeItem(self.curves.pop(key))
            self._marked.pop(key, None)

    def draw(
        self, key: str, x: ArrayLike, y: ArrayLike, pen: QPen, *, z: float = 0.0, symbol: str = "", crisp: bool = False
    ) -> None:
        """Draw or redraw one line; a gap where y is not finite. `symbol` marks its points; `crisp` spares the softening."""
        self._drawn.add(key)
        curve = self.curves.get(key)
        if curve is None:
            curve = pg.PlotDataItem(connect="finite", antialias=True) if symbol else pg.PlotCurveItem(antialias=not crisp)
            self.curves[key] = curve
            self._plot.addItem(curve, ignoreBounds=True)
        curve.setZValue(z)
        xs, ys = self._scales.x(x), self._scales.y(y)
        ys = np.where(np.isfinite(ys), ys, np.nan)
        if symbol:
            points = (xs.tobytes(), ys.tobytes(), pen.color().rgba())
            if self._marked.get(key) == points and len(xs):
                return  # marks cost the most and change the least
            self._marked[key] = points
            whole = np.isfinite(ys)
            brush = pg.mkBrush(pen.color())
            curve.setData(
                xs[whole], ys[whole], pen=pen, symbol=symbol, symbolSize=6, symbolPen=None, symbolBrush=brush, antialias=True
            )
        else:
            curve.setData(xs, ys, pen=pen, connect="finite", skipFiniteCheck=False)
            if (alone := without_neighbours(ys)).any():  # a line needs two points; one alone would not be seen
                dot = pg.mkPen(pen.color(), width=1)
                self.draw(f"{key} alone", np.asarray(x)[alone], np.asarray(y)[alone], dot, z=z, symbol="o")
