"""Spin boxes that take what is typed: a number outside the bounds becomes the nearest bound, and that is said."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QLocale, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox

from llmstudio.core.words import plain_number
from llmstudio.gui.look.steady import SteadyFraction, SteadyNumber

State = QValidator.State


class WholeBox(SteadyNumber):
    """Whole numbers, stepping by the second digit.

    Signals:
        clamped: (the text that was typed, the bound that took its place).
    """

    clamped = Signal(str, object)

    def __init__(self, low: int, high: int) -> None:
        super().__init__(keyboardTracking=False, groupSeparatorShown=True)
        self.setRange(low, high)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:  # noqa: D102 (Qt's)
        if _bare(text, self.suffix()) in ("", "-", "+"):
            return State.Intermediate, text, position
        number = self._typed(text)
        if number is None:
            return State.Invalid, text, position
        inside = self.minimum() <= number <= self.maximum()
        return State.Acceptable if inside else State.Intermediate, text, position

    def fixup(self, text: str) -> str:
        """The nearest bound in place of a number outside."""
        number = self._typed(text)
        if number is None:
            return text
        bound = min(max(number, self.minimum()), self.maximum())
        if bound != number:
            self.clamped.emit(_bare(text, self.suffix()), bound)
        return f"{self.textFromValue(bound)}{self.suffix()}"

    def valueFromText(self, text: str) -> int:  # noqa: D102 (Qt's)
        return self._typed(text) or 0

    def _typed(self, text: str) -> int | None:
        bare = _bare(text, self.suffix())
        number, is_number = self.locale().toLongLong(bare)
        if is_number:
            return int(number)
        digits = re.sub(r"[\s,.'_\u00a0\u202f]", "", bare)
        return int(digits) if re.fullmatch(r"[-+]?\d{1,30}", digits) else None


class ShortNumbers(SteadyFraction):
    """Shows `0.003` and `1e-06` rather than a row of zeros; where the range spans decades, steps 1, 2, 5, 10.

    Signals:
        clamped: (the text that was typed, the bound that took its place).
    """

    clamped = Signal(str, object)

    def __init__(self, low: float, high: float) -> None:
        super().__init__(keyboardTracking=False, decimals=12)
        self._by_decades = low > 0 and high / low >= 1000
        self.setRange(low, high)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)

    def textFromValue(self, value: float) -> str:  # noqa: D102 (Qt's)
        return plain_number(value).replace(",", "")  # what is a comma here is a point elsewhere

    def valueFromText(self, text: str) -> float:  # noqa: D102 (Qt's)
        return _number(text, self.suffix(), self.locale())

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:  # noqa: D102 (Qt's)
        try:
            inside = self.minimum() <= _number(text, self.suffix(), self.locale()) <= self.maximum()
        except ValueError:
            unfinished = re.fullmatch(r"[-+]?[\d.,]*(e[-+]?\d*)?", _bare(text, self.suffix()), re.IGNORECASE)
            return State.Intermediate if unfinished else State.Invalid, text, position
        return State.Acceptable if inside else State.Intermediate, text, position

    def fixup(self, text: str) -> str:
        """The nearest bound in place of a number outside."""
        try:
            number = _number(text, self.suffix(), self.locale())
        except ValueError:
            return text
        bound = min(max(number, self.minimum()), self.maximum())
        if bound != number:
            self.clamped.emit(_bare(text, self.suffix()), bound)
        return f"{self.textFromValue(bound)}{self.suffix()}"

    def stepBy(self, steps: int) -> None:  # noqa: D102 (Qt's)
        value = self.value()
        if not self._by_decades or value <= 0:
            super().stepBy(steps)
            return
        for _ in range(abs(steps)):
            value = _next_in_decade(value, up=steps > 0)
        self.setValue(value)


def _bare(text: str, suffix: str) -> str:
    return text.removesuffix(suffix).strip()


def _number(text: str, suffix: str, locale: QLocale) -> float:
    bare = _bare(text, suffix)
    number, is_number = locale.toDouble(bare)
    return number if is_number else float(bare)


def _next_in_decade(value: float, *, up: bool) -> float:
    """The next of ... 0.1, 0.2, 0.5, 1, 2, 5, 10 ... above or below `value`."""
    decade = 10.0 ** math.floor(math.log10(value) + 1e-9)
    marks = [decade * m for m in (0.5, 1, 2, 5, 10)]
    if up:
        return next(m for m in marks if m > value * (1 + 1e-9))
    below = [m for m in (decade * 0.5, *marks) if m < value * (1 - 1e-9)]
    return below[-1] if below else decade / 2
