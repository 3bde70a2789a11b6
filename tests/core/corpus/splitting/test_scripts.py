from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.corpus.splitting.scripts import Glances
from llmstudio.core.corpus.splitting.split import SplitRule
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop


def notes(folder: Path, texts: list[str]) -> str:
    (folder / "in").mkdir()
    for n, text in enumerate(texts):
        (folder / "in" / f"{n}.txt").write_text(text, encoding="utf-8")
    events = write_corpus([folder / "in"], CorpusConfig(), folder / "out", stop=Stop())
    return " | ".join(str(event.message) for event in events if isinstance(event, Noted))


ENGLISH = [f"The mill number {n} stands by the river and turns all night.\n" * 40 for n in range(4)]


CHINESE = "\u78e8\u574a\u7acb\u5728\u6cb3\u8fb9\u6574\u591c\u8f6c\u52a8\u3002\n"
RUSSIAN = (
    "\u041c\u0435\u043b\u044c\u043d\u0438\u0446\u0430 \u0441\u0442\u043e\u0438\u0442 \u0443 \u0440\u0435\u043a\u0438.\n"
)


def test_that_a_held_out_end_in_another_script_is_told(tmp_path: Path) -> None:
    said = notes(tmp_path, ["".join(ENGLISH) + CHINESE * 90])
    assert "another script" in said
    assert "(Chinese, not Latin)" in said


@pytest.mark.parametrize("texts", [[*ENGLISH, CHINESE * 90], [ENGLISH[0], RUSSIAN * 90, CHINESE * 150]])
def test_that_few_texts_in_several_scripts_are_cut_one_by_one(tmp_path: Path, texts: list[str]) -> None:
    said = notes(tmp_path, texts)
    corpus = Corpus(tmp_path / "out")
    parts = {part: list(corpus.records(part)) for part in ("train", "val")}

    assert "so the last 10 % of each is kept for validation" in said
    assert "another script" not in said
    for doc, text in enumerate(texts):
        learned, held = ("".join(r["text"] for r in parts[part] if r["doc"] == doc) for part in ("train", "val"))
        assert learned + held == text
        assert abs(len(learned) - 0.9 * len(text)) <= 1
    sizes = corpus.rule.sizes
    assert {part: sum(len(r["text"]) for r in parts[part]) for part in parts} == {p: sizes[p]["characters"] for p in parts}
    assert not list(corpus.records("test"))
    assert all(any(piece in record["text"] for record in parts["train"]) for piece in corpus.sample_texts(9))
    assert corpus.rule == SplitRule.from_dict(json.loads(json.dumps(corpus.rule.to_dict())))


def test_that_a_held_out_end_in_the_same_script_is_not(tmp_path: Path) -> None:
    assert "another script" not in notes(tmp_path, [*ENGLISH, "An oak is seen from the bridge.\n" * 40])


def test_that_pieces_are_few_and_spread_whatever_was_expected() -> None:
    for expected in (1, 10_000, 50_000_000):
        glances = Glances(expected)
        for doc in range(2000):
            glances.look([f"The mill number {doc} stands by the river."], doc, doc * 50)
        assert len(glances.found) <= 1000
        if expected <= 10_000:
            assert {glance.doc // 500 for glance in glances.found} == {0, 1, 2, 3}


def test_that_pieces_of_a_document_that_was_not_kept_are_forgotten() -> None:
    glances = Glances(100)
    glances.look(["abc" * 10], 0, 0)
    before = list(glances.found)
    glances.look(["xyz" * 10], 1, 30)
    glances.forget(1)
    assert glances.found == before
    glances.look(["uvw" * 10], 1, 30)
    assert "u" in "".join(glance.text for glance in glances.found)


def test_that_the_scripts_of_a_long_text_are_told_without_reading_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmstudio.core.corpus.corpus.read_shards", None)  # nothing that was written may be read
    long = "The mill stands by the river and turns all night.\n" * 30_000
    assert "% of each is kept" in notes(tmp_path, [long, "\u78e8\u574a\u7acb\u5728\u6cb3\u8fb9\u3002\n" * 20_000])
