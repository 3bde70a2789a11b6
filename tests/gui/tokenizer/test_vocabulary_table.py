from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from llmstudio.gui.tokenizer.vocabulary_table import COUNT, TOKEN, Entry, VocabularyTable

ENTRIES = [
    Entry(0, "<|pad|>", 0),
    Entry(1, " the", 4, 90),
    Entry(2, "The", 3, 7),
    Entry(3, "狐", 3, 200),
    Entry(4, "\n", 1, 0),
]


@pytest.fixture
def table(qtbot):
    widget = VocabularyTable()
    qtbot.addWidget(widget)
    tester = QAbstractItemModelTester(widget.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    widget.set_entries(ENTRIES)
    yield widget
    del tester


def shown(table, column=TOKEN):
    return [table.model.index(row, column).data() for row in range(table.model.rowCount())]


def test_that_every_token_is_listed_by_id_with_visible_spaces(table):
    assert shown(table) == ["<|pad|>", "·the", "The", "狐", "↵"]
    assert "5 tokens" in table.found.text()


@pytest.mark.parametrize(("needle", "found"), [("the", ["·the", "The"]), (" the", ["·the"]), ("3", ["狐"]), ("zz", [])])
def test_that_searching_finds_tokens_by_part_and_by_id(table, needle, found):
    table.search.setText(needle)
    assert shown(table) == found


def test_that_sorting_by_count_puts_the_most_frequent_first_and_the_uncounted_last(table):
    table.table.sortByColumn(COUNT, Qt.SortOrder.DescendingOrder)
    assert shown(table, COUNT) == ["200", "90", "7", "0", "–"]


def test_that_a_search_survives_new_entries(table):
    table.search.setText("x")
    table.set_entries([Entry(9, "xyz", 3, 1), Entry(10, "abc", 3, 1)])
    assert shown(table) == ["xyz"]
