"""Which tokenizers llama.cpp cuts text with exactly as we do: known without any of their libraries."""

from __future__ import annotations

from llmstudio.core.words import Words, words


def why_not_in_gguf(kind: str, *, num_merges: int = 1, changes_text: bool = False) -> Words | None:
    """Why llama.cpp would not cut text as this tokenizer does, and what to do; None if it would.

    Args:
        kind: As in `KINDS`.
        num_merges: What a BPE has learned.
        changes_text: Whether it writes the text anew before cutting it, as lower case does.
    """
    if kind != "bpe":
        return words(
            "llama.cpp does not know tokenizers of the kind {kind}: build one of the kind bpe and train with it, or export"
            " to hugging_face.",
            kind=kind,
        )
    if changes_text:
        return words(
            "llama.cpp cannot write text in lower case before it cuts it: build the tokenizer without lower case and train"
            " with it, or export to hugging_face."
        )
    if not num_merges:
        return words(
            "llama.cpp refuses a tokenizer that has merged nothing: build one with a larger vocabulary or of more text, or"
            " export to hugging_face."
        )
    return None
