"""Laws of filling in: only blanks change, the surest goes first, whatever the kind of tokenizer."""

from __future__ import annotations

import itertools
import re

import pytest
import torch
from tokenizers import Tokenizer as Backend
from torch import nn

from llmstudio.core.batch import Batch, Output
from llmstudio.core.corpus.samples import records
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Piece, Started
from llmstudio.core.generation.fill import fill, fill_blanks, fill_masks, has_blanks
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.tokenizer.config import MASK, SPECIALS, TokenizerConfig
from llmstudio.core.tokenizer.learning import learn_from
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.work import Stop

TEXT = 'Clara has the kite. The kite is red, and "Tom" likes it! The dog saw Clara; the dog ran.'
KINDS = ("bpe", "unigram", "word", "wordpiece", "char", "byte")


class _Corpus:
    record_kind = "text"
    facts = {"bytes": 1, "hash": "0"}

    def texts(self, split):
        told = (str(record["text"]) for record in records("tales", count=100))
        return itertools.chain([TEXT] * 40, told) if split == "train" else iter(())


@pytest.fixture(scope="module", params=KINDS)
def tokenizer(request):
    *_, last = learn_from(_Corpus(), TokenizerConfig(kind=request.param, vocab_size=900, min_frequency=1))
    return Tokenizer(Backend.from_str(last["result"]["json"]))


class _Knowing(LanguageModel):
    """Knows the ids of a text, and puts in what stands there; remembers every row it was shown."""

    def __init__(self, ids, vocab_size):
        super().__init__()
        self.ids, self.vocab_size, self.rows = ids, vocab_size, []
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, batch: Batch, state=None) -> Output:
        self.rows.append(batch.ids[0].tolist())
        assert batch.ids.shape[1] == len(self.ids)
        return Output(torch.tensor(self.ids)[None, :, None].float())

    def head(self, hidden):
        return 9.0 * nn.functional.one_hot(hidden[..., 0].long(), self.vocab_size).float()


def _is_one_token(tokenizer, match):
    own = [span for span in tokenizer.spans(TEXT) if span.end > match.start() and span.start < match.end()]
    is_spaced = tokenizer.kind == "wordpiece" or TEXT[: match.start()].endswith(" ") or not match.start()
    has_space = tokenizer.token_bytes[own[0].id].startswith(b" ")
    return len(own) == 1 and own[0].text.strip() == match[0] and is_spaced == (has_space or not match.start())


def _encoder(tokenizer):
    config = EncoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=64)
    return build_model("encoder", config, tokenizer.vocab_size, seed=1).eval()


def test_that_blanks_at_any_word_leave_the_tokens_around_them_as_they_were(tokenizer):
    tried = 0
    for match in re.finditer(r"\w+", TEXT):
        single = TEXT[: match.start()] + "___" + TEXT[match.end() :]
        ids = tokenizer.encode(TEXT)
        knowing = _Knowing(ids, tokenizer.vocab_size)
        if tokenizer.kind in ("char", "byte"):
            single = TEXT[: match.start()] + "_" * len(match[0]) + TEXT[match.end() :]
            if len(match[0]) < 2:
                continue
        elif not _is_one_token(tokenizer, match):
            continue  # a blank stands for one token
        filled = fill_blanks(knowing, tokenizer, single)
        assert filled.text == TEXT
        spans = filled.blanks[0].spans
        assert "".join(filled.text[start:end] for start, end in spans) == match[0]
        assert [id for id, masked in zip(ids, knowing.rows[0], strict=True) if masked != MASK and id != masked] == []
        tried += 1
    assert tried >= 4


def test_that_every_way_to_write_a_blank_is_understood_and_nothing_else_changes(tokenizer):
    text = "Clara ___ the [mask], and the [MASK] ran."
    blank = "____" if tokenizer.kind in ("char", "byte") else "___"
    filled = fill_blanks(_encoder(tokenizer), tokenizer, text.replace("___", blank))
    assert [len(found.places) for found in filled.blanks] == [len(blank) if blank == "____" else 1, 1, 1]
    rest = [re.escape(part.rstrip()) for part in ("Clara ", " the ", ", and the ", " ran.")]
    assert re.fullmatch(".*".join(rest), filled.text, re.DOTALL)


