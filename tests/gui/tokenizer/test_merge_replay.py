from __future__ import annotations

import pytest

from llmstudio.gui.tokenizer.merge_replay import Frame, MergeReplay, joined

FILM = [Frame(("t", "h", "e", " ", "t", "h", "e")), Frame(("t", "he", " ", "t", "he"), 3), Frame(("the", " ", "the"), 17)]


@pytest.fixture
def player(qtbot):
    widget = MergeReplay()
    qtbot.addWidget(widget)
    widget.set_frames(FILM)
    return widget


def test_that_the_joined_pair_is_found_at_every_place_it_was_joined():
    assert joined(FILM[1].pieces, FILM[2].pieces) == (("t", "he"), {0, 2})


def test_that_parts_of_a_character_are_joined_though_their_spelling_does_not_add_up():
    assert joined(["<E4>", "<BD>", "a"], ["<E4 BD>", "a"]) == (("<E4>", "<BD>"), {0})


def test_that_pieces_that_no_merge_explains_are_not_called_joined():
    assert joined(["a", "b", "c"], ["x"]) == (None, set())


def test_that_the_sentence_names_the_merge(player):
    player.step.click()
    player.step.click()
    assert player.sentence.text().startswith("merge 17: t + he")
    assert [c.is_marked for c in player.strip.chips()] == [True, False, True]


def test_that_stepping_and_going_back_ends_where_it_began(player):
    first = [c.text for c in player.strip.chips()]
    player.step.click()
    player.back.click()
    assert player.at() == 0
    assert [c.text for c in player.strip.chips()] == first


def test_that_every_picture_holds_the_whole_text(player):
    for i in range(player.num_frames()):
        player.slider.setValue(i)
        assert "".join(c.text for c in player.strip.chips()) == "the the"


def test_that_playing_reaches_the_last_picture_and_stops(player, qtbot):
    player._timer.setInterval(5)
    player.play.click()
    qtbot.waitUntil(lambda: player.at() == 2 and not player.is_playing(), timeout=2000)
    player.play.click()
    assert player.at() == 0
    assert player.is_playing()


def test_that_a_film_without_merges_shows_no_player(player):
    player.set_frames([], nothing="Only byte-pair encoding merges.")
    assert player.sentence.text() == "Only byte-pair encoding merges."
    assert player.play.isHidden()
