from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import CorpusConfig, ReadingConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.corpus.reading.chats.exports.slack import shown
from llmstudio.core.corpus.reading.readers import preview
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop

USERS = [
    {"id": "U012AB3CD", "name": "ann", "profile": {"real_name": "Ann Lee", "title": "Head of all that is to be done here"}},
    {"id": "U09XYZQ", "name": "bob", "real_name": "Bob Ray", "profile": {}},
]
CHANNELS = [{"id": "C0AAAA", "name": "general", "purpose": {"value": "This is for everything that concerns everyone."}}]
SAID = [
    ("U012AB3CD", "Hello <@U09XYZQ>, look at <#C0AAAA> please"),
    ("U09XYZQ", "Thanks <@U012AB3CD|annie>! I asked <@U777777>"),
    ("U777777", "So did I, <!here> and &lt;3"),
]


def files(**others: Any) -> dict[str, Any]:
    day = [{"type": "message", "user": who, "text": text, "ts": f"{n}.0"} for n, (who, text) in enumerate(SAID)]
    day[2] |= {"user_profile": {"real_name": "Cy Oh"}}  # a guest of whom users.json does not know
    return {"users.json": USERS, "channels.json": CHANNELS, "general/2024-01-01.json": day, **others}


def imported(source: Path, folder: Path) -> tuple[list[str], str]:
    events = list(write_corpus([source], CorpusConfig(), folder, stop=Stop()))
    corpus = Corpus(folder)
    assert corpus.record_kind == "turns"
    said = [turn["what"] for record in corpus.records("all") for turn in record["turns"]]
    return said, " | ".join(str(event.message) for event in events if isinstance(event, Noted))


@pytest.mark.parametrize("is_packed", [False, True])
def test_that_people_bear_their_names_where_they_speak_and_where_they_are_spoken_of(tmp_path: Path, is_packed: bool) -> None:
    source = tmp_path / ("export.zip" if is_packed else "export")
    if is_packed:
        with zipfile.ZipFile(source, "w") as packed:
            for name, value in sorted(files().items(), reverse=True):
                packed.writestr(name, json.dumps(value))
    for name, value in () if is_packed else files().items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(json.dumps(value))
    said, noted = imported(source, tmp_path / "out")
    assert said == [
        "Ann Lee: Hello @Bob Ray, look at general please",
        "Bob Ray: Thanks @annie! I asked @Cy Oh",
        "Cy Oh: So did I, @here and <3",
    ]
    assert "users.json and channels.json" in noted
    assert "left for a corpus of its own" not in noted
    assert preview(source, ReadingConfig()).num_others == {}


def test_that_other_files_called_users_are_read_as_ever(tmp_path: Path) -> None:
    talk = [
        {"messages": [{"role": "user", "content": f"Is it {n}?"}, {"role": "assistant", "content": "Yes."}]}
        for n in range(9)
    ]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "users.json").write_text(json.dumps(talk))
    said, noted = imported(tmp_path / "in", tmp_path / "out")
    assert len(said) == 18
    assert "channels.json" not in noted


def test_that_an_id_without_a_name_stays_and_marks_go() -> None:
    assert shown("<@U2> <@U3|cy> <https://x.org|page> <https://y.org> <!here> &amp;", {"U2": "Ann"}) == (
        "@Ann @cy page https://y.org @here &"
    )
    assert shown("<@U2> <#C1> <!subteam^S1>", {}) == "@U2 C1 subteam^S1"
