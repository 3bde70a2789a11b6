"""Which tag a model gives each word of a text."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Piece, Started
from llmstudio.core.generation.spelling import Spelling
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.changes import Recorded
from llmstudio.core.models.changes.head import head_of, told_names
from llmstudio.core.models.parts.heads.crf import ChainCRF
from llmstudio.core.models.parts.heads.sizes import TABLE_ROWS
from llmstudio.core.models.parts.heads.word_vectors import word_vectors
from llmstudio.core.tokenizer.config import END, PAD, UNKNOWN
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import words
from llmstudio.core.work import Stop, check

_SIDE_BY_SIDE = 32
_WORD = re.compile(r"\w+(?=n['’]t\b)|n['’]t\b|['’](?:s|re|ve|ll|d|m)\b|\w+(?:[-.]\w+)*|[^\w\s]", re.IGNORECASE)


@dataclass(frozen=True)
class TaggedWord:
    """A word of a text: from where to where it stands, its tag, and the model's probability of it."""

    start: int
    end: int
    tag: str
    probability: float


def emissions(
    model: LanguageModel,
    ids: Tensor,
    starts: Tensor,
    pieces: str,
    spelling: Spelling | None = None,
    *,
    spelled: Sequence[str] | None = None,
    dropout: float = 0.0,
    spelling_dropout: float = 0.0,
) -> Tensor:
    """(B, T, C) what each tag scores where a word starts.

    Args:
        model: One with a head for tags.
        ids: (B, T) with END and padding.
        starts: (B, T) bool, where words start.
        pieces: See `word_vectors`.
        spelling: What tells the words' spelling; it is needed if the head reads that.
        spelled: The words themselves, in order, where they are known.
        dropout: Share of the vectors' numbers that are silenced while the model learns.
        spelling_dropout: Share of the features of spelling that are.
    """
    inside = (ids != PAD) & (ids != END)
    features = word_vectors(model.features(Batch(ids)), starts, inside, pieces)
    head = model.class_head
    if head.windows is not None:
        features = head.windows(features, starts, dropout / 4)
    scores: Tensor = head(features, inside, dropout)
    if head.spelling is None:
        return scores
    assert spelling is not None, "the words' spelling is needed"
    rows = torch.from_numpy(spelling.read(ids.cpu().numpy(), starts.cpu().numpy(), spelled)).to(scores.device)
    return scores.masked_scatter(starts[..., None], scores[starts] + head.spelling(rows, spelling_dropout))


def best_tags(model: LanguageModel, scores: Tensor, starts: Tensor) -> Tensor:
    """(B, T) the tag of each word where it starts: the best row of tags; where no steps between them were learned, the best
    row that takes no step which BIO forbids.
    """
    head = head_of(model.changes)
    chain = model.class_head.crf or _rules(head)
    found: Tensor = scores.argmax(-1) if chain is None else chain.to(scores.device).decode(scores, starts)
    if head is None or not head.get("told"):
        return found
    told = torch.tensor(head["told"], device=scores.device)
    return torch.where(starts, told[found.clamp_min(0)], found)


def _told_shares(shares: Tensor, head: Recorded) -> Tensor:
    """(B, T, C) probabilities of the tags that are told, from those of the ones that are learned."""
    if not head.get("told"):
        return shares
    told = torch.tensor(head["told"], device=shares.device)
    return shares.new_zeros(*shares.shape[:2], len(told_names(head))).index_add_(2, told, shares)


def _rules(head: Recorded | None) -> ChainCRF | None:
    """Steps between a head's tags that are worth nothing or forbidden; None if none is.

    Heads of earlier versions do not say which: then an inside needs a beginning, if there is a tag for that beginning.
    """
    assert head is not None, "only a model with a head tags"
    names = list(head["names"])
    steps = torch.zeros(len(names) + 1, len(names), dtype=torch.bool)  # the last row is a row's beginning
    for before, tag in head.get("never", _insides_alone(names)):
        steps[before, tag] = True
    steps[steps.all(1)] = False  # a way on must be left
    return ChainCRF(len(names), forbidden=steps[:-1], forbidden_first=steps[-1]) if bool(steps.any()) else None


