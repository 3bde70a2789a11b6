from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer.checking import checked
from llmstudio.core.tokenizer.kinds import EARLIER_WORDS
from llmstudio.core.tokenizer.tokenizer import FILE, Tokenizer

KINDS = ("bpe", "wordpiece", "unigram", "word", "char", "byte")
TRUNCATION = {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0}
PADDING = {
    "strategy": {"Fixed": 1_000_000_000}, "direction": "Right", "pad_to_multiple_of": None,
    "pad_id": 0, "pad_type_id": 0, "pad_token": "<|pad|>",
}  # fmt: skip
SLOW = {"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": "x"}
REPLACED = {"type": "Replace", "pattern": {"String": "e"}, "content": ""}
PLAIN = {
    "id": 7,
    "content": "a",
    "single_word": False,
    "lstrip": True,
    "rstrip": False,
    "normalized": True,
    "special": False,
}

Change = Callable[[dict[str, Any]], object]
EVERY_KIND: list[Change] = [
    lambda state: state.update(truncation=TRUNCATION),
    lambda state: state.update(padding=PADDING),
    lambda state: state.update(normalizer=SLOW),
    lambda state: state.update(normalizer={"type": "Sequence", "normalizers": [REPLACED]}),
    lambda state: state.update(decoder=REPLACED),
    lambda state: state.update(pre_tokenizer={"type": "ByteLevel", "add_prefix_space": True, "use_regex": True}),
    lambda state: state.update(pre_tokenizer={"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Removed"}),
    lambda state: state.update(post_processor={"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True}),
    lambda state: state["added_tokens"].append(PLAIN),
    lambda state: state["added_tokens"][0].update(id=3_000_000_000),
    lambda state: state["added_tokens"][0].update(special=False),
    lambda state: state["model"].update(byte_fallback=True, max_input_chars_per_word=1, unk_token="the"),
]


def of(build: Callable[..., Tokenizer], kind: str) -> dict[str, Any]:
    return dict(json.loads(build(kind).backend.to_str()))


def load(folder: Path, state: dict[str, Any]) -> Tokenizer:
    (folder / FILE).write_text(json.dumps(state))
    return Tokenizer.load(folder)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", EVERY_KIND)
def test_that_a_tokenizer_that_was_changed_in_anything_but_its_tokens_is_refused(build, tmp_path, kind, change) -> None:
    state = of(build, kind)
    change(state)
    with pytest.raises(StudioError):
        load(tmp_path, state)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "unigram"])
@pytest.mark.parametrize("id", [-1, 7, 1 << 31, 3_000_000_000, 1 << 70, 20.0, True, "20", None])
def test_that_ids_that_are_not_the_numbers_from_0_on_never_reach_the_library(build, tmp_path, kind, id) -> None:
    state = of(build, kind)
    vocab = state["model"]["vocab"]
    vocab[max(vocab, key=vocab.__getitem__)] = id
    with pytest.raises(StudioError, match="ids of this tokenizer"):
        load(tmp_path, state)


@pytest.mark.parametrize(
    "entry", [["<|pad|>", 0.0], ["", 0.0], ["the", "0"], ["the", 1e999], ["the"], "the", [3, 0.0], None]
)
def test_that_pieces_of_a_unigram_tokenizer_are_each_a_text_with_a_number(build, tmp_path, entry) -> None:
    state = of(build, "unigram")
    state["model"]["vocab"][-1] = entry
    with pytest.raises(StudioError):
        load(tmp_path, state)


@pytest.mark.parametrize("merge", [["", "a"], ["zz", "qq"], ["a"], "a b", [1, 2], None])
def test_that_a_merge_joins_what_there_is(build, tmp_path, merge) -> None:
    state = of(build, "bpe")
    state["model"]["merges"][-1] = merge
    with pytest.raises(StudioError):
        load(tmp_path, state)


@pytest.mark.parametrize("kind", ["bpe", "byte"])
def test_that_a_tokenizer_that_would_drop_a_byte_in_silence_is_refused(build, tmp_path, kind) -> None:
    state = of(build, kind)
    vocab = state["model"]["vocab"]
    vocab["aaaaaa"] = vocab.pop("Ċ")
    with pytest.raises(StudioError, match="256 bytes"):
        load(tmp_path, state)


def test_that_the_word_says_which_setting_would_change_every_text(build, tmp_path) -> None:
    with pytest.raises(StudioError, match="truncation and padding to null"):
        load(tmp_path, of(build, "word") | {"truncation": TRUNCATION})


@pytest.mark.parametrize("num_steps", [1, 2, 3])
def test_that_tokenizers_of_earlier_versions_are_read(build, tmp_path, num_steps) -> None:
    state = of(build, "word")
    steps = state["normalizer"]["normalizers"][:num_steps]
    state["normalizer"] = steps[0] if num_steps == 1 else {"type": "Sequence", "normalizers": steps}
    if num_steps < 3:
        state["decoder"]["decoders"].pop()
    if num_steps == 1:
        state["pre_tokenizer"]["pretokenizers"][0]["pattern"] = {"Regex": EARLIER_WORDS}
    assert load(tmp_path, state).kind == "word"
    lower = json.loads(build("word", lower_case=True).backend.to_str())
    lower["normalizer"]["normalizers"] = lower["normalizer"]["normalizers"][: num_steps + 1]
    assert load(tmp_path, lower).kind == "word"
    pieces = of(build, "wordpiece")
    pieces["model"]["max_input_chars_per_word"] = 100
    assert load(tmp_path, pieces).kind == "wordpiece"


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_setting_that_only_another_version_of_the_library_writes_is_no_change(build, kind) -> None:
    state = of(build, kind)
    if state["decoder"]["type"] == "ByteLevel":
        del state["decoder"]["trim_offsets"]
    state["decoder"]["newer"] = 1
    assert checked(json.dumps(state).encode(), "x") == state
