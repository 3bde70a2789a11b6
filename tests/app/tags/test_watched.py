from __future__ import annotations

import pytest

from llmstudio.app.tags.watched import tag_look
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.events import Finished
from llmstudio.core.work import Stop


@pytest.mark.parametrize("model", ["Names", "Parts"])
def test_that_what_is_shown_while_a_tagger_learns_agrees_with_its_figures(tagging, model) -> None:
    told = tag_look(tagging, model, which="best")
    *_, end = evaluate(tagging, model, stop=Stop())
    assert isinstance(end, Finished)
    assert told.num_right / told.num_words == pytest.approx(end.result["tag_accuracy"])
    records = list(Corpus(tagging.about("corpus", f"{model} text").path).records("val"))
    assert told.num_sentences == len(records) > 0
    assert [[word.text for word in each] for each in told.sentences] == [record["words"] for record in records]
    assert [[word.true for word in each] for each in told.sentences] == [record["tags"] for record in records]
    assert sum(word.true == word.told for each in told.sentences for word in each) == told.num_right
    assert told.are_spans
    counts = [count for _, _, count in told.figures]
    assert counts == sorted(counts, reverse=True)


def test_that_tags_that_tell_of_no_spans_are_counted_tag_by_tag() -> None:
    from llmstudio.app.tags.sentences import Sentence
    from llmstudio.app.tags.telling import Tagged
    from llmstudio.app.tags.watched import _figures
    from llmstudio.core.generation.tags import TaggedWord

    told = Tagged(
        Sentence("a b c", ((0, 1), (2, 3), (4, 5)), ("DET", "NOUN", "NOUN")),
        tuple(TaggedWord(at, at + 1, tag, 1.0) for at, tag in ((0, "DET"), (2, "DET"), (4, "NOUN"))),
    )
    assert _figures([told]) == ((("NOUN", pytest.approx(2 / 3), 2), ("DET", pytest.approx(2 / 3), 1)), False)
