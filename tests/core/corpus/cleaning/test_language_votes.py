from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from llmstudio.core.corpus.cleaning import language_votes
from llmstudio.core.corpus.cleaning.language_votes import Languages, LanguageVotes
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.work import Stop
from tests.core.corpus.reading.encodings.national_texts import TEXTS

TEXT = {
    "en": "I got up late, and there was nothing in the house but a cup of tea. So I went out to see if the shop was open. ",
    "de": "Der Hund lief durch den Wald und war nicht müde, als er mit dem Mann nach Hause kam und auf dem Bett schlief. ",
    "fr": "Le chat est sur la table et il ne veut pas descendre pour manger avec nous dans la cuisine de la maison. ",
    "zh-Hans": "这个问题我们应该怎么解决呢？他说他还没有时间来看我们。" * 5,
}


def counted(documents: list[str]) -> Languages:
    votes = LanguageVotes()
    for n, text in enumerate(documents):
        votes.look(text, n)
    return votes.count()


def test_that_a_small_part_in_another_language_is_named_with_its_share() -> None:
    texts = [TEXT["en"] * 8] * 96 + [TEXT["de"] * 8] * 4
    random.Random(1).shuffle(texts)
    shares = dict(counted(texts).shares)
    assert shares.keys() == {"en", "de"}
    assert shares["de"] == pytest.approx(0.04, abs=0.005)


def test_that_languages_that_alternate_are_both_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_votes, "_VOTES", 100)
    found = counted([TEXT["en"], TEXT["de"]] * 5000)
    assert dict(found.shares)["de"] == pytest.approx(0.5, abs=0.15)
    assert 100 <= found.num_documents <= 200


def test_that_a_long_document_weighs_as_much_as_it_holds() -> None:
    shares = dict(counted([TEXT["en"] * 3000, *[TEXT["de"] * 10] * 20]).shares)
    german = 200 * len(TEXT["de"])
    assert shares["de"] == pytest.approx(german / (german + 3000 * len(TEXT["en"])), abs=0.001)


def test_that_a_language_that_begins_in_the_middle_of_one_long_document_is_found() -> None:
    shares = dict(counted([TEXT["en"] * 3000 + TEXT["fr"] * 1000]).shares)
    assert shares.keys() == {"en", "fr"}
    assert shares["fr"] == pytest.approx(0.24, abs=0.03)


def test_that_scraps_have_no_say_beside_longer_texts_and_are_heard_among_themselves() -> None:
    scraps = ["Avec plaisir, et de la part de tous", "Bonjour!", "12.5.1998"]
    assert counted([*[TEXT["en"] * 3] * 20, *scraps]) == Languages((("en", 1.0),), 20)
    only = counted(["Le chat est sur la table", "The dog is in the house"])
    assert {name for name, _ in only.shares} == {"en", "fr"}


def test_that_many_scraps_outweigh_one_longer_text() -> None:
    found = counted([*["I was there and it was good."] * 500, TEXT["zh-Hans"]])
    assert found.shares[0][0] == "en"
    assert found.shares[0][1] > 0.9


def test_that_a_language_of_a_single_short_text_among_many_is_not_named() -> None:
    assert counted([*[TEXT["en"] * 2] * 60, TEXT["fr"]]).shares == (("en", 1.0),)
    assert dict(counted([TEXT["en"] * 2, TEXT["fr"]]).shares).keys() == {"en", "fr"}
    long = dict(counted([*[TEXT["en"] * 20] * 60, TEXT["fr"] * 10]).shares)
    assert 0 < long["fr"] < 0.01


def test_that_words_common_to_two_languages_speak_for_what_most_of_the_text_is_in() -> None:
    """An English table of sums is English, though its "is" is Dutch as well and its "plus" French."""
    sums = [f"{a} {sign} {b} is {a + b}." for sign in ("plus", "minus", "times") for a in range(20) for b in range(5)]
    assert counted(sums).shares == (("en", 1.0),)
    assert counted([" ".join(sums[n : n + 20]) for n in range(0, len(sums), 20)]).shares == (("en", 1.0),)
    scraps = ["Die Hard", "Les Paul", "La Paz"] * 20  # of one matching word
    assert counted([*[TEXT["en"][:80]] * 60, *scraps]).shares == (("en", 1.0),)
    french = counted([*[TEXT["fr"][:80]] * 60, *["Les Paul", "La Paz"] * 20])
    assert french.shares == (("fr", 1.0),)


def test_that_short_sentences_in_two_languages_are_both_named() -> None:
    found = dict(counted(["The dog is in the house.", "Le chat est sur la table.", "Je sais."] * 200).shares)
    assert found.keys() == {"en", "fr"}
    assert found["fr"] == pytest.approx(0.58, abs=0.02)


@pytest.mark.parametrize("language", ["cs", "pl", "tr", "sv", "vi"])
def test_that_a_language_that_is_not_listed_is_taken_for_no_other(language: str) -> None:
    assert counted([TEXTS[language][1]] * 50).shares == (("latin", 1.0),)


def test_that_a_document_that_is_not_kept_has_no_vote() -> None:
    votes = LanguageVotes()
    votes.look(TEXT["en"] * 10, 0)
    votes.look(TEXT["de"] * 10, 1)
    votes.forget(1)
    assert votes.count() == Languages((("en", 1.0),), 1)


def imported(rows: list[dict[str, str]], folder: Path) -> Corpus:
    source = folder / "rows.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for _ in write_corpus([source], CorpusConfig(), folder / "corpus", stop=Stop()):
        pass
    return Corpus(folder / "corpus")


def test_that_both_languages_of_pairs_are_named(tmp_path: Path) -> None:
    rows = [{"source": f"{n}: {TEXT['en']}", "target": f"{n}: {TEXT['de']}"} for n in range(50)]
    found = imported(rows, tmp_path).statistics
    assert dict(found.languages)["de"] == pytest.approx(0.5, abs=0.05)
    assert found.num_language_documents == 50
