"""A test file of one's own: whole, and never learned from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import SPLITS, CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Noted
from llmstudio.core.settings import from_dict
from llmstudio.core.work import Stop


def table(numbers: Sequence[int], label: str = "ab", header: str = "text,label\n") -> str:
    return header + "".join(f"The boat number {n} is in,{label[n % len(label)]}\n" for n in numbers)


def talks(numbers: Sequence[int]) -> str:
    asked = [{"role": "user", "content": "Is boat {n} in?"}, {"role": "assistant", "content": "Yes."}]
    return "".join(json.dumps({"messages": asked}).replace("{n}", str(n)) + "\n" for n in numbers)


def imported(folder: Path, files: dict[str, str], tests: dict[str, str], **config: Any) -> tuple[Corpus, str]:
    for name, text in (files | tests).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    events = list(
        write_corpus(
            [folder / name for name in files],
            from_dict(CorpusConfig, config),
            folder / "out",
            tests=[folder / name for name in tests],
            stop=Stop(),
        )
    )
    assert isinstance(events[-1], Finished)
    return Corpus(folder / "out"), "\n".join(str(event.message) for event in events if isinstance(event, Noted))


def parts(corpus: Corpus) -> dict[str, list[str]]:
    return {part: [str(record.get("text") or record) for record in corpus.records(part)] for part in SPLITS}


def test_that_a_test_file_is_the_test_part_whole_and_nothing_else_is(tmp_path: Path) -> None:
    corpus, said = imported(tmp_path, {"a.csv": table(range(80))}, {"b.csv": table(range(100, 130))})
    found = parts(corpus)
    assert found["test"] == [f"The boat number {n} is in" for n in range(100, 130)]
    assert sorted(found["train"] + found["val"]) == sorted(f"The boat number {n} is in" for n in range(80))
    assert 0 < len(found["val"]) < 20
    assert "b.csv: All of it is the test part" in said
    assert "learned from as well" not in said


def test_that_texts_of_the_test_that_are_learned_from_are_counted_however_they_are_spelled(tmp_path: Path) -> None:
    again = table([100, 101, 102]) + "the BOAT number 7, is in!,a\nThe boat  number 8 is in,b\n".replace("7,", "7")
    corpus, said = imported(tmp_path, {"a.csv": table(range(80))}, {"b.csv": again}, split={"val_share": 0.0})
    assert corpus.rule.num_leaked == 2
    assert "2 of 5 texts of the test are learned from as well" in said


def test_that_cleaning_drops_nothing_of_the_test_but_changes_it_like_all_else(tmp_path: Path) -> None:
    cleaning = {"lower_case": True, "min_characters": 24, "exact_duplicates": True}
    test = table([1, 1, 2]) + "Short,a\n"
    corpus, _ = imported(tmp_path, {"a.csv": table(range(80))}, {"b.csv": test}, cleaning=cleaning)
    found = parts(corpus)
    assert found["test"] == ["the boat number 1 is in"] * 2 + ["the boat number 2 is in", "short"]
    assert min(map(len, found["train"])) == 24


def test_that_a_test_file_inside_a_source_is_not_learned_from(tmp_path: Path) -> None:
    files = {"all/a.csv": table(range(80)), "all/held.csv": table(range(100, 110))}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    tests = [tmp_path / "all" / "held.csv"]
    for sources in ([tmp_path / "all"], [tmp_path / "all" / "a.csv", tmp_path / "all" / ".." / "all" / "held.csv"]):
        out = tmp_path / f"out{len(sources)}"
        list(write_corpus(sources, CorpusConfig(), out, tests=tests, stop=Stop()))
        found = parts(Corpus(out))
        assert len(found["test"]) == 10
        assert len(found["train"]) + len(found["val"]) == 80


def test_that_a_short_test_file_is_read_like_the_sources(tmp_path: Path) -> None:
    train = "".join(f"The boat number {n} is in\t{'ab'[n % 2]}\n" for n in range(40))
    corpus, _ = imported(tmp_path, {"a.txt": train}, {"b.txt": "A late boat\ta\nAn early boat\tb\n"})
    assert [(record["text"], record["label"]) for record in corpus.records("test")] == [
        ("A late boat", "a"),
        ("An early boat", "b"),
    ]


@pytest.mark.parametrize("setting", [{}, {"label_key": "label"}])
def test_that_other_names_of_columns_are_found_by_their_labels_or_places(tmp_path: Path, setting: dict[str, str]) -> None:
    train = "nr,text,label,count\n" + "".join(f"{n},The boat number {n} is in,{'ab'[n % 2]},{7 * n}\n" for n in range(40))
    test = "nummer,satz,zahl,stimmung\n" + "".join(
        f"{n},The cart number {n} is in,{n + 50},{'ba'[n % 2]}.\n" for n in range(6)
    )
    corpus, said = imported(tmp_path, {"a.csv": train}, {"b.csv": test.replace(".\n", "\n")}, reading=setting)
    found = [(record["text"], record["label"]) for record in corpus.records("test")]
    assert found == [(f"The cart number {n} is in", "ba"[n % 2]) for n in range(6)]
    assert "satz, stimmung were taken for text, label" in said


def test_that_columns_of_pairs_are_found_by_their_places(tmp_path: Path) -> None:
    train = "nr,source,target\n" + "".join(f"{n},The boat number {n},Das Boot Nummer {n}\n" for n in range(40))
    test = "zahl,von,nach\n" + "".join(f"{n},The cart number {n},Der Karren Nummer {n}\n" for n in range(6))
    corpus, said = imported(tmp_path, {"a.csv": train}, {"b.csv": test})
    found = [(record["source"], record["target"]) for record in corpus.records("test")]
    assert found == [(f"The cart number {n}", f"Der Karren Nummer {n}") for n in range(6)]
    assert "von, nach were taken for source, target" in said


def test_that_classes_of_the_test_alone_are_not_missed_in_validation(tmp_path: Path) -> None:
    corpus, said = imported(tmp_path, {"a.csv": table(range(80))}, {"b.csv": "text,label\nOne boat is in,c\n"})
    assert (corpus.rule.num_classes, corpus.rule.num_unwatched) == (2, 0)
    assert "in validation" not in said


def test_that_tagged_sentences_may_have_a_test_of_their_own(tmp_path: Path) -> None:
    train = "".join(f"Ann\tB-PER\nsaw\tO\n{n}\tO\n\n" for n in range(40))
    test = "Ben\tB-PERS\nran\tO\n\nAnn\tB-PER\nsaw\tO\n7\tO\n\n"
    corpus, said = imported(tmp_path, {"a.conll": train}, {"b.conll": test}, split={"val_share": 0.0})
    assert [record["words"] for record in corpus.records("test")] == [["Ben", "ran"], ["Ann", "saw", "7"]]
    assert corpus.rule.num_leaked == 1
    assert "1 label that no text to learn from bears, 1 times: B-PERS (B-PER?)" in said


def test_that_labels_the_test_has_alone_are_named_with_what_was_meant(tmp_path: Path) -> None:
    train = table(range(80)).replace(",a\n", ",sport\n").replace(",b\n", ",world\n")
    test = "text,label\nOne boat is in,Sports\nTwo boats are in,world\nThree boats are in,Sports\nNo boat is in,opera\n"
    _, said = imported(tmp_path, {"a.csv": train}, {"b.csv": test})
    assert "The test has 2 labels that no text to learn from bears, 3 times: Sports (sport?), opera." in said


def test_that_conversations_and_pairs_may_have_a_test_of_their_own(tmp_path: Path) -> None:
    corpus, _ = imported(tmp_path, {"a.jsonl": talks(range(40))}, {"b.jsonl": talks(range(40, 45))})
    assert [record["turns"][0]["what"] for record in corpus.records("test")] == [f"Is boat {n} in?" for n in range(40, 45)]


def test_that_long_texts_stay_apart(tmp_path: Path) -> None:
    long = "The mill stands by the river.\n" * 80_000
    corpus, said = imported(tmp_path, {"a.txt": long, "c.txt": "Another text.\n"}, {"b.txt": long.replace("mill", "boat")})
    assert "".join(corpus.texts("test")) == long.replace("mill", "boat")
    assert "".join(corpus.texts("train")) == long + "Another text.\n"
    assert "Nothing is held out for validation" in said


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ({"b.txt": "Only prose here.\n"}, "b.txt cannot be the test of a.csv: it holds running text, and texts with"),
        (
            {"b.csv": "nr,satz,zahl\n" + "".join(f"{n},Ein Boot {n} kommt,{n + 7}\n" for n in range(9))},
            "columns nr, satz, zahl",
        ),
        ({"b.csv": "text,label\n"}, "b.csv"),
        ({"b.txt": ""}, "b.txt is empty"),
    ],
)
def test_that_a_test_file_of_another_kind_is_refused_and_nothing_is_kept(
    tmp_path: Path, tests: dict[str, str], said: str
) -> None:
    with pytest.raises(StudioError, match=said):
        imported(tmp_path, {"a.csv": table(range(80))}, tests)
    assert not any((tmp_path / "out").iterdir())


def test_that_a_test_file_needs_something_to_learn_from(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(table(range(80)))
    with pytest.raises(StudioError, match="name a source to learn from"):
        list(write_corpus([tmp_path / "a.csv"], CorpusConfig(), tmp_path / "out", tests=[tmp_path / "a.csv"], stop=Stop()))
    with pytest.raises(StudioError, match=r"no file .*b\.csv"):
        list(write_corpus([tmp_path / "a.csv"], CorpusConfig(), tmp_path / "out", tests=[tmp_path / "b.csv"], stop=Stop()))
