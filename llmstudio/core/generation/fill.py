"""Fill in the blanks of a typed text: `the ___ is on the table`, or `the [mask] is on the table`.

A blank stands for one token; with tokenizers of characters or bytes, every underscore for one. Several blanks are filled one
by one, the most certain first, since what stands in one is a hint for the others.
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Piece, Started
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.tokenizer.config import MASK, SPECIALS
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import words
from llmstudio.core.work import Stop, check

_BLANKS = re.compile(r"_{2,}|\[mask\]|<\|mask\|>", re.IGNORECASE)
# Stands in the text while it is cut into tokens, so that words and signs around a blank are cut as beside any other.
_STAND_IN = "□"


@dataclass(frozen=True)
class Choice:
    """A token that may stand in a blank: its id, its spelling, and the model's probability of it."""

    id: int
    text: str
    probability: float


@dataclass(frozen=True)
class Blank:
    """A blank.

    Attributes:
        start: First of its characters in the typed text.
        end: The character after them.
        places: For each of its places the likeliest tokens.
        spans: For each of its places, from where to where what was put in stands in the filled text; no space before it.
    """

    start: int
    end: int
    places: tuple[tuple[Choice, ...], ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Filled:
    """The text with its blanks filled in, and what else the model thought of for each of them."""

    text: str
    blanks: tuple[Blank, ...]


def has_blanks(text: str) -> bool:
    """Whether there is anything to fill in."""
    return _BLANKS.search(text) is not None


def between_blanks(text: str) -> list[str]:
    """What stands before, between and after the blanks of a text."""
    return _BLANKS.split(text)


def fill_blanks(
    model: LanguageModel, tokenizer: Tokenizer, text: str, *, num_choices: int = 5, stop: Stop | None = None
) -> Filled:
    """Put the likeliest token into every blank of `text`.

    Args:
        model: An encoder in evaluation mode.
        tokenizer: The model's own.
        text: With blanks written `___` or `[mask]`.
        num_choices: How many tokens to name for each place.
        stop: Looked at before every place.

    Raises:
        StudioError: There is no blank, the text is longer than the model's context, or a stop came in between.
    """
    found = list(_BLANKS.finditer(text))
    if not found:
        raise StudioError("There is nothing to fill in: write ___ where a word is missing.")
    by_letters = tokenizer.kind in ("char", "byte")
    counts = [len(match[0]) if by_letters and match[0].startswith("_") else 1 for match in found]
    bounds = [match.span() for match in found]
    if _has_spaces_in_words(tokenizer):
        bounds = [(start - 1 if start and text[start - 1] == " " else start, end) for start, end in bounds]
    ids = _masked_ids(tokenizer, text, bounds, counts)
    filled = fill_masks(model, ids, num_choices=num_choices, stop=stop)
    places = iter(sorted(filled))
    blanks, written, at = [], "", 0
    for match, count in zip(found, counts, strict=True):
        own = [filled[next(places)] for _ in range(count)]
        pieces = _spelled([tokenizer.token_bytes[choices[0][0]] for choices in own])
        written += text[at : match.start()]
        # The space that was typed stands for the one in the token, which WordPiece only guesses.
        is_typed = not written or written[-1].isspace() or tokenizer.kind == "wordpiece"
        if is_typed and not by_letters:
            pieces[0] = pieces[0].removeprefix(" ")
        spans = []
        for piece in pieces:
            gap = 0 if by_letters else len(piece) - len(piece.lstrip())
            spans.append((len(written) + gap, len(written) + len(piece)))
            written += piece
        at = match.end()
        chosen = tuple(tuple(Choice(id, tokenizer.token(id), share) for id, share in choices) for choices in own)
        blanks.append(Blank(*match.span(), chosen, tuple(spans)))
    return Filled(written + text[at:], tuple(blanks))


def fill_masks(
    model: LanguageModel, ids: Sequence[int], *, num_choices: int = 5, stop: Stop | None = None
) -> dict[int, list[tuple[int, float]]]:
    """For every place of `ids` that holds MASK its likeliest tokens, each with its probability, the first of them put in.

    The most certain place is filled first, and is read when the others are. Special tokens are never put in.
    """
    left = [place for place, id in enumerate(ids) if id == MASK]
    row = torch.tensor([list(ids)], device=model.device)
    found: dict[int, list[tuple[int, float]]] = {}
    with torch.inference_mode():
        while left:
            check(stop)
            logits = model.head(model(Batch(row)).hidden[0, left]).float()
            logits[:, : len(SPECIALS)] = -torch.inf
            shares, tokens = logits.softmax(-1).topk(min(num_choices, logits.shape[1] - len(SPECIALS)))
            surest = int(shares[:, 0].argmax())
            place = left.pop(surest)
            found[place] = list(zip(tokens[surest].tolist(), shares[surest].tolist(), strict=True))
            row[0, place] = tokens[surest, 0]
    return found


def fill(model: LanguageModel, tokenizer: Tokenizer, text: str) -> Iterator[Event]:
    """`fill_blanks` as a job.

    Result: text, tokens, tokens_per_second, first_token_seconds, stop_reason; and blanks, for each its start and end in the
    typed text, the spans of what was put in in the filled one, and the choices of its places as pairs of token and
    probability.

    Raises:
        StudioError: As `fill_blanks`.
    """
    yield Started(job="generate", title=words("Filling in"))
    began = time.perf_counter()
    filled = fill_blanks(model, tokenizer, text)
    seconds = max(time.perf_counter() - began, 1e-9)
    ids = [choices[0].id for blank in filled.blanks for choices in blank.places]
    pace = len(ids) / seconds
    yield Piece(job="generate", step=len(ids), text=filled.text, ids=ids, tokens=len(ids), tokens_per_second=pace)
    blanks = [
        {
            "start": blank.start,
            "end": blank.end,
            "spans": [list(span) for span in blank.spans],
            "choices": [[[choice.text, choice.probability] for choice in choices] for choices in blank.places],
        }
        for blank in filled.blanks
    ]
    result = {
        "text": filled.text,
        "tokens": len(ids),
        "tokens_per_second": pace,
        "first_token_seconds": seconds,
        "stop_reason": "end",
        "blanks": blanks,
    }
    yield Finished(job="generate", step=len(ids), result=result)


def _spelled(tokens: Sequence[bytes]) -> list[str]:
    """What each token adds to the text; a character that comes in several tokens counts with its last."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return [decoder.decode(token, final=place == len(tokens) - 1) for place, token in enumerate(tokens)]


def _has_spaces_in_words(tokenizer: Tokenizer) -> bool:
    """Whether the space before a word is part of its token, as far as its vocabulary tells."""
    longer = [token for token in tokenizer.token_bytes if len(token) > 1]
    return 4 * sum(token.startswith(b" ") for token in longer) > len(longer)


def _masked_ids(tokenizer: Tokenizer, text: str, bounds: Sequence[tuple[int, int]], counts: Sequence[int]) -> list[int]:
    """Ids of the text with as many MASKs in each of the bounds as `counts` says."""
    marked, places, at = "", [], 0
    for start, end in bounds:
        marked += text[at:start]
        begin = len(marked)
        marked += (" " if text[start] == " " else "") + _STAND_IN
        places.append((begin, len(marked)))
        at = end
    marked += text[at:]
    ids: list[int] = []
    blank = 0
    for span in tokenizer.spans(marked):
        while blank < len(places) and span.start >= places[blank][1]:
            ids += [MASK] * counts[blank]
            blank += 1
        if blank == len(places) or (span.start < places[blank][0] and span.end <= places[blank][0]):
            ids.append(span.id)
    for count in counts[blank:]:
        ids += [MASK] * count
    return ids
