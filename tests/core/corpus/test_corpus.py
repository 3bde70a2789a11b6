from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.corpus.config import SPLITS, CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.corpus.reading.formats.separators import separator
from llmstudio.core.corpus.records import num_characters, texts_of
from llmstudio.core.corpus.samples import SLICES
from llmstudio.core.corpus.splitting.split import SplitRule
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped, from_json, to_json
from llmstudio.core.settings import from_dict
from llmstudio.core.work import Stop

CLEAN = st.text(
    alphabet=st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\xad\ufeff") | st.sampled_from("\n\t"),
    max_size=400,
)


def run(sources: Sequence[Path | str], folder: Path, **config: Any) -> list[Event]:
    return list(write_corpus(sources, from_dict(CorpusConfig, config), folder, stop=Stop()))


def made(sources: Sequence[Path | str], folder: Path, **config: Any) -> Corpus:
    end = run(sources, folder, **config)[-1]
    assert isinstance(end, Finished)
    corpus = Corpus(folder)
    assert corpus.facts == json.loads(json.dumps(end.result))
    return corpus


def text_of(corpus: Corpus, split: str) -> str:
    return "".join(corpus.texts(split))


@given(text=CLEAN.filter(lambda text: bool(text.strip()) and not separator(text)))
@settings(max_examples=40, deadline=None)
def test_that_clean_text_comes_back_byte_for_byte(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "a.txt").write_bytes(text.encode())
    corpus = made([folder / "a.txt"], folder / "corpus")
    assert text_of(corpus, "all").encode() == text.encode()
    assert text_of(corpus, "train") + text_of(corpus, "val") == text
    assert corpus.facts["bytes"] == len(text.encode())


@given(text=CLEAN.filter(lambda text: len(text.strip()) > 1 and not separator(text)))
@settings(max_examples=40, deadline=None)
def test_that_one_document_is_cut_at_nine_tenths_of_its_characters(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "a.txt").write_bytes(text.encode())
    corpus = made([folder / "a.txt"], folder / "corpus")
    cut = max(1, int(0.9 * len(text)))
    assert (text_of(corpus, "train"), text_of(corpus, "val"), text_of(corpus, "test")) == (text[:cut], text[cut:], "")


