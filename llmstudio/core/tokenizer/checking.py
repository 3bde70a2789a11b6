"""Whether a `tokenizer.json` is one that this program writes, asked before the library is given it.

In:  the file's bytes. Out: its content; a StudioError that says what is wrong.
The library trusts what it reads: for one large id it takes gigabytes or ends the program, and what cuts texts off or fills
them up it obeys in silence. So only the vocabulary, the merges and the name of the kind are free here; all else is as
`kinds` builds it, now or in earlier versions.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer.config import SPECIALS, UNKNOWN, TokenizerConfig
from llmstudio.core.tokenizer.kinds import ALPHABET, EARLIER_WORDS, blank, kind_of

_STEPS = {"normalizer": "normalizers", "pre_tokenizer": "pretokenizers", "decoder": "decoders"}
_EARLIER_LONGEST_WORD = 100  # letters of a WordPiece word


def checked(data: bytes, folder: str) -> dict[str, Any]:
    """The content of a `tokenizer.json` that is safe to hand to the library. Some 50 ms for 32,000 tokens.

    Args:
        data: The file.
        folder: What to call the tokenizer in an error.

    Raises:
        StudioError: It is not one of ours, or was changed.
        Exception: It is no JSON, or lacks what every such file has.
    """
    state: dict[str, Any] = json.loads(data)
    if state.get("truncation") is not None or state.get("padding") is not None:
        raise StudioError(
            "The tokenizer in {folder} is set to cut texts off or to fill them up, which would change every text: set"
            " truncation and padding to null in its tokenizer.json, or build it again.",
            folder=folder,
        )
    kind, model = kind_of(state), state["model"]
    tokens = _tokens(model)
    if tuple(tokens[: len(SPECIALS)]) != SPECIALS or state["added_tokens"] != _added():
        raise without_specials()
    own = [json.loads(blank(TokenizerConfig(kind=kind, lower_case=lower)).to_str()) for lower in (False, True)]
    for part in _STEPS:
        _check_part(state.get(part), [form for one in own for form in _forms(kind, part, one[part])], part, folder)
    _check_part(state.get("post_processor"), [None], "post_processor", folder)
    _check_part(_options(model), list(_model_forms(kind, own[0]["model"])), "model", folder)
    if kind in ("bpe", "unigram", "byte") and not set(ALPHABET).issubset(tokens):
        raise StudioError("The tokenizer in {folder} lacks some of the 256 bytes: build it again.", folder=folder)
    _check_merges(model.get("merges", []), tokens)
    return state


def _tokens(model: Mapping[str, Any]) -> list[str]:
    """Every token, by id."""
    vocab = model["vocab"]
    if isinstance(vocab, dict):
        if not all(type(id) is int for id in vocab.values()) or set(vocab.values()) != set(range(len(vocab))):
            raise misnumbered()
        tokens = sorted(vocab, key=vocab.__getitem__)
    else:  # Unigram: each with its score
        tokens = [token for token, score in vocab]
        if len(set(tokens)) != len(tokens):
            raise misnumbered()
        if not all(isinstance(score, int | float) and math.isfinite(score) for _, score in vocab):
            raise ValueError("a score that is no number")
    if not all(isinstance(token, str) and token for token in tokens):
        raise ValueError("a token without a character")
    return tokens


def without_specials() -> StudioError:
    """What to raise for a tokenizer of somebody else."""
    return StudioError("This tokenizer does not begin with the special tokens that models here rely on.")


def misnumbered() -> StudioError:
    """What to raise for ids with gaps: a model has a row for each of them, and no other."""
    return StudioError("The ids of this tokenizer are not the numbers from 0 on, each once: it cannot be used here.")


def _added() -> list[dict[str, Any]]:
    switches = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return [{"id": id, "content": name} | switches for id, name in enumerate(SPECIALS)]


def _check_merges(merges: Sequence[Sequence[str]], tokens: Sequence[str]) -> None:
    known = set(tokens)
    for left, right in merges:
        if not {left, right, left + right} <= known:
            raise ValueError("a merge of what is no token")


def _check_part(found: Any, forms: Sequence[Any], part: str, folder: str) -> None:
    if not any(_agree(found, form) for form in forms):
        raise StudioError(
            "The tokenizer in {folder} reads text in another way than those that are built here ({part}): build it again.",
            folder=folder,
            part=part,
        )


def _agree(found: Any, form: Any) -> bool:
    """Whether two parts mean the same; one of another version of the library may have settings that the other lacks."""
    if isinstance(found, dict) and isinstance(form, dict) and "type" in form:
        return "type" in found and all(_agree(found[key], form[key]) for key in found.keys() & form.keys())
    if isinstance(found, list) and isinstance(form, list):
        return len(found) == len(form) and all(map(_agree, found, form))
    return type(found) is type(form) and bool(found == form)


def _forms(kind: str, part: str, now: dict[str, Any] | None) -> Iterator[dict[str, Any] | None]:
    """A part as this version builds it, and as earlier ones did."""
    yield now
    if kind != "word" or now is None:
        return
    steps = now[_STEPS[part]]
    if part == "pre_tokenizer":
        yield now | {_STEPS[part]: [steps[0] | {"pattern": {"Regex": EARLIER_WORDS}}, *steps[1:]]}
    else:  # each version put a step behind those of the one before
        yield from (now | {_STEPS[part]: steps[:length]} for length in range(2, len(steps)))
        yield next((step for step in steps if step["type"] == "Prepend"), None)


def _options(model: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in model.items() if name not in ("vocab", "merges")}


def _model_forms(kind: str, now: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    options = _options(now)
    if kind == "unigram":
        options["unk_id"] = UNKNOWN
    yield options
    if kind == "wordpiece":
        yield options | {"max_input_chars_per_word": _EARLIER_LONGEST_WORD}
