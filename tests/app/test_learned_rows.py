"""Laws of the rows that are shown before they are learned: they are the run's own, and nothing greyed is learned."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.learned_rows import LearnedRow, learned_rows
from llmstudio.app.runs.starting import for_task
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

MODEL = DecoderConfig(num_layers=1, embed_dim=8, num_heads=1, context_length=256)


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with the conversations Chats and the tokenizer Words."""
    project = Project(tmp_path_factory.mktemp("talking") / "project")
    config = CorpusConfig(sample_count=60)
    list(import_corpus(project, ["sample:tour"], name="Chats", config=config, stop=Stop()))
    words = TokenizerConfig(kind="word", vocab_size=256, min_frequency=1)
    list(build_tokenizer(project, "Chats", name="Words", config=words, stop=Stop()))
    return project


def _text(row: LearnedRow, who: str, *, learned: bool) -> list[str]:
    found = [stretch for document in row.documents for stretch in document if stretch.who == who]
    return [stretch.text for stretch in found if (stretch.weight == 1) == learned and not stretch.sign]


@pytest.mark.parametrize("rows", ["auto", "packed"])
def test_that_of_a_conversation_answers_and_their_ends_are_learned_and_nothing_else(talking, rows):
    recipe = Recipe(model=MODEL, training=TrainingConfig(rows=rows, context_weight=0.0))
    found = learned_rows(talking, recipe, corpus="Chats", tokenizer="Words")
    known = {
        tuple(t["what"] for t in r["turns"]): r["turns"] for r in Corpus(talking.about("corpus", "Chats").path).records()
    }
    assert found.rest == 0
    assert 0.05 < found.share < 0.5
    for row in found.rows:
        assert (len(row.documents) > 1) == (rows == "packed")
        for document in row.documents:
            turns = known[tuple(stretch.text for stretch in document if not stretch.sign)]
            assert [s.who for s in document if not s.sign] == [turn["who"] for turn in turns]
            for stretch in document:
                is_answer = stretch.who == "assistant" and stretch.sign != "begins"
                assert stretch.weight == float(is_answer), stretch
        assert _text(row, "assistant", learned=True)
        assert not _text(row, "assistant", learned=False)


def test_that_the_rest_counts_what_the_setting_says(talking):
    recipe = Recipe(model=MODEL, training=TrainingConfig(context_weight=0.25))
    found = learned_rows(talking, recipe, corpus="Chats", tokenizer="Words")
    assert found.rest == 0.25
    counted = {
        s.weight for row in found.rows for document in row.documents for s in document[1:]
    }  # a row's first token is given
    assert counted == {0.25, 1.0}


def test_that_a_hidden_word_is_what_an_encoder_learns(talking):
    config = EncoderConfig(num_layers=1, embed_dim=8, num_heads=1, context_length=256)
    found = learned_rows(talking, Recipe("encoder", config, TrainingConfig()), corpus="Chats", tokenizer="Words")
    assert found.rest is None
    assert 0.03 < found.share < 0.4
    told = {t["what"] for r in Corpus(talking.about("corpus", "Chats").path).records() for t in r["turns"]}
    shown = "".join(s.text for s in found.rows[0].documents[0] if s.who == "story")
    assert shown.split() in [text.split() for text in told]  # hidden words are shown as they are


@pytest.mark.parametrize("task", ["", "pairs"])
def test_that_of_a_pair_the_target_is_learned(translating, task):
    own = recipe_of(translating.about("model", "Turn"))
    recipe = for_task(Recipe(model=MODEL, training=TrainingConfig()), task) if task else own
    tokenizer = translating.about("model", "Turn").parent("tokenizer").name
    found = learned_rows(translating, recipe, corpus="Pairs", tokenizer=tokenizer)
    pairs = {(r["source"], r["target"]) for r in Corpus(translating.about("corpus", "Pairs").path).records()}
    for row in found.rows:
        (source,) = _text(row, "source", learned=False)
        (target,) = _text(row, "assistant", learned=True)
        assert (source, target) in pairs
        assert row.documents[0][-1].sign == "end"
        assert row.documents[0][-1].weight == 1


def test_that_a_class_stands_beside_its_text_and_a_tag_at_its_word(sorting, tagging):
    recipe = recipe_of(sorting.about("model", "Sort"))
    corpus = sorting.about("model", "Sort").parent("corpus").name
    found = learned_rows(sorting, recipe, corpus=corpus, tokenizer="", start="Sort")
    texts = {r["text"]: r["label"] for r in Corpus(sorting.about("corpus", corpus).path).records()}
    assert found.has_marks
    for row in found.rows:
        text = "".join(stretch.text for stretch in row.documents[0])
        assert row.is_cut or (texts.get(text) in row.classes)

    recipe = recipe_of(tagging.about("model", "Names"))
    corpus = tagging.about("model", "Names").parent("corpus").name
    found = learned_rows(tagging, recipe, corpus=corpus, tokenizer="", start="Names")
    sentences = [
        list(zip(r["words"], r["tags"], strict=True)) for r in Corpus(tagging.about("corpus", corpus).path).records()
    ]
    for row in found.rows:
        told = [(stretch.text.strip(), stretch.mark) for stretch in row.documents[0]]
        assert told in sentences


def test_that_nothing_is_left_in_the_project(talking):
    before = sorted(path for path in talking.root.rglob("*"))
    learned_rows(talking, replace(Recipe(model=MODEL)), corpus="Chats", tokenizer="Words")
    assert sorted(path for path in talking.root.rglob("*")) == before
