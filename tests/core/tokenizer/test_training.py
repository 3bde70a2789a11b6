from __future__ import annotations

import re
import time

import pytest

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Noted, Progress, Started, Stopped
from llmstudio.core.tokenizer import training
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.tokenizer.training import build_tokenizer
from llmstudio.core.work import Stop


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("corpus")
    source = folder / "source.txt"
    source.write_text("\n".join(texts * 20), encoding="utf-8")
    list(write_corpus([source], CorpusConfig(), folder / "made", stop=Stop()))
    return Corpus(folder / "made")


def build(corpus, folder, **settings):
    return list(build_tokenizer(corpus, TokenizerConfig(**settings), folder, stop=Stop()))


def test_that_a_built_tokenizer_is_on_disk_and_known_by_its_facts(corpus, tmp_path, capfd):
    events = build(corpus, tmp_path / "made", kind="bpe", vocab_size=300)
    assert isinstance(events[0], Started)
    result = events[-1].result
    tokenizer = Tokenizer.load(tmp_path / "made")
    assert (result["kind"], result["vocab_size"], result["round_trips"]) == ("bpe", 300, True)
    assert result["hash"] == tokenizer.hash
    text = "".join(corpus.texts("val"))
    assert result["bytes_per_token"] == pytest.approx(len(text.encode()) / len(tokenizer.encode(text)), rel=0.01)
    assert result["unknown_share"] == 0
    merges = [pair for event in events if isinstance(event, Progress) for pair in event.details.get("merges", ())]
    assert merges == [[tokenizer.token(left), tokenizer.token(right)] for left, right, _ in tokenizer.merges]
    assert "\n" not in capfd.readouterr().err.replace("\r", "").strip()


def test_that_progress_never_exceeds_its_total(corpus, tmp_path):
    for kind in ("char", "wordpiece"):
        events = build(corpus, tmp_path / kind, kind=kind)
        assert isinstance(events[-1], Finished)
        for event in events:
            if isinstance(event, Progress) and event.total is not None:
                assert event.done <= event.total


def test_that_time_left_is_the_stages_own_pace_and_a_guess_at_those_to_come(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(training.time, "perf_counter", lambda: now[0])
    left = training._TimeLeft()
    assert left.after("reading", 0, 50) is None
    now[0] += 3
    # 10 of 50 took 3 s: 12 s of reading are left, and four times the whole stage's 15 s of all that follows.
    assert left.after("reading", 10, 50) == pytest.approx(12 + 60)
    now[0] += 7
    assert left.after("learning", 0, 100) is None
    now[0] += 4
    ahead = 14 * training._SHARES["measuring"] / 0.8
    assert left.after("learning", 80, 100) == pytest.approx(1 + ahead)
    assert left.after("learning", 80, None) is None
    now[0] += 1
    assert left.after("measuring", 5, 5) == 0


def test_that_progress_says_how_long_it_still_takes(corpus, tmp_path):
    told = [event for event in build(corpus, tmp_path / "made", kind="bpe", vocab_size=300) if isinstance(event, Progress)]
    known = [event for event in told if event.total and event.done]
    assert known
    assert all(event.remaining_s >= 0 for event in known)
    assert all(event.remaining_s is None for event in told if event not in known)


@pytest.mark.parametrize(
    ("settings", "note"),
    [
        ({"kind": "word", "vocab_size": 50_000}, r"Your text gives only [\d,]+ tokens of the 50,000 asked for\."),
        ({"kind": "bpe", "vocab_size": 100}, "263 tokens for the 256 bytes"),
        ({"kind": "unigram", "vocab_size": 100}, "263 tokens for the 256 bytes"),
        ({"kind": "byte"}, "always has 263 tokens"),
        ({"kind": "char", "vocab_size": 60, "min_frequency": 5}, "minimum count has no effect"),
    ],
)
def test_that_a_setting_that_cannot_be_kept_is_noted(corpus, tmp_path, settings, note):
    events = build(corpus, tmp_path / "made", **settings)
    (noted,) = [event for event in events if isinstance(event, Noted) and event.level == "info"]
    assert re.search(note, str(noted.message))
    assert events[-1].result["vocab_size"] == Tokenizer.load(tmp_path / "made").vocab_size


@pytest.mark.parametrize(("kind", "way"), [("word", "byte-pair encoding"), ("char", "larger vocabulary")])
def test_that_a_tokenizer_that_does_not_know_its_own_text_says_so_and_what_to_take(corpus, tmp_path, kind, way):
    events = build(corpus, tmp_path / "made", kind=kind, vocab_size=16)
    (noted,) = [event for event in events if isinstance(event, Noted) and event.level == "warning"]
    share = events[-1].result["hidden_share"]
    assert share > 0.05
    assert f"{share:.0%}".replace("%", " %") in str(noted.message)
    assert way in str(noted.message)
    assert noted.remedies[0].value == "bpe"


def test_that_what_wordpiece_loses_is_said(corpus, tmp_path):
    events = build(corpus, tmp_path / "made", kind="wordpiece", vocab_size=100)
    said = " ".join(str(event.message) for event in events if isinstance(event, Noted))
    made = Tokenizer.load(tmp_path / "made")
    assert "does not keep white space" in said
    assert not events[-1].result["round_trips"]
    assert made.decode(made.encode("a\n\n  e")) == made.decode(made.encode("a e")) == "a e"


def test_that_a_kept_setting_is_not_noted(corpus, tmp_path):
    events = build(corpus, tmp_path / "made", kind="bpe", vocab_size=300)
    assert not [event for event in events if isinstance(event, Noted)]


@pytest.mark.parametrize("moment", [Started, Progress])
def test_that_stopping_ends_at_once_and_leaves_nothing(corpus, tmp_path, moment):
    stop, asked, events = Stop(), 0.0, []
    for event in build_tokenizer(corpus, TokenizerConfig(kind="wordpiece", vocab_size=400), tmp_path / "made", stop=stop):
        events.append(event)
        if isinstance(event, moment) and not stop.requested:
            stop.request()
            asked = time.monotonic()
    assert time.monotonic() - asked < 0.5  # 0.1 on a machine that does nothing else
    assert isinstance(events[-1], Stopped)
    assert not (tmp_path / "made").exists()


def test_that_labels_are_known_words(tmp_path):
    rows = "\n".join(f"some text number {n}\t{'sport' if n % 2 else 'weather'}" for n in range(40))
    (tmp_path / "rows.tsv").write_text(f"text\tlabel\n{rows}\n", encoding="utf-8")
    list(write_corpus([tmp_path / "rows.tsv"], CorpusConfig(), tmp_path / "corpus", stop=Stop()))
    corpus = Corpus(tmp_path / "corpus")
    assert corpus.record_kind == "labelled"
    build(corpus, tmp_path / "made", kind="word")
    tokenizer = Tokenizer.load(tmp_path / "made")
    assert tokenizer.decode(tokenizer.encode("weather")) == "weather"


def test_that_a_disk_that_cannot_be_written_is_explained(corpus, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StudioError):
        build(corpus, tmp_path / "file" / "made", kind="byte")
