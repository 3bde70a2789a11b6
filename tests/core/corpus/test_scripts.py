from __future__ import annotations

from pathlib import Path

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import write_corpus
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop


def notes(folder: Path, texts: list[str]) -> str:
    (folder / "in").mkdir()
    for n, text in enumerate(texts):
        (folder / "in" / f"{n}.txt").write_text(text, encoding="utf-8")
    events = write_corpus([folder / "in"], CorpusConfig(), folder / "out", stop=Stop())
    return " | ".join(str(event.message) for event in events if isinstance(event, Noted))


ENGLISH = [f"The mill number {n} stands by the river and turns all night.\n" * 40 for n in range(4)]


def test_that_a_held_out_end_in_another_script_is_told(tmp_path: Path) -> None:
    assert "another script" in notes(
        tmp_path, [*ENGLISH, "\u78e8\u574a\u7acb\u5728\u6cb3\u8fb9\u6574\u591c\u8f6c\u52a8\u3002\n" * 90]
    )


def test_that_a_held_out_end_in_the_same_script_is_not(tmp_path: Path) -> None:
    assert "another script" not in notes(tmp_path, [*ENGLISH, "An oak is seen from the bridge.\n" * 40])
