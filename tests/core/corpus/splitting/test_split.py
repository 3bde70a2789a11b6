from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.cleaning.duplicates import digest
from llmstudio.core.corpus.config import SplitConfig
from llmstudio.core.corpus.splitting.split import SIDES, Documents, Keys, SplitRule
from llmstudio.core.corpus.splitting.split_notes import split_notes


def keys(text: str, whole: str = "", story: str = "", label: str = "") -> Keys:
    return Keys(
        digest(text.encode()),
        digest((whole or text).encode()),
        digest(story.encode()) if story else b"",
        digest(label.encode()) if label else b"",
    )


def dealt(
    documents: Iterable[tuple[Keys, int]], config: SplitConfig, folder: Path, *, is_text: bool = False, given: str = ""
) -> SplitRule:
    rows = Documents(folder / "rows")
    for key, length in documents:
        rows.add(key, length, given)
    rule = rows.split(config, folder, is_text=is_text)
    rows.close()
    assert not (folder / "rows").exists()
    return rule


def split(lengths: list[int], config: SplitConfig, folder: Path, *, is_text: bool = True, given: str = "") -> SplitRule:
    documents = ((keys(str(n)), length) for n, length in enumerate(lengths))
    return dealt(documents, config, folder, is_text=is_text, given=given)


def sides_in(folder: Path) -> list[int]:
    return np.fromfile(folder / SIDES, dtype=np.uint8).tolist()


def test_that_shares_are_near_what_was_asked_and_follow_the_seed(tmp_path: Path) -> None:
    rules = [split([10] * 20_000, SplitConfig(val_share=0.1, test_share=0.05, seed=seed), tmp_path) for seed in (1, 1, 2)]
    sides = np.fromfile(tmp_path / SIDES, dtype=np.uint8)
    assert rules[0] == rules[1] != rules[2]
    assert rules[0].method == "documents"
    sizes = rules[2].sizes
    assert sizes["val"]["documents"] == np.count_nonzero(sides == 1) == pytest.approx(2000, rel=0.1)
    assert sizes["test"]["documents"] == pytest.approx(1000, rel=0.15)
    assert sum(size["characters"] for size in sizes.values()) == 200_000


