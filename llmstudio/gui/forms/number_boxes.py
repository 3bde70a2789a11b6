"""Spin boxes that take what is typed, and say what they changed of it.

A number outside the bounds becomes the nearest bound; what is no number at all gives way to the number before.
"""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QCoreApplication, QLocale, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox

from llmstudio.core.words import plain_number
from llmstudio.gui.look.steady import SteadyFraction, SteadyNumber

State = QValidator.State
_MOST_DIGITS = 40  # with the marks between them
translate = QCoreApplication.translate


class WholeBox(SteadyNumber):
    """Whole numbers, stepping by the second digit.

    Signals:
        clamped: (the text that was typed, the bound that took its place).
        unread: (the text that was typed and is no number, the number that stays).
    """

    clamped = Signal(str, object)
    unread = Signal(str, object)

    def __init__(self, low: int, high: int) -> None:
        super().__init__(keyboardTracking=False, groupSeparatorShown=True)
        self.setRange(low, high)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:  # noqa: D102 (Qt's)
        if _bare(text, self.suffix()) in ("", "-", "+"):
            return State.Intermediate, text, position
        number = self._typed(text)
        if number is None:
            return State.Intermediate, text, position  # said when it is settled, rather than letter by letter not at all
        inside = self.minimum() <= number <= self.maximum()
        return State.Acceptable if inside else State.Intermediate, text, position

    def fixup(self, text: str) -> str:
        """The nearest bound in place of a number outside, the number before in place of none."""
        number = self._typed(text)
        if number is None:
            return _number_before(self, text)
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
        # Marks between thousands, whatever the language; what stands before other digits parts a fraction: 0.5 is not 5.
        grouped = re.fullmatch(r"[-+]?\d{1,3}([\s,.'_\u00a0\u202f]\d{3})+|[-+]?\d{1,30}", bare)
        return int(re.sub(r"[^-+\d]", "", bare)) if grouped and len(bare) <= _MOST_DIGITS else None


class ShortNumbers(SteadyFraction):
    """Shows `0.003` and `1e-06` rather than a row of zeros; where the range spans decades, steps 1, 2, 5, 10.

    Signals: as of `WholeBox`.
    """

    clamped = Signal(str, object)
    unread = Signal(str, object)

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
            return State.Intermediate, text, position
        return State.Acceptable if inside else State.Intermediate, text, position

    def fixup(self, text: str) -> str:
        """The nearest bound in place of a number outside, the number before in place of none."""
        try:
            number = _number(text, self.suffix(), self.locale())
        except ValueError:
            return _number_before(self, text)
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


class PerCent(ShortNumbers):
    """Shares in per cent, with one decimal; steps by whole ones."""

    def __init__(self) -> None:
        super().__init__(0.0, 100.0)
        self.setDecimals(1)
        self.setSuffix(" %")
        self.setStepType(QAbstractSpinBox.StepType.DefaultStepType)
        self.setSingleStep(1.0)

    def textFromValue(self, value: float) -> str:  # noqa: D102 (Qt's)
        return self.locale().toString(value, "f", 1)


def clamped_text(typed: str, bound: float, *, is_most: bool) -> str:
    """What is said where a bound took the place of a number."""
    told = translate("forms", "{typed} is too much: {bound} is the most.") if is_most else translate(
        "forms", "{typed} is too little: {bound} is the least.")  # fmt: skip
    return told.format(typed=typed, bound=f"{bound:,}")


def unread_text(typed: str, value: float) -> str:
    """What is said where something was typed that is no number."""
    return translate("forms", "“{typed}” is not a number: {value} stays.").format(typed=typed, value=f"{value:,}")


def _number_before(box: WholeBox | ShortNumbers, text: str) -> str:
    if bare := _bare(text, box.suffix()).strip("+-"):
        box.unread.emit(bare, box.value())
    return f"{box.textFromValue(box.value())}{box.suffix()}"


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
