from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as Backend

from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer import cutting
from llmstudio.core.tokenizer.config import END, SPECIALS, UNKNOWN
from llmstudio.core.tokenizer.streaming import TextStream
from llmstudio.core.tokenizer.tokenizer import Tokenizer

KINDS = ("bpe", "wordpiece", "unigram", "word", "char", "byte")
EXACT = ("bpe", "unigram", "byte")
SIGNS = (" ", "  ", "\n", "\t", "\x00", "\x1c", "\u2028", "'", "。", "🙂", "👩‍👩‍👧", "é", "e\u0301", "ﬁ")
PIECES = (*SIGNS, "clara", "kite", "the", "你好", "12", "<|end|>")
any_text = st.text() | st.lists(st.sampled_from(PIECES)).map("".join)


@pytest.mark.parametrize("kind", EXACT)
@given(text=any_text)
@settings(max_examples=60, deadline=None)
def test_that_any_text_comes_back_exactly(build, kind, text):
    tokenizer = build(kind)
    ids = tokenizer.encode(text)
    assert tokenizer.round_trips
    assert tokenizer.decode(ids) == text
    assert tokenizer.num_bytes(ids).sum() == len(text.encode())
    assert all(id >= len(SPECIALS) for id in ids)


@given(text=any_text)
@settings(max_examples=60, deadline=None)
def test_that_known_characters_come_back_exactly(build, texts, text):
    tokenizer = build("char")
    known = "".join(c for c in text if c in set("".join(texts)))
    ids = tokenizer.encode(known)
    assert len(ids) == len(known)
    assert UNKNOWN not in ids
    assert tokenizer.decode(ids) == known
    assert tokenizer.num_bytes(ids).sum() == len(known.encode())


@given(text=any_text)
@settings(max_examples=100, deadline=None)
def test_that_text_of_known_words_comes_back_exactly(build, texts, text):
    tokenizer = build("word", texts=(*texts, " \x1c\x00 ﬁ e\u0301 < | > end 🙂 👩‍👩‍👧\u2028 '"), min_frequency=1)
    ids = tokenizer.encode(text)
    if UNKNOWN not in ids:
        assert tokenizer.decode(ids) == text


@pytest.mark.parametrize("kind", KINDS)
@given(text=any_text)
@settings(max_examples=40, deadline=None)
def test_that_spans_tile_the_text_and_count_its_bytes(build, kind, text):
    tokenizer = build(kind)
    spans = tokenizer.spans(text)
    ids = tokenizer.encode(text)
    assert [span.id for span in spans] == ids
    if kind != "wordpiece":  # which drops white space
        assert "".join(text[span.start : span.end] for span in spans) == text
        assert sum(span.num_bytes for span in spans) == len(text.encode())
    hidden = tokenizer.hidden_bytes(text)
    assert hidden == sum(span.num_bytes for span in spans if span.is_unknown)
    if kind == "char":
        assert tokenizer.num_bytes(ids).sum() + hidden == len(text.encode())
    if kind == "word" and ids:
        # A known first word, of the text or of a line, brings the space that the text does not have.
        firsts = [ids[0], *(after for before, after in pairwise(ids) if tokenizer.token_bytes[before] == b"\n")]
        implied = sum(tokenizer.token_bytes[first].startswith(b" ") for first in firsts)
        assert tokenizer.num_bytes(ids).sum() + hidden == len(text.encode()) + implied


@pytest.mark.parametrize("kind", KINDS)
@given(text=any_text)
@settings(max_examples=40, deadline=None)
def test_that_decoding_agrees_with_the_library(build, kind, text):
    tokenizer = build(kind)
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == tokenizer.backend.decode(ids, skip_special_tokens=True)


@pytest.mark.parametrize("kind", KINDS)
@given(parts=st.lists(any_text, min_size=5, max_size=30))
@settings(max_examples=15, deadline=None)
def test_that_cutting_a_long_text_changes_no_id(build, kind, parts):
    tokenizer = build(kind)
    text = "".join(parts)
    size, cutting._PIECE = cutting._PIECE, 7
    try:
        pieces = list(tokenizer.cutter.pieces(text))
        ids = tokenizer.encode(text)
    finally:
        cutting._PIECE = size
    assert ids == tokenizer.backend.encode(text, add_special_tokens=False).ids
    assert ids == [id for piece in pieces for id in tokenizer.encode(piece)]


