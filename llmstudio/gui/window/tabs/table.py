"""The table of tabs, in the order of the journey: a new tab is a folder and a line here."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.core.words import Words, words


@dataclass(frozen=True)
class Place:
    """A tab: its name, its title, and where its class is, which is not imported before the tab is built."""

    name: str
    title: Words
    module: str
    kind: str


TABS = (
    Place("home", words("Home"), "llmstudio.gui.home.tab", "HomeTab"),
    Place("corpus", words("Corpus"), "llmstudio.gui.corpus.tab", "CorpusTab"),
    Place("tokenizer", words("Tokenizer"), "llmstudio.gui.tokenizer.tab", "TokenizerTab"),
    Place("train", words("Train"), "llmstudio.gui.train.tab", "TrainTab"),
    Place("prune", words("Prune"), "llmstudio.gui.prune.tab", "PruneTab"),
    Place("chat", words("Chat"), "llmstudio.gui.chat.tab", "ChatTab"),
    Place("inspect", words("Inspect"), "llmstudio.gui.inspect.tab", "InspectTab"),
)
