from __future__ import annotations

from pathlib import Path

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats.exports.telegram_page import is_telegram_page, read_telegram_page
from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.readers import preview, survey

DATE = '<div class="pull_right date details" title="01.05.2024 10:00:00">10:00</div>'


def message(text: str, name: str = "", inside: str = "") -> str:
    named = f'<div class="from_name">\n{name}\n</div>' if name else ""
    body = f'<div class="body">{DATE}{named}{inside}<div class="text">\n{text}\n</div></div>'
    return f'<div class="message default clearfix{"" if name else " joined"}">{body}</div>'


PAGE = (
    '<!DOCTYPE html><html><head><title>Exported Data</title></head><body><div class="history">'
    '<div class="message service"><div class="body details">1 May 2024</div></div>'
    + message("How are you?<br>Well?", "Ann &amp; Co")
    + message("I am here.")
    + message("Well, <strong>thanks</strong>.", "Ben")
    + '<div class="message default clearfix"><div class="body"><div class="from_name">Ben</div>'
    + '<div class="forwarded body"><div class="from_name">Zed <span class="details">02.05.2024</span></div>'
    + '<div class="media_wrap clearfix"></div><div class="text">Look at it.</div></div></div></div>'
    + "</div></body></html>"
)


def test_that_a_page_gives_who_says_what_and_no_times() -> None:
    told = Told()
    (row,) = read_telegram_page([PAGE[:300], PAGE[300:]], "messages.html", told)
    assert row["turns"] == [
        {"who": "user", "what": "How are you?\nWell?"},
        {"who": "user", "what": "I am here."},
        {"who": "assistant", "what": "Well, thanks."},
        {"who": "assistant", "what": "Look at it."},
    ]
    said = " ".join(map(str, told.sentences()))
    assert all(word in said for word in ("Notices", "Pictures"))


def test_that_the_posts_of_a_channel_are_texts() -> None:
    page = "".join(message(f"Post {n}.", "News") for n in range(3))
    assert list(read_telegram_page([page], "messages.html", Told())) == [{"text": f"Post {n}."} for n in range(3)]


def test_that_an_export_is_told_from_other_pages(tmp_path: Path) -> None:
    assert is_telegram_page(PAGE)
    assert not is_telegram_page('<div class="message">Hello</div><div class="from_name">Ann</div>')
    (tmp_path / "messages.html").write_text(PAGE, encoding="utf-8")
    assert survey([tmp_path], ReadingConfig()).kind == "turns"
    seen = preview(tmp_path, ReadingConfig())
    assert (seen.kind, seen.format) == ("turns", "telegram")
    assert any("Telegram" in str(remark.message) for remark in seen.taken.remarks)


def test_that_times_among_the_words_of_any_other_page_are_told(tmp_path: Path) -> None:
    page = "".join(f"<p>10:{n:02d}</p><p>Ann</p><p>The words number {n}.</p>" for n in range(20))
    (tmp_path / "page.html").write_text(f"<html><body>{page}</body></html>", encoding="utf-8")
    seen = preview(tmp_path, ReadingConfig())
    assert seen.kind == "text"
    assert any("times" in str(remark.message) for remark in seen.taken.remarks)
