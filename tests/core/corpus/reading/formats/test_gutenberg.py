from __future__ import annotations

import pytest

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import write_corpus
from llmstudio.core.corpus.reading.formats.gutenberg import gutenberg_frame
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop

NEW = "The Project Gutenberg eBook of Emma\n\nThis ebook is for the use of anyone anywhere.\n\nTitle: Emma\n\n"
MARK = "*** START OF THE PROJECT GUTENBERG EBOOK EMMA ***\n\nCHAPTER I\n"


@pytest.mark.parametrize(
    "head",
    [
        NEW + MARK,
        "\ufeff" + NEW,
        MARK,
        "Project Gutenberg's Emma, by Jane Austen\n\n" + MARK,
        "Project Gutenberg Etext of X\n",
    ],
)
def test_that_the_frame_of_project_gutenberg_is_told(head):
    assert gutenberg_frame(head) is not None


@pytest.mark.parametrize("head", ["I read it at the Project Gutenberg eBook site.", "Gutenberg printed books.", ""])
def test_that_its_mention_is_no_frame(head):
    assert gutenberg_frame(head) is None


def test_that_it_is_said_with_the_import(tmp_path):
    (tmp_path / "a.txt").write_text(NEW + MARK + "Emma Woodhouse, handsome and clever.\n" * 50, encoding="utf-8")
    events = write_corpus([tmp_path / "a.txt"], CorpusConfig(), tmp_path / "out", stop=Stop())
    notes = [event for event in events if isinstance(event, Noted) and "Gutenberg" in str(event.message)]
    assert [note.level for note in notes] == ["warning"]
