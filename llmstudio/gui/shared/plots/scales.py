"""How the values of a plot become places on its axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from llmstudio.gui.shared.plots.series import Floats, exponents


@dataclass
class Scales:
    """Which axes are logarithmic: there a place is the exponent of ten, elsewhere the value itself."""

    is_log_x: bool = False
    is_log_y: bool = False

    def x(self, values: ArrayLike) -> Floats:
        """Places on the x axis as the view counts them."""
        return exponents(values) if self.is_log_x else np.asarray(values, np.float64)

    def y(self, values: ArrayLike) -> Floats:
        """Heights as the view counts them; what a logarithmic axis cannot show is NaN."""
        return exponents(values) if self.is_log_y else np.asarray(values, np.float64)

    def value_at(self, place: float) -> float:
        """The value at a place on the x axis."""
        return 10**place if self.is_log_x else place
