from __future__ import annotations

import pytest

from llmstudio.core.tokenizer.fit import not_read, percent, unknown_places, unknown_share


def test_that_the_unknown_share_counts_bytes_under_unknown_tokens(build):
    tokenizer = build("char", texts=("abc",), min_frequency=1)
    assert unknown_share(tokenizer, ["abca", "ab"]) == 0
    assert unknown_share(tokenizer, ["ab中"]) == pytest.approx(3 / 5)
    assert unknown_share(build("bpe"), ["ไม่รู้จัก"]) == 0
    assert unknown_share(tokenizer, []) == 0


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.00001, "0.1 %"), (0.9999, "99.9 %"), (0.96, "96 %"), (0.055, "6 %")],
)
def test_that_a_share_is_never_rounded_to_none_or_all(share, shown):
    assert percent(share) == shown


def test_that_what_is_not_known_is_named_once_and_in_order(build):
    letters = build("char", texts=("abc abc",), min_frequency=1)
    assert str(not_read(letters, ["aÖb ☃", "c☃好"])) == "Not known to this model and not read: Ö ☃ 好"
    by_words = build("word", texts=("the king\nthe king",), min_frequency=1)
    assert str(not_read(by_words, ["the flumpf king"])).endswith(": flumpf")
    assert unknown_places(by_words, "the flumpf king") == [(4, 10)]
    many = str(not_read(letters, ["".join(map(chr, range(0x4E00, 0x4E00 + 100)))]))
    assert "and 88 more" in many
    assert len(many) < 120


@pytest.mark.parametrize("kind", ["bpe", "byte", "char"])
def test_that_nothing_is_said_of_what_is_known(build, kind):
    assert not_read(build(kind, texts=("abc abc",), min_frequency=1), ["abc", ""]) is None
