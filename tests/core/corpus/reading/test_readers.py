from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.meter import Halted, Meter
from llmstudio.core.corpus.reading.readers import Plan, preview, read, survey
from llmstudio.core.corpus.records import FileRead, Skipped
from llmstudio.core.errors import StudioError
from llmstudio.core.work import Stop

CHINESE = "今天天气很好，我们一起去公园散步，看到了很多美丽的花。\n"


def everything(*sources: Path | str, **config: str) -> tuple[list[dict[str, Any]], list[str], list[FileRead]]:
    """Records without their numbers, what was skipped, files read."""
    items = list(read(sources, ReadingConfig(**config), sample_count=30))
    records = [{k: v for k, v in item.items() if k != "doc"} for item in items if isinstance(item, dict)]
    skipped = [f"{item.line}: {item.reason}" for item in items if isinstance(item, Skipped)]
    return records, skipped, [item for item in items if isinstance(item, FileRead)]


def test_that_every_format_of_the_list_is_read(tmp_path: Path) -> None:
    files = {
        "a.txt": "plain", "b.md": "# mark", "c.html": "<p>page</p>", "d.py": "x = 1\n", "e.json": '[{"text": "json"}]',
        "f.jsonl": '{"text": "lines"}\n', "g.csv": "text\ncommas\n", "h.tsv": "text\ttext2\ntabs\tx\n",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("y.txt", "packed")
    records, skipped, read_files = everything(tmp_path)
    assert [record["text"] for record in records] == [
        "plain", "# mark", "page", "x = 1\n", "json", "lines", "commas", "tabs", "packed",
    ]  # fmt: skip
    assert not skipped
    assert {file.format for file in read_files} == {"text", "html", "json", "jsonl", "csv", "tsv"}


def test_that_each_document_has_its_number_and_a_long_one_its_parts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("first")
    (tmp_path / "b.txt").write_text("word " * 500_000)
    (tmp_path / "c.jsonl").write_text(json.dumps({"text": "word " * 300_000}) + '\n{"text": "last"}\n')
    records = [item for item in read([tmp_path], ReadingConfig()) if isinstance(item, dict)]
    assert [(record["doc"], record.get("part")) for record in records] == [
        (0, None),
        (1, 0),
        (1, 1),
        (1, 2),
        (2, 0),
        (2, 1),
        (3, None),
    ]
    assert "".join(record["text"] for record in records if record["doc"] == 1) == "word " * 500_000


def test_that_files_of_another_kind_are_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("about the data")
    (tmp_path / "data.csv").write_text("text,label\n" + "words,good\n" * 20)
    records, skipped, _ = everything(tmp_path)
    assert records == [{"text": "words", "label": "good"}] * 20
    assert skipped == [
        f"0: {tmp_path.name}/README.md holds running text, but this corpus is made of texts with labels: "
        "import it as a corpus of its own."
    ]


def test_that_a_sample_brings_its_own_split() -> None:
    records, _, read_files = everything("sample:tour")
    assert [record["split"] for record in records] == ["train"] * 30 + ["val"] * 20 + ["test"] * 20
    assert read_files[0].format == "sample"
    with pytest.raises(StudioError, match=r"There is no sample nowhere\. There are: .*tour"):
        everything("sample:nowhere")


def test_that_each_bad_file_among_good_ones_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    (tmp_path / "b.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    (tmp_path / "c.json").write_text("[1, 2")
    (tmp_path / "d.csv").write_text("x,y\n1,2\n3,4\n5,6\n")
    (tmp_path / "e.zip").write_bytes(b"PK nothing")
    (tmp_path / "f.txt").write_text("good")
    records, skipped, _ = everything(tmp_path)
    assert records == [{"text": "good"}]
    assert [reason.split(tmp_path.name + "/")[1] for reason in skipped] == [
        "a.txt is empty.",
        "b.txt holds no text: it looks like a picture (PNG).",
        "c.json is broken JSON from line 1 on.",
        "d.csv holds text. There are: x, y.",
        "e.zip is damaged or packed in an unknown way.",
    ]


def test_that_rows_without_text_are_counted_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n{"text": ""}\nbroken\n{"other": 1}\n{"text": "b"}\n')
    records, skipped, (file,) = everything(tmp_path / "a.jsonl")
    assert records == [{"text": "a"}, {"text": "b"}]
    assert [reason.split(":")[0] for reason in skipped] == ["2", "3", "4"]
    assert (file.num_documents, file.num_skipped) == (2, 3)


def test_that_a_document_broken_off_is_named_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(CHINESE.encode() * 150_000 + b"\xff\xfe\xfd" * 300_000)
    items = list(read([tmp_path / "a.txt"], ReadingConfig()))
    assert isinstance(items[-1], Skipped)
    assert items[-1].doc == 0
    assert "cannot be read as UTF-8" in str(items[-1].reason)


def test_that_a_page_in_its_own_encoding_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(f"<meta charset=gb2312><p>{CHINESE}</p>".encode("gb18030"))
    assert everything(tmp_path / "a.html")[0] == [{"text": CHINESE.strip()}]


def test_that_a_chosen_format_wins_over_the_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("体验创新概览\t8\n铁树开花\t5\n港股首秀\t8\n十大概览\t5\n")
    assert everything(tmp_path, format="tsv")[0][0] == {"text": "体验创新概览", "label": "8"}


def test_that_a_preview_shows_encoding_columns_and_the_first_records(tmp_path: Path) -> None:
    rows = "".join(f"第{n}行：{CHINESE.strip()},好\n" for n in range(100))
    (tmp_path / "a.csv").write_bytes(f"正文,标签\n{rows}".encode("gb18030"))
    shown = preview(tmp_path / "a.csv", ReadingConfig(), limit=3)
    assert (shown.name, shown.format, shown.encoding, shown.kind) == ("a.csv", "csv", "gb18030", "labelled")
    assert 0.5 < shown.encoding_confidence <= 1
    assert shown.keys == ("正文", "标签")
    assert (shown.guessed.text_key, shown.guessed.label_key) == ("正文", "标签")
    assert [record["text"][:3] for record in shown.records] == ["第0行", "第1行", "第2行"]
    assert shown.num_bytes == (tmp_path / "a.csv").stat().st_size
    wrong = preview(tmp_path / "a.csv", ReadingConfig(encoding="latin-1"), limit=3)
    assert wrong.encoding == "cp1252"
    assert wrong.keys != shown.keys


def test_that_a_preview_reads_only_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("word " * 2_000_000)
    (tmp_path / "b.jsonl").write_text('{"text": "a"}\n' * 200_000 + "broken\n")
    for name in ("a.txt", "b.jsonl"):
        shown = preview(tmp_path / name, ReadingConfig(), limit=5)
        assert all(len(record["text"]) <= 2001 for record in shown.records)
        assert not shown.skipped


def test_that_a_preview_of_a_folder_passes_over_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (tmp_path / "b.txt").write_text("words")
    shown = preview(tmp_path, ReadingConfig())
    assert (shown.name, shown.num_files) == (f"{tmp_path.name}/b.txt", 2)
    assert "looks like a picture" in str(shown.skipped[0])


@pytest.mark.parametrize(
    ("name", "data", "config", "sentence"),
    [
        ("a.txt", b"", {}, "a.txt is empty."),
        ("a.jpg", b"\xff\xd8\xff", {}, "a.jpg holds no text: it looks like a picture (JPEG)."),
        ("a.csv", b"text,label\na,b\n", {"text_key": "body"}, "There is no column body in a.csv. There are: text, label."),
        ("a.txt", CHINESE.encode("gb18030"), {"encoding": "utf-8"}, "cannot be read as UTF-8: choose another encoding."),
    ],
)
def test_that_a_preview_of_one_bad_file_is_its_reason(
    tmp_path: Path, name: str, data: bytes, config: dict[str, str], sentence: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(StudioError) as caught:
        preview(tmp_path / name, ReadingConfig(**config))
    assert sentence in str(caught.value)


def test_that_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="No text found in"):
        preview(tmp_path, ReadingConfig())


def test_that_a_survey_finds_the_kind_that_most_bytes_hold(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x" * 50)
    (tmp_path / "b.json").write_text(json.dumps([{"source": "hi", "target": "hallo"}] * 10))
    plan = survey([tmp_path], ReadingConfig())
    assert (plan.kind, plan.num_files) == ("pairs", 2)
    (tmp_path / "a.txt").write_text("x" * 5000)
    assert survey([tmp_path], ReadingConfig()).kind == "text"


def test_that_a_stop_ends_reading_in_the_middle_of_a_line_without_end(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "a"}\n' + b"x" * (8 << 20))
    stop = Stop()
    meter = Meter(stop)
    items = read([tmp_path / "a.jsonl"], ReadingConfig(), plan=Plan("text", 0, 1), meter=meter)
    stop.request()
    with pytest.raises(Halted):
        list(items)
    assert meter.num_bytes < 2 << 20


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "a tale.txt").write_text("Once upon a time there was a mill by the river.\n" * 200, encoding="utf-8")
    for n in range(5):
        rows = "".join(f"Is soup {i} of {n} warm?,Soup {i} is warm.\n" for i in range(10))
        (folder / f"pairs {n}.csv").write_text("question,answer\n" + rows, encoding="utf-8")
    turns = [{"role": "user", "content": "Is it late?"}, {"role": "assistant", "content": "It is noon."}]
    (folder / "talk.json").write_text(json.dumps([{"messages": turns}]), encoding="utf-8")
    return folder


@pytest.mark.parametrize(("kind", "count"), [("", 1), ("text", 1), ("pairs", 50), ("turns", 1)])
def test_that_of_a_mixed_folder_one_kind_is_taken_and_the_others_are_left_by_name(
    mixed: Path, kind: str, count: int
) -> None:
    items = list(read([mixed], ReadingConfig(kind=kind)))
    assert sum(isinstance(item, dict) for item in items) == count
    left = sorted((item.kind, item.name) for item in items if isinstance(item, Skipped))
    expected = [("pairs", f"mixed/pairs {n}.csv") for n in range(5)] + [
        ("text", "mixed/a tale.txt"),
        ("turns", "mixed/talk.json"),
    ]
    assert left == [entry for entry in expected if entry[0] != (kind or "text")]


def test_that_a_preview_counts_the_files_of_other_kinds(mixed: Path) -> None:
    assert preview(mixed, ReadingConfig()).num_others == {"pairs": 5, "turns": 1}
    assert preview(mixed, ReadingConfig(kind="pairs")).num_others == {"text": 1, "turns": 1}


def test_that_what_holds_no_text_is_not_counted_among_files_of_text(mixed: Path) -> None:
    (mixed / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)))
    (mixed / "paper.pdf").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)))
    (mixed / "nothing.txt").write_bytes(b"")
    (mixed / "wide.txt").write_bytes("It was late when the boat came.".encode("utf-16"))
    assert preview(mixed, ReadingConfig(kind="pairs")).num_others == {"text": 2, "turns": 1}


