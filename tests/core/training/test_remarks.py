"""A changed setting that can do nothing in a run says so; one that can does not."""

from __future__ import annotations

import json

import pytest

from llmstudio.core.corpus.config import CorpusConfig, SplitConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.dataset.encoding import encode_corpus
from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.events import Noted
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.settings import MaskedSettings
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.tokenizer.training import build_tokenizer
from llmstudio.core.training.remarks import without_effect
from llmstudio.core.training.trainer import train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

RUNNING, WEIGHTED = TrainingConfig(rows="running"), TrainingConfig(context_weight=0.7)
DOCUMENTS = TrainingConfig(rows="documents")
RELAXED = LSTMConfig(carry_state=False)
SPLIT = MaskedSettings(whole_words=False)


def _said(recipe, data) -> str:
    return " ".join(map(str, without_effect(recipe, recipe.make_task(*data))))


@pytest.mark.parametrize(
    ("kind", "config", "training", "data", "said"),
    [
        ("vae", VAEConfig(), RUNNING, "turns_data", "Rows has no effect here: every row is one sentence"),
        ("vae", VAEConfig(), DOCUMENTS, "turns_data", ""),
        ("encoder_decoder", EncoderDecoderConfig(), RUNNING, "pairs_data", "Rows has no effect here: every row is one pair"),
        ("decoder", DecoderConfig(), RUNNING, "turns_data", ""),
        ("encoder", EncoderConfig(), WEIGHTED, "turns_data", "Weight of the rest has no effect here: answers count no more"),
        (
            "encoder_decoder",
            EncoderDecoderConfig(),
            WEIGHTED,
            "pairs_data",
            "Weight of the rest has no effect here: only the",
        ),
        ("decoder", DecoderConfig(), WEIGHTED, "turns_data", ""),
        ("lstm", RELAXED, DOCUMENTS, "text_data", "Carry the state has no effect here: every row stands alone"),
        ("lstm", RELAXED, RUNNING, "text_data", ""),
        ("encoder", SPLIT, DOCUMENTS, "turns_data", "Whole words has no effect here: every word is one token"),
        ("encoder", SPLIT, RUNNING, "text_data", ""),
    ],
)
def test_that_a_setting_without_effect_says_so_and_one_with_effect_does_not(kind, config, training, data, said, request):
    parts = {"task": config, "model": EncoderConfig()} if isinstance(config, MaskedSettings) else {"model": config}
    found = _said(Recipe(kind, training=training, **parts), request.getfixturevalue(data))
    assert (said in found) if said else not found, found


def test_that_what_stands_at_its_default_is_not_spoken_of(turns_data):
    assert not _said(Recipe("encoder", EncoderConfig(), TrainingConfig(seed=1)), turns_data)


@pytest.mark.parametrize("rows", ["running", "documents"])
def test_that_a_step_that_the_text_cannot_fill_is_said_and_one_that_it_fills_is_not(text_data, tmp_path, rows):
    dataset, tokenizer = text_data
    for batch_size, count in ((100_000, 1), (2, 0)):
        training = TrainingConfig(max_steps=1, batch_size=batch_size, rows=rows, threads=1, number_format="fp32")
        recipe = Recipe("decoder", DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=16), training)
        folder = tmp_path / f"{rows} {batch_size}"
        folder.mkdir()
        heard = list(train(folder, recipe=recipe, dataset=dataset, tokenizer=tokenizer, stop=Stop()))
        told = [str(event.message) for event in heard if isinstance(event, Noted)]
        assert sum(line.startswith("The text has only") and "for a step of" in line for line in told) == count


@pytest.mark.parametrize(
    ("count", "share", "advice"),
    [
        (60, 0.0, "Import it again with a validation share."),
        (1, 0.05, "A validation share was asked for, and there is none"),
    ],
    ids=["no share", "too little text"],
)
def test_that_where_nothing_is_held_out_only_what_would_help_is_advised(tmp_path, count, share, advice) -> None:
    pairs = [{"question": f"What is {n} and {n}?", "answer": f"It is {2 * n}, and no more. " * 9} for n in range(count)]
    (tmp_path / "a.json").write_text(json.dumps(pairs), encoding="utf-8")
    for folder in ("corpus", "tokenizer", "dataset"):
        (tmp_path / folder).mkdir()
    config, stop = CorpusConfig(split=SplitConfig(val_share=share, test_share=0.0)), Stop()
    list(write_corpus([tmp_path / "a.json"], config, tmp_path / "corpus", stop=stop))
    corpus = Corpus(tmp_path / "corpus")
    list(build_tokenizer(corpus, TokenizerConfig(kind="char", min_frequency=1), tmp_path / "tokenizer", stop=stop))
    tokenizer = Tokenizer.load(tmp_path / "tokenizer")
    list(encode_corpus(corpus, tokenizer, tmp_path / "dataset", stop=stop))
    training = TrainingConfig(max_steps=1, batch_size=1, number_format="fp32", threads=1, sample_tokens=2)
    recipe = Recipe(model=DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=16), training=training)
    (tmp_path / "m").mkdir()
    data = Dataset.open(tmp_path / "dataset")
    events = list(train(tmp_path / "m", recipe=recipe, dataset=data, tokenizer=tokenizer, stop=stop))
    (said,) = [str(e.message) for e in events if isinstance(e, Noted) and "Nothing is held out" in str(e.message)]
    assert advice in said
    assert ("Import it again" in said) == (share == 0)
