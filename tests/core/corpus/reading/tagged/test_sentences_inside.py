from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.readers import read

SENTENCES = [(["EU", "rejects", "it"], ["B-ORG", "O", "O"]), (["Ann", "sings"], ["B-PER", "O"]), (["Rain"], ["O"])]


def tagged(folder: Path, value: Any) -> list[tuple[list[str], list[str]]]:
    (folder / "a.json").write_text(json.dumps(value), encoding="utf-8")
    found = [item for item in read([folder / "a.json"], ReadingConfig()) if isinstance(item, dict)]
    return [(item["words"], item["tags"]) for item in found]


def test_that_the_sentences_of_a_document_are_rows(tmp_path: Path) -> None:
    sentences = [{"tokens": found, "ner_tags": tags} for found, tags in SENTENCES]
    assert (
        tagged(tmp_path, [{"doc": "a", "sentences": sentences[:2]}, {"doc": "b", "sentences": sentences[2:]}]) == SENTENCES
    )


def test_that_words_with_their_tags_are_a_sentence(tmp_path: Path) -> None:
    items = [[{"text": word, "ner": tag} for word, tag in zip(*pair, strict=True)] for pair in SENTENCES]
    assert tagged(tmp_path, [{"id": n, "tokens": own} for n, own in enumerate(items)]) == SENTENCES


def test_that_what_is_said_in_conversations_with_labels_stays_a_conversation(tmp_path: Path) -> None:
    talk = [{"speaker": who, "text": f"Is it {n}?", "label": "ask"} for n, who in enumerate(["Ann", "Ben"] * 2)]
    (tmp_path / "a.json").write_text(json.dumps([{"dialog": talk}] * 3), encoding="utf-8")
    assert not any("words" in item for item in read([tmp_path / "a.json"], ReadingConfig()) if isinstance(item, dict))
