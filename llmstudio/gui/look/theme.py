"""How the window looks: colours for light and dark, type, spacing, icons, and the words' way into the person's language.

One object, `theme`, holds what is in force; it says `changed` when the system or the person turns from light to dark or
zooms. Widgets ask it for colours when they paint; `colors.py` holds the schemes, `style.py` turns one into a palette and a
style sheet.

Colours of series: Okabe and Ito 2008, "Color Universal Design".
"""

from __future__ import annotations

from functools import lru_cache
from weakref import WeakSet

import shiboken6
from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from llmstudio.core.words import Words, fill
from llmstudio.gui.look.colors import BODY, DARK, FIGURE, LIGHT, RADIUS, SMALL, TITLE
from llmstudio.gui.look.style import palette, style_sheet
from llmstudio.store.resources import resource

__all__ = [
    "BODY", "FIGURE", "RADIUS", "SMALL", "TITLE",
    "Theme", "color", "font", "icon", "mono_font", "say", "series_color", "series_pen", "space", "theme", "wants_motion",
]  # fmt: skip

# Okabe-Ito, in the order in which they keep the most distance on each ground; the last is the text colour itself.
_SYMBOLS = ("o", "s", "t", "d", "p", "h")
_SERIES_LIGHT = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_SERIES_DARK = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00")
_DASHES: tuple[tuple[float, ...], ...] = ((), (6, 3), (2, 2.5), (9, 3, 2, 3), (4, 2, 1, 2, 1, 2), (12, 4), (1, 3))
# What a system font lacks for Chinese, Japanese and Korean is looked for in these, in this order.
_CJK = (
    "Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei",
    "Yu Gothic UI", "Hiragino Sans", "Noto Sans CJK JP", "Malgun Gothic", "Apple SD Gothic Neo", "Noto Sans CJK KR",
)  # fmt: skip
# A bare X server names no font of its own ("Sans Serif"); these read better than what it falls back to.
_PREFERRED = ("Inter", "Cantarell", "Ubuntu", "Noto Sans", "Source Sans 3", "Open Sans", "Noto Sans CJK SC")
_TURN_MS = 20  # between two parts that are dressed out of sight, so that what a person does comes first


