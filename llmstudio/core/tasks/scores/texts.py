"""How near written texts come to their references by BLEU and chrF, as the field counts them: with sacrebleu.

A score of a whole test set tells of a model; one of a pair is for sorting a table, and of no use as an average.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer.plain_words import is_without_spaces
from llmstudio.core.words import Words, words

if TYPE_CHECKING:
    from sacrebleu.metrics.bleu import BLEU

Tokenization = Literal["13a", "zh", "char", "none"]
_MOST = 0.5
_SHORT = 100  # texts; so few have no score worth a warning


@dataclass(frozen=True)
class TextScore:
    """A score of all texts together.

    Attributes:
        value: 0 to 100, 100 if every text is its reference.
        signature: What was counted and how, by sacrebleu's habit: only scores with the same one may be compared.
        remark: What makes the score hard to compare, if anything does.
    """

    value: float
    signature: str
    remark: Words | None = None


def bleu(references: Sequence[str], texts: Sequence[str], *, tokenization: Tokenization | None = None) -> TextScore:
    """BLEU of texts beside one reference each.

    Args:
        references: As people wrote them, not split into words.
        texts: What the model wrote.
        tokenization: How sacrebleu splits words; by default as `tokenization_for` says.

    Raises:
        StudioError: There is none, or not one text for each reference.

    Source: Papineni et al. 2002, doi:10.3115/1073083.1073135; Post 2018, arXiv:1804.08771.
    """
    _check(references, texts)
    metric = _bleu(tokenization or tokenization_for(references), by_pair=False)
    value = metric.corpus_score(list(texts), [list(references)]).score
    remark = None
    if len(texts) >= _SHORT and _MOST * len(texts) < sum(text.endswith(" .") for text in texts):
        remark = words(
            "Most texts end in a full stop behind a space. Join words and signs first, or BLEU comes out too high."
        )
    return TextScore(float(value), str(metric.get_signature()), remark)


def chrf(references: Sequence[str], texts: Sequence[str]) -> TextScore:
    """Score texts beside one reference each by chrF: F-score of up to six neighbouring characters, recall counting double.

    Raises:
        StudioError: There is none, or not one text for each reference.

    Source: Popović 2015, doi:10.18653/v1/W15-3049.
    """
    from sacrebleu.metrics.chrf import CHRF

    _check(references, texts)
    metric = CHRF()
    value = metric.corpus_score(list(texts), [list(references)]).score
    return TextScore(float(value), str(metric.get_signature()))


def bleu_by_pair(
    references: Sequence[str], texts: Sequence[str], *, tokenization: Tokenization | None = None
) -> list[float]:
    """BLEU of each pair by itself, 0 to 100, smoothed where no long run of words is shared."""
    _check(references, texts)
    metric = _bleu(tokenization or tokenization_for(references), by_pair=True)
    return [float(metric.sentence_score(text, [said]).score) for said, text in zip(references, texts, strict=True)]


def chrf_by_pair(references: Sequence[str], texts: Sequence[str]) -> list[float]:
    """Score each pair by itself by chrF, 0 to 100."""
    from sacrebleu.metrics.chrf import CHRF

    _check(references, texts)
    metric = CHRF()
    return [float(metric.sentence_score(text, [said]).score) for said, text in zip(references, texts, strict=True)]


def tokenization_for(references: Sequence[str]) -> Tokenization:
    """How texts like these are split for BLEU: `13a` at spaces and signs, as in WMT; Chinese `zh`, Japanese `char`."""
    letters = [letter for text in references for letter in text if letter.isalpha()]
    unspaced = sum(map(is_without_spaces, letters))
    if unspaced <= _MOST * len(letters):
        return "13a"
    kana = sum("\u3040" <= letter <= "\u30ff" for letter in letters)
    return "char" if kana > 0.1 * unspaced else "zh"


def _bleu(tokenization: Tokenization, *, by_pair: bool) -> BLEU:
    from sacrebleu.metrics.bleu import BLEU

    # `force` only keeps sacrebleu from writing a warning to the terminal; `remark` says it instead.
    return BLEU(tokenize=tokenization, effective_order=by_pair, force=True)


def _check(references: Sequence[str], texts: Sequence[str]) -> None:
    if len(references) != len(texts):
        raise StudioError(
            "There are {texts|text|texts} for {references|reference|references}: give one text for each reference.",
            texts=len(texts),
            references=len(references),
        )
    if not references:
        raise StudioError("There is no text to score: give at least one text and its reference.")
