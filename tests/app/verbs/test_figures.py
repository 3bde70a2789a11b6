from __future__ import annotations

from llmstudio.app.verbs.figures import rows


def test_that_of_two_unknown_shares_a_person_is_told_the_one_of_the_text() -> None:
    built = {"kind": "word", "unknown_share": 0.1878, "hidden_share": 0.32}
    assert rows(built) == [("kind", "word"), ("unknown share of the text", "32 %")]
    assert rows({"facts": built})[-1] == ("facts · unknown share of the text", "32 %")
    assert rows({"unknown_share": 0.25}) == [("unknown share", "0.25")], "of an early version, which knew no other"
