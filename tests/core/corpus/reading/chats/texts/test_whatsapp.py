from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats.texts.whatsapp import is_chat
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.records import FileRead

ANDROID = """12/31/23, 9:15 PM - Messages and calls are end-to-end encrypted. No one outside of this chat can read them.
12/31/23, 9:15 PM - Ann: Are you at the pier?
I am late: sorry
12/31/23, 9:16 PM - Ben: Yes
12/31/23, 9:17 PM - Ann: <Media omitted>
12/31/23, 9:18 PM - Ben: This message was deleted
12/31/23, 9:19 PM - Ann: See http://x.org <This message was edited>
"""
IPHONE = """\u200e[31.12.23, 21:15:03] Ann: \u200eNachrichten sind Ende-zu-Ende-verschlüsselt.
[31.12.23, 21:15:03] Ann: Are you at the pier?
I am late: sorry
[31.12.23, 21:16:03] Ben: Yes
\u200e[31.12.23, 21:17:03] Ann: \u200eBild weggelassen
[31.12.23, 21:19:03] Ann: See http://x.org
"""


@pytest.mark.parametrize("text", [ANDROID, ANDROID.replace("12/31/23, 9:", "31.12.23, 21:").replace(" PM", "")])
def test_that_a_chat_in_a_text_file_is_read_as_one(text: str, tmp_path: Path) -> None:
    (tmp_path / "WhatsApp Chat with Ben.txt").write_text(text, encoding="utf-8")
    items = list(read([tmp_path / "WhatsApp Chat with Ben.txt"], ReadingConfig()))
    (record,) = [item for item in items if isinstance(item, dict)]
    assert [(turn["who"], turn["what"]) for turn in record["turns"]] == [
        ("user", "Are you at the pier?\nI am late: sorry"),
        ("assistant", "Yes"),
        ("user", "See http://x.org"),
    ]
    (file,) = [item for item in items if isinstance(item, FileRead)]
    said = " ".join(str(remark.message) for remark in file.taken.remarks)
    for sentence in (
        "nobody wrote (calls, joinings, pins) left out: 1",
        "parts without words left out: 1",
        "Deleted messages",
    ):
        assert sentence in said
    assert "It holds a chat" in said


def test_that_the_other_form_is_known_too(tmp_path: Path) -> None:
    (tmp_path / "_chat.txt").write_text(IPHONE, encoding="utf-8")
    (record,) = [item for item in read([tmp_path / "_chat.txt"], ReadingConfig()) if isinstance(item, dict)]
    assert [turn["what"] for turn in record["turns"]] == [
        "Are you at the pier?\nI am late: sorry", "Yes", "See http://x.org",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "1.1.2024, 10:00 - Opening: the mayor speaks.\n\nThen there was music, and everybody went home.\n" * 3,
        "2024-01-01 10:00:00 - ERROR: disk\n2024-01-01 10:00:01 - ERROR: disk\n2024-01-01 10:00:02 - INFO: ok\n",
        "ANN: Hello\nBEN: Hello\nANN: Bye\n",
        "",
    ],
)
def test_that_logs_diaries_and_plays_are_running_text(text: str) -> None:
    assert not is_chat(text)


LINES = {
    "Chinese": "[2026/7/9 下午2:{n}:09] {name}: {said}",
    "Chinese on Android": "2023/1/4 上午7:{n} - {name}: {said}",
    "Korean": "2023. 1. 4. 오후 7:{n} - {name}: {said}",
    "KakaoTalk": "2023. 1. 4. 오후 7:{n}, {name} : {said}",
    "Japanese": "2023/01/04 午後7:{n} - {name}: {said}",
}


