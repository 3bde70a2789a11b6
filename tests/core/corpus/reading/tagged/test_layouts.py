from __future__ import annotations

import pytest

from llmstudio.core.corpus.reading.tagged.layouts import BOUNDARIES, find_layout
from llmstudio.core.errors import StudioError

TWO = "Ann\tB-PER\nlives\tO\nin\tO\nGraz\tB-LOC\n.\tO\n\nIt\tO\nrains\tO\n.\tO\n\n" * 3
FOUR = (
    "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\nGerman JJ B-NP B-MISC\ncall NN I-NP O\n. . O O\n\n"
    "Peter NNP B-NP B-PER\nBlackburn NNP I-NP I-PER\n\n"
)
TEN = "# text = Go home\n1\tGo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n2\thome\thome\tADV\tRB\t_\t1\tadvmod\t_\t_\n\n"


@pytest.mark.parametrize("name", ["a.conll", "a.txt", "a.tsv", "a", "a.bio", "eng.testa"])
@pytest.mark.parametrize(
    ("text", "word", "tag"),
    [
        (TWO, 0, 1),
        (TWO.replace("\t", " "), 0, 1),
        (TWO.replace("\n\n", "\n\t\n"), 0, 1),
        (FOUR, 0, 3),
        (TEN, 1, 3),
        ("# global.columns = ID FORM UPOS NER\n1\tGo\tVERB\tO\n\n", 1, 2),
        ("O\twhat\nO\tfilms\nB-Actor\tBrad\nI-Actor\tPitt\n\nO\tand\nO\tnow\n", 1, 0),  # the tag before the word
        ("# http://a.org\n1\tAnn\tB-PER\tO\n2\tran\tO\tO\n\n# http://b.org\n1\tIt\tO\tO\n2\train\tO\tO\n\n", 1, 2),
        ("#\thttp://a.org\n1\tAnn\tB-PER\tO\n2\tran\tO\tO\n\n#\thttp://b.org\n1\tIt\tO\tO\n2\train\tO\tO\n\n", 1, 2),
        (TEN.replace("\t", "       "), 1, 3),  # copied from where tabs became spaces
        ("the DT\nmill NN\n\na DT\nboat NN\nsank VBD\n\nthe DT\nold JJ\nmill NN\n\n" * 2, 0, 1),
        ("我 O\n在 O\n上 B-LOC\n海 I-LOC\n\n你 O\n好 O\n\n", 0, 1),
        ("我 S\n在 S\n上 B\n海 E\n\n你 B\n好 E\n\n", 0, 1),
    ],
)
def test_that_words_with_tags_are_known_by_their_lines_whatever_the_ending(
    name: str, text: str, word: int, tag: int
) -> None:
    layout = find_layout(name, text)
    assert layout is not None
    assert (layout.word, layout.tag) == (word, tag)


@pytest.mark.parametrize(("name", "is_known"), [("a.txt", True), ("a.pos", True), ("a.tsv", False)])
def test_that_tags_in_small_letters_are_known_but_in_a_table(name: str, is_known: bool) -> None:
    assert (find_layout(name, "我\tr\n去\tv\n\n你\tr\n来\tv\n\n" * 4) is not None) is is_known


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tsv", "name\tblood group\n" + "Ann\tB\nBen\tO\nEva\tB\n" * 4),
        ("a.tsv", "text\tlabel\n" + "good soup\tpos\nbad soup\tneg\n" * 6),
        ("a.tsv", "Good\tA\nBad\tB\n" * 9),
        ("a.tsv", "The cat sleeps.\tDie Katze schläft.\n" * 9),
        ("a.csv", "text,label\n" + "The boat is in,B-1\n" * 6),
        ("a.txt", "Yes, sir.\nNo, sir.\n\nGood night.\nSleep well.\n\n" * 3),
        ("a.txt", "The mill stands by the river, and it turns.\nNobody knows why.\n\n" * 9),
        ("a.txt", "User: yes\nAssistant: no\n\n" * 9),
        ("a.txt", "cat Katze\ndog Hund\n\ntree Baum\nhouse Haus\n\n" * 2),
        ("a.txt", "LOC Where is it ?\nNUM How many are there now ?\nLOC Who ?\n" * 4),
        ("a.txt", "1 2\n3 4\n\n5 6\n7 8\n\n" * 4),
        ("keycodes", "<AE01> = 1;\n<AE02> = 2;\n\n<AE03> = 3;\n<AE04> := 4;\n\n" * 4),
        ("a.txt", "one\ntwo\n\nthree\nfour\n" * 5),
        ("a.tsv", "1\tThe cat sleeps .\tDT NN VBZ .\n" * 8),
        ("a.txt", ""),
    ],
)
def test_that_tables_and_prose_are_no_tagged_words(name: str, text: str) -> None:
    assert find_layout(name, text) is None


def test_that_a_first_line_with_names_gives_the_names() -> None:
    layout = find_layout("a.tsv", "word\tpos\tner\n" + "Ann\tNNP\tB-PER\nran\tVBD\tO\n\nIt\tPRP\tO\nran\tVBD\tO\n\n")
    assert layout is not None
    assert layout.has_header
    assert (layout.columns, layout.tag) == (("word", "pos", "ner"), 2)


@pytest.mark.parametrize(("tags", "place"), [("XPOS", 4), ("feats", 5), ("8", 7), (BOUNDARIES, 3), ("", 3)])
def test_that_another_column_may_be_the_tag(tags: str, place: int) -> None:
    layout = find_layout("a.conllu", TEN)
    assert layout is not None
    assert layout.chosen("", tags, "a.conllu").tag == place


@pytest.mark.parametrize("tags", ["NER", "11", "0"])
def test_that_a_column_that_is_not_there_is_refused_with_those_that_are(tags: str) -> None:
    layout = find_layout("a.conllu", TEN)
    assert layout is not None
    with pytest.raises(StudioError, match=r"no column .* in a\.conllu\. There are: ID, FORM, LEMMA"):
        layout.chosen("", tags, "a.conllu")


@pytest.mark.parametrize(
    ("line", "is_comment"),
    [("#fun\tO", False), ("#\tO", False), ("# id 7", True), ("# id\tx-y", True), ("fun\tO", False), ("#B-PER", True)],
)
def test_that_a_word_may_begin_with_the_sign_of_a_comment(line: str, is_comment: bool) -> None:
    layout = find_layout("a.conll", TWO)
    assert layout is not None
    assert layout.is_comment(line) is is_comment


def test_that_a_file_named_as_tagged_words_is_one_though_half_of_its_rows_are_broken() -> None:
    head = "\n\n".join(["the O\nman\nAnna B-PER extra more\nRome B-LOC"] * 20) + "\n"
    found = find_layout("bad.conll", head)
    assert found is not None
    assert found.is_bio
    assert find_layout("bad.txt", head) is None


def test_that_prose_under_a_name_of_tagged_words_stays_prose() -> None:
    prose = "the soup was a fine one and so warm\nwe came too late for all of the talk\n" * 4
    assert find_layout("rt-polarity.pos", prose) is None
    assert find_layout("rt-polarity.pos", prose, is_sure=True) is not None