def _insides_alone(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Steps to an inside from anything but the beginning or the inside of its type."""
    for tag, name in enumerate(names):
        beginning = f"B{name[1:]}"
        if (name == "I" or name.startswith("I-")) and beginning in names:
            yield from ((before, tag) for before, other in enumerate([*names, ""]) if other not in (name, beginning))


@dataclass
class _Part:
    """As much of a text as is read at once.

    Attributes:
        ids: Its tokens.
        starts: Places among them where words start.
        words: Those words.
    """

    ids: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


class Tagger:
    """A model that tags words, in evaluation mode, and its tokenizer.

    Raises:
        StudioError: The model was never taught to tag.
    """

    def __init__(self, model: LanguageModel, tokenizer: Tokenizer) -> None:
        head = head_of(model.changes)
        if head is None or head["pooling"] != "each":
            raise StudioError("This model was not taught to tag words: teach it with sentences whose words have tags.")
        if head.get("spelling") not in (None, TABLE_ROWS):
            raise StudioError("This model reads the spelling of words as an earlier version did: teach it anew.")
        self.model, self.tokenizer, self._head = model, tokenizer, head
        self.names: list[str] = told_names(head)
        self.pieces = str(head["pieces"])
        self.parts_words = {"B", "I"} >= set(self.names)
        """Whether its tags tell where words begin: then each character is tagged."""
        self._spelling = Spelling(tokenizer)
        self.num_foreign = 0
        """Texts so far most of whose tokens are unknown to the model, so that it could but guess."""

    def words_in(self, text: str) -> list[tuple[int, int]]:
        """From where to where each word of a text stands; each character, where words are to be found."""
        if self.parts_words:
            return [(at, at + 1) for at, sign in enumerate(text) if not sign.isspace()]
        return [match.span() for match in _WORD.finditer(text)]

    def read(self, texts: Sequence[str], stop: Stop | None = None) -> Iterator[list[TaggedWord]]:
        """The words of each text with their tags, in order; a stop is looked at between groups of texts.

        A text that is longer than the context is read in parts.
        """
        return self.read_words([(text, self.words_in(text)) for text in texts], stop)

    def read_words(
        self, texts: Sequence[tuple[str, Sequence[tuple[int, int]]]], stop: Stop | None = None
    ) -> Iterator[list[TaggedWord]]:
        """As `read`, where it is known from where to where each word of a text stands."""
        for at in range(0, len(texts), _SIDE_BY_SIDE):
            check(stop)
            yield from self._read(texts[at : at + _SIDE_BY_SIDE])

    def _read(self, group: Sequence[tuple[str, Sequence[tuple[int, int]]]]) -> Iterator[list[TaggedWord]]:
        rows: list[_Part] = []
        owners: list[list[tuple[int, int]]] = []  # for each word of a text its row and its place there
        for text, spans in group:
            spelled = [_spelled(text, start, end) for start, end in spans]
            cut = self.tokenizer.encode_batch(spelled) if spelled else []
            part = _Part()
            owners.append([])
            read = [token for tokens in cut for token in tokens]
            self.num_foreign += 2 * read.count(UNKNOWN) > len(read)
            for word, tokens in zip(spelled, cut, strict=True):
                own = tokens or [END]
                if part.ids and len(part.ids) + len(own) >= self.model.config.context_length:
                    rows.append(part)
                    part = _Part()
                owners[-1].append((len(rows), len(part.starts)))
                part.starts.append(len(part.ids))
                part.ids += own[: self.model.config.context_length - 1]
                part.words.append(word.strip())
            rows.append(part)
        found: list[list[tuple[str, float]]] = []
        for first in range(0, len(rows), _SIDE_BY_SIDE):
            found += self._tag(rows[first : first + _SIDE_BY_SIDE])
        for (_, spans), places in zip(group, owners, strict=True):
            told = [found[row][place] for row, place in places]
            yield [TaggedWord(*span, *tag) for span, tag in zip(spans, told, strict=True)]

    def _tag(self, rows: Sequence[_Part]) -> list[list[tuple[str, float]]]:
        width = max(len(part.ids) for part in rows) + 1
        read = np.full((len(rows), width), PAD, np.int64)
        starts = np.zeros((len(rows), width), bool)
        for number, part in enumerate(rows):
            read[number, : len(part.ids) + 1] = [*part.ids, END]
            starts[number, part.starts] = True
        spelled = [word for part in rows for word in part.words]
        with torch.inference_mode():
            on, marked = torch.from_numpy(read).to(self.model.device), torch.from_numpy(starts).to(self.model.device)
            scores = emissions(self.model, on, marked, self.pieces, self._spelling, spelled=spelled)
            best, crf = best_tags(self.model, scores, marked), self.model.class_head.crf
            shares = _told_shares(scores.softmax(-1) if crf is None else crf.marginals(scores, marked), self._head)
        told = []
        for number, part in enumerate(rows):
            tags = [int(best[number, place]) for place in part.starts]
            told.append([(self.names[t], float(shares[number, p, t])) for t, p in zip(tags, part.starts, strict=True)])
        return told

    def told(self, text: str) -> str:
        """The text with the tag behind each word; where words are to be found, with a bar between them."""
        tagged = next(iter(self.read([text])))
        if self.parts_words:
            bars = ["|" if word.tag == "B" and at else "" for at, word in enumerate(tagged)]
            return "".join(bar + text[word.start : word.end] for bar, word in zip(bars, tagged, strict=True))
        return " ".join(f"{text[word.start : word.end]}/{word.tag}" for word in tagged)


def _spelled(text: str, start: int, end: int) -> str:
    """A word with the space before it, which is cut into tokens with it while learning, too."""
    return " " + text[start:end] if start and text[start - 1].isspace() else text[start:end]


def answer_tags(model: LanguageModel, tokenizer: Tokenizer, text: str) -> Iterator[Event]:
    """Tag a text's words, as a job.

    Result: text (each word with its tag), tags (start, end, tag and probability of each word), tokens, tokens_per_second,
    first_token_seconds, stop_reason.

    Raises:
        StudioError: As `Tagger`.
    """
    yield Started(job="generate", title=words("Tagging"))
    began = time.perf_counter()
    tagger = Tagger(model, tokenizer)
    tagged = next(iter(tagger.read([text])))
    said = tagger.told(text)
    seconds = max(time.perf_counter() - began, 1e-9)
    pace = len(tagged) / seconds
    yield Piece(job="generate", step=len(tagged), text=said, ids=[], tokens=len(tagged), tokens_per_second=pace)
    result = {
        "text": said,
        "tags": [[word.start, word.end, word.tag, word.probability] for word in tagged],
        "tokens": len(tagged),
        "tokens_per_second": pace,
        "first_token_seconds": seconds,
        "stop_reason": "end",
    }
    yield Finished(job="generate", step=len(tagged), result=result)


def nothing_to_tag() -> StudioError:
    """What is said of an empty text."""
    return StudioError("There is nothing to tag: type a sentence.")