def test_that_a_preview_of_a_folder_shows_each_way_in_which_its_files_are_read_and_is_bounded(
    mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"Is tea {i} warm?,Tea {i} is warm.,{i}\n" for i in range(10))
    (mixed / "pairs more.csv").write_text("prompt,response,row\n" + rows, encoding="utf-8")
    lines = [json.dumps({"prompt": f"Is milk {i} cold?", "completion": f"Milk {i} is cold."}) for i in range(10)]
    (mixed / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr("llmstudio.core.corpus.reading.readers._BESIDE_S", 60.0)
    shown = preview(mixed, ReadingConfig(kind="pairs"))
    assert shown.name == "mixed/pairs 0.csv"
    # One of each way beside the first; what is of another kind, or read as one before it was, is not there.
    assert [(other.name, other.format) for other in shown.beside] == [
        ("mixed/pairs more.csv", "csv"),
        ("mixed/rows.jsonl", "jsonl"),
    ]
    assert str(shown.beside[0].taken.sentence()) == "source = prompt, target = response; not read: row"
    assert shown.beside[1].records[0]["target"] == "Milk 0 is cold."
    assert all(len(other.records) == 3 for other in shown.beside)
    assert not preview(mixed / "rows.jsonl", ReadingConfig()).beside
    monkeypatch.setattr("llmstudio.core.corpus.reading.readers._BESIDE_S", -1.0)
    assert not preview(mixed, ReadingConfig(kind="pairs")).beside


BRIDGE, WALK = "Der Müller käme gern über die Brücke. " * 40, "短文：今天天气很好，我们去公园散步。" * 40


@pytest.fixture
def spelled(tmp_path: Path) -> Path:
    """A folder of texts in several encodings: two that are guessed, and others that leave no doubt."""
    folder = tmp_path / "spelled"
    folder.mkdir()
    (folder / "alt.txt").write_bytes(BRIDGE.encode("cp1252"))
    (folder / "plain.txt").write_bytes(b"All of this is ASCII. " * 5000 + WALK.encode())
    (folder / "wide.txt").write_bytes(WALK.encode("utf-16"))
    (folder / "短文.txt").write_bytes(WALK.encode())
    return folder


@pytest.mark.parametrize("chosen", ["cp1252", "mac-roman", "utf-16"])
def test_that_a_chosen_encoding_is_for_files_that_leave_a_doubt(spelled: Path, chosen: str) -> None:
    texts: dict[str, str] = {}
    held = ""
    said = []
    for item in read([spelled], ReadingConfig(encoding=chosen)):
        if isinstance(item, dict):
            held += item["text"]
        elif isinstance(item, FileRead):
            texts[item.name.rsplit("/")[-1]], held = held, ""
            said += [str(remark.message) for remark in item.taken.remarks]
    assert texts["短文.txt"].strip() == WALK
    assert texts["wide.txt"].strip() == WALK
    assert WALK in texts["plain.txt"]
    if chosen != "utf-16":
        assert texts["alt.txt"].strip() == BRIDGE.encode("cp1252").decode(chosen.replace("-", "_")).strip()
    assert sum("without doubt" in sentence for sentence in said) >= 2


def test_that_a_file_alone_is_read_as_was_chosen(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(BRIDGE.encode())
    alone = preview(tmp_path / "a.txt", ReadingConfig(encoding="cp1252"))
    assert "MÃ¼ller" in alone.records[0]["text"]
    among = preview(tmp_path / "a.txt", ReadingConfig(encoding="cp1252"), is_alone=False)
    assert "Müller" in among.records[0]["text"]
