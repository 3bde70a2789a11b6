"""A recipe as a text fills it: the batches that there are, and how long their rows become."""

from __future__ import annotations

from dataclasses import dataclass, replace

from llmstudio.core.dataset.config import padded_length
from llmstudio.core.recipe import Recipe


@dataclass(frozen=True)
class Dealt:
    """What memory depends on.

    Attributes:
        recipe: With no more rows in a batch than the text has.
        vocab_size: V.
        longest: Tokens of the longest row.
        rows_vary: Whether rows go only as far as their documents go; running text fills the context.
        num_classes: Classes or tags that the text has; 0 if not known.
        held_out_tokens: Of the validation part; 0 if not known.
    """

    recipe: Recipe
    vocab_size: int
    longest: int
    rows_vary: bool
    num_classes: int = 0
    held_out_tokens: int = 0


def dealt(
    recipe: Recipe,
    *,
    vocab_size: int,
    num_tokens: int,
    num_rows: int | None,
    longest_document: int | None,
    have_answers: bool,
    num_classes: int = 0,
    held_out_tokens: int = 0,
) -> Dealt:
    """The recipe on a text. A batch holds no row twice: no window of running text, and no row that stands alone.

    Args:
        recipe: The model and how it learns.
        vocab_size: V.
        num_tokens: Tokens of the training part; 0 if not known yet.
        num_rows: Documents, conversations or pairs of the training part; None if not known.
        longest_document: Tokens of the longest document; None if not known.
        have_answers: Whether the text is conversations, pairs or labelled, whose answers are known.
        num_classes: Classes or tags that it has; 0 if not known.
        held_out_tokens: Of the validation part; 0 if not known.
    """
    rows_vary = not recipe.task_facts.rows_are_free or recipe.training.keeps_documents(have_answers=have_answers)
    context = recipe.model.context_length
    if not rows_vary:
        # As many windows as any family cuts: one that carries a state refuses to begin with fewer streams.
        if num_tokens and (windows := (num_tokens - 1) // context - 1) > 0:
            recipe = replace(recipe, training=recipe.training.with_rows(windows))
        return Dealt(recipe, vocab_size, context, rows_vary, num_classes, held_out_tokens)
    packs = recipe.task_facts.rows_are_free and recipe.training.rows == "packed" and recipe.model.can_pack
    longest = context if packs or longest_document is None else min(context, padded_length(longest_document))
    if num_rows is not None and num_tokens:
        # A longer document is cut at the context; all that is known of sentences is that none is empty.
        most = num_tokens if _learns_sentences(recipe, have_answers) else num_rows + num_tokens // context
        most = min(most, 2 * num_tokens // context + 1) if packs else most  # two rows that are half empty are put together
        recipe = replace(recipe, training=recipe.training.with_rows(most))
    return Dealt(recipe, vocab_size, longest, rows_vary, num_classes, held_out_tokens)


def _learns_sentences(recipe: Recipe, have_answers: bool) -> bool:
    facts = recipe.task_facts
    if facts.rows_are_free:
        return recipe.training.rows == "sentences"
    return facts.cuts_sentences == "always" or (facts.cuts_sentences == "without answers" and not have_answers)
