from __future__ import annotations

import pytest

from llmstudio.app.items import corpus_words
from llmstudio.app.items.corpus_words import words_in
from llmstudio.app.verbs.delete import delete
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def test_that_words_are_collected_once_and_kept_beside_their_corpus(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = project.about("corpus", "World")
    found = words_in(corpus)
    assert found
    assert (corpus.path / "words.txt").exists()
    monkeypatch.setattr(Corpus, "texts", lambda *given: iter(["other words"]))
    assert words_in(corpus) == found


@pytest.mark.parametrize("follows", [True, False], ids=["another of its name", "nothing"])
def test_that_words_of_a_corpus_that_was_deleted_meanwhile_are_nobody_elses(
    project: Project, monkeypatch: pytest.MonkeyPatch, follows: bool
) -> None:
    corpus, texts = project.about("corpus", "World"), Corpus.texts

    def slow(self: Corpus, split: str):
        yield from texts(self, split)
        list(delete(project, "corpus/World"))
        if follows:
            config = CorpusConfig(sample_count=20)
            list(import_corpus(project, ["sample:tales"], name="World", config=config, stop=Stop()))

    with monkeypatch.context() as while_read:
        while_read.setattr(Corpus, "texts", slow)
        old = words_in(corpus)
    assert old
    assert not (corpus.path / corpus_words._FILE).exists()
    if follows:
        assert words_in(project.about("corpus", "World")) != old
    else:
        assert not corpus.path.exists()