@pytest.mark.parametrize("layout", LINES)
def test_that_half_a_day_may_stand_before_the_time(layout: str, tmp_path: Path) -> None:
    said = [("Ann", f"Here is owl number {n}.") if n % 2 else ("Ben", f"And a mouse, {n}.") for n in range(10, 16)]
    lines = [LINES[layout].format(n=n, name=name, said=what) for n, (name, what) in enumerate(said, 10)]
    (tmp_path / "chat.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (record,) = [item for item in read([tmp_path / "chat.txt"], ReadingConfig()) if isinstance(item, dict)]
    assert [turn["what"] for turn in record["turns"]] == [what for _, what in said]


def test_that_notices_of_other_languages_are_no_words(tmp_path: Path) -> None:
    notices = (
        "PTT-20250328-WA0014.opus (archivo adjunto)", "foto.jpg (Datei angehängt)", "Eliminaste este mensaje",
        "Ce message a été supprimé", "此消息已删除", "Vous avez supprimé ce message",
    )  # fmt: skip
    edits = (
        "<Se editó este mensaje.>",
        "<Diese Nachricht wurde bearbeitet.>",
        "<This message was edited>",
        "<此訊息已編輯>",
    )
    lines = [f"28/3/2025, 9:1{n % 10} - {'Ana' if n % 2 else 'Beto'}: Words {n}" for n in range(6)]
    lines += [f"28/3/2025, 10:1{n} - Ana: {notice}" for n, notice in enumerate(notices)]
    lines += [f"28/3/2025, 11:1{n} - Beto: fine {edit}" for n, edit in enumerate(edits)]
    (tmp_path / "chat.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (record,) = [item for item in read([tmp_path / "chat.txt"], ReadingConfig()) if isinstance(item, dict)]
    assert [turn["what"] for turn in record["turns"]] == [*(f"Words {n}" for n in range(6)), *["fine"] * len(edits)]


STAMPS = (
    "31/12/2023 à 23:5{n} -", "31/12/2023 às 23:5{n} -", "31/12/2023, à(s) 23:5{n} -", "31.12.2023 klo 23.5{n} -",
    "[31.12.2023 kl. 23.5{n}.10]", "31.12.23 г., 23:5{n} ч. -", "23:5{n}, 31/12/2023 -", "23:5{n} 31/12/2023 -",
    "2023年12月31日 下午11:5{n} -", "2023. 12. 31. 오후 11:5{n} -", "31\u200f/12\u200f/2023, 11:5{n} م -",
    "٣١\u200f/١٢\u200f/٢٠٢٣، ١١:٥{n} م -", "۲۰۲۳/۱۲/۳۱،\u200f ۲۳:۵{n} -", "31/12/23, 11:5{n} μ.μ. -",
    "31.12.23, 23:5{n} Uhr -", "31 Dec 2023, 23:5{n} -", "31. Dez. 2014, 23:5{n} -", "Dec 31, 11:5{n} PM -",
    "३१/१२/२३, ११:५{n} म.उ. -", "28/3/2025, 9:2{n} p.\xa0m. -", "[25/09/20 10:27:1{n} a.m.]", "2016-06-27, 8:04:0{n} AM:",
)  # fmt: skip


@pytest.mark.parametrize("stamp", STAMPS)
def test_that_dates_of_many_countries_begin_messages(stamp: str, tmp_path: Path) -> None:
    said = ["Is the ferry late?", "No: on time.\n10 people wait - I see them", "Good, I come.", "See you."]
    lines = [f"{stamp.format(n=n)} {('Ann', 'Ben')[n % 2]}: {what}\n" for n, what in enumerate(said)]
    (tmp_path / "chat.txt").write_text("".join(lines), encoding="utf-8")
    (record,) = [item for item in read([tmp_path / "chat.txt"], ReadingConfig()) if isinstance(item, dict)]
    assert [turn["what"] for turn in record["turns"]] == said


def test_that_a_colon_in_the_name_of_a_group_makes_no_speaker(tmp_path: Path) -> None:
    begin = '12/31/23, 9:14 PM - Ann created group "Trip: sea"\n12/31/23, 9:14 PM - Ann "Bee" Lee: Hello.\n'
    (tmp_path / "chat.txt").write_text(begin + ANDROID.replace("Ann:", 'Ann "Bee" Lee:'), encoding="utf-8")
    (record,) = [item for item in read([tmp_path / "chat.txt"], ReadingConfig()) if isinstance(item, dict)]
    assert [turn["what"] for turn in record["turns"]][:2] == ["Hello.", "Are you at the pier?\nI am late: sorry"]