class Theme(QObject):
    """The scheme and scale in force.

    Signals:
        changed: Colours or sizes are different now; whatever paints itself should look again.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.colors = LIGHT
        self.scale = 1.0
        self._wish = "system"
        self._sheet = ""
        self._dressed: WeakSet[QWidget] = WeakSet()
        self._waiting: WeakSet[QWidget] = WeakSet()  # out of sight, and still in the clothes of before
        self._turn = QTimer(self, singleShot=True, interval=_TURN_MS)
        self._turn.timeout.connect(self._dress_next)

    @property
    def is_dark(self) -> bool:
        """True while the dark scheme is in force."""
        return self.colors is DARK

    @property
    def wish(self) -> str:
        """What the person asked for: system, light or dark."""
        return self._wish

    def start(self, app: QApplication, *, wish: str = "system", scale: float = 1.0) -> None:
        """Dress the application, and follow the system from now on."""
        self._wish, self.scale = wish, min(max(scale, 0.6), 3.0)
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._apply()

    def dress(self, part: QWidget) -> None:
        """Give a dialog or a part of a window the style sheet, now and whenever it changes; what is inside inherits it.

        To dress a widget takes about a tenth of a millisecond for each widget in it. So neither the application nor the main
        window has a style sheet: each tab has its own, and after a change those out of sight are dressed later, one in a
        turn of the event loop, or when they are shown.
        """
        self._dressed.add(part)
        part.installEventFilter(self)
        part.setStyleSheet(self._sheet)

    def eventFilter(self, part: QObject, event: QEvent) -> bool:
        """What comes into sight is dressed before it is painted."""
        if event.type() == QEvent.Type.Show and part in self._waiting:
            self._dress_now(part)
        return False

    def _dress_now(self, part: QWidget) -> None:
        self._waiting.discard(part)
        part.setStyleSheet(self._sheet)

    @Slot()
    def _dress_next(self) -> None:
        waiting = [part for part in self._waiting if shiboken6.isValid(part)]
        if waiting:
            self._dress_now(waiting[0])
        if len(waiting) > 1:
            self._turn.start()

    def choose(self, wish: str) -> None:
        """Force light or dark, or follow the system."""
        self._wish = wish
        self._apply()

    def zoom(self, scale: float) -> None:
        """Scale type and spacing: 1.0 is 10 pt body text."""
        self.scale = min(max(round(scale, 2), 0.6), 3.0)
        self._apply()

    def _system_changed(self, _scheme: Qt.ColorScheme) -> None:
        self._apply()

    def _apply(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        dark = self._wish == "dark" or (
            self._wish == "system" and QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        )
        self.colors = DARK if dark else LIGHT
        icon.cache_clear()
        app.setFont(font(BODY))
        app.setPalette(palette(self.colors))
        self._sheet = style_sheet(self.colors, self.scale)
        for part in [part for part in self._dressed if shiboken6.isValid(part)]:
            if part.isVisible():
                self._dress_now(part)
            else:
                self._waiting.add(part)
        if self._waiting:
            self._turn.start()
        self.changed.emit()


theme = Theme()


def space(steps: float = 1) -> int:
    """Pixels of `steps` steps of 8, at the scale in force."""
    return max(1, round(8 * steps * theme.scale))


def color(name: str) -> QColor:
    """A colour of the scheme in force by its name in `Colors`."""
    return QColor(getattr(theme.colors, name))


def shade(name: str, ink: QColor, share: float) -> str:
    """An opaque colour between the one called `name` and `ink`, as `#rrggbb`."""
    parts = [round(a + (b - a) * share) for a, b in zip(color(name).getRgb()[:3], ink.getRgb()[:3], strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*parts)


def series_color(index: int) -> QColor:
    """Colour of the `index`-th series; stays apart for people who see fewer colours."""
    series = _SERIES_DARK if theme.is_dark else _SERIES_LIGHT
    return QColor(series[index]) if index < len(series) else color("text")


def series_symbol(index: int) -> str:
    """Shape of the points of the `index`-th series, as pyqtgraph calls it."""
    return _SYMBOLS[index % len(_SYMBOLS)]


def series_pen(index: int, width: float = 2.0) -> QPen:
    """Pen of the `index`-th series: its colour and its dash, so that colour is never the only difference."""
    pen = QPen(series_color(index), width)
    pen.setCosmetic(True)
    if dash := _DASHES[index % len(_DASHES)]:
        pen.setDashPattern(list(dash))
    return pen


@lru_cache(maxsize=1)
def _families() -> tuple[str, ...]:
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    known = _known_families()
    own = [name for name in _PREFERRED if name in known] if system in ("Sans Serif", "Sans", "DejaVu Sans", "") else []
    return tuple(dict.fromkeys([*own[:1], system, *(name for name in _CJK if name in known)]))


@lru_cache(maxsize=1)
def _mono_families() -> tuple[str, ...]:
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    return (system, *(name for name in ("Noto Sans Mono CJK SC", *_CJK) if name in _known_families()))


@lru_cache(maxsize=1)
def _known_families() -> frozenset[str]:
    return frozenset(QFontDatabase.families())


def font(points: float = BODY, *, bold: bool = False, tabular: bool = False) -> QFont:
    """The window's font at this size times the scale in force; `tabular` figures are of one width and do not dance."""
    result = QFont(list(_families()))
    result.setPointSizeF(points * theme.scale)
    if bold:
        result.setWeight(QFont.Weight.DemiBold)
    if tabular:
        _set_tabular(result)
    return result


def mono_font(points: float = BODY) -> QFont:
    """A font of even width, for tokens and text whose spaces matter."""
    result = QFont(list(_mono_families()))
    result.setStyleHint(QFont.StyleHint.Monospace)
    result.setPointSizeF(points * theme.scale)
    return result


def _set_tabular(target: QFont) -> None:
    if hasattr(QFont, "Tag"):  # Qt 6.7 and newer
        target.setFeature(QFont.Tag("tnum"), 1)


@lru_cache(maxsize=256)
def icon(name: str, ink: str = "text") -> QIcon:
    """One of our icons (`resources/icons/NAME.svg`) in a colour of the scheme (its name in `Colors`) or `#rrggbb`."""
    from PySide6.QtSvg import QSvgRenderer  # a few milliseconds that the first paint can do without

    shade = ink if ink.startswith("#") else getattr(theme.colors, ink)
    drawing = resource(f"icons/{name}.svg").read_text(encoding="utf-8").replace("currentColor", shade)
    renderer = QSvgRenderer(QByteArray(drawing.encode()))
    result = QIcon()
    for side in (16, 24, 32, 48, 64):
        picture = QPixmap(QSize(side, side))
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        renderer.render(painter)
        painter.end()
        result.addPixmap(picture)
    return result


def say(message: Words) -> str:
    """Core's words in the person's language: the template is looked up, then the values go in (inner words first)."""
    values = {name: say(value) if isinstance(value, Words) else value for name, value in message.values.items()}
    return fill(QCoreApplication.translate("core", message.template), values)


def wants_motion() -> bool:
    """False where the system asks for no animations (Qt tells from 6.12 on; before, it is taken for wanted)."""
    hints = QGuiApplication.styleHints()
    accessibility = hints.accessibility() if hasattr(hints, "accessibility") else None
    if accessibility is None or not hasattr(accessibility, "motionPreference"):
        return True
    return "Reduce" not in str(accessibility.motionPreference())
