from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.reading.tables.headers import is_header
from llmstudio.core.corpus.records import FileRead

WORDS = ["harbour", "mill", "river", "bridge", "lantern", "tulip", "ferry", "baker"]


def read_all(tmp_path: Path, text: str, config: ReadingConfig) -> tuple[list[dict[str, Any]], list[Any]]:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    items = list(read([tmp_path / "a.csv"], config))
    said = [remark for item in items if isinstance(item, FileRead) for remark in item.taken.remarks]
    return [item for item in items if isinstance(item, dict)], said


@pytest.mark.parametrize(
    "heading",
    ["Frage,Antwort", "Вопрос,Ответ", "pregunta,respuesta", "質問,答え", "Deutsch,Englisch",
     "English words/sentences,French words/sentences"],
)  # fmt: skip
@pytest.mark.parametrize("sentence", ["Wo liegt {}?,Am Fluss bei {}.", "ich habe {},i han {} gsea"])
def test_that_a_heading_in_any_language_is_no_pair(tmp_path: Path, heading: str, sentence: str) -> None:
    records, _ = read_all(tmp_path, heading + "\n" + "".join(sentence.format(w, w) + "\n" for w in WORDS), ReadingConfig())
    assert len(records) == len(WORDS)


def test_that_a_first_row_without_full_stops_above_sentences_is_a_heading(tmp_path: Path) -> None:
    text = "Hochdeutsch,Schwäbisch\n" + "".join(f"Ich habe {w}.,I han {w}.\n" for w in WORDS)
    records, said = read_all(tmp_path, text, ReadingConfig())
    assert len(records) == len(WORDS)
    assert any("taken for the columns' names" in str(remark.message) for remark in said)


@pytest.mark.parametrize("choice", ["yes", "no"])
def test_that_a_doubtful_first_row_is_said_with_the_other_choice(tmp_path: Path, choice: str) -> None:
    text = "rote farbe,couleur rouge\n" + "".join(f"das {w},le {w}{'' if choice == 'yes' else '.'}\n" for w in WORDS)
    if choice == "no":
        text = text.replace("das ", "Ein ").replace(",le", ".,Un")
    records, said = read_all(tmp_path, text, ReadingConfig())
    (remedy,) = [remedy for remark in said for remedy in remark.remedies]
    assert (remedy.target, remedy.value) == ("reading.header", choice)
    others, _ = read_all(tmp_path, text, ReadingConfig(header=choice))
    assert len(others) - len(records) == (1 if choice == "no" else -1)


def test_that_a_first_row_with_a_class_is_a_row() -> None:
    said: list[Any] = []
    assert not is_header([["ham", "see you"], ["spam", "win now"], ["ham", "call me"]], "", said)
    assert not said


@pytest.mark.parametrize("name", ["name", "Name", "First Name", "domain", "Word", "url"])
def test_that_one_column_of_words_may_have_a_header(name: str) -> None:
    words = [[word] for word in ("Ann", "oak.org", "mill", "Ben", "pier")]
    assert is_header([[name], *words])
    assert not is_header([["Ann"], *words[1:]])
    assert not is_header([*words, [name]])