def test_that_a_text_of_several_parts_and_shards_is_cut_at_the_character(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmstudio.core.corpus.shards.SHARD_BYTES", 1 << 20)
    text = "".join(f"line {n} 中文 — é\n" for n in range(150_000))
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    corpus = made([tmp_path / "a.txt"], tmp_path / "corpus")
    assert sum(1 for _ in corpus.records("all")) > 2
    cut = int(0.9 * len(text))
    assert (text_of(corpus, "train"), text_of(corpus, "val")) == (text[:cut], text[cut:])
    assert corpus.statistics.num_characters == len(text)
    assert corpus.statistics.splits["val"] == {"documents": 1, "characters": len(text) - cut}


def test_that_documents_are_dealt_out_once_each_and_equal_ones_never_twice(tmp_path: Path) -> None:
    rows = [f"document number {n % 400}" for n in range(600)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": row}) + "\n" for row in rows))
    kept = made([tmp_path / "a.jsonl"], tmp_path / "all", cleaning={"exact_duplicates": False})
    parts = {split: list(kept.texts(split)) for split in ("train", "val", "test")}
    assert sorted(row for part in parts.values() for row in part) == sorted(rows)
    assert all(parts.values())
    assert not set(parts["train"]) & set(parts["val"]) | set(parts["val"]) & set(parts["test"])
    assert kept.facts["split"]["overlap"] == 0
    single = made([tmp_path / "a.jsonl"], tmp_path / "single")
    assert (single.facts["documents"], single.facts["cleaning"]) == (400, {"exact_duplicates": 200})
    assert set(single.texts("val")) == set(parts["val"])


def sides(corpus: Corpus) -> dict[str, str]:
    """The part that each record lies in, by its last text."""
    return {texts_of(record)[-1]: part for part in ("train", "val", "test") for record in corpus.records(part)}


def test_that_texts_that_differ_in_white_space_and_letters_alone_lie_on_one_side(tmp_path: Path) -> None:
    told = [f"Story {n}: the ﬁne Mill" for n in range(200)]
    rows = [change(row) for row in told for change in (str, str.upper, lambda row: row.replace(" ", "\n  ") + "\n")]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": row}) + "\n" for row in rows), encoding="utf-8")
    corpus = made([tmp_path / "a.jsonl"], tmp_path / "corpus")
    part = sides(corpus)
    assert all(len({part[row] for row in rows[n : n + 3]}) == 1 for n in range(0, len(rows), 3))
    assert set(part.values()) == {"train", "val", "test"}
    assert corpus.facts["documents"] == 600


def test_that_a_long_text_is_on_the_side_of_its_copy_wherever_it_is_cut_into_parts(tmp_path: Path) -> None:
    words = " ".join(f"word{n}" for n in range(120_000))
    for n in range(11):
        (tmp_path / f"{n:02}a.txt").write_text(f"{n} {words}")
        (tmp_path / f"{n:02}b.txt").write_text(f"{n}  {words}".replace(" ", "\n"))
    corpus = made(sorted(tmp_path.glob("*.txt")), tmp_path / "corpus", split={"val_share": 0.3})
    parts = {part: {record["text"].split()[0] for record in corpus.records(part) if not record["part"]} for part in SPLITS}
    assert corpus.rule.method == "documents"
    assert sum(map(len, parts.values())) == 11


@pytest.mark.parametrize("num_chats", [1, 2, 3])
def test_that_a_long_conversation_alone_is_divided_where_a_user_speaks(num_chats: int, tmp_path: Path) -> None:
    said = [{"role": ("user", "assistant")[n % 2], "content": f"message {n:03}"} for n in range(400)]
    chats = [{"messages": [{"role": "system", "content": f"Chat {n}."}, *said]} for n in range(num_chats)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(chat) + "\n" for chat in chats))
    corpus = made([tmp_path / "a.jsonl"], tmp_path / "corpus")
    parts = {part: list(corpus.records(part)) for part in SPLITS}
    sizes = {part: sum(map(num_characters, records)) for part, records in parts.items()}
    assert sizes == {part: size["characters"] for part, size in corpus.rule.sizes.items()}
    assert sizes["val"] == pytest.approx(0.1 * sum(sizes.values()), rel=0.05)
    assert parts["val"][-1]["turns"][0]["who"] in ("user", "story")
    assert text_of(corpus, "train") + text_of(corpus, "val") == text_of(corpus, "all")
    assert SplitRule.from_dict(corpus.rule.to_dict()) == corpus.rule


def test_that_a_split_that_misses_the_wish_is_said(tmp_path: Path) -> None:
    ask = "Please tell me another story."
    rows = [
        {"instruction": ask if n % 4 else f"{ask} Number {n}.", "output": f"Once a miller had {n} sacks of flour to sell."}
        for n in range(400)
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    events = run([tmp_path / "a.jsonl"], tmp_path / "corpus")
    assert any("300 of 400 documents begin alike" in str(event.message) for event in events if isinstance(event, Noted))
    sizes = Corpus(tmp_path / "corpus").rule.sizes
    assert 10 <= sizes["val"]["documents"] <= 30
    (tmp_path / "b.txt").write_text("one long text " * 100)
    said = [str(event.message) for event in run([tmp_path / "b.txt"], tmp_path / "b") if isinstance(event, Noted)]
    assert any(
        "only one document, so its last 10 % is kept for validation. Nothing is kept for a last test" in sentence
        for sentence in said
    )


def test_that_one_text_with_two_labels_stays_on_one_side(tmp_path: Path) -> None:
    rows = [(f"sentence {n} of many", label) for n in range(300) for label in ("good", "bad")]
    (tmp_path / "a.csv").write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
    corpus = made([tmp_path / "a.csv"], tmp_path / "corpus")
    assert corpus.facts["documents"] == 600
    train, val = (set(corpus.texts(split)) for split in ("train", "val"))
    assert val
    assert not train & val
    assert dict(corpus.statistics.labels) == {"good": 300, "bad": 300}


def test_that_the_same_sources_and_seed_give_the_same_hash_and_others_do_not(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("".join(f'{{"text": "row {n}"}}\n' for n in range(200)))
    (tmp_path / "b.jsonl").write_text("".join(f'{{"text": "row {n}"}}\n' for n in range(201)))
    hashes = [
        made([tmp_path / name], tmp_path / f"{n}", split={"seed": seed}).facts["hash"]
        for n, (name, seed) in enumerate([("a.jsonl", 0), ("a.jsonl", 0), ("a.jsonl", 1), ("b.jsonl", 0)])
    ]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([{"text": f"text {n}"} for n in range(40)], "text"),
        ([{"source": f"hi {n}", "target": f"hallo {n}"} for n in range(40)], "pairs"),
        ([{"text": f"text {n}", "label": "ab"[n % 2]} for n in range(40)], "labelled"),
        ([{"turns": [{"who": "user", "what": f"q {n}"}, {"who": "assistant", "what": "a"}]} for n in range(40)], "turns"),
    ],
)
def test_that_every_kind_of_record_comes_back_as_it_was(tmp_path: Path, rows: list[dict[str, Any]], kind: str) -> None:
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    corpus = made([tmp_path / "a.jsonl"], tmp_path / "corpus")
    assert corpus.record_kind == kind
    found = sorted(
        (record for split in ("train", "val", "test") for record in corpus.records(split)), key=lambda r: r["doc"]
    )
    assert [{key: value for key, value in record.items() if key != "doc"} for record in found] == rows
    assert any(corpus.records("val"))


def test_that_a_sample_keeps_the_split_it_brings(tmp_path: Path) -> None:
    corpus = made(["sample:tour"], tmp_path / "corpus", sample_count=400)
    assert corpus.facts["split"]["method"] == "given"
    assert corpus.record_kind == "turns"
    assert sum(1 for _ in corpus.records("val")) == corpus.statistics.splits["val"]["documents"] == 20
    assert corpus.statistics.languages[0][0] == "en"


def test_that_a_sample_is_called_by_its_label_and_counted_in_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmstudio.core.corpus.import_log._EVERY_S", 0)
    events = run(["sample:tour"], tmp_path / "corpus", sample_count=400)
    label = SLICES["tour"].label
    assert str(events[0].title if isinstance(events[0], Started) else "") == f"Reading {label}"
    progress = [event for event in events if isinstance(event, Progress)]
    assert {str(event.what) for event in progress} == {f"Reading {label}"}
    assert {event.unit for event in progress} == {"documents"}
    assert {event.total for event in progress} == {440}
    assert [event.done for event in progress] == sorted(event.done for event in progress)
    assert progress[len(progress) // 2].done > 100


def test_that_cleaning_and_dropping_are_counted(tmp_path: Path) -> None:
    rows = ["a\r\nb", "short", "x" * 50, "see http://a.b/c now", "see http://a.b/c now"]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": row}) + "\n" for row in rows))
    cleaning = {"urls": True, "min_characters": 4, "max_characters": 40}
    corpus = made([tmp_path / "a.jsonl"], tmp_path / "corpus", cleaning=cleaning)
    counts = corpus.facts["cleaning"]
    assert counts == {"control_characters": 1, "urls": 2, "min_characters": 1, "max_characters": 1, "exact_duplicates": 1}
    assert sorted(corpus.texts("all")) == ["see  now", "short"]


def test_that_a_long_document_dropped_at_its_end_leaves_no_trace(tmp_path: Path) -> None:
    long = "a line of words\n" * 150_000
    for name, text in {"a.txt": "first", "b.txt": long, "c.txt": "last", "d.txt": long}.items():
        (tmp_path / name).write_text(text)
    sources = [tmp_path / f"{name}.txt" for name in "abcd"]
    twice = made(sources, tmp_path / "twice")
    once = made(sources[:3], tmp_path / "once")
    assert twice.facts["cleaning"] == {"exact_duplicates": 1}
    assert twice.facts["hash"] == once.facts["hash"]
    sampled = {"words": (), "num_different_words": 0, "languages": (), "sampled_share": 1.0}
    assert replace(twice.statistics, **sampled) == replace(once.statistics, **sampled)
    without = made(sources, tmp_path / "without", cleaning={"max_characters": 1000}, split={"val_share": 0, "test_share": 0})
    assert list(without.texts()) == ["first", "last"]
    assert without.statistics.num_characters == 9


def test_that_a_document_that_cannot_be_read_to_its_end_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("good words")
    (tmp_path / "b.txt").write_bytes("今天天气很好。\n".encode() * 150_000 + b"\xff\xfe\xfd" * 300_000)
    events = run([tmp_path / "a.txt", tmp_path / "b.txt"], tmp_path / "corpus")
    assert text_of(Corpus(tmp_path / "corpus"), "all") == "good words"
    assert any(isinstance(event, Noted) and "b.txt cannot be read as UTF-8" in str(event.message) for event in events)


def test_that_events_begin_end_and_survive_json(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("word " * 3_000_000)
    events = run([tmp_path / "a.txt"], tmp_path / "corpus")
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    progress = [event for event in events if isinstance(event, Progress)]
    assert progress
    assert all(0 <= event.done <= (event.total or 0) and event.details["excerpt"] for event in progress)
    assert [event.done for event in progress] == sorted(event.done for event in progress)
    assert len(progress) <= 25 * (events[-1].time - events[0].time) + 2
    assert [from_json(json.loads(json.dumps(to_json(event)))) for event in events] == events


def test_that_what_was_left_out_is_told_and_kept_in_the_facts(tmp_path: Path) -> None:
    lines = [f'{{"text": "line {n}"}}' for n in range(1, 101)]
    lines[72] = "{broken"
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    (tmp_path / "c.txt").write_text("  \n ")
    events = run([tmp_path], tmp_path / "corpus")
    told = [str(event.message) for event in events if isinstance(event, Noted)]
    assert any("line 73 was left out" in text for text in told)
    assert any("b.png holds no text: it looks like a picture" in text for text in told)
    assert any("c.txt is blank" in text for text in told)
    skipped = Corpus(tmp_path / "corpus").facts["skipped"]
    assert (skipped["files"], skipped["rows"], skipped["empty"]) == (2, 1, 1)
    assert {"name": f"{tmp_path.name}/a.jsonl", "line": 73, "reason": "this line is no JSON"} in skipped["examples"]


@pytest.mark.parametrize("others", ["good.txt", "good.csv"])
def test_that_a_file_whose_rows_are_all_bad_answers_for_them_itself(tmp_path: Path, others: str) -> None:
    (tmp_path / "bad.jsonl").write_text("{bad\n" * 300)
    (tmp_path / "good.txt").write_text("good words")
    (tmp_path / "good.csv").write_text("text,label\n" + "".join(f"row {n} of many,{n % 2}\n" for n in range(9)))
    events = run([tmp_path / "bad.jsonl", tmp_path / others], tmp_path / "corpus")
    told = [str(event.message) for event in events if isinstance(event, Noted) and event.level == "warning"]
    assert len(told) == 1
    assert told[0].startswith("bad.jsonl: 300 rows were left out, in line 1, 2, 3, 4, 5 …")
    facts = Corpus(tmp_path / "corpus").facts
    assert [source["name"] for source in facts["sources"]] == [others]
    assert (facts["skipped"]["files"], facts["skipped"]["rows"]) == (0, 300)


@pytest.mark.parametrize("reading", [{}, {"text_key": "text"}])
def test_that_rows_without_a_text_are_skipped_counted_and_shown(tmp_path: Path, reading: dict[str, str]) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n5\n{"text": 7}\n{"other": "x"}\n{"text": "b"}\n')
    events = run([tmp_path / "a.jsonl"], tmp_path / "corpus", reading=reading)
    assert sorted(Corpus(tmp_path / "corpus").texts("all")) == ["a", "b"]
    assert Corpus(tmp_path / "corpus").facts["skipped"]["rows"] == 3
    (told,) = [str(event.message) for event in events if isinstance(event, Noted) and event.level == "warning"]
    assert "3 rows were left out, in line 2, 3, 4" in told


@pytest.mark.parametrize(("broken", "told"), [(b"\xff\xfe\xfd\x80\x81", "5 places"), (b"\x81", "one place")])
def test_that_bytes_that_are_no_utf8_are_told(tmp_path: Path, broken: bytes, told: str) -> None:
    (tmp_path / "a.txt").write_bytes("A naïve café.\n".encode() * 100 + broken)
    events = run([tmp_path / "a.txt"], tmp_path / "corpus")
    (said,) = [str(event.message) for event in events if isinstance(event, Noted) and event.level == "warning"]
    assert said == f"a.txt: {told} could not be read as UTF-8 and became \ufffd."
    assert text_of(Corpus(tmp_path / "corpus"), "all").count("\ufffd") == len(broken)


def test_that_sources_are_listed_with_their_encodings(tmp_path: Path) -> None:
    (tmp_path / "文 件😀.txt").write_bytes("今天天气很好，我们一起去公园散步。".encode("gb18030"))
    facts = made([tmp_path / "文 件😀.txt"], tmp_path / "corpus").facts
    source = facts["sources"][0]
    assert (source["name"], source["encoding"], source["format"]) == ("文 件😀.txt", "gb18030", "text")


@pytest.mark.parametrize(
    ("name", "data", "config", "sentence"),
    [
        ("a.txt", b"", {}, "a.txt is empty."),
        ("a.txt", b" \n\t\n", {}, "a.txt is blank: it was left out."),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00", {}, "a.txt holds no text: it looks like a picture (PNG)."),
        ("a.json", b'{"a": ', {}, "a.json is broken JSON from line 1 on."),
        ("a.json", b"[]", {}, "No text found in a.json: choose a file with words in it."),
        ("a.jsonl", b"not json\n", {}, "a.jsonl, line 1: this line is no JSON"),
        ("a.csv", b"text,label\nx,y\n", {"text_key": "body"}, "There is no column body in a.csv. There are: text, label."),
        ("a.zip", b"PK\x03\x04 rubbish", {}, "a.zip is damaged or packed in an unknown way."),
    ],
)
def test_that_a_source_without_text_is_one_clear_sentence_and_leaves_nothing(
    tmp_path: Path, name: str, data: bytes, config: dict[str, str], sentence: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(StudioError) as caught:
        run([tmp_path / name], tmp_path / "corpus", reading=config)
    assert sentence in str(caught.value)
    assert not list((tmp_path / "corpus").rglob("*"))


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\x89PNG\r\n\x1a\n\x00"])
def test_that_why_nothing_was_read_is_said_once_and_of_a_file_among_others_at_all(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(data)
    assert not [event for event in _until_error([tmp_path / "in"], tmp_path / "one") if isinstance(event, Noted)]
    (tmp_path / "in" / "b.txt").write_text("The boat comes home.")
    told = [event for event in _until_error([tmp_path / "in"], tmp_path / "two") if isinstance(event, Noted)]
    assert sum("a.txt" in str(event.message) for event in told) == 1


def _until_error(sources: list[Path], folder: Path) -> list[Event]:
    heard = []
    with contextlib.suppress(StudioError):
        for event in write_corpus(sources, CorpusConfig(), folder, stop=Stop()):
            heard.append(event)
    return heard


def test_that_cleaning_everything_away_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("short")
    with pytest.raises(StudioError, match=r"Cleaning leaves nothing of a\.txt"):
        run([tmp_path / "a.txt"], tmp_path / "corpus", cleaning={"min_characters": 100})


def test_that_nothing_to_import_and_nothing_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="Choose a file, a folder or a sample"):
        run([], tmp_path / "corpus")
    with pytest.raises(StudioError, match="There is no file"):
        run([tmp_path / "none.txt"], tmp_path / "corpus")


def test_that_a_bomb_among_files_costs_only_itself(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"\n" * (30 << 20))
    (tmp_path / "good.txt").write_text("good words")
    events = run([tmp_path / "bomb.zip", tmp_path / "good.txt"], tmp_path / "corpus")
    assert text_of(Corpus(tmp_path / "corpus"), "all") == "good words"
    assert any(isinstance(event, Noted) and "200 times its size" in str(event.message) for event in events)


def test_that_a_stop_ends_soon_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("word " * 4_000_000)
    stop = Stop()
    events = write_corpus([tmp_path / "a.txt"], CorpusConfig(), tmp_path / "corpus", stop=stop)
    for event in events:
        if isinstance(event, Progress):
            break
    stop.request()
    began = time.process_time()
    rest = list(events)
    assert time.process_time() - began < 0.2
    assert isinstance(rest[-1], Stopped)
    assert rest[-1].result == {"kept": False}
    assert not list((tmp_path / "corpus").rglob("*"))


@pytest.mark.parametrize("source", ["sample:tour", "rows.jsonl"])
def test_that_a_stop_before_the_first_record_is_seen(tmp_path: Path, source: str) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": "a"}\n' * 1000)
    stop = Stop()
    stop.request()
    sources = [source if source.startswith("sample:") else tmp_path / source]
    assert isinstance(list(write_corpus(sources, CorpusConfig(), tmp_path / "c", stop=stop))[-1], Stopped)


def test_that_sampled_texts_are_spread_over_the_training_part_only(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("".join(f"{n:07}\n" for n in range(300_000)))
    corpus = made([tmp_path / "a.txt"], tmp_path / "corpus")
    pieces = corpus.sample_texts(10, max_characters=80)
    places = [int(piece.split()[1]) for piece in pieces]
    assert len(places) == 10
    assert places == sorted(places)
    assert places[0] < 30_000 < 220_000 < places[-1] < 270_000
    (tmp_path / "b.jsonl").write_text("".join(f'{{"text": "row {n}"}}\n' for n in range(1000)))
    rows = made([tmp_path / "b.jsonl"], tmp_path / "rows")
    pieces = rows.sample_texts(50)
    assert 30 < len(pieces) <= 50
    assert set(pieces) <= set(rows.texts("train"))


def test_that_a_folder_without_a_corpus_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="is missing"):
        Corpus(tmp_path)


_CHILD = """
    import sys, threading
    from pathlib import Path
    import psutil
    from llmstudio.core.corpus.config import CorpusConfig
    from llmstudio.core.corpus.corpus import write_corpus
    from llmstudio.core.errors import StudioError
    from llmstudio.core.work import Stop

    memory, done = psutil.Process().memory_info, threading.Event()
    seen = [memory().rss]

    def watch():
        while not done.wait(0.003):
            seen.append(memory().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        *_, end = write_corpus([Path(sys.argv[1])], CorpusConfig(), Path(sys.argv[2]), stop=Stop())
    except StudioError:
        pass
    done.set()
    watcher.join()
    print((max(seen) - seen[0]) / 2**20)
"""


@pytest.mark.parametrize("kind", ["lines", "one line", "one line of jsonl", "one line of csv", "one value of json", "rows"])
def test_that_memory_stays_bounded_whatever_the_file(tmp_path: Path, kind: str) -> None:
    name, head, block = {
        "lines": ("a.txt", b"", "a line of words, and 中文\n".encode() * 40_000),
        "one line": ("a.txt", b"", b"x" * 1_000_000),
        "one line of jsonl": ("a.jsonl", b'{"text": "', b"x" * 1_000_000),
        "one line of csv": ("a.csv", b'text,label\n"', b"x" * 1_000_000),
        "one value of json": ("a.json", b'[{"text": "', b"x" * 1_000_000),
        "rows": ("a.json", b"[", b'{"text": "a row of words' + b" and more words" * 60 + b'"},' * 1000),
    }[kind]
    with open(tmp_path / name, "wb") as file:
        file.write(head)
        for _ in range(60):
            file.write(block)
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_CHILD), str(tmp_path / name), str(tmp_path / "corpus")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert float(run.stdout) < 150, run.stdout


def test_that_kinds_left_for_another_import_are_told_once_each_with_the_setting(tmp_path: Path) -> None:
    source = tmp_path / "mixed"
    source.mkdir()
    (source / "tale.txt").write_text("Once upon a time there was a mill by the river.\n" * 200, encoding="utf-8")
    for n in range(5):
        rows = "".join(f"Is soup {i} of {n} warm?,Soup {i} is warm.\n" for i in range(10))
        (source / f"pairs {n}.csv").write_text("question,answer\n" + rows, encoding="utf-8")
    events = list(write_corpus([source], CorpusConfig(), tmp_path / "made", stop=Stop()))
    (noted,) = [event for event in events if isinstance(event, Noted) and event.remedies]
    assert "5 files hold pairs of texts" in str(noted.message)
    assert "made of running text" in str(noted.message)
    assert [(r.action, r.target, r.value) for r in noted.remedies] == [("set", "reading.kind", "pairs")]
    assert events[-1].result["skipped"]["files"] == 5


def test_that_several_labels_are_kept_counted_one_by_one_and_split_at_random(tmp_path: Path) -> None:
    rows = [{"text": f"line {n} of it", "labels": [["a", "b"], ["b"], ["c"], []][n % 4]} for n in range(80)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    corpus = made([tmp_path / "a.jsonl"], tmp_path / "corpus")
    assert corpus.record_kind == "labelled"
    assert [record["label"] for record in corpus.records("all")] == [row["labels"] for row in rows]
    assert dict(corpus.statistics.labels) == {"a": 20, "b": 40, "c": 20}
    assert all(corpus.facts["split"]["sizes"][part]["documents"] for part in SPLITS)
