"""What there is to say about a split: where it misses what was asked for, and why."""

from __future__ import annotations

from collections.abc import Iterator

from llmstudio.core.corpus.splitting.split import SplitRule
from llmstudio.core.events import Noted
from llmstudio.core.words import words

_FEW = 2  # documents wished for in a part that may well come out empty
_PARTS = {"val": words("Validation"), "test": words("The test")}


def split_notes(rule: SplitRule, num_documents: int) -> Iterator[Noted]:
    """A note on each way in which the parts differ from what was asked for; a document that is cut counts once."""
    if rule.method == "position":
        yield from _cut(rule, num_documents)
    if rule.num_given:
        message = words(
            "{n:,} of {all:,} documents say to which part they belong, the others do not: all were mixed and split anew, so "
            "what is called test may be learned.",
            n=rule.num_given,
            all=num_documents,
        )
        yield Noted(message=message, level="warning")
    if rule.method == "given" and rule.val_share and not rule.sizes["val"]["documents"]:
        message = words(
            "Nothing is held out for validation, since the texts to learn from are too few to be parted: files called "
            "train.txt and val.txt would be kept apart."
        )
        yield Noted(message=message, level="warning")
    if rule.method == "documents":
        if rule.num_shared:
            message = words(
                "{n:,} of {all:,} documents begin alike: they were split by more of their text, so this beginning may lie "
                "in training and in validation.",
                n=rule.num_shared,
                all=num_documents,
            )
            yield Noted(message=message)
        yield from _missed(rule, num_documents)
    if rule.num_unwatched and rule.num_unwatched < rule.num_classes and rule.val_share:
        message = words(
            "{n|class has|classes have} too few documents for one of them to be in validation ({all:,} classes in all).",
            n=rule.num_unwatched,
            all=rule.num_classes,
        )
        yield Noted(message=message, level="warning")
    if rule.num_classes == 1 and num_documents > 1:
        message = words("All documents to learn from bear the same label: nothing can be learned of telling labels apart.")
        yield Noted(message=message, level="warning")
    if rule.num_torn:
        message = words(
            "{n|text comes|texts come} again with another label: a model cannot learn both.",
            n=rule.num_torn,
        )
        yield Noted(message=message, level="warning")
    if rule.num_leaked:
        message = words(
            "{n:,} of {all:,} texts of the test are learned from as well, but for capitals, punctuation and white space: "
            "scores on it are too good.",
            n=rule.num_leaked,
            all=rule.sizes["test"]["documents"],
        )
        yield Noted(message=message, level="warning")
    elif rule.overlap:
        message = words(
            "{n|training document begins|training documents begin} with a text that is held out as well: scores on it "
            "may be too good.",
            n=rule.overlap,
        )
        yield Noted(message=message, level="warning")


def _cut(rule: SplitRule, num_documents: int) -> Iterator[Noted]:
    share = 100 * rule.sizes["val"]["characters"] / max(1, sum(size["characters"] for size in rule.sizes.values()))
    if not rule.sizes["val"]["characters"]:
        yield Noted(message=words("Nothing is held out: a single document cannot be split."), level="warning")
    elif rule.cuts:
        message = words(
            "The texts are few and not all in one script, so the last {share:.0f} % of each is kept for validation. Nothing "
            "is kept for a last test.",
            share=share,
        )
        yield Noted(message=message)
    elif rule.is_divided:
        message = words(
            "There are very few conversations: the last {share:.0f} % of what is said, from where a user begins to speak, "
            "are for validation. Nothing is kept for a last test.",
            share=share,
        )
        yield Noted(message=message)
    elif rule.test_share:
        message = words(
            "There are very few documents, or one of them is most of the text, so the last {share:.0f} % of all is kept for "
            "validation. Nothing is kept for a last test.",
            share=share,
        )
        if num_documents == 1:
            message = words(
                "There is only one document, so its last {share:.0f} % is kept for validation. Nothing is kept for a last "
                "test.",
                share=share,
            )
        yield Noted(message=message)


def _missed(rule: SplitRule, num_documents: int) -> Iterator[Noted]:
    num_characters = sum(size["characters"] for size in rule.sizes.values())
    for name, wished in (("val", rule.val_share), ("test", rule.test_share)):
        found = rule.sizes[name]["documents"]
        share = rule.sizes[name]["characters"] / max(1, num_characters)
        if wished and not found and wished * num_documents < _FEW:
            message = words(
                "{part} is empty: {n|document is|documents are} too few for {wished:.1f} %.",
                part=_PARTS[name],
                n=num_documents,
                wished=100 * wished,
            )
            yield Noted(message=message)
        elif abs(found - wished * num_documents) > max(2.0, wished * num_documents / 3):
            message = words(
                "{part} holds {found:.1f} % of the documents where {wished:.1f} % were asked for: what begins alike has to "
                "lie on one side.",
                part=_PARTS[name],
                found=100 * found / num_documents,
                wished=100 * wished,
            )
            yield Noted(message=message, level="warning")
        elif found and not 1 / 3 <= share / (found / num_documents) <= 3:
            message = words(
                "{part} holds {found:.1f} % of the characters where {wished:.1f} % were asked for: the documents differ "
                "much in length.",
                part=_PARTS[name],
                found=100 * share,
                wished=100 * wished,
            )
            yield Noted(message=message)
