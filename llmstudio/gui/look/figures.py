"""Numbers for people: few digits, a unit, thousands apart."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from llmstudio.core.words import plain_number
from llmstudio.gui.look.plural import plural

translate = QCoreApplication.translate


def count_text(count: float) -> str:
    """A count in three figures: `950`, `18,200`, `0.81 M`, `12.4 M`, `1.2 B`."""
    if abs(count) >= 1e9:
        return translate("figures", "{n} B").format(n=_short(count / 1e9))
    if abs(count) >= 1e5:
        return translate("figures", "{n} M").format(n=_short(count / 1e6))
    return f"{count:,.0f}"


def weights_text(count: int) -> str:
    """Weights of a model, in millions whatever the size, so that models compare: `0.076 M`, `0.13 M`, `12.4 M`."""
    if abs(count) < 1000 or abs(count) >= 1e9:
        return count_text(count)
    millions = count / 1e6
    return translate("figures", "{n} M").format(n=_short(millions) if abs(millions) >= 0.1 else plain_number(millions, 2))


def rounded(value: float) -> str:
    """Two figures and never a power of ten: `0.00012`, `1.5`, `13`, `130`, `12,000`."""
    if not value or not math.isfinite(value):
        return f"{value:g}"
    near = float(f"{value:.1e}")
    text = f"{near:,.{max(0, 1 - math.floor(math.log10(abs(near))))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def bytes_text(num_bytes: float) -> str:
    """Bytes in decimal units: `84 MB`, `6.2 GB`."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if abs(num_bytes) >= 0.9995 * size:
            return f"{_short(num_bytes / size)} {unit}"
    return plural(translate("figures", "{n|byte|bytes}"), n=f"{num_bytes:,.0f}")


def share_text(share: float) -> str:
    """A share in whole percents, with a space that does not break: `4 %`, and `under 1 %`, `over 99 %`."""
    if 0 < share < 0.01:
        return translate("figures", "under 1\u00a0%")
    if 0.99 < share < 1:
        return translate("figures", "over 99\u00a0%")
    return translate("figures", "{n}\u00a0%").format(n=f"{100 * share:.0f}")


def spent_text(seconds: float) -> str:
    """How long something took: to the second below an hour, for it is no forecast: `2 min 12 s`."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes or not rest or minutes >= 60:
        return duration_text(seconds)
    return translate("figures", "{m} min {s} s").format(m=minutes, s=rest)


def duration_text(seconds: float) -> str:
    """A length of time as one would foretell it: `40 s`, `1 min 40 s`, `3 h 10 min`, `2 days 4 h`."""
    whole = round(seconds)
    if whole < 60:
        return translate("figures", "{s} s").format(s=max(whole, 1))
    if whole < 600:
        minutes, rest = divmod(round(whole / 5) * 5, 60)
        return (
            translate("figures", "{m} min {s} s").format(m=minutes, s=rest)
            if rest
            else translate("figures", "{m} min").format(m=minutes)
        )
    if whole < 3600:
        return translate("figures", "{m} min").format(m=round(whole / 60))
    if whole < 86400:
        hours, minutes = divmod(round(whole / 60), 60)
        return (
            translate("figures", "{h} h {m} min").format(h=hours, m=minutes)
            if minutes
            else translate("figures", "{h} h").format(h=hours)
        )
    days, hours = divmod(round(whole / 3600), 24)
    return translate("figures", "{d} days {h} h").format(d=days, h=hours)


def value_text(value: float) -> str:
    """A measured value in four figures: `1.532`, `0.0031`, `18,240`; `not a number` where it is none."""
    if math.isnan(value):
        return translate("figures", "not a number")
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value < 0:
        return f"−{value_text(-value)}"
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 0.01 or value == 0:
        return f"{value:.{3 - min(2, int(math.log10(value))) if value >= 1 else 4}f}" if value else "0"
    return f"{value:.2e}".replace("e-0", "e-").replace("e+0", "e")


def tick_text(value: float) -> str:
    """A tick's value, as short as it is exact."""
    if abs(value) >= 1e6:
        return translate("figures", "{n} M").format(n=plain_number(value / 1e6, 6))
    if abs(value) >= 1e4:
        return translate("figures", "{n} k").format(n=f"{value / 1e3:g}")
    if 0 < abs(value) < 1e-3:
        return f"{value:.0e}".replace("e-0", "e-")
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def _short(value: float) -> str:
    size = abs(value)
    return f"{value:,.0f}" if size >= 99.95 else f"{value:.1f}" if size >= 9.995 else f"{value:.2f}"
