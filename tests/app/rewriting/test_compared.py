"""Laws of comparing held-out pairs: the pairs are the corpus' own, scores are sacrebleu's, and a stop is heard."""

from __future__ import annotations

import pytest
import sacrebleu

from llmstudio.app.inspecting.subject import subject
from llmstudio.app.rewriting.compared import compare
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.errors import StudioError
from llmstudio.core.work import Stop
from tests.rewritten import rewrite


def test_that_held_out_pairs_stand_beside_what_the_model_writes_with_sacrebleus_scores(translating) -> None:
    found = compare(translating, "Turn", most=20)
    corpus = Corpus(translating.about("corpus", "Pairs").path)
    held_out = {(r["source"], r["target"]) for split in ("val", "test") for r in corpus.records(split)}
    assert (
        10
        <= len(found.pairs)
        <= 20
        <= found.num_held_out
        == sum(1 for split in ("val", "test") for _ in corpus.records(split))
    )
    assert {(pair.source, pair.reference) for pair in found.pairs} <= held_out
    texts, references = [pair.output for pair in found.pairs], [pair.reference for pair in found.pairs]
    assert found.bleu == pytest.approx(sacrebleu.corpus_bleu(texts, [references], tokenize="zh").score)
    assert found.chrf == pytest.approx(sacrebleu.corpus_chrf(texts, [references]).score)
    one = found.pairs[3]
    assert one.chrf == pytest.approx(sacrebleu.sentence_chrf(one.output, [one.reference]).score)
    shown = rewrite(translating, "Turn", one.source, beam_width=1, length_penalty=0.6, max_new_tokens=40)
    assert shown.versions[0].text == one.output


def test_that_a_stop_ends_comparing(translating) -> None:
    stop = Stop()
    stop.request()
    with pytest.raises(StudioError):
        compare(translating, "Turn", stop=stop)


def test_that_pairs_are_offered_for_comparing_only_where_the_corpus_has_them(translating, sorting) -> None:
    assert subject(translating, "Turn").pages == ("rewrite", "compare")
    assert "compare" not in subject(sorting, "Sort").pages
