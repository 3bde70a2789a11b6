"""The different words of a corpus, kept beside it by whoever needs them first."""

from __future__ import annotations

from llmstudio.core.errors import StudioError
from llmstudio.store.cards import AboutFile
from llmstudio.store.item_files import ABOUT
from llmstudio.store.project import About
from llmstudio.store.reading import read_json

_FILE = "words.txt"


def words_in(corpus: About) -> frozenset[str] | None:
    """The words of the text that models learn from; None if there are too many to keep.

    Whoever only reads takes no lock, so another program may delete the corpus meanwhile, and import another one under its
    name: what was collected is kept only beside the corpus that it was collected from.
    """
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.generation.counting.words_seen import remember

    return remember(Corpus(corpus.path).texts("train"), corpus.path / _FILE, may_keep=lambda: _is_there(corpus))


def _is_there(corpus: About) -> bool:
    try:
        return read_json(corpus.path / ABOUT, AboutFile)["id"] == corpus.id
    except StudioError:
        return False
