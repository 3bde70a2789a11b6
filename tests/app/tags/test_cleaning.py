"""A tagger of the project cleans an import: what it changes, what is counted, what is refused, what is said later."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmstudio.app.tags.cleaning import tagger_left, tags_of
from llmstudio.app.verbs.delete import delete
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.core.corpus.cleaning.cleaning import Cleaner
from llmstudio.core.corpus.config import CleaningConfig, CorpusConfig
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Stopped
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def config_with(tagger: str, use: str) -> CorpusConfig:
    return CorpusConfig(cleaning=CleaningConfig(tagger=tagger, tagging=use))


def imported(project: Project, text: str, tagger: str, use: str, folder: Path) -> tuple[Corpus, Finished]:
    (folder / "a.txt").write_text(text, "utf-8")
    *_, end = import_corpus(project, [str(folder / "a.txt")], name="New", config=config_with(tagger, use), stop=Stop())
    assert isinstance(end, Finished)
    return Corpus(project.path("corpus", "New")), end


def whole(corpus: Corpus) -> str:
    return "".join(record["text"] for part in ("train", "val") for record in corpus.records(part))


def test_that_names_become_their_types_and_the_corpus_knows_the_model_and_its_words(
    tagging: Project, tmp_path: Path
) -> None:
    corpus, end = imported(tagging, "Tom sleeps in Paris.\nAnna Berg lives in Rome.\n" * 30, "Names", "replace", tmp_path)
    assert whole(corpus).startswith("PER sleeps in LOC.\nPER lives in LOC.\n")
    assert corpus.facts["cleaning"]["tagger"] == 120
    assert dict(corpus.statistics.tags) == {"PER": 60, "LOC": 60}
    assert dict(dict(corpus.statistics.tag_words)["PER"]) == {"Tom": 30, "Anna Berg": 30}
    assert end.result["words by tag"]["LOC"].startswith("60 (")
    about = tagging.about("corpus", "New")
    assert about.made_from["tagger"]["name"] == "Names"
    assert about.made_from["tagger"]["id"] == tagging.about("model", "Names").id


@pytest.mark.parametrize(("tagger", "use"), [("Names", "replace"), ("Parts", "part")])
def test_that_texts_that_are_tagged_side_by_side_are_cleaned_as_one_by_one_is(
    tagging: Project, tmp_path: Path, tagger: str, use: str
) -> None:
    lines = ["Tom sleeps in Paris.", "Anna Berg lives in Rome.", "abcdefgh", "cdefab", "", "Rome"]
    texts = [" ".join((lines * 3)[at : at + at % 7]) + "\n" * (at % 3) + lines[at % 6] for at in range(200)]
    config = CorpusConfig(cleaning=CleaningConfig(tagger=tagger, tagging=use, lower_case=True, exact_duplicates=False))
    tag = tags_of(tagging, config.cleaning)
    alone, together = Cleaner(config.cleaning, tag), Cleaner(config.cleaning, tag)
    expected = [alone.clean(text) for text in texts]
    assert together.clean_all(texts) == expected
    assert (together.counts, together.tags.frequent) == (alone.counts, alone.tags.frequent)
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps({"text": text}) for text in texts))
    *_, end = import_corpus(tagging, [str(tmp_path / "a.jsonl")], name="New", config=config, stop=Stop())
    assert isinstance(end, Finished)
    corpus = Corpus(tagging.path("corpus", "New"))
    read = [record["text"] for part in ("train", "val", "test") for record in corpus.records(part)]
    assert sorted(read) == sorted(text for text in expected if text.strip())
    assert corpus.facts["cleaning"]["tagger"] == alone.counts["tagger"]


def test_that_words_are_parted_by_a_model_that_finds_them(tagging: Project, tmp_path: Path) -> None:
    corpus, _ = imported(tagging, "abcdefgh\ncdefab\n" * 40, "Parts", "part", tmp_path)
    assert whole(corpus).replace(" ", "") == "abcdefgh\ncdefab\n" * 40
    assert whole(corpus).split("\n")[0] == "ab cde f gh"
    assert corpus.statistics.tags[0][0] == "word"


@pytest.mark.parametrize(
    ("tagger", "use", "said"),
    [
        ("Gone", "count", "Gone"),
        ("Names", "part", "does not tell where words begin"),
        ("Parts", "drop", "does not tag names in BIO"),
    ],
)
def test_that_a_tagger_of_no_use_is_refused_before_anything_is_made(
    tagging: Project, tagger: str, use: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(StudioError, match=said):
        imported(tagging, "Tom sleeps.", tagger, use, tmp_path)
    assert not tagging.exists("corpus", "New")


def test_that_a_model_of_another_task_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="cannot tag words"):
        imported(project, "Tom sleeps.", "Tiny", "count", tmp_path)


def test_that_a_stop_while_tagging_leaves_no_corpus(tagging: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Tom sleeps in Paris.\n" * 400)
    stop = Stop()
    job = import_corpus(tagging, [str(tmp_path / "a.txt")], name="New", config=config_with("Names", "drop"), stop=stop)
    next(job)
    stop.request()
    assert isinstance(list(job)[-1], Stopped)
    assert not tagging.exists("corpus", "New")


def test_that_new_texts_are_told_to_be_cleaned_without_a_tagger_that_is_gone(tagging: Project) -> None:
    cleaning = CleaningConfig(tagger="Names", tagging="drop")
    tag, said = tagger_left(tagging, cleaning)
    assert (tag is not None, said) == (True, None)
    list(delete(tagging, "model/Names"))
    tag, said = tagger_left(tagging, cleaning)
    assert tag is None
    assert "Names, which cannot be used now" in str(said)
