"""Lists of a Twitter archive are read as the JSON that they are; other programs stay text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.corpus.reading.json.assigned import without_assignment
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop

TEXTS = [f"The harbour was still at {n} o'clock." for n in range(40)]
TWEETS = json.dumps([{"tweet": {"id": str(n), "full_text": text, "lang": "en"}} for n, text in enumerate(TEXTS)], indent=2)


def imported(folder: Path, name: str, text: str) -> tuple[set[str], str]:
    (folder / name).write_text(text, encoding="utf-8")
    events = list(write_corpus([folder / name], CorpusConfig(), folder / "out", stop=Stop()))
    texts = {record["text"] for record in Corpus(folder / "out").records("all")}
    return texts, " ".join(str(event.message) for event in events if isinstance(event, Noted))


@pytest.mark.parametrize("name", ["tweets.js", "tweets-part1.js", "tweets.txt"])
@pytest.mark.parametrize("head", ["window.YTD.tweets.part0 = ", "\ufeffwindow.YTD.tweet.part12=\n"])
def test_that_tweets_of_an_archive_are_its_texts(tmp_path: Path, name: str, head: str) -> None:
    texts, said = imported(tmp_path, name, head + TWEETS)
    assert texts == set(TEXTS)
    assert "text = tweet.full_text" in said
    assert "It holds JSON and is read so" in said


def test_that_other_programs_stay_text(tmp_path: Path) -> None:
    program = "window.start = [\n  document, 3\n];\n" * 30
    texts, _ = imported(tmp_path, "start.js", program)
    assert "window.start = [" in "".join(texts)


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_that_a_name_is_taken_off_however_the_text_comes(size: int) -> None:
    def pieces(text: str) -> list[str]:
        return [text[at : at + size] for at in range(0, len(text), size)]

    assert "".join(without_assignment(pieces("window.YTD.tweets.part0 = " + TWEETS))) == TWEETS
    assert "".join(without_assignment(pieces(TWEETS))) == TWEETS
