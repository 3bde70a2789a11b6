"""The law of going on: a text in parts is the text that is written at once, also where a part ends inside a character."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from functools import cache

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.generation.chat import ASSISTANT, USER, Chat
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.generate import generate
from llmstudio.core.generation.prompt import read_prompt
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.tokenizer.kinds import blank, char_backend
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.work import Stop

BYTES = Tokenizer(blank(TokenizerConfig(kind="byte")))
LENGTH = 32


@cache
def _writer(kind):
    """A model that has read enough of such signs to write their bytes in the right order most of the time."""
    config = (
        LSTMConfig(num_layers=1, embed_dim=32, hidden_dim=32)
        if kind == "lstm"
        else DecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=24)
    )
    model = build_model(kind, config, BYTES.vocab_size, seed=1)
    signs = random.Random(0)
    ids = torch.tensor(BYTES.encode("".join(signs.choice("😀🌍é中") for _ in range(1000))))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for step in range(40):
        rows = torch.stack([ids[start : start + 25] for start in range(step, step + 32 * 60, 60)])
        logits = model.head(model(Batch(rows[:, :-1])).hidden)
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten()).backward()
        optimizer.step()
        optimizer.zero_grad()
    return model.eval()


def _say(model, chat, **settings):
    context = model.config.looks_back
    config = GenerationConfig(**({"temperature": 0.0} | settings))
    prompt = read_prompt(BYTES, chat, context, room=config.max_new_tokens)
    *_, end = generate(model, BYTES, prompt.ids, config, stop=Stop(), stop_ids=(), said=prompt.said)
    facts = {"ids": end.result["ids"], "tokens": end.result["tokens"], "prompt_tokens": len(prompt.ids)}
    return end.result["text"], chat.say(ASSISTANT, end.result["text"], parent=chat.leaf, **facts)


@pytest.mark.parametrize("kind", ["decoder", "lstm"])
@pytest.mark.parametrize("typed", ["é", "so long that it does not fit: 😀😀😀"])
@pytest.mark.parametrize("settings", [{}, {"no_repeat_ngram_size": 4, "repetition_penalty": 1.2}])
def test_that_a_text_in_parts_is_the_text_at_once(kind, typed, settings):
    model, start = _writer(kind), Chat(mode="completion").say(USER, typed)
    whole, _ = _say(model, start, max_new_tokens=LENGTH, **settings)
    cut_inside = 0
    for first in (1, 2, 11, 13, 26):
        before, chat = _say(model, start, max_new_tokens=first, **settings)
        cut_inside += BYTES.decode(chat.messages[-1].ids) != before
        chat = Chat.from_dict(json.loads(json.dumps(chat.to_dict())))
        middle, chat = _say(model, chat, max_new_tokens=4, **settings)
        after, _ = _say(model, chat, max_new_tokens=LENGTH - first - 4, **settings)
        assert before + middle + after == whole
    assert cut_inside, "no part ended inside a character: the law was not tried"


def test_that_what_a_person_writes_after_half_a_character_begins_a_new_one():
    _, chat = _say(_writer("decoder"), Chat(mode="completion").say(USER, "é"), max_new_tokens=3)
    chat = chat.say(USER, "x", parent=chat.leaf)
    assert read_prompt(BYTES, chat, None).ids == BYTES.encode("".join(message.text for message in chat.path()))


def test_that_ids_of_another_vocabulary_and_of_an_edited_text_are_not_read():
    _, chat = _say(_writer("decoder"), Chat(mode="completion").say(USER, "é"), max_new_tokens=3)
    letters = Tokenizer(char_backend(["é", "x"]))
    assert read_prompt(letters, chat, None).ids[0] == letters.encode("é")[0]
    edited = chat.edit(chat.leaf, "xx")
    assert read_prompt(BYTES, edited, None).ids == BYTES.encode("éxx")
    odd = replace(chat, messages=(chat.messages[0], replace(chat.messages[1], text="other")))
    assert read_prompt(BYTES, odd, None).ids == BYTES.encode("éother")


def test_that_a_stop_string_and_what_follows_it_are_no_part_of_the_text_nor_of_its_ids():
    model, start = _writer("decoder"), Chat(mode="completion").say(USER, "é")
    whole, _ = _say(model, start, max_new_tokens=LENGTH)
    stop = whole[5:7]
    text, chat = _say(model, start, max_new_tokens=LENGTH, stop_strings=(stop,))
    assert text == whole[: whole.index(stop)]
    assert chat.messages[-1].ids == ()
