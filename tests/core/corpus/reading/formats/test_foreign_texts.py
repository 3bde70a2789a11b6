from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.formats.mail import is_mail
from llmstudio.core.corpus.reading.formats.rich_text import rich_text
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead


def texts_of(tmp_path: Path, name: str, data: bytes) -> tuple[list[str], str]:
    """The texts of a file, and what is said of it."""
    (tmp_path / name).write_bytes(data)
    *records, end = read([tmp_path / name], ReadingConfig())
    assert isinstance(end, FileRead), end
    return [record["text"] for record in records], " ".join(str(remark.message) for remark in end.taken.remarks)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Helvetica;}}"
            r"\f0\fs24 The caf\'e9 was warm.\par She said \'93hi\'94.}",
            "The café was warm.\nShe said “hi”.\n",
        ),
        (r"{\rtf1\ansi\ansicpg1250 \'8een\'e1ch\par}", "Ženách\n"),
        (
            r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}{\f1\fnil\fcharset204 B;}}\f0 Hi \f1 \'cf\'f0\'e8\f0  on}",
            "Hi При on\n",
        ),
        (r"{\rtf1\uc1 It\u8217?s \u-10179?\u-8704?}", "It’s 😀\n"),
        (r"{\rtf1\ansi {\*\generator Riched;}{\info{\title No}}{\pict ffd8}a\tab b\~c\{d\}}", "a\tb\u00a0c{d}\n"),
        (r"{\rtf1\ansi\ansicpg932 \'8a\'43\par}", "海\n"),
    ],
)  # fmt: skip
def test_that_of_formatted_text_the_words_are_read(tmp_path: Path, source: str, text: str) -> None:
    (found,), said = texts_of(tmp_path, "a.txt", source.encode("cp1252"))
    assert found == text
    assert "formatted text" in said


@pytest.mark.parametrize(
    "source", [r"{\rtf1", "{\\rtf1 a}}}} b", "{\\rtf1 " + "{" * 2000 + "deep", r"{\rtf1 \'zz \u99999999? x}"]
)
def test_that_broken_formatted_text_becomes_some_text(source: str) -> None:
    assert isinstance(rich_text(source), str)


def test_that_of_a_notebook_the_cells_are_read_and_not_their_output(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Boats\n", "They float."]},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"text": "secret"}]},
    ]
    (text,), said = texts_of(tmp_path, "a.ipynb", json.dumps({"cells": cells, "nbformat": 4}).encode())
    assert text == "# Boats\nThey float.\n\nprint(1)\n"
    assert "notebook" in said


def letter(subject: str, text: str, charset: str = "utf-8") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ann <ann@example.org>", "ben@example.org", subject
    message["Date"] = "Mon, 1 Jan 2024 10:00:00 +0000"
    message.set_content(text, charset=charset)
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="x.png")
    return message.as_bytes()


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-2", "iso-2022-jp"])
def test_that_of_mail_subject_and_text_are_read(tmp_path: Path, charset: str) -> None:
    words = "老いた漁師は海を眺めた。" if charset == "iso-2022-jp" else "Žlutý kůň běžel."
    (text,), said = texts_of(tmp_path, "letter.eml", letter("Přístav ráno", f"{words}\nBye.\n", charset))
    assert text == f"Přístav ráno\n\n{words}\nBye.\n"
    assert "mail" in said


def test_that_a_box_of_mail_is_a_document_a_message(tmp_path: Path) -> None:
    box = b"".join(
        b"From ann@example.org Mon Jan  1 10:00:00 2024\n" + letter(f"Number {n}", f"Text {n}.\n>From here on.\n") + b"\n"
        for n in range(3)
    )
    texts, _ = texts_of(tmp_path, "inbox", box)
    assert [text.splitlines()[0] for text in texts] == ["Number 0", "Number 1", "Number 2"]
    assert "Text 2." in texts[2]


def test_that_mail_of_web_pages_alone_becomes_their_words(tmp_path: Path) -> None:
    source = b"From: a@b.c\nDate: x\nSubject: Hi\nContent-Type: text/html; charset=iso-8859-1\n\n<p>It\x92s <b>fine</b>.</p>"
    assert texts_of(tmp_path, "m.eml", source)[0] == ["Hi\n\nIt’s fine.\n"]


@pytest.mark.parametrize(
    "text", ["From: Ann\nthe letter began.\n", "Note: one\nNote: two\nNote: three\n", "ROMEO:\nFrom love.\n"]
)
def test_that_prose_that_looks_a_little_like_mail_is_prose(text: str) -> None:
    assert not is_mail(text)


def test_that_foreign_texts_are_plain_text_if_that_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text('{"cells": [], "nbformat": 4}', encoding="utf-8")
    record, _ = read([tmp_path / "a.ipynb"], ReadingConfig(format="text"))
    assert record["text"].startswith('{"cells"')


def test_that_a_notebook_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text('{"cells": [', encoding="utf-8")
    (skipped,) = read([tmp_path / "a.ipynb"], ReadingConfig())
    assert "is no notebook" in str(skipped.reason)


def test_that_broken_mail_is_read_or_refused_in_a_sentence(tmp_path: Path) -> None:
    broken = b"From: a@b.c\nDate: x\nSubject: =?utf-8?B?abcde?=\n\nHello.\n"
    assert texts_of(tmp_path, "m.eml", broken)[0] == ["=?utf-8?B?abcde?=\n\nHello.\n"]
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    (tmp_path / "n.eml").write_bytes(b"From: a\nDate: x\nSubject: y\n" + nested)
    (skipped,) = read([tmp_path / "n.eml"], ReadingConfig())
    assert "nested too deeply" in str(skipped.reason)


def test_that_all_texts_of_a_mail_are_read_and_of_two_spellings_the_plain_one(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Date"], message["Subject"] = "Ann <ann@example.org>", "Mon, 1 Jan 2024 10:00:00 +0000", "Two"
    message.set_content("The barn stands here.\n")
    message.add_alternative("<p>The barn <b>stands</b> here.</p>", subtype="html")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", disposition="inline")
    message.add_attachment("The owl lives in it.\n", disposition="inline")
    message.add_attachment("A list of mice.\n", filename="mice.txt")
    assert texts_of(tmp_path, "two.eml", message.as_bytes())[0] == ["Two\n\nThe barn stands here.\n\nThe owl lives in it.\n"]