@given(lengths=st.lists(st.integers(1, 1000), min_size=1, max_size=12), at=st.sampled_from([0.5, 0.9, 0.95]))
def test_that_a_corpus_with_one_large_document_is_cut_at_its_share(
    lengths: list[int], at: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lengths = [*lengths, sum(lengths)]
    rule = split(lengths, SplitConfig(at=at), tmp_path_factory.mktemp("split"))
    total = sum(lengths)
    assert (rule.method, rule.cut) == ("position", max(1, int(at * total)))
    assert rule.sizes["train"]["characters"] == rule.cut
    assert rule.sizes["val"]["characters"] == total - rule.cut
    assert rule.sizes["test"]["documents"] == 0


def test_that_few_documents_still_leave_something_to_watch(tmp_path: Path) -> None:
    rule = split([10] * 11, SplitConfig(val_share=0.001, test_share=0.0), tmp_path)
    assert (rule.method, rule.sizes["val"]["documents"]) == ("documents", 1)


def test_that_records_that_cannot_be_divided_fall_whole_on_one_side(tmp_path: Path) -> None:
    rule = split([10, 10, 10], SplitConfig(), tmp_path, is_text=False)
    assert (rule.sizes["train"]["documents"], rule.sizes["val"]["documents"]) == (2, 1)
    alone = split([10], SplitConfig(), tmp_path, is_text=False)
    assert (alone.sizes["train"]["documents"], alone.sizes["val"]["documents"]) == (1, 0)


def test_that_nothing_is_held_out_when_nothing_is_asked_for(tmp_path: Path) -> None:
    rule = split([10, 10], SplitConfig(val_share=0.0, test_share=0.0), tmp_path)
    assert (rule.method, rule.sizes["train"]["documents"]) == ("none", 2)


def test_that_a_given_split_is_kept_and_its_overlap_counted(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "rows")
    for text, part in (("a", "train"), ("b", "train"), ("b", "val"), ("c", "test")):
        documents.add(keys(text), 1, part)
    rule = documents.split(SplitConfig(), tmp_path, is_text=True)
    documents.close()
    assert (rule.method, rule.overlap) == ("given", 1)
    assert np.fromfile(tmp_path / SIDES, dtype=np.uint8).tolist() == [0, 0, 1, 2]


def test_that_a_rule_survives_its_dict(tmp_path: Path) -> None:
    rule = split([10] * 50, SplitConfig(), tmp_path)
    assert SplitRule.from_dict(rule.to_dict()) == rule


def test_that_a_rule_written_before_there_were_classes_is_read(tmp_path: Path) -> None:
    old = split([10] * 50, SplitConfig(), tmp_path).to_dict()
    for name in ("num_shared", "num_classes", "num_unwatched"):
        del old[name]
    assert SplitRule.from_dict(old).sizes == old["sizes"]


@given(
    classes=st.lists(st.integers(4, 60), min_size=2, max_size=5),
    seed=st.integers(0, 50),
    is_long=st.booleans(),
)
def test_that_every_class_of_some_size_is_watched_however_long_one_record_is(
    classes: list[int], seed: int, is_long: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("split")
    named = [(f"{c}/{n}", str(c)) for c, size in enumerate(classes) for n in range(size)]
    documents = [(keys(text, label=label), 10_000 if is_long and not n else 10) for n, (text, label) in enumerate(named)]
    rule = dealt(documents, SplitConfig(val_share=0.1, test_share=0.1, seed=seed), folder)
    sides = sides_in(folder)
    watched = {label for (_, label), side in zip(named, sides, strict=True) if side == 1}
    learned = {label for (_, label), side in zip(named, sides, strict=True) if side == 0}
    assert rule.method == "documents"
    assert learned == watched == {str(c) for c in range(len(classes))}
    assert sides[0] == 0 or not is_long
    assert rule.sizes["val"]["documents"] <= max(len(classes), 0.2 * len(documents))
    assert (rule.num_classes, rule.num_unwatched) == (len(classes), 0)


def test_that_one_text_of_two_classes_lies_on_one_side(tmp_path: Path) -> None:
    documents = [(keys(str(n % 60), label=str(n // 60)), 10) for n in range(120)] + [(keys("x", label="3"), 1)] * 5
    rule = dealt(documents, SplitConfig(val_share=0.1, test_share=0.1), tmp_path)
    sides = sides_in(tmp_path)
    assert sides[:60] == sides[60:120]
    assert rule.overlap == 0


def test_that_an_opening_that_most_share_does_not_decide(tmp_path: Path) -> None:
    documents = [(keys("Translate." if n % 4 else str(n), whole=str(n)), 10) for n in range(400)]
    rule = dealt(documents, SplitConfig(), tmp_path)
    assert 10 <= rule.sizes["val"]["documents"] <= 30
    assert 10 <= rule.sizes["test"]["documents"] <= 30
    assert rule.num_shared == 300


def test_that_an_opening_that_some_share_does(tmp_path: Path) -> None:
    documents = [(keys(str(n // 5), whole=str(n)), 10) for n in range(1000)]
    rule = dealt(documents, SplitConfig(val_share=0.2, test_share=0.2), tmp_path)
    sides = sides_in(tmp_path)
    assert all(len(set(sides[n : n + 5])) == 1 for n in range(0, 1000, 5))
    assert (rule.overlap, rule.num_shared) == (0, 0)
    assert set(sides) == {0, 1, 2}


def test_that_questions_about_one_passage_lie_on_one_side_and_a_shared_prompt_does_not_bind(tmp_path: Path) -> None:
    about = [(keys(f"question {n}", whole=str(n), story=f"passage {n // 5}"), 10) for n in range(1000)]
    dealt(about, SplitConfig(val_share=0.2, test_share=0.2), tmp_path)
    sides = sides_in(tmp_path)
    assert all(len(set(sides[n : n + 5])) == 1 for n in range(0, 1000, 5))
    prompted = [(keys(f"question {n}", whole=str(n), story="You are helpful."), 10) for n in range(1000)]
    rule = dealt(prompted, SplitConfig(val_share=0.2, test_share=0.2), tmp_path)
    assert 150 <= rule.sizes["val"]["documents"] <= 250


def test_that_one_question_under_two_prompts_lies_on_one_side(tmp_path: Path) -> None:
    documents = [(keys(str(n // 2), whole=str(n), story=f"You are person {n}."), 10) for n in range(400)]
    assert dealt(documents, SplitConfig(val_share=0.2, test_share=0.2), tmp_path).overlap == 0
    sides = sides_in(tmp_path)
    assert sides[::2] == sides[1::2]
    assert set(sides) == {0, 1, 2}


def test_that_few_records_are_dealt_out_too(tmp_path: Path) -> None:
    rule = dealt([(keys(str(n)), 10) for n in range(5)], SplitConfig(), tmp_path)
    assert rule.sizes["val"]["documents"] == 1


def test_that_memory_is_bounded_when_all_openings_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmstudio.core.corpus.splitting.dealing._COUNTED", 50)
    openings = [f"{n}" if n % 3 else "Translate." for n in range(3000)]
    documents = [(keys(opening, whole=str(n)), 10) for n, opening in enumerate(openings)]
    rule = dealt(documents, SplitConfig(), tmp_path)
    assert rule.num_shared == 1000


def test_that_classes_too_small_to_be_watched_are_dealt_out_together(tmp_path: Path) -> None:
    documents = [(keys(str(n), label=str(n // 2)), 10) for n in range(400)]
    rule = dealt(documents, SplitConfig(), tmp_path)
    assert 10 <= rule.sizes["val"]["documents"] <= 30
    assert 10 <= rule.sizes["test"]["documents"] <= 30
    assert rule.num_classes == 200
    assert rule.num_unwatched > 100


def test_that_many_texts_are_dealt_out_although_one_is_long(tmp_path: Path) -> None:
    documents = [(keys(str(n)), 3000 if n == 7 else 10) for n in range(500)]
    rule = dealt(documents, SplitConfig(), tmp_path, is_text=True)
    assert (rule.method, sides_in(tmp_path)[7]) == ("documents", 0)
    assert rule.sizes["val"]["documents"] > 0 < rule.sizes["test"]["documents"]


@pytest.mark.parametrize(
    ("documents", "sentence"),
    [
        ([(keys("alone"), 10)], "a single document cannot be split"),
        ([(keys(str(n)), 10) for n in range(5)], "The test is empty: 5 documents are too few for 5.0 %."),
        ([(keys(str(n // 9)), 10) for n in range(27)], "what begins alike has to lie on one side"),
        ([(keys(str(n)), 1 if n % 2 else 500) for n in range(3)], "so the last 50 % of all is kept for validation"),
    ],
)
def test_that_every_miss_is_said(documents: list[tuple[Keys, int]], sentence: str, tmp_path: Path) -> None:
    rule = dealt(documents, SplitConfig(val_share=0.1), tmp_path)
    said = [str(note.message) for note in split_notes(rule, len(documents))]
    assert any(sentence in each for each in said), said


def test_that_a_split_as_it_was_wished_is_not_spoken_of(tmp_path: Path) -> None:
    assert not list(split_notes(dealt([(keys(str(n)), 10) for n in range(2000)], SplitConfig(), tmp_path), 2000))


@pytest.mark.parametrize("labels", [["0"], ["pos"], ["0", "1"], [""]])
@pytest.mark.parametrize("size", [2, 60])  # cut by position, and dealt out
def test_that_one_label_for_all_documents_is_told(labels: list[str], size: int, tmp_path: Path) -> None:
    documents = [(keys(f"text {n}", label=labels[n % len(labels)]), 10) for n in range(size)]
    said = [str(note.message) for note in split_notes(dealt(documents, SplitConfig(), tmp_path), size)]
    assert any("same label" in note for note in said) == (len(labels) == 1 and labels != [""])


def test_that_texts_with_two_labels_are_counted_and_told(tmp_path: Path) -> None:
    labels = ["ab"[n % 2] for n in range(60)]
    documents = [(keys(str(n % 50), label=labels[n] if n < 55 else "ba"[n % 2]), 9) for n in range(60)]
    rule = dealt(documents, SplitConfig(), tmp_path)
    assert rule.num_torn == 5
    assert any("another label" in str(note.message) for note in split_notes(rule, 60))
    assert dealt([(keys(str(n), label="ab"[n % 2]), 9) for n in range(60)], SplitConfig(), tmp_path).num_torn == 0


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("num_documents", "num_prompts"), [(120, 16), (120, 4), (30, 4), (60, 9), (400, 60)])
def test_that_system_prompts_that_some_share_leave_no_part_empty_and_move_no_records(
    num_documents: int, num_prompts: int, seed: int, tmp_path: Path
) -> None:
    documents = [(keys(f"{n}", story=f"You are person {n % num_prompts}."), 10) for n in range(num_documents)]
    rule = dealt(documents, SplitConfig(seed=seed), tmp_path)
    wished = 0.05 * num_documents
    for part in ("val", "test"):
        assert 0 < rule.sizes[part]["documents"] <= max(2 * wished, wished + 2)


@given(sizes=st.lists(st.integers(1, 10), min_size=3, max_size=20), seed=st.integers(0, 20))
def test_that_no_part_is_empty_where_there_are_groups_to_give_it(
    sizes: list[int], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("split")
    documents = [(keys(f"{group}", whole=f"{group} {n}"), 10) for group, size in enumerate(sizes) for n in range(size)]
    rule = dealt(documents, SplitConfig(val_share=0.1, test_share=0.1, seed=seed), folder)
    if rule.method != "documents" or 4 * max(sizes) > sum(sizes) or 0.1 * sum(sizes) < 0.5:
        return
    assert all(rule.sizes[part]["documents"] for part in ("train", "val", "test"))
    assert rule.overlap == 0
