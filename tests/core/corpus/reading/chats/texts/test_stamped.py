from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.chats.texts.stamped import stamped_layout
from llmstudio.core.corpus.reading.formats.plain_text import head_lines
from llmstudio.core.corpus.reading.readers import read

TALK = [
    ("user", "Is the ferry late?"),
    ("assistant", "No, on time."),
    ("user", "Good: I come."),
    ("assistant", "See you."),
]
RULE = "=" * 60
# One line a message; {n} is its number, {who} its writer, {what} what is said. Above stands what the program writes there.
LAYOUTS = {
    "LINE, Japanese": (
        "[LINE] Benとのトーク履歴\n保存日時：2024/01/01 12:00\n\n2023/12/31(日)\n",
        "23:5{n}\t{who}\t{what}\n",
    ),
    "LINE, English": (
        "Chat history with Ben\nSaved on: 1/1/2024, 12:00\n\nSun, 12/31/2023\n",
        "11:5{n} PM\t{who}\t{what}\n",
    ),
    "LINE, Taiwan": (
        "[LINE] 與Ben的聊天記錄\n儲存日期： 2024/01/01\n\n2023/12/31（週日）\n",
        "下午11:5{n}\t{who}\t{what}\n",
    ),
    "LINE, computer": ("2023.12.31 Sunday\n", "23:5{n} {who} {what}\n"),
    "KakaoTalk, computer": ("--------------- 2023년 12월 31일 일요일 ---------------\n", "[{who}] [오후 11:5{n}] {what}\n"),
    "KakaoTalk": ("2023년 12월 31일 오후 11:50\n", "2023년 12월 31일 오후 11:5{n}, {who} : {what}\n"),
    "KakaoTalk, English": ("December 31, 2023\n", "Dec 31, 2023 11:5{n} PM, {who} : {what}\n"),
    "QQ": (f"消息记录\n\n{RULE}\n消息对象:Ben\n{RULE}\n\n", "2023-12-31 23:5{n}:58 {who}(1234{n})\n{what}\n\n"),
    "WeChat": ("", "{who} 2023-12-31 23:5{n}:58\n{what}\n\n"),
    "Discord": (f"{RULE}\nGuild: G\nChannel: general\n{RULE}\n\n", "[12/31/2023 11:5{n} PM] {who}\n{what}\n\n"),
    "Viber": ("", "[ 31-12-2023 23:5{n}:58 ] {who}: {what}\n"),
    "Zoom": ("", "23:5{n}:11\t From  {who} : {what}\n"),
    "Zoom, newer": ("", "23:5{n}:11\t From {who} to Everyone:\n\t{what}\n"),
    "Signal": (
        "Conversation: Ben\n\n",
        "From: {who} (+43{n})\nType: outgoing\nSent: Sun, 31 Dec 2023 23:5{n}\n\n{what}\n\n",
    ),
    "WeeChat": ("2023-12-31 23:49:58\t-->\tAnn has joined #c\n", "2023-12-31 23:5{n}:58\t@{who}\t{what}\n"),
    "Pidgin": ("Conversation with ben@x at Sun 31 Dec 2023\n", "(11:5{n}:58 PM) {who}: {what}\n"),
    "a transcript": ("", "{who}  0:0{n}\n{what}\n\n"),
    "copied from a window": ("", "{who} — 12/31/2023 11:5{n} PM\n{what}\n"),
}


@pytest.mark.parametrize("program", LAYOUTS)
def test_that_the_messages_of_each_program_are_turns(program: str, tmp_path: Path) -> None:
    above, line = LAYOUTS[program]
    said = [line.format(n=n, who=("Ann", "Ben")[n % 2], what=what) for n, (_, what) in enumerate(TALK)]
    (tmp_path / "chat.txt").write_text(above + "".join(said), encoding="utf-8")
    (record,) = [item for item in read([tmp_path / "chat.txt"], ReadingConfig()) if isinstance(item, dict)]
    assert [(turn["who"], turn["what"]) for turn in record["turns"]] == TALK


def test_that_quotes_around_several_lines_and_pictures_are_not_read(tmp_path: Path) -> None:
    text = (
        '2023/12/31(Sun)\n23:50\tAnn\t"Is the ferry late?\nOr not?"\n23:51\tBen\tNo.\n23:52\tAnn\t[Sticker]\n'
        "23:53\tBen left the chat\n2024/01/01(Mon)\n00:01\tBen\tCome!\n00:02\tAnn\tI do.\n"
    )
    (tmp_path / "chat.txt").write_text(text, encoding="utf-8")
    (record,) = [item for item in read([tmp_path / "chat.txt"], ReadingConfig()) if isinstance(item, dict)]
    assert [turn["what"] for turn in record["turns"]] == ["Is the ferry late?\nOr not?", "No.", "Come!", "I do."]


@pytest.mark.parametrize(
    "text",
    [
        "Ferry 10:15\nFerry 11:15\nBus 10:20\nBus 11:20\nFerry 12:15\nBus 12:20\n",  # a timetable
        "Intro  0:42\nThe Mill  3:15\nThe Pier  2:20\nThe Mill (again)  4:01\nEnd  1:00\n",  # songs
        "".join(f"Dec 31 23:50:0{n} host sshd[{n}]: closed\nDec 31 23:50:0{n} host kernel: up\n" for n in range(5)),
        "".join(f"2023-12-31 23:50:0{n} INFO: begun\n2023-12-31 23:50:0{n} ERROR: ended\n" for n in range(5)),
        "".join(f"3 May {n}\nWe went to the mill.\n\nAnn came, too: at 10:15 she left.\n\n" for n in range(1901, 1906)),
        "".join(f"ANN. Is it {n}?\n\nBEN. It is 10:1{n} now.\n\n" for n in range(5)),  # a play
        "".join(f"From: Ann\nTo: Ben\nSubject: {n}\n\nHello.\n\n" for n in range(3)),
    ],
)
def test_that_times_alone_make_no_chat(text: str) -> None:
    assert stamped_layout(head_lines(text)) is None
