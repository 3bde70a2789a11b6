"""Tagged sentences through a whole import, and out again as rows."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import SPLITS, CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.corpus.reading.readers import preview
from llmstudio.core.corpus.records import Record, content, excerpt, is_record, kind_of, map_texts, tagged_text, texts_of
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Noted
from llmstudio.core.settings import from_dict
from llmstudio.core.work import Stop

PLACES = ["Graz", "Linz", "Wels", "Steyr", "Enns", "Krems", "Melk", "Ybbs", "Hall", "Imst"]


def bio(n: int) -> str:
    return f"Ann\tB-PER\nwent\tO\nto\tO\n{PLACES[n % 10]}\tB-LOC\n{n}\tO\n.\tO\n\n"


def conllu(n: int) -> str:
    rows = [("今天", "NOUN"), (PLACES[n % 10], "PROPN"), (str(n), "NUM"), ("下雨", "VERB"), ("。", "PUNCT")]
    lines = [f"{i}\t{w}\t_\t{t}\tX{t[0]}\tA=B\t0\troot\t_\tSpaceAfter=No" for i, (w, t) in enumerate(rows, 1)]
    return "\n".join(lines) + "\n\n"


TWO, TEN = "".join(map(bio, range(60))), "".join(map(conllu, range(60)))


def imported(folder: Path, files: dict[str, str | bytes], **config: Any) -> tuple[Corpus, str]:
    source = folder / "in"
    for name, text in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    sources = [source] if len(files) > 1 else [source / next(iter(files))]
    events = list(write_corpus(sources, from_dict(CorpusConfig, config), folder / "out", stop=Stop()))
    assert isinstance(events[-1], Finished)
    return Corpus(folder / "out"), "\n".join(str(event.message) for event in events if isinstance(event, Noted))


@pytest.mark.parametrize("name", ["a.conll", "a.txt", "a.tsv", "part-0"])
def test_that_two_columns_become_tagged_sentences(tmp_path: Path, name: str) -> None:
    corpus, said = imported(tmp_path, {name: TWO})
    records = list(corpus.records("all"))
    assert corpus.record_kind == "tagged"
    assert all(map(is_record, records))
    assert {kind_of(record) for record in records} == {"tagged"}
    assert records[7]["words"] == ["Ann", "went", "to", "Ybbs", "7", "."]
    assert records[7]["tags"] == ["B-PER", "O", "O", "B-LOC", "O", "O"]
    assert texts_of(records[7]) == ["Ann went to Ybbs 7."]
    assert "words = 1, tags = 2" in said
    assert "does not say where spaces stand" in said


def test_that_a_packed_treebank_is_read_and_split_by_whole_sentences(tmp_path: Path) -> None:
    corpus, said = imported(tmp_path, {"zh-dev.conllu.gz": gzip.compress(TEN.encode())})
    parts = {part: [record["words"][2] for record in corpus.records(part)] for part in SPLITS}
    assert sorted(itertools.chain(*parts.values()), key=int) == list(map(str, range(60)))
    assert all(parts.values())
    assert "words = FORM, tags = UPOS; not read: LEMMA, XPOS" in said
    assert texts_of(next(corpus.records("all"))) == ["今天Graz0下雨。"]
    assert dict(corpus.statistics.tags) == dict.fromkeys(("NOUN", "PROPN", "NUM", "VERB", "PUNCT"), 60)
    assert corpus.statistics.labels == ()


@pytest.mark.parametrize(
    ("tags", "found"),
    [("XPOS", ["XN", "XP", "XN", "XV", "XP"]), ("FEATS", ["A=B"] * 5), ("HEAD", ["0"] * 5), ("LEMMA", ["_"] * 5)],
)
def test_that_another_column_can_be_the_tag(tmp_path: Path, tags: str, found: list[str]) -> None:
    corpus, said = imported(tmp_path, {"a.conllu": TEN}, reading={"tags": tags})
    assert next(corpus.records("all"))["tags"] == found
    assert f"tags = {tags}" in said
    assert ("same tag" in said) is (len(set(found)) == 1)


def test_that_word_boundaries_are_offered_for_words_without_spaces_and_tag_each_character(tmp_path: Path) -> None:
    (tmp_path / "a.conllu").write_text(TEN, encoding="utf-8")
    found = preview(tmp_path / "a.conllu", CorpusConfig().reading)
    (value,) = [way.value for remark in found.taken.remarks for way in remark.remedies if way.target == "reading.tags"]
    corpus, _ = imported(tmp_path, {"a.conllu": TEN}, reading={"tags": value})
    record = next(corpus.records("all"))
    assert record["words"] == list("今天Graz0下雨。")
    assert record["tags"] == list("BIBIIIBBIB")
    assert dict(corpus.statistics.tags).keys() == {"B", "I"}


def test_that_bad_sentences_are_left_out_and_counted_with_the_first_line(tmp_path: Path) -> None:
    text = TWO + "Ann\tB-PER\nwent\n\nhe\tO\tO\n\n" + bio(99)
    corpus, said = imported(tmp_path, {"a.conll": text})
    assert corpus.facts["documents"] == 61
    assert corpus.facts["skipped"]["rows"] == 2
    assert "2 rows were left out, in line 422, 424" in said
    assert "its sentence was left out" in said


def test_that_cleaning_leaves_words_beside_their_tags_and_says_so_once(tmp_path: Path) -> None:
    cleaning = {"lower_case": True, "punctuation": True, "urls": True}
    corpus, said = imported(tmp_path, {"a.conll": TWO}, cleaning=cleaning)
    assert next(corpus.records("all"))["words"] == ["Ann", "went", "to", "Graz", "0", "."]
    assert said.count("These cleaning steps were left out: Lower case, Punctuation.") == 1
    assert corpus.facts["cleaning"] == {}


def test_that_the_usual_cleaning_says_nothing_of_clean_sentences(tmp_path: Path) -> None:
    _, said = imported(tmp_path, {"a.conll": TWO})
    assert "cleaning" not in said


def test_that_equal_sentences_are_kept_once_and_equal_words_with_other_tags_lie_on_one_side(tmp_path: Path) -> None:
    again = TWO.replace("B-PER", "B-ORG")
    corpus, _ = imported(tmp_path, {"a.conll": TWO + TWO + again})
    assert corpus.facts["documents"] == 120
    assert corpus.facts["cleaning"]["exact_duplicates"] == 60
    sides = {part: {texts_of(record)[0] for record in corpus.records(part)} for part in SPLITS}
    assert not sides["train"] & (sides["val"] | sides["test"])


def test_that_too_short_sentences_are_dropped(tmp_path: Path) -> None:
    corpus, _ = imported(tmp_path, {"a.conll": TWO}, cleaning={"min_characters": 21})
    assert 0 < corpus.facts["documents"] < 60


def test_that_tags_that_go_on_with_nothing_are_kept_and_said(tmp_path: Path) -> None:
    corpus, said = imported(tmp_path, {"a.conll": TWO.replace("B-LOC", "I-LOC")})
    assert next(corpus.records("all"))["tags"][3] == "I-LOC"
    assert "60 I- tags go on with nothing" in said
    assert "(the first in line 4)" in said


def test_that_parts_named_by_files_are_kept(tmp_path: Path) -> None:
    files = {"eng.train": TWO, "eng.testa": bio(70) + bio(71), "eng.testb": bio(80) + bio(81) + bio(82)}
    corpus, _ = imported(tmp_path, files)
    assert {part: len(list(corpus.records(part))) for part in SPLITS} == {"train": 60, "val": 2, "test": 3}


def test_that_tagged_sentences_can_be_read_as_plain_text(tmp_path: Path) -> None:
    corpus, _ = imported(tmp_path, {"a.conll": TWO}, reading={"format": "text"})
    assert corpus.record_kind == "text"
    assert "Ann\tB-PER\n" in next(corpus.texts("all"))


def test_that_a_text_of_another_kind_beside_them_is_left_and_named(tmp_path: Path) -> None:
    corpus, said = imported(tmp_path, {"a.conll": TWO, "b.csv": "text,label\nsoup,good\nbread,bad\n" * 3})
    assert corpus.record_kind == "tagged"
    assert "made of sentences with tagged words" in said
    assert "b.csv holds texts with labels" in said


def test_that_a_file_without_columns_is_refused_where_tags_were_asked_for(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="holds no words with tags"):
        imported(tmp_path, {"a.txt": "Only prose here, line by line.\nAnd more.\n"}, reading={"format": "conll"})


def test_that_the_setting_for_tags_says_where_it_has_no_effect(tmp_path: Path) -> None:
    _, said = imported(tmp_path, {"a.txt": "Only prose here, line by line.\n"}, reading={"tags": "XPOS"})
    assert "The setting for tags has no effect" in said


def test_that_words_of_one_tag_are_said(tmp_path: Path) -> None:
    _, said = imported(tmp_path, {"a.conll": TWO.replace("B-PER", "O").replace("B-LOC", "O")})
    assert "All words bear the same tag (O)" in said


def test_that_a_file_without_empty_lines_is_said(tmp_path: Path) -> None:
    _, said = imported(tmp_path, {"a.conll": TWO.replace("\n\n", "\n") * 2})
    assert "are there empty lines between sentences?" in said


RECORD: Record = {"words": ["Go", "home", "!"], "tags": ["VERB", "ADV", "PUNCT"], "spaces": [True, False, True]}


def test_that_spans_name_the_words_in_the_text() -> None:
    assert tagged_text(RECORD) == ("Go home!", [(0, 2, "VERB"), (3, 7, "ADV"), (7, 8, "PUNCT")])


def test_that_tags_make_another_record_and_cleaning_makes_none() -> None:
    other = RECORD | {"tags": ["NOUN", "ADV", "PUNCT"]}
    assert content(other) != content(RECORD)
    assert map_texts(RECORD, str.upper) == RECORD
    assert excerpt(RECORD, 0.9, 7) == {"words": ["Go", "home"], "tags": ["VERB", "ADV"], "spaces": [True, False]}


@pytest.mark.parametrize(
    "change",
    [{"tags": ["A", "B"]}, {"tags": None}, {"spaces": [1, 0, 1]}, {"words": "abc"}, {"words": [], "tags": [], "spaces": []},
     {"words": ["a", "", "c"]}],
)  # fmt: skip
def test_that_words_without_their_tags_are_no_record(change: dict[str, Any]) -> None:
    assert is_record(RECORD)
    assert not is_record(RECORD | change)
