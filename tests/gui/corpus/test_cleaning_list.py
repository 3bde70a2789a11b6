from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.config import CleaningConfig
from llmstudio.core.settings import settings_of
from llmstudio.gui.corpus.cleaning_list import CleaningList, pairs, written


@pytest.fixture
def steps(qtbot):
    widget = CleaningList()
    qtbot.addWidget(widget)
    return widget


def test_that_every_cleaning_setting_has_a_control_with_a_name(steps):
    assert set(steps.controls) == {s.path for s in settings_of(CleaningConfig)}
    assert all(c.accessibleName() for c in steps.controls.values())


def test_that_a_switch_changes_its_setting_and_no_other(steps, qtbot):
    with qtbot.waitSignal(steps.changed) as said:
        steps.controls["markup"].click()
    assert said.args[0] == CleaningConfig(markup=True)
    assert steps.config() == CleaningConfig(markup=True)


def test_that_counts_stand_beside_their_steps_and_nothing_beside_the_others(steps):
    steps.set_counts({"urls": 1234}, {"urls": ("see http://x", "see ")})
    assert steps.counts()["urls"] == "1,234"
    assert steps.counts()["markup"] == ""


def test_that_replacements_are_written_one_a_line(steps, qtbot):
    with qtbot.waitSignal(steps.changed):
        steps.replacing.click()
        steps.controls["replacements"].setPlainText("colour = color\nunfinished")
    assert steps.config().replacements == (("colour", "color"),)
    steps.replacing.click()
    assert steps.config().replacements == ()


WORD = st.text(alphabet="abc狐 .", min_size=1, max_size=8).map(str.strip).filter(bool)


@given(st.lists(st.tuples(WORD, WORD | st.just(""))))
def test_that_written_pairs_come_back(given_pairs):
    assert pairs(written(tuple(given_pairs))) == tuple(given_pairs)
