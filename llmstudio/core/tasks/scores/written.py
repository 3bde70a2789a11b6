"""All scores of texts that a model wrote, beside what people wrote: BLEU and chrF for translations, ROUGE for summaries."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from llmstudio.core.tasks.scores.overlap import rouge
from llmstudio.core.tasks.scores.texts import bleu, chrf
from llmstudio.core.words import Words


def written_figures(references: Sequence[str], texts: Sequence[str]) -> dict[str, float]:
    """By name: bleu and chrf of all texts together, 0 to 100; rouge_1, rouge_2 and rouge_l, the means of F1, 0 to 1.

    Empty where there is no text.
    """
    if not references:
        return {}
    found = [rouge(reference, text) for reference, text in zip(references, texts, strict=True)]
    return {
        "bleu": bleu(references, texts).value,
        "chrf": chrf(references, texts).value,
        "rouge_1": fmean(each.one.f1 for each in found),
        "rouge_2": fmean(each.two.f1 for each in found),
        "rouge_l": fmean(each.longest.f1 for each in found),
    }


def written_remarks(references: Sequence[str], texts: Sequence[str]) -> list[Words]:
    """What makes these figures hard to compare with others'."""
    remark = bleu(references, texts).remark if references else None
    return [remark] if remark is not None else []
