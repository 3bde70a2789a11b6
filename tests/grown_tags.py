"""A small grown project with tagged sentences: one model tags names in them, another one finds words."""

from __future__ import annotations

import random
from pathlib import Path

from llmstudio.app.items import loaded
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CleaningConfig, CorpusConfig, ReadingConfig
from llmstudio.core.corpus.reading.tagged.layouts import BOUNDARIES
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

PEOPLE, PLACES = ("Anna Berg", "Tom", "Mia Lund", "Paul"), ("Rome", "New York", "Paris", "Bad Ems")
WORDS = ("ab", "cde", "f", "gh")


def tagged_sentences(count: int, seed: int = 0) -> list[list[tuple[str, str]]]:
    """Sentences such as Tom lives in Rome, in words with tags of names."""
    draw, made = random.Random(seed), []
    for _ in range(count):
        person, place = draw.choice(PEOPLE).split(), draw.choice(PLACES).split()
        tags = [*("B-PER", "I-PER")[: len(person)], "O", "O", *("B-LOC", "I-LOC")[: len(place)], "O"]
        made.append(list(zip([*person, draw.choice(["lives", "sleeps"]), "in", *place, "."], tags, strict=True)))
    return made


def two_columns(sentences: list[list[tuple[str, str]]]) -> str:
    """Sentences as a file has them."""
    return "".join("".join(f"{word}\t{tag}\n" for word, tag in sentence) + "\n" for sentence in sentences)


def run_together(sentences: list[list[tuple[str, str]]]) -> str:
    """Sentences of which half the words have no space behind them, as CoNLL-U says it."""
    draw, rows = random.Random(0), []
    for sentence in sentences:
        for number, (word, tag) in enumerate(sentence, 1):
            behind = "_" if draw.random() < 0.5 else "SpaceAfter=No"
            rows.append(f"{number}\t{word}\t_\t{tag}" + 5 * "\t_" + f"\t{behind}")
        rows.append("")
    return "\n".join(rows) + "\n"


def teach_tags(root: Path) -> Path:
    """Make a project with the models Names, which tags people and places, and Parts, which finds the words of `WORDS`."""
    project = Project(root)
    draw = random.Random(0)
    parted = [[(draw.choice(WORDS), "X" if at else "Y") for at in range(6)] for _ in range(150)]
    shape = EncoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=48)
    training = TrainingConfig(
        max_steps=100,
        batch_size=16,
        eval_steps=50,
        checkpoint_steps=100,
        learning_rate=1e-2,
        threads=1,
        number_format="fp32",
    )
    recipe = Recipe("encoder", shape, task_name="tag", training=training)
    for name, sentences, tags, kind in (
        ("Names", tagged_sentences(200), "", TokenizerConfig(kind="bpe", vocab_size=300)),
        ("Parts", parted, BOUNDARIES, TokenizerConfig(kind="char", vocab_size=300, min_frequency=1)),
    ):
        file = root.parent / f"{name}.{'conllu' if tags else 'conll'}"
        file.write_text((run_together if tags else two_columns)(sentences), encoding="utf-8")
        config = CorpusConfig(reading=ReadingConfig(tags=tags), cleaning=CleaningConfig(exact_duplicates=False))
        list(import_corpus(project, [str(file)], name=f"{name} text", config=config, stop=Stop()))
        list(build_tokenizer(project, f"{name} text", name=f"{name} cut", config=kind, stop=Stop()))
        list(train(project, corpus=f"{name} text", tokenizer=f"{name} cut", name=name, recipe=recipe, stop=Stop()))
        file.unlink()
    loaded.forget()
    return root
