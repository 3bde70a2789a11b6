from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QRadioButton,
    QSlider,
    QStyle,
    QStyleOptionButton,
    QStyleOptionSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from llmstudio.core.words import words
from llmstudio.gui.look.colors import DARK, LIGHT, Colors
from llmstudio.gui.look.style import style_sheet
from llmstudio.gui.look.theme import color, font, icon, say, series_color, series_pen, space, theme
from llmstudio.gui.window.tabs.state_mark import STATES, StateMark
from llmstudio.store.resources import resources


def contrast(one: str, other: str) -> float:
    """Contrast of two `#rrggbb` colours as WCAG 2.1 defines it, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(shade: str) -> float:
    channels = [int(shade[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.fixture(autouse=True)
def back_to_light() -> Iterator[None]:
    yield
    theme.zoom(1.0)
    theme.choose("light")


def test_that_the_measure_of_contrast_is_the_standards() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # WCAG's well-known near miss


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["text", "muted", "accent", "good", "warning", "error"])
@pytest.mark.parametrize("ground", ["page", "surface", "sunken"])
def test_that_text_has_a_contrast_of_seven_to_one(colors: Colors, ink: str, ground: str) -> None:
    assert contrast(getattr(colors, ink), getattr(colors, ground)) >= 7


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_that_text_on_the_accent_can_be_read(colors: Colors) -> None:
    assert contrast(colors.on_accent, colors.accent) >= 7
    assert contrast(colors.text, colors.accent_soft) >= 7


def test_that_series_are_told_apart_by_colour_and_by_dash() -> None:
    pens = [series_pen(i) for i in range(7)]
    for one, other in combinations(pens, 2):
        assert one.color() != other.color()
        assert one.dashPattern() != other.dashPattern()


def test_that_forcing_a_scheme_changes_palette_and_series_and_says_so(qtbot: QtBot) -> None:
    app = QApplication.instance()
    light = series_color(0)
    with qtbot.waitSignal(theme.changed):
        theme.choose("dark")
    assert theme.is_dark
    assert app.palette().color(QPalette.ColorRole.Window) == color("page")
    assert color("page").lightness() < 60
    assert series_color(0) != light


def test_that_the_system_is_followed_unless_a_scheme_is_forced() -> None:
    app = QApplication.instance()
    theme.choose("system")
    app.styleHints().setColorScheme(Qt.ColorScheme.Dark)
    dark = theme.is_dark or app.styleHints().colorScheme() != Qt.ColorScheme.Dark  # some platforms refuse to be told
    theme.choose("light")
    still_light = not theme.is_dark
    app.styleHints().unsetColorScheme()
    assert dark
    assert still_light


def test_that_zooming_scales_type_and_spacing_together(qtbot: QtBot) -> None:
    label = QLabel("text")
    label.setProperty("role", "title")
    qtbot.addWidget(label)
    theme.dress(label)
    label.show()
    before = (font().pointSizeF(), space(2), label.sizeHint().height())
    theme.zoom(2.0)
    label.ensurePolished()
    after = (font().pointSizeF(), space(2), label.sizeHint().height())
    assert after[:2] == (before[0] * 2, before[1] * 2)
    assert after[2] > 1.6 * before[2]


def test_that_what_is_out_of_sight_is_dressed_later_or_when_it_is_shown(qtbot: QtBot) -> None:
    """To dress all of the window at once is a freeze that can be felt."""
    parts = [QLabel(name) for name in ("seen", "shown later", "never shown")]
    for part in parts:
        qtbot.addWidget(part)
        theme.dress(part)
    seen, later, never = parts
    seen.show()
    before = theme.scale
    theme.zoom(2.0 * before)
    now = seen.styleSheet()
    assert later.styleSheet() == never.styleSheet() != now
    later.show()
    assert later.styleSheet() == now != never.styleSheet()
    qtbot.waitUntil(lambda: never.styleSheet() == now)
    theme.zoom(before)


def test_that_zoom_has_ends() -> None:
    theme.zoom(100)
    assert theme.scale == 3.0
    theme.zoom(0.01)
    assert theme.scale == 0.6


def test_that_every_icon_is_drawn_in_the_colour_asked_for() -> None:
    names = sorted(path.stem for path in (resources() / "icons").glob("*.svg"))
    assert len(names) > 25
    for name in names:
        picture = icon(name, "#ff0000").pixmap(QSize(32, 32)).toImage()
        inked = [picture.pixelColor(x, y) for x in range(32) for y in range(32) if picture.pixelColor(x, y).alpha() > 200]
        assert inked, f"{name} draws nothing"
        if "currentColor" in (resources() / "icons" / f"{name}.svg").read_text():
            assert all(ink.red() > 200 and ink.blue() < 60 for ink in inked), name


def test_that_the_three_states_of_a_tab_look_different(qtbot: QtBot) -> None:
    mark = StateMark()
    qtbot.addWidget(mark)
    pictures = []
    for state in STATES:
        mark.show_state(state)
        pictures.append(mark.grab().toImage())
    assert all(one != other for one, other in combinations(pictures, 2))


def test_that_a_ring_turns_only_while_its_job_runs_and_it_is_seen(qtbot: QtBot) -> None:
    mark = StateMark()
    qtbot.addWidget(mark)
    mark.show_state("running")
    assert not mark._turns.isActive()
    mark.show()
    assert mark._turns.isActive()
    before = mark.grab().toImage()
    mark._advance()
    assert mark.grab().toImage() != before
    mark.show_state("ready")
    assert not mark._turns.isActive()


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_that_the_style_sheet_has_no_place_left_open_and_names_files_that_exist(colors: Colors) -> None:
    sheet = style_sheet(colors, 1.25)
    assert "{{" not in sheet
    places = [part.split(")")[0] for part in sheet.split("url(")[1:]]
    assert places
    from pathlib import Path

    assert all(Path(place).is_file() for place in places)


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.1, 1.21, 1.33, 1.5])
def test_that_the_knob_of_a_slider_is_round_at_every_size(scale: float, qtbot: QtBot) -> None:
    slider = QSlider(Qt.Orientation.Horizontal, value=50)
    qtbot.addWidget(slider)
    slider.setStyleSheet(style_sheet(LIGHT, scale))
    slider.resize(300, 60)
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    knob = slider.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, slider)
    picture = slider.grab().toImage()
    assert knob.width() == knob.height()
    corners = (knob.topLeft(), knob.topRight(), knob.bottomLeft(), knob.bottomRight())
    assert {picture.pixelColor(corner).name() for corner in corners} == {picture.pixelColor(0, 0).name()}
    assert picture.pixelColor(knob.center().x(), knob.top()).name() == LIGHT.accent


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["page", "sunken", "surface"])
@pytest.mark.parametrize("kind", [QCheckBox, QRadioButton])
def test_that_a_box_to_tick_stands_out_empty_and_ticked(
    kind: type[QCheckBox | QRadioButton], ground: str, scheme: str, qtbot: QtBot
) -> None:
    theme.choose(scheme)
    holder = QWidget()
    qtbot.addWidget(holder)
    shade = getattr(theme.colors, ground)
    holder.setObjectName("holder")
    button = kind("A setting", holder)
    button.setAutoExclusive(False)
    button.resize(button.sizeHint())
    theme.dress(holder)
    holder.setStyleSheet(f"{holder.styleSheet()} #holder {{ background: {shade}; }}")
    holder.resize(200, 60)
    holder.show()
    faces = []
    for is_ticked in (False, True):
        button.setChecked(is_ticked)
        option = QStyleOptionButton()
        button.initStyleOption(option)
        option.rect = button.rect()
        part = QStyle.SubElement.SE_CheckBoxIndicator if kind is QCheckBox else QStyle.SubElement.SE_RadioButtonIndicator
        box = button.style().subElementRect(part, option, button).translated(button.pos())
        face = holder.grab(box).toImage()
        faces.append(face)
        assert face.width() == face.height() >= 16
        middle = face.height() // 2  # the edges at half the height: a box has straight ones there, and so has a ring
        for x in (0, face.width() - 1):
            assert contrast(face.pixelColor(x, middle).name(), shade) >= 3, (is_ticked, x)
    assert faces[0].size() == faces[1].size()
    inner = [face.pixelColor(face.width() // 4, face.height() // 4).name() for face in faces]
    assert contrast(*inner) >= 3


def test_that_words_are_translated_inside_out() -> None:
    inner = words("{n} lines", n=3)
    assert say(words("Skipped {what}.", what=inner)) == "Skipped 3 lines."


def test_that_figures_do_not_dance_and_chinese_is_not_forgotten() -> None:
    from PySide6.QtGui import QFontMetrics

    metrics = QFontMetrics(font(tabular=True))
    assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1
    assert len(font().families()) > 1
