from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt

from llmstudio.gui.shared.readouts.chip import Chip, visible
from llmstudio.gui.shared.readouts.token_strip import MAX_CHIPS, TokenStrip


@pytest.fixture
def strip(qtbot):
    widget = TokenStrip()
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    widget.show()
    return widget


@given(st.text(max_size=50))
def test_that_what_is_written_on_a_chip_can_always_be_seen(text):
    assert visible(text).replace("\u200d", "").isprintable() or any("\ud800" <= c <= "\udfff" for c in text)
    assert " " not in visible(text)


def test_that_white_space_has_signs_of_its_own():
    assert visible(" a\n\tb") == "·a↵⇥b"
    assert visible("\u200b") == "U+200B"


def test_that_chips_wrap_instead_of_running_out_of_the_window(strip):
    strip.set_chips([Chip(f"word{i}", id=i) for i in range(100)])
    assert all(r.left() >= 0 and r.right() <= strip.viewport().width() for r in strip._rows.rects)
    assert len({r.top() for r in strip._rows.rects}) > 1


def test_that_chips_never_lie_on_each_other(strip):
    strip.set_chips([Chip("x" * (i % 40 + 1), id=i) for i in range(80)])
    for i, one in enumerate(strip._rows.rects):
        assert not any(one.intersects(other) for other in strip._rows.rects[i + 1 :])


def test_that_the_strip_grows_with_its_rows_up_to_a_bound(strip):
    strip.set_chips([Chip("a", id=1)])
    low = strip.sizeHint().height()
    strip.set_chips([Chip("longer words", id=1)] * 12)
    high = strip.sizeHint().height()
    strip.set_chips([Chip("longer words", id=1)] * 500)
    assert low < high < 2 * strip.sizeHint().height()
    assert strip.verticalScrollBar().maximum() > 0


def test_that_hovering_a_chip_tells_its_id_bytes_and_count(strip):
    strip.set_chips([Chip("the", id=17, num_bytes=3, count=1204), Chip(" fox", id=18, num_bytes=4)])
    place = strip._rows.rects[0].center()
    assert strip.chip_at(QPointF(place)) == 0
    told = strip.describe(0)
    assert "17" in told
    assert "3 bytes" in told
    assert "1,204" in told


def test_that_an_unknown_token_is_said_to_be_unknown(strip):
    strip.set_chips([Chip("狐", id=1, num_bytes=3, is_unknown=True)])
    assert "unknown" in strip.describe(0)
    assert strip._rows.under(strip.chips()[0]) == "unknown"


def test_that_arrow_keys_walk_along_the_chips(strip, qtbot):
    strip.set_chips([Chip(c, id=i) for i, c in enumerate("abc")])
    with qtbot.waitSignals([strip.current_changed] * 2):
        qtbot.keyClick(strip, Qt.Key.Key_Right)
        qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert strip.current() == 1


def test_that_a_book_is_shown_by_its_first_tokens(strip):
    strip.set_chips([Chip("a", id=1)] * (MAX_CHIPS + 5))
    assert len(strip.chips()) == MAX_CHIPS
    assert strip._num_hidden == 5
    assert not strip.grab().isNull()
