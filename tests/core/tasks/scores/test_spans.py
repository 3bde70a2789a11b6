"""Spans and their scores are seqeval's, whatever order the tags come in."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from seqeval.metrics import accuracy_score, classification_report, f1_score
from seqeval.metrics.sequence_labeling import get_entities

from llmstudio.core.errors import StudioError
from llmstudio.core.tasks.scores.spans import (
    Span,
    consistent,
    forbidden_steps,
    is_span_tag,
    score_spans,
    score_words,
    spans_of,
    tags_of,
    token_accuracy,
    word_tags,
    words_of,
)


def rows(random: np.random.Generator, places: str, lengths: np.ndarray) -> list[list[str]]:
    """Rows of tags in no sensible order."""
    tags = ["O", *(f"{place}-{kind}" for place in places for kind in ("PER", "LOC", "a-b"))]
    return [[tags[at] for at in random.integers(0, len(tags), length)] for length in lengths]


@pytest.mark.parametrize("seed", range(20))
def test_that_spans_and_scores_are_those_of_seqeval(seed: int) -> None:
    random = np.random.default_rng(seed)
    lengths = random.integers(0, 12, int(random.integers(1, 8)))
    lengths[0] = 9
    places = "BI" if seed % 2 else "BIES"
    truth, other = rows(random, places, lengths), rows(random, places, lengths)
    guesses = [
        [a if random.random() < 0.7 else b for a, b in zip(*pair, strict=True)] for pair in zip(truth, other, strict=True)
    ]
    for row in truth:
        assert [(s.kind, s.start, s.end - 1) for s in spans_of(row)] == get_entities(row)
    found = score_spans(truth, guesses)
    report = classification_report(truth, guesses, output_dict=True, zero_division=0)
    for kind, own in [*found.by_kind.items(), ("micro avg", found.overall)]:
        expected = report[kind]
        assert (own.precision, own.recall, own.f1) == pytest.approx(
            (expected["precision"], expected["recall"], expected["f1-score"])
        )
        assert own.real == expected["support"]
    assert found.macro_f1 == pytest.approx(report["macro avg"]["f1-score"])
    assert found.overall.f1 == pytest.approx(f1_score(truth, guesses, zero_division=0))
    assert found.token_accuracy == pytest.approx(accuracy_score(truth, guesses))


@pytest.mark.parametrize("seed", range(10))
def test_that_tags_made_consistent_tell_the_same_spans_and_stay_as_they_are(seed: int) -> None:
    random = np.random.default_rng(seed)
    (row,) = rows(random, "BIESLUM", np.array([15]))
    plain = consistent(row)
    assert spans_of(plain) == spans_of(row)
    assert consistent(plain) == plain
    for before, tag in zip(["O", *plain], plain, strict=False):
        assert not tag.startswith("I-") or before[2:] == tag[2:]
        assert tag[0] in "BIO"


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        (["I-PER", "I-PER", "O"], [Span(0, 2, "PER")]),
        (["B-PER", "I-LOC"], [Span(0, 1, "PER"), Span(1, 2, "LOC")]),
        (["B-PER", "B-PER", "I-PER"], [Span(0, 1, "PER"), Span(1, 3, "PER")]),
        (["O", "I-PER", "O", "I-PER"], [Span(1, 2, "PER"), Span(3, 4, "PER")]),
        (["B-PER", "L-PER", "U-LOC", "L-LOC"], [Span(0, 2, "PER"), Span(2, 3, "LOC"), Span(3, 4, "LOC")]),
        (["B", "M", "E", "S", "B"], [Span(0, 3, ""), Span(3, 4, ""), Span(4, 5, "")]),
        ([], []),
    ],
)
def test_that_tags_of_every_habit_are_read(tags: list[str], spans: list[Span]) -> None:
    assert spans_of(tags) == spans
    assert spans_of(tags_of(spans, len(tags))) == spans


def test_that_what_may_follow_is_what_consistent_rows_hold() -> None:
    tags = ["O", "B-A", "I-A", "B-B", "I-B"]
    between, first = forbidden_steps(tags)
    for row in itertools.product(range(5), repeat=3):
        named = [tags[at] for at in row]
        is_allowed = not first[row[0]] and not any(between[a, b] for a, b in itertools.pairwise(row))
        assert is_allowed == (consistent(named) == named), named
    assert not forbidden_steps(["NOUN", "INTJ", "VERB"])[0].any()
    assert forbidden_steps(["B", "I"])[0].tolist() == [[False, False]] * 2
    assert forbidden_steps(["B", "I"])[1].tolist() == [False, True]


@pytest.mark.parametrize("tag", ["NOUN", "", "X-PER", "BPER", "O-PER", "b-PER", "-"])
def test_that_a_tag_of_another_kind_is_refused(tag: str) -> None:
    assert not is_span_tag(tag)
    with pytest.raises(StudioError, match="does not say where its word stands"):
        spans_of(["O", tag])


def test_that_tags_of_any_kind_have_an_accuracy() -> None:
    assert token_accuracy([["NOUN", "VERB"], ["DET"]], [["NOUN", "NOUN"], ["DET"]]) == pytest.approx(2 / 3)
    assert token_accuracy([], []) == 0.0


def test_that_other_rows_are_refused() -> None:
    with pytest.raises(StudioError, match="Row 2 has 1 word and 2 tags"):
        score_spans([["O"], ["O"]], [["O"], ["O", "O"]])
    with pytest.raises(StudioError, match=r"Tags of 0 rows .* those of 1 row"):
        token_accuracy([["O"]], [])
    with pytest.raises(StudioError, match="The words of row 1 are not those of its text"):
        score_words([["我", "们"]], [["我"]])


def test_that_words_come_back_from_their_tags() -> None:
    words = ["我们", "喜欢", "北京大学", "。"]
    assert word_tags(words) == list("BIBIBIIIB")
    assert words_of("".join(words), word_tags(words)) == words
    assert words_of("a我们b", ["O", "B", "I", "O"]) == ["a", "我们", "b"]
    assert words_of("我们", ["I", "I"]) == ["我们"]


def test_that_words_count_as_right_with_both_ends_right() -> None:
    found = score_words([["我们", "喜欢", "北京", "大学"]], [["我们", "喜", "欢", "北京", "大学"]])
    assert (found.right, found.guessed, found.real) == (3, 5, 4)
    assert found.f1 == pytest.approx(2 * 3 / 9)


@pytest.mark.parametrize("seed", range(5))
def test_that_words_are_scored_as_intervals_of_characters(seed: int) -> None:
    random = np.random.default_rng(seed)
    cuts = [np.flatnonzero(random.random(30) < 0.5) for _ in range(2)]
    words, guesses = ([s for s in ("".join(p) for p in np.split(np.array(list("字" * 30)), cut)) if s] for cut in cuts)
    borders = [sorted({0, 30, *cut.tolist()}) for cut in cuts]
    right = len(set(zip(borders[0], borders[0][1:], strict=False)) & set(zip(borders[1], borders[1][1:], strict=False)))
    found = score_words([words], [guesses])
    assert (found.right, found.guessed, found.real) == (right, len(guesses), len(words))
