from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.config import SplitConfig
from llmstudio.core.corpus.duplicates import digest
from llmstudio.core.corpus.split import SIDES, Documents, SplitRule, side_of


def split(lengths: list[int], config: SplitConfig, folder: Path, *, is_text: bool = True, given: str = "") -> SplitRule:
    documents = Documents(folder / "rows")
    for n, length in enumerate(lengths):
        documents.add(digest(str(n).encode()), length, config, given)
    rule = documents.split(config, folder, is_text=is_text)
    documents.close()
    assert not (folder / "rows").exists()
    return rule


def test_that_shares_are_near_what_was_asked_and_follow_the_seed(tmp_path: Path) -> None:
    rules = [split([10] * 20_000, SplitConfig(val_share=0.1, test_share=0.05, seed=seed), tmp_path) for seed in (1, 1, 2)]
    sides = np.fromfile(tmp_path / SIDES, dtype=np.uint8)
    assert rules[0] == rules[1] != rules[2]
    assert rules[0].method == "documents"
    sizes = rules[2].sizes
    assert sizes["val"]["documents"] == np.count_nonzero(sides == 1) == pytest.approx(2000, rel=0.1)
    assert sizes["test"]["documents"] == pytest.approx(1000, rel=0.15)
    assert sum(size["characters"] for size in sizes.values()) == 200_000


def test_that_equal_texts_lie_on_one_side_whatever_the_corpus() -> None:
    config = SplitConfig(seed=3)
    assert len({side_of(digest(b"the same"), config) for _ in range(5)}) == 1
    assert {side_of(digest(str(n).encode()), config) for n in range(200)} == {0, 1, 2}


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
    assert rule.method == "position"
    assert rule.sizes["val"]["characters"] == 11


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
    for text, part in ((b"a", "train"), (b"b", "train"), (b"b", "val"), (b"c", "test")):
        documents.add(digest(text), 1, SplitConfig(), part)
    rule = documents.split(SplitConfig(), tmp_path, is_text=True)
    documents.close()
    assert (rule.method, rule.overlap) == ("given", 1)
    assert np.fromfile(tmp_path / SIDES, dtype=np.uint8).tolist() == [0, 0, 1, 2]


def test_that_a_rule_survives_its_dict(tmp_path: Path) -> None:
    rule = split([10] * 50, SplitConfig(), tmp_path)
    assert SplitRule.from_dict(rule.to_dict()) == rule
