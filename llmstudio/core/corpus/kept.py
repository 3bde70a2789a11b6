"""How many of the documents that were read are in the corpus, and why the others are not.

In: the facts of a corpus. Out: a few words, the same for the window and the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmstudio.core.words import Words, words

_CLEANED = {
    "exact_duplicates": words("{n|exact copy|exact copies}"),
    "min_characters": words("{n:,} too short"),
    "max_characters": words("{n:,} too long"),
}
_SKIPPED = {"empty": words("{n:,} without text"), "rows": words("{n|row|rows} empty or not readable")}


def kept_words(facts: Mapping[str, Any]) -> Words:
    """Documents kept, of how many, and what most of the others were: "25 of 400 documents (left out: 375 exact copies)"."""
    n, cleaning, skipped = facts.get("documents", 0), facts.get("cleaning", {}), facts.get("skipped", {})
    left = [(cleaning.get(step, 0), reason) for step, reason in _CLEANED.items()]
    left += [(skipped.get(what, 0), reason) for what, reason in _SKIPPED.items()]
    num_left = sum(count for count, _ in left)
    if not num_left:
        return words("{n|document|documents}", n=n)
    most, reason = max(left, key=lambda pair: pair[0])
    told = words(reason.template, n=most)
    if num_left == most:
        return words("{n:,} of {all:,} documents (left out: {most})", n=n, all=n + num_left, most=told)
    return words(
        "{n:,} of {all:,} documents (left out: {most}, {more} for other reasons)",
        n=n,
        all=n + num_left,
        most=told,
        more=num_left - most,
    )