def test_that_choices_are_real_tokens_with_falling_probabilities(tokenizer):
    filled = fill_blanks(_encoder(tokenizer), tokenizer, "the [mask] ran", num_choices=4)
    (choices,) = filled.blanks[0].places
    shares = [choice.probability for choice in choices]
    assert len(choices) == 4
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 1
    assert all(choice.id >= len(SPECIALS) and choice.text == tokenizer.token(choice.id) for choice in choices)


def test_that_the_surest_blank_is_filled_first_and_then_read():
    model = build_model("encoder", EncoderConfig(num_layers=2, embed_dim=16, num_heads=2, context_length=16), 30, seed=2)
    ids = [8, MASK, 9, MASK, 10, MASK]
    left, row, expected = [1, 3, 5], list(ids), {}
    while left:
        with torch.inference_mode():
            shares = model.head(model(Batch(torch.tensor([row]))).hidden[0])[:, len(SPECIALS) :].softmax(-1)
        place = max(left, key=lambda at: float(shares[at].max()))
        row[place] = int(shares[place].argmax()) + len(SPECIALS)
        expected[place] = (row[place], pytest.approx(float(shares[place].max()), rel=1e-4))
        left.remove(place)
    found = fill_masks(model, ids)
    assert list(found) == list(expected)
    assert {place: choices[0] for place, choices in found.items()} == expected


def test_that_filling_is_a_job_with_its_figures():
    tokenizer = Tokenizer(Backend.from_str(_letters()))
    events = list(fill(_encoder(tokenizer), tokenizer, "a __ c"))
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    result = events[-1].result
    assert [e.text for e in events if isinstance(e, Piece)] == [result["text"]]
    assert (result["tokens"], result["stop_reason"]) == (2, "end")
    assert (result["blanks"][0]["start"], result["blanks"][0]["end"]) == (2, 4)
    assert result["blanks"][0]["spans"] == [[2, 3], [3, 4]]


def test_that_a_letter_of_several_bytes_stands_where_its_last_byte_is():
    letters = "a é b"
    tokenizer = Tokenizer(Backend.from_str(_bytes()))
    knowing = _Knowing(tokenizer.encode(letters), tokenizer.vocab_size)
    filled = fill_blanks(knowing, tokenizer, "a __ b")
    assert filled.text == letters
    assert filled.blanks[0].spans == ((2, 2), (2, 3))


def test_that_a_stop_ends_the_filling():
    tokenizer, stop = Tokenizer(Backend.from_str(_letters())), Stop()
    model = _encoder(tokenizer)
    model.register_forward_hook(lambda *_: stop.request())
    with pytest.raises(StudioError, match="stopped"):
        fill_blanks(model, tokenizer, "a __ c", stop=stop)


def test_that_a_text_without_a_blank_is_refused_in_words():
    tokenizer = Tokenizer(Backend.from_str(_letters()))
    assert not has_blanks("snake_case is no blank")
    with pytest.raises(StudioError, match="write ___ where a word is missing"):
        fill_blanks(_encoder(tokenizer), tokenizer, "the cat")


def test_that_a_text_beyond_the_context_is_refused_with_both_numbers():
    tokenizer = Tokenizer(Backend.from_str(_letters()))
    with pytest.raises(StudioError, match=r"64 tokens.* 202 were given"):
        fill_blanks(_encoder(tokenizer), tokenizer, "a" * 200 + "__")


def _bytes():
    *_, last = learn_from(_Corpus(), TokenizerConfig(kind="byte"))
    return last["result"]["json"]


def _letters():
    *_, last = learn_from(_Corpus(), TokenizerConfig(kind="char", vocab_size=100, min_frequency=1))
    return last["result"]["json"]
