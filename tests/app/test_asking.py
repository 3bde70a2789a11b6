"""A model is asked as it was taught: what it has learned by heart it answers wherever one asks it."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from llmstudio.app.chatting import outlook, reader
from llmstudio.app.verbs.generate import generate, reply
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig, SplitConfig
from llmstudio.core.events import Event, Finished, Noted, Sampled
from llmstudio.core.generation.chat import Chat
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project
from llmstudio.terminal.talk import talk

GREEDY = GenerationConfig(temperature=0.0, max_new_tokens=6)
HARBOURS = ["ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine"]
CATCHES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
ASKED = [f"who waits at {name} harbour" for name in HARBOURS]
KINDS = ["pairs", "labelled", "turns"]


def _text(folder: Path, kind: str) -> tuple[Path, list[str]]:
    """A file of ten rows of a kind, and what they answer."""
    answers = [f"captain {name}" for name in CATCHES] if kind != "labelled" else [CATCHES[i % 2] for i in range(10)]
    if kind == "turns":
        path = folder / "talks.jsonl"
        both = zip(ASKED, answers, strict=True)
        talks = [[{"role": "user", "content": a}, {"role": "assistant", "content": b}] for a, b in both]
        path.write_text("".join(json.dumps({"messages": talk}) + "\n" for talk in talks))
        return path, answers
    path = folder / f"{kind}.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "label"] if kind == "labelled" else ["source", "target"])
        rows.writerows(zip(ASKED, answers, strict=True))
    return path, answers


@pytest.fixture(scope="module")
def schooled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, list[str]]]:
    """A project with a decoder for each kind of record, which knows its ten rows by heart."""
    folder = tmp_path_factory.mktemp("schooled")
    project, answers = Project(folder / "project"), {}
    for kind in KINDS:
        path, answers[kind] = _text(folder, kind)
        config = CorpusConfig(split=SplitConfig(val_share=0.0, test_share=0.0))
        list(import_corpus(project, [str(path)], name=f"text {kind}", config=config, stop=Stop()))
        words = TokenizerConfig(kind="word", min_frequency=1)
        list(build_tokenizer(project, f"text {kind}", name=f"words {kind}", config=words, stop=Stop()))
        _grow(project, kind, kind, DecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=32))
    return project, answers


def _grow(project: Project, kind: str, name: str, model: Any, **training: Any) -> list[Event]:
    settings = {"max_steps": 90, "batch_size": 10, "eval_steps": 90, "threads": 1, "number_format": "fp32"} | training
    family = "encoder_decoder" if isinstance(model, EncoderDecoderConfig) else "decoder"
    recipe = Recipe(kind=family, model=model, training=TrainingConfig(**settings))
    corpus, tokenizer = f"text {kind}", f"words {kind}"
    return list(train(project, corpus=corpus, tokenizer=tokenizer, name=name, recipe=recipe, stop=Stop()))


def _last(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished), events[-1]
    return events[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_that_what_was_learned_by_heart_is_answered_by_generate_and_the_layout_is_told(schooled: Any, kind: str) -> None:
    project, answers = schooled
    asked = [list(generate(project, kind, prompt=text, config=GREEDY, stop=Stop())) for text in ASKED]
    assert [_last(heard).result["text"].strip() for heard in asked] == answers[kind]
    assert ["--raw" in str(e.message) for e in asked[0] if isinstance(e, Noted)] == [True]
    bare = list(generate(project, kind, prompt=ASKED[0], config=GREEDY, raw=True, stop=Stop()))
    assert _last(bare).result["prompt_tokens"] == 5, "the words and no sign"
    assert not [event for event in bare if isinstance(event, Noted)]


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_chat_answers_it_too_also_as_a_later_message(schooled: Any, kind: str) -> None:
    project, answers = schooled
    who = reader(project, kind)
    assert who.mode == "chat"
    for text, answer in zip(ASKED, answers[kind], strict=True):
        chat = Chat(mode=who.mode).ask(text)
        assert _last(list(reply(project, kind, chat=chat, config=GREEDY, stop=Stop()))).result["text"].strip() == answer
    if kind == "turns":
        return  # a second turn was never learned
    talked = Chat().ask(ASKED[1]).say("assistant", "captain", parent=0)
    end = _last(list(reply(project, kind, chat=talked.ask(ASKED[4]), config=GREEDY, stop=Stop())))
    assert (end.result["text"].strip(), end.result["num_dropped"]) == (answers[kind][4], 2)
    seen = outlook(project, who, talked.ask(ASKED[4]), [], room=6)
    assert (seen.prompt_tokens, seen.seen_from, seen.num_unseen) == (6, 2, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_talk_in_the_terminal_does_too(schooled: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    project, answers = schooled
    left = iter([line for text in ASKED[:3] for line in (text + "\n", "/new\n")] + [""])
    monkeypatch.setattr(sys, "stdin", type("Typed", (), {"isatty": lambda _: False, "readline": lambda _: next(left)})())
    heard: list[Event] = []
    assert talk(project, kind, GREEDY, heard.append) == 0
    written = "".join(getattr(event, "text", "") for event in heard)
    assert all(answer in written for answer in answers[kind][:3])
    assert any("answered by itself" in str(getattr(event, "message", "")) for event in heard) == (kind != "turns")


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_sample_of_training_asks_with_the_prompt_as_the_rows_do(schooled: Any, kind: str) -> None:
    project, answers = schooled
    decoder = DecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=32)
    heard = _grow(project, kind, f"sampled {kind}", decoder, sample_prompt=ASKED[3], sample_steps=90, sample_tokens=6)
    shown = [event for event in heard if isinstance(event, Sampled)][-1]
    assert shown.text.strip() == answers[kind][3]


def test_that_an_encoder_decoder_of_conversations_reads_a_turn_as_it_learned_it(schooled: Any) -> None:
    project, answers = schooled
    shape = EncoderDecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=32)
    heard = _grow(project, "turns", "both", shape, max_steps=150, sample_prompt=ASKED[3], sample_steps=150, sample_tokens=6)
    shown = [event for event in heard if isinstance(event, Sampled)][-1]
    asked = [_last(list(generate(project, "both", prompt=text, config=GREEDY, stop=Stop()))) for text in ASKED]
    assert [end.result["text"].strip() for end in asked] == answers["turns"]
    assert shown.text.strip().endswith(answers["turns"][3])


def test_that_a_passage_stands_above_the_question_of_a_pair_and_too_long_a_one_is_told(schooled: Any) -> None:
    project, _ = schooled
    who = reader(project, "pairs")
    assert outlook(project, who, Chat().ask("who waits", story="oak"), [], room=6).prompt_tokens == 5
    long = outlook(project, who, Chat().ask("oak " * 90), [], room=6)
    assert (long.prompt_tokens, long.num_dropped) == (26, 1)
    assert "longer than the model can look back" in str(long.remark)
    story = outlook(project, who, Chat().ask("who waits", story="oak " * 90), [], room=6)
    assert "only its end is read" in str(story.remark)
