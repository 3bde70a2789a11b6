from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from llmstudio.gui.look.fitting import name_in

RACED = [f"Race {race} {number} {model}" for race in (1, 2) for number, model in ((1, "decoder nano"), (2, "lstm nano"))]
SERIES = {
    "raced": RACED,
    "ends": ["diary nano", "diary nano, 50 % pruned", "diary nano, 70 % pruned"],
    "beginnings": ["Shakespeare tokenizer of words", "World tokenizer of words", "Tales tokenizer of words"],
    "middles": [f"tales of the {part} sea, small" for part in ("north", "south", "wide", "black")],
}


@pytest.fixture
def metrics(dressed: QApplication) -> QFontMetrics:
    return QFontMetrics(dressed.font())


@pytest.mark.parametrize("kind", SERIES)
@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_that_names_are_told_apart_wherever_they_differ(kind: str, share: float, metrics: QFontMetrics) -> None:
    names = SERIES[kind]
    room = round(share * max(metrics.horizontalAdvance(name) for name in names))
    shown = [name_in(name, [other for other in names if other != name], metrics, room) for name in names]
    assert len(set(shown)) == len(names), shown
    assert all(metrics.horizontalAdvance(text) <= room for text in shown)
    for text, name in zip(shown, names, strict=True):
        if text != name:
            left = re.compile(".*".join(map(re.escape, text.split("…"))))
            assert [other for other in names if left.fullmatch(other)] == [name], text


def test_that_a_name_loses_whole_words(metrics: QFontMetrics) -> None:
    name = "Transformer decoder, Nano"
    room = metrics.horizontalAdvance("Transformer deco…Nano")
    assert name_in(name, ["Transformer decoder, Micro"], metrics, room) == "Transformer …Nano"


def test_that_one_long_word_is_cut_all_the_same(metrics: QFontMetrics) -> None:
    room = metrics.horizontalAdvance("Donaudampfsch…")
    shown = name_in("Donaudampfschifffahrtsgesellschaft", [], metrics, room)
    assert len(shown) > 8
    assert metrics.horizontalAdvance(shown) <= room
