"""Summarise: what `translate` does, under the name that suits a model that learned texts and their summaries."""

from __future__ import annotations

from llmstudio.app.verbs.translate import verb

VERB = verb("summarize", "summarise the texts of a file, with a model that learned pairs; the same as translate")