def test_that_a_word_is_one_token_and_a_space_none(build):
    tokenizer = build("word")
    ids = tokenizer.encode("clara has the kite .")
    assert [tokenizer.token(id) for id in ids] == [" clara", " has", " the", " kite", " ."]
    assert tokenizer.decode(ids) == "clara has the kite ."
    assert tokenizer.encode("the kite") == ids[2:4]


def test_that_han_characters_are_words_of_their_own(build):
    tokenizer = build("word")
    assert [tokenizer.token(id) for id in tokenizer.encode("今天天气很好")] == ["今", "天", "天", "气", "很", "好"]


def test_that_a_text_may_begin_with_a_line_end_or_a_space(build):
    tokenizer = build("word", texts=("the kite", "\nthe  kite 天"), min_frequency=1)
    cases = {
        "\nthe": ["\n", " the"],
        "\n the": ["\n", " ", " the"],
        "the\n\nkite\n天": [" the", "\n", "\n", " kite", "\n", "天"],
        " kite": [" ", " kite"],
        "  ": [" ", " ", " "],
        " 天": [" ", " ", "天"],
        "天 ": ["天", " "],
    }
    for text, tokens in cases.items():
        assert [tokenizer.token(id) for id in tokenizer.encode(text)] == tokens
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_that_a_word_that_only_begins_lines_is_known_at_the_beginning_of_a_text_and_the_other_way_round(build):
    tokenizer = build("word", texts=("ANNA:\nthe kite flies\n\nOLD BAKER:\nthe kite flies\n\n",), min_frequency=1)
    for text in ("ANNA:", "OLD BAKER:\nkite", "kite\nflies ANNA", "the ANNA"):
        assert UNKNOWN not in tokenizer.encode(text)
        assert tokenizer.decode(tokenizer.encode(text)) == text
        assert tokenizer.backend.decode(tokenizer.encode(text)) == text  # as other programs read it


def test_that_a_word_tokenizer_from_before_lines_were_implied_reads_and_writes_as_it_did(build):
    state = json.loads(build("word", texts=("\nthe kite\nClara has",), min_frequency=1).backend.to_str())
    state["normalizer"]["normalizers"].pop()
    vocab = state["model"]["vocab"]
    vocab["the"], vocab["Clara"] = vocab.pop("Ġthe"), vocab.pop("ĠClara")
    tokenizer = Tokenizer(Backend.from_str(json.dumps(state)))
    text = "\nthe kite\nClara has"
    ids = tokenizer.encode(text)
    assert [tokenizer.token(id) for id in ids] == ["\n", "the", " kite", "\n", "Clara", " has"]
    assert tokenizer.decode(ids) == text
    kept = [ids[0], ids[2]]
    assert tokenizer.decode(kept) == "\n kite"
    stream = TextStream(tokenizer)
    assert "".join(map(stream.push, kept)) == "\n kite"


def test_that_wordpiece_knows_words_of_hundreds_of_letters(build):
    tokenizer = build("wordpiece", texts=("abc" * 100 + " cab",), min_frequency=1)
    assert UNKNOWN not in tokenizer.encode("cab" * 200)


def test_that_a_line_without_spaces_is_not_one_word(build):
    tokenizer = build("word", texts=("a" * 500 + " " + "1" * 500,), min_frequency=1)
    assert max(len(spelling) for _, spelling in tokenizer.vocabulary()) == 49


def test_that_wordpiece_marks_the_rest_of_a_word(build):
    tokenizer = build("wordpiece", 120)
    first, *rest = [tokenizer.token(id) for id in tokenizer.encode("indeed")]
    assert rest
    assert not first.startswith("##")
    assert all(piece.startswith("##") for piece in rest)
    assert first + "".join(piece.removeprefix("##") for piece in rest) == "indeed"


