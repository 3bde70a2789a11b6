"""What a tokenizer's page shows, explained by the kind of the tokenizer in sight."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from llmstudio.gui.shared.layout.terms import WhyWithTerms


def _tr(text: str) -> str:
    return QCoreApplication.translate("TokenizerTab", text)


def explain_tokens(why: WhyWithTerms, kind: str) -> None:
    """Say what tokens are in a tokenizer of this kind, a name in `KINDS`."""
    terms = {
        "token": _tr("Token: a byte, a character, a piece of a word or a word, with a number of its own."),
        "vocabulary": _tr("Vocabulary: all the tokens there are. The model has one row of numbers for each."),
        "merge": _tr("Merge: the most frequent pair of neighbours in the corpus becomes a new token."),
    }
    of_merges = _tr("Byte-pair encoding: Sennrich et al. 2016 · rank and frequency: Zipf 1949")
    why.explain(_told(kind), terms, source=of_merges if kind == "bpe" else _tr("Rank and frequency: Zipf 1949"))


def _told(kind: str) -> str:
    match kind:
        case "bpe":
            return _tr(
                "A <a href='token'>token</a> is the piece of text that a model reads at a time: what is frequent becomes "
                "one, what is rare falls into several. A larger <a href='vocabulary'>vocabulary</a> means fewer tokens for "
                "a text, but a larger model; byte-pair encoding grows it by one <a href='merge'>merge</a> after another."
            )
        case "word":
            return _tr(
                "A <a href='token'>token</a> is the piece of text that a model reads at a time: here each word or mark is "
                "one. Only the words in the <a href='vocabulary'>vocabulary</a> are known, the most frequent ones of the "
                "text; any other word is unknown to the model."
            )
        case "char":
            return _tr(
                "A <a href='token'>token</a> is the piece of text that a model reads at a time: here each character is one. "
                "The <a href='vocabulary'>vocabulary</a> is small and a text takes many tokens; a character that the text "
                "never had is unknown to the model."
            )
        case "byte":
            return _tr(
                "A <a href='token'>token</a> is the piece of text that a model reads at a time: here each byte is one. "
                "Nothing is unknown, but a text takes as many tokens as it has bytes; the "
                "<a href='vocabulary'>vocabulary</a> is always the same."
            )
        case _:
            return _tr(
                "A <a href='token'>token</a> is the piece of text that a model reads at a time: what is frequent becomes "
                "one, what is rare falls into several. A larger <a href='vocabulary'>vocabulary</a> means fewer tokens for "
                "a text, but a larger model."
            )
