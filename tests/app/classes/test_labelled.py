"""What a text offers to learn, before anything is learned."""

from __future__ import annotations

import pytest

from llmstudio.app.classes.labelled import LabelledText


def test_that_tags_are_rare_beside_other_tags_not_beside_words_that_have_none() -> None:
    tags = (("O", 900), ("B-PER", 60), ("B-LOC", 40), ("B-ORG", 3))
    text = LabelledText("tag", tags, (), 10)
    assert text.telling == tags[1:]
    assert text.rare == ("B-ORG",)
    assert text.outside_share == pytest.approx(900 / 1003)


def test_that_a_class_may_be_called_o() -> None:
    groups = (("A", 50), ("O", 40), ("AB", 2))
    text = LabelledText("classify", groups, (), 92)
    assert (text.telling, text.rare, text.outside_share) == (groups, ("AB",), 0.0)
