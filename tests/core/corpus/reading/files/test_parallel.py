from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import CorpusConfig, ReadingConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.corpus.reading.readers import preview, survey
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop

DE = "Ein Haus steht dort .\nDer Hund läuft .\nSie singt ein Lied .\n"
EN = "A house stands there .\nThe dog runs .\nShe sings a song .\n"


def imported(
    folder: Path, *sources: Path, reading: ReadingConfig | None = None
) -> tuple[str, list[dict[str, Any]], list[str]]:
    """The kind, the records and all that was noted."""
    config = CorpusConfig(reading=reading or ReadingConfig())
    events = list(write_corpus(sources, config, folder / "out", stop=Stop()))
    corpus = Corpus(folder / "out")
    records = [{key: value for key, value in record.items() if key != "doc"} for record in corpus.records("all")]
    return corpus.record_kind, records, [str(event.message) for event in events if isinstance(event, Noted)]


def written(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


PAIRS = [{"source": de, "target": en} for de, en in zip(DE.splitlines(), EN.splitlines(), strict=True)]


@pytest.mark.parametrize("names", [("x.de", "x.en"), ("news_de.txt", "news_en.txt"), ("de.txt", "en.txt"), ("a.DE", "a.EN")])
def test_that_two_files_of_one_name_in_two_languages_are_pairs_and_said_to_be(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in zip(names, (DE, EN), strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    kind, records, notes = imported(tmp_path, folder)
    assert (kind, records) == ("pairs", PAIRS)
    assert any("read as pairs" in note and names[0] in note and names[1] in note for note in notes)


def test_that_packed_files_and_those_in_an_archive_are_found_too(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for language, text in (("de", DE), ("en", EN)):
        (folder / f"x.{language}.gz").write_bytes(gzip.compress(text.encode()))
    assert imported(tmp_path / "one", folder)[:2] == ("pairs", PAIRS)
    archive = tmp_path / "opus.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("Books.en-de.de", DE)
        packed.writestr("LICENSE", "Free.\n")
        packed.writestr("Books.en-de.en", EN)
    kind, records, _ = imported(tmp_path / "two", archive)
    assert kind == "pairs"
    assert records == [{"source": pair["target"], "target": pair["source"]} for pair in PAIRS], "as the name has them"


def test_that_files_chosen_one_by_one_are_a_parallel_text_too(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", x__de=DE, x__en=EN)
    assert imported(tmp_path, folder / "x.en", folder / "x.de")[:2] == ("pairs", PAIRS)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"x.de": DE, "x.en": EN + "More .\n"}, "3 lines and 4 lines"),
        ({"x.de": DE, "x.en": EN, "x.fr": EN}, "several languages"),
        ({"x.de": DE, "y.en": EN}, ""),
        ({"x.de": "Ein Haus .", "x.en": "A house ."}, ""),
        ({"x.zh-CN": DE, "x.zh-TW": EN}, ""),
        ({"x.py": DE, "x.md": EN}, ""),
    ],
)
def test_that_what_else_ends_in_languages_stays_text(tmp_path: Path, files: dict[str, str], said: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    kind, records, notes = imported(tmp_path, folder)
    assert kind == "text"
    assert {record["text"].strip() for record in records} == {text.strip() for text in files.values()}
    assert any(said in note for note in notes) or not said
    assert not any("read as pairs" in note for note in notes)


def test_that_a_person_decides_otherwise(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", x__de=DE, x__en=EN)
    assert imported(tmp_path / "a", folder, reading=ReadingConfig(kind="text"))[0] == "text"
    turned = ReadingConfig(source_key="en", target_key="de")
    assert imported(tmp_path / "b", folder, reading=turned)[1][0] == {
        "source": PAIRS[0]["target"],
        "target": PAIRS[0]["source"],
    }


def test_that_a_line_without_its_translation_is_left_out_and_the_rest_stays_beside_its_own(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", x__de="eins\n\ndrei\nvier\n", x__en="one\ntwo\nthree\nfour\n")
    _, records, notes = imported(tmp_path, folder)
    assert [(record["source"], record["target"]) for record in records] == [
        ("eins", "one"),
        ("drei", "three"),
        ("vier", "four"),
    ]
    assert any("line 2 was left out" in note for note in notes)


def test_that_the_preview_shows_pairs_and_counts_no_file_as_another_kind(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", x__de=DE, x__en=EN)
    seen = preview(folder, ReadingConfig())
    assert (seen.kind, seen.keys, seen.num_others) == ("pairs", ("de", "en"), {})
    assert [(record["source"], record["target"]) for record in seen.records] == [(p["source"], p["target"]) for p in PAIRS]
    assert survey([folder], ReadingConfig()).num_files == 2


@pytest.mark.parametrize(
    "names",
    [
        ("train.src", "train.tgt"),
        ("src-train.txt", "tgt-train.txt"),
        ("train.source", "train.target"),
        ("de-train.txt", "en-train.txt"),
        ("de/train.txt", "en/train.txt"),
        ("questions.txt", "answers.txt"),
    ],
)
def test_that_files_named_as_training_programs_name_them_are_pairs(tmp_path: Path, names: tuple[str, str]) -> None:
    for name, text in zip(names, (DE, EN), strict=True):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(text, encoding="utf-8")
    kind, records, notes = imported(tmp_path, tmp_path / "in")
    assert (kind, records) == ("pairs", PAIRS)
    assert any("read as pairs" in note and names[0] in note and names[1] in note for note in notes)


def test_that_sources_and_targets_keep_the_parts_that_their_names_give(tmp_path: Path) -> None:
    files = {f"{side}-{part}.txt": text for side, text in (("src", DE), ("tgt", EN)) for part in ("train", "val")}
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text("".join(f"{name[4]} {line}\n" for line in text.splitlines()), encoding="utf-8")
    write = write_corpus([folder], CorpusConfig(), tmp_path / "out", stop=Stop())
    assert list(write)
    corpus = Corpus(tmp_path / "out")
    assert [len(list(corpus.records(part))) for part in ("train", "val", "test")] == [3, 3, 0]


@pytest.mark.parametrize(
    ("texts", "labels"), [("X_train.txt", "y_train.txt"), ("train.txt", "train_labels.txt"), ("a.text", "a.label")]
)
def test_that_labels_in_a_file_of_their_own_are_the_labels_of_the_lines(tmp_path: Path, texts: str, labels: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / texts).write_text("".join(f"The dog number {n} runs .\n" for n in range(20)), encoding="utf-8")
    (folder / labels).write_text("".join(f"{n % 2}\n" for n in range(20)), encoding="utf-8")
    kind, records, notes = imported(tmp_path, folder)
    assert kind == "labelled"
    assert records == [{"text": f"The dog number {n} runs .", "label": str(n % 2)} for n in range(20)]
    assert any("holds the label of each line" in note for note in notes)


def test_that_folders_of_two_languages_are_parallel_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    for language, text in (("de", DE), ("en", EN)):
        (tmp_path / "in" / language).mkdir(parents=True)
        (tmp_path / "in" / language / "a.txt").write_text(text, encoding="utf-8")
        (tmp_path / "in" / language / "b.txt").write_text("B .\n" * (2 if language == "de" else 1) + text, encoding="utf-8")
    kind, records, notes = imported(tmp_path, tmp_path / "in")
    assert (kind, len(records)) == ("text", 4)
    assert any("5 lines and 4 lines" in note for note in notes)


def test_that_files_of_equally_many_lines_whose_names_say_nothing_are_asked_about(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", x__foo=DE * 10, x__bar=EN * 10)
    kind, _, notes = imported(tmp_path / "a", folder)
    assert kind == "text"
    assert any("equally many lines (30): are these pairs?" in note for note in notes)
    kind, records, _ = imported(tmp_path / "b", folder, reading=ReadingConfig(kind="pairs"))
    assert kind == "pairs"
    assert {frozenset(record.values()) for record in records} == {frozenset(pair.values()) for pair in PAIRS}
    folder = written(tmp_path / "other", x__foo=DE * 10, x__bar=EN * 10 + "More .\n")
    assert not any("pairs" in note for note in imported(tmp_path / "c", folder)[2])


@pytest.mark.parametrize("names", [("a.txt", "b.txt"), ("x.de", "x.en")])
def test_that_pairs_which_were_asked_for_and_differ_in_length_are_refused_with_their_lengths(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    lines = dict(zip(names, (20, 25), strict=True))
    for name, number in lines.items():
        (tmp_path / name).write_text("".join(f"Line {n} of {name}.\n" for n in range(number)))
    with pytest.raises(StudioError, match="20 lines and 25 lines") as refused:
        imported(tmp_path, *(tmp_path / name for name in names), reading=ReadingConfig(kind="pairs"))
    assert [remedy.target for remedy in refused.value.remedies] == ["reading.kind"]


def test_that_empty_lines_at_the_end_of_one_file_part_no_pairs(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", x__de=DE.rstrip("\n"), x__en=EN + "\n \n\n")
    kind, records, notes = imported(tmp_path, folder)
    assert (kind, records) == ("pairs", PAIRS)
    assert not any("left out" in note for note in notes)


def test_that_a_last_line_that_is_empty_on_purpose_keeps_its_place(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", x__de=DE + "\n", x__en=EN + "Nobody answers .\n")
    assert imported(tmp_path, folder)[:2] == ("pairs", PAIRS)


def test_that_a_carriage_return_inside_a_line_moves_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "x.de").write_bytes(DE.replace("\n", "\r\n").encode())
    (folder / "x.en").write_bytes(EN.replace("house ", "house\r").encode())
    _, records, notes = imported(tmp_path, folder)
    assert records[1:] == PAIRS[1:]
    assert records[0]["source"] == PAIRS[0]["source"]
    assert not any("left out" in note for note in notes)


def test_that_what_goes_in_and_what_comes_out_are_pairs(tmp_path: Path) -> None:
    assert imported(tmp_path, written(tmp_path / "in", out__txt=EN, in__txt=DE))[:2] == ("pairs", PAIRS)


@pytest.mark.parametrize(
    "names", [("seq__in", "seq__out"), ("sentences__txt", "labels__txt"), ("train__words", "train__tags")]
)
@pytest.mark.parametrize("reading", [ReadingConfig(), ReadingConfig(kind="tagged")])
def test_that_words_and_their_tags_in_two_files_are_tagged_sentences(
    tmp_path: Path, names: tuple[str, str], reading: ReadingConfig
) -> None:
    files = dict(zip(names, (EN, "O O O O O\nO B-PET O O\nO O O B-ART O\n"), strict=True))
    kind, records, notes = imported(tmp_path, written(tmp_path / "in", **files), reading=reading)
    assert kind == "tagged"
    assert [(record["words"], record["tags"]) for record in records][1:2] == [
        (["The", "dog", "runs", "."], ["O", "B-PET", "O", "O"])
    ]
    assert any("a tag for each word" in note for note in notes)


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (("rt-polarity.pos", "rt-polarity.neg"), ("pos", "neg")),
        (("pos.txt", "neg.txt"), ("pos", "neg")),
        (("train_positive.txt", "train_negative.txt"), ("positive", "negative")),
    ],
)
def test_that_lines_of_files_named_after_classes_bear_them(
    tmp_path: Path, names: tuple[str, str], labels: tuple[str, str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for sign, (name, count) in enumerate(zip(names, (12, 10), strict=True)):
        (folder / name).write_text("".join(f"The soup {n} was {sign} .\n\n" for n in range(count)), encoding="utf-8")
    kind, records, notes = imported(tmp_path, folder)
    assert kind == "labelled"
    assert [sum(record["label"] == label for record in records) for label in labels] == [12, 10]
    assert sorted(record["text"] for record in records)[0] == "The soup 0 was 0 ."
    assert any("after which its file is named" in note for note in notes)


def test_that_short_files_named_after_classes_stay_texts(tmp_path: Path) -> None:
    assert imported(tmp_path, written(tmp_path / "in", good__txt=EN, bad__txt=DE + EN))[0] == "text"
