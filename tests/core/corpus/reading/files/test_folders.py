from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import CorpusConfig, ReadingConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.corpus.reading.readers import preview
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop


def put(folder: Path, *places: str, count: int = 4, name: str = "{n}_7.txt", size: int = 1) -> Path:
    for place in places:
        (folder / place).mkdir(parents=True)
        for n in range(count):
            (folder / place / name.format(n=n)).write_text(f"A film in {place}, number {n}, with a harbour. " * size)
    return folder


def imported(folder: Path, **reading: Any) -> tuple[list[dict[str, Any]], list[str]]:
    config = CorpusConfig(reading=ReadingConfig(**reading))
    events = list(write_corpus([folder], config, folder.parent / "corpus", stop=Stop()))
    told = [str(event.message) for event in events if isinstance(event, Noted)]
    return list(Corpus(folder.parent / "corpus").records("all")), told


def labels(records: list[dict[str, Any]]) -> set[str]:
    return {record.get("label", "–") for record in records}


@pytest.mark.parametrize(
    ("places", "count"),
    [
        (("pos", "neg"), 4),
        (("train/pos", "train/neg", "test/pos", "test/neg"), 4),
        (("Train/spam", "Train/ham"), 1),
        (("sport", "business", "tech"), 12),
        (("first/spam", "first/ham", "second/spam", "second/ham"), 2),
        (("20news-train/alt.atheism", "20news-train/sci.space", "20news-test/alt.atheism", "20news-test/sci.space"), 3),
        (("train/体育", "train/财经", "val/体育", "val/财经"), 2),
    ],
)
def test_that_folders_named_after_classes_are_labels(tmp_path: Path, places: tuple[str, ...], count: int) -> None:
    records, told = imported(put(tmp_path / "texts", *places, count=count))
    assert labels(records) == {place.rsplit("/", 1)[-1] for place in places}
    assert len(records) == count * len(places)
    assert any("The names of the folders are the labels" in text for text in told)
    parts = {place.split("/")[0] for place in places if "/" in place and "rain" in places[0]}
    assert all(any(part in text and "no labels" in text for text in told) for part in parts)


def test_that_a_readme_beside_the_folders_is_left_out_and_told(tmp_path: Path) -> None:
    put(tmp_path / "texts", "train/pos", "train/neg", "train/unsup")
    (tmp_path / "texts" / "README").write_text("About these films.")
    records, told = imported(tmp_path / "texts")
    assert labels(records) == {"pos", "neg", "–"}
    assert any("texts/README lies beside the folders" in text for text in told)


@pytest.mark.parametrize(
    ("places", "options"),
    [
        (("AA", "AB"), {"count": 12}),
        (("part1", "part2"), {"count": 12}),
        (("1901", "1902"), {"count": 12}),
        (("train", "test"), {"count": 12}),
        (("sea", "land"), {"count": 2}),
        (("sea", "land"), {"count": 12, "size": 600}),
        (("sea", "land"), {"count": 12, "name": "{n}.md"}),
        (("sea", "land/animals"), {"count": 12}),
        (("pos",), {"count": 12}),
    ],
)
def test_that_other_folders_are_no_labels(tmp_path: Path, places: tuple[str, ...], options: dict[str, Any]) -> None:
    records, _ = imported(put(tmp_path / "texts", *places, **options))
    assert labels(records) == {"–"}


def test_that_folders_that_may_be_classes_are_offered_as_labels(tmp_path: Path) -> None:
    folder = put(tmp_path / "texts", "sea", "land")
    found = preview(folder, ReadingConfig())
    assert found.kind == "text"
    (way,) = (way for remark in found.taken.remarks for way in remark.remedies)
    assert (way.target, way.value) == ("reading.folders", "labels")
    records, _ = imported(folder, folders=way.value)
    assert labels(records) == {"sea", "land"}


def test_that_labels_of_folders_can_be_switched_off(tmp_path: Path) -> None:
    folder = put(tmp_path / "texts", "pos", "neg")
    assert preview(folder, ReadingConfig()).kind == "labelled"
    records, told = imported(folder, folders="text")
    assert labels(records) == {"–"}
    assert not any("folders" in text for text in told)
