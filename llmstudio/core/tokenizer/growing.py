"""A tokenizer that learns more tokens: words or signs of a text that it lacks. All that it knew it cuts as before.

Only kinds with unknowns can lack anything: of characters a sign becomes a token, of words and WordPieces a word.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tokenizers import Tokenizer as Backend

from llmstudio.core.tokenizer.config import UNKNOWN
from llmstudio.core.tokenizer.tokenizer import Tokenizer

_LONGEST = 100  # signs; what is longer is no word, and stays unknown


def unknown_in(tokenizer: Tokenizer, text: str) -> Iterator[str]:
    """What of a text the tokenizer lacks, piece by piece in order, each spelled as in its vocabulary."""
    if not tokenizer.has_unknowns:
        return
    for part in tokenizer.cutter.pieces(text):
        if UNKNOWN in tokenizer.backend.encode(part, add_special_tokens=False).ids:
            yield from (piece for piece in _cut(tokenizer, part) if len(piece) <= _LONGEST and _lacks(tokenizer, piece))


def most_frequent(counts: Counter[str], most: int) -> list[str]:
    """At most so many of what was counted, the most frequent first, of equal ones by spelling."""
    return sorted(counts, key=lambda piece: (-counts[piece], piece))[:most]


def with_tokens(tokenizer: Tokenizer, pieces: Sequence[str]) -> Tokenizer:
    """A tokenizer that also knows these pieces, spelled as in its vocabulary; their ids follow the old ones, which stay."""
    state = copy.deepcopy(json.loads(tokenizer.backend.to_str()))
    state["model"]["vocab"] |= {piece: tokenizer.vocab_size + number for number, piece in enumerate(pieces)}
    return Tokenizer(Backend.from_str(json.dumps(state)))


def pieces_of(old: Tokenizer, new: Tokenizer) -> tuple[tuple[int, ...], ...]:
    """Of each token that `new` has beyond `old`, the tokens that `old` cuts it into without the signs that it lacks; none
    where it knows nothing of it.
    """
    spelled = (new.token_bytes[id].decode("utf-8", "replace") for id in range(old.vocab_size, new.vocab_size))
    return tuple(_known_pieces(old, piece) for piece in spelled)


def _known_pieces(tokenizer: Tokenizer, piece: str) -> tuple[int, ...]:
    if tokenizer.kind == "wordpiece":
        known = tokenizer.backend.token_to_id
        piece = "".join(sign for sign in piece if known(sign) is not None and known(f"##{sign}") is not None)
    return tuple(id for id in tokenizer.encode(piece) if id != UNKNOWN)


def _cut(tokenizer: Tokenizer, text: str) -> Iterable[str]:
    """A text as the model inside the backend gets it: signs or words."""
    backend = tokenizer.backend
    normal = backend.normalizer.normalize_str(text) if backend.normalizer is not None else text
    if backend.pre_tokenizer is None:
        return normal
    return (piece for piece, _ in backend.pre_tokenizer.pre_tokenize_str(normal))


def _lacks(tokenizer: Tokenizer, piece: str) -> bool:
    return any(token.id == UNKNOWN for token in tokenizer.backend.model.tokenize(piece))
