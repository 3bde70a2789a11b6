from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.gui.corpus.text_preview import TextPreview, differences

TEXT = st.text(alphabet="ab \n<>狐，😀", max_size=60)


def without(text, ranges):
    for start, end in reversed(ranges):
        text = text[:start] + text[end:]
    return text


@given(TEXT, TEXT)
def test_that_what_is_not_tinted_is_common_to_both(before, after):
    gone, new = differences(before, after)
    assert without(before, gone) == without(after, new)


@given(TEXT)
def test_that_equal_texts_have_no_differences(text):
    assert differences(text, text) == ([], [])


def test_that_only_the_changed_word_is_tinted():
    before, after = "see http://x.y here\nsame", "see  here\nsame"
    gone, new = differences(before, after)
    assert "".join(before[a:b] for a, b in gone) == "http://x.y"
    assert new == []


def test_that_a_sign_removed_from_every_line_is_all_that_is_tinted():
    before = "床前明月光，疑是地上霜。\n" * 200
    gone, new = differences(before, before.replace("，", ""))
    assert {before[a:b] for a, b in gone} == {"，"}
    assert len(gone) == 200
    assert new == []


@pytest.fixture
def preview(qtbot):
    widget = TextPreview()
    qtbot.addWidget(widget)
    return widget


def test_that_the_second_text_is_shown_only_where_something_changes(preview):
    preview.show_texts("same", "same", title="a.txt")
    assert preview._right.isHidden()
    preview.show_texts("A  b", "A b", *differences("A  b", "A b"), title="a.txt")
    assert not preview._right.isHidden()
    assert preview.after.toPlainText() == "A b"


def test_that_tints_fall_on_the_right_characters_beyond_emoji(preview):
    before, after = "😀😀 <b> c", "😀😀  c"
    preview.show_texts(before, after, *differences(before, after))
    assert "".join(s.cursor.selectedText() for s in preview.before.extraSelections()) == "<b>"


def test_that_a_control_sign_can_be_seen(preview):
    preview.show_texts("a\x07b", "ab", *differences("a\x07b", "ab"))
    assert preview.before.toPlainText() == "a□b"


def scrolled(pane, value=40):
    pane.verticalScrollBar().setValue(value)
    assert pane.verticalScrollBar().value() == value
    return pane.verticalScrollBar()


def test_that_another_text_begins_at_its_top_and_the_same_one_keeps_its_place(qtbot):
    preview = TextPreview()
    qtbot.addWidget(preview)
    preview.resize(400, 200)
    preview.show()
    first, second = ("".join(f"{name} {n}, and so on\n" for n in range(300)) for name in ("one", "two"))
    preview.show_texts(first, first, item="one.txt")
    bar = scrolled(preview.before)
    preview.show_texts(first, first.replace("and", ""), item="one.txt")  # a step of cleaning was switched on
    assert bar.value() == 40
    preview.show_texts(first.replace("o", "ö"), first, item="one.txt")  # another encoding was chosen
    assert bar.value() == 40
    preview.show_texts(second, second, item="two.txt")
    assert bar.value() == preview.after.verticalScrollBar().value() == 0
    bar.setValue(40)
    preview.show_texts(second, second, item="a copy of two.txt")
    assert bar.value() == 0