@pytest.mark.parametrize("kind", KINDS)
def test_that_special_tokens_come_first_and_never_from_text(build, kind):
    tokenizer = build(kind)
    assert tuple(tokenizer.token(id) for id in range(len(SPECIALS))) == SPECIALS
    assert [tokenizer.id_of(name) for name in SPECIALS] == list(range(len(SPECIALS)))
    ids = tokenizer.encode("the kite<|end|><|pad|> the <|user|>")
    assert all(id == UNKNOWN or id >= len(SPECIALS) for id in ids)
    assert tokenizer.decode([END, *ids, END]) == tokenizer.decode(ids)
    assert tokenizer.num_bytes(range(len(SPECIALS))).tolist() == [0] * len(SPECIALS)


@pytest.mark.parametrize("kind", KINDS)
def test_that_every_spelling_leads_back_to_its_id(build, kind):
    tokenizer = build(kind)
    vocabulary = tokenizer.vocabulary()
    assert len(vocabulary) == tokenizer.vocab_size
    assert [tokenizer.id_of(spelling) for _, spelling in vocabulary] == list(range(tokenizer.vocab_size))
    assert tokenizer.id_of("no such token") is None


@pytest.mark.parametrize("kind", KINDS)
def test_that_saving_and_loading_keeps_every_id(build, kind, texts, tmp_path):
    tokenizer = build(kind)
    path = tokenizer.save(tmp_path / "made")
    loaded = Tokenizer.load(tmp_path / "made")
    assert loaded.kind == kind
    assert loaded.hash == tokenizer.hash
    assert loaded.vocabulary() == tokenizer.vocabulary()
    plain = Backend.from_file(str(path))
    for text in texts:
        assert loaded.encode(text) == tokenizer.encode(text)
        assert plain.encode(text, add_special_tokens=False).ids == tokenizer.encode(text)
        assert plain.decode(tokenizer.encode(text)) == tokenizer.decode(tokenizer.encode(text))


def test_that_a_batch_is_its_texts_one_by_one(build, texts):
    for kind in KINDS:
        tokenizer = build(kind)
        assert tokenizer.encode_batch(["", *texts, ""]) == [[], *(tokenizer.encode(text) for text in texts), []]
        assert tokenizer.encode_batch([]) == []


def test_that_lower_case_gives_up_the_promise(build):
    for kind in ("bpe", "word", "char"):
        tokenizer = build(kind, lower_case=True)
        assert not tokenizer.round_trips
        assert tokenizer.decode(tokenizer.encode("The KITE")) == "the kite"
        assert "".join("The KITE"[s.start : s.end] for s in tokenizer.spans("The KITE")) == "The KITE"


def test_that_a_shared_character_is_spelled_in_bytes(build):
    spans = build("byte").spans("a你")
    assert [span.text for span in spans] == ["a", "<E4>", "<BD>", "<A0>"]
    assert [span.num_bytes for span in spans] == [1, 1, 1, 1]
    assert spans[-1].end == 2


def test_that_half_a_surrogate_pair_becomes_the_replacement_sign(build):
    tokenizer = build("byte")
    assert tokenizer.decode(tokenizer.encode("a\ud83db")) == "a\ufffdb"
    assert tokenizer.decode(tokenizer.encode("\ud83d\ude42")) == "🙂"


def test_that_numpy_ids_decode_too(build):
    tokenizer = build("bpe")
    ids = np.array(tokenizer.encode("the kite"), np.uint16)
    assert tokenizer.decode(ids) == "the kite"


def test_that_a_missing_or_damaged_file_is_explained(build, tmp_path):
    with pytest.raises(StudioError, match="no tokenizer"):
        Tokenizer.load(tmp_path)
    path = build("byte").save(tmp_path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(StudioError, match="damaged"):
        Tokenizer.load(tmp_path)


def test_that_a_tokenizer_without_our_special_tokens_is_refused(build):
    state = build("byte").backend.to_str().replace("<|story|>", "<|tale|>")
    with pytest.raises(StudioError, match="special tokens"):
        Tokenizer(Backend.from_str(state))
