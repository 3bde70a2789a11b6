from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.reading.tagged import sentences as module
from llmstudio.core.corpus.reading.tagged.boundaries import word_boundaries
from llmstudio.core.corpus.reading.tagged.layouts import Layout, find_layout
from llmstudio.core.corpus.reading.tagged.sentences import Sentences
from llmstudio.core.corpus.reading.tagged.spaces import usual_spaces
from llmstudio.core.corpus.records import Skipped, is_record, tagged_text

TWO = Layout(("1", "2"), 0, 1, is_tabbed=True, is_bio=True)
WORDS = st.lists(st.text("abÄ你.#'", min_size=1, max_size=4), min_size=1, max_size=6)


def read(text: str, layout: Layout | None = None) -> tuple[list[dict[str, Any]], list[Skipped], Sentences]:
    layout = layout or find_layout("a.conllu", text, is_sure=True)
    assert layout is not None
    reader = Sentences(layout, "a.conllu")
    found = list(reader.read(text.split("\n")))
    return [r for r in found if not isinstance(r, Skipped)], [r for r in found if isinstance(r, Skipped)], reader


def conllu(*rows: str) -> str:
    """Rows of number, form, UPOS and MISC as CoNLL-U."""
    lines = []
    for row in rows:
        cells = row.split()
        lines.append("\t".join([cells[0], cells[1], "_", cells[2], "_", "_", "_", "_", "_", cells[3]]) if cells else "")
    return "\n".join(lines) + "\n"


@given(st.lists(WORDS, min_size=1, max_size=5), st.data())
def test_that_every_sentence_comes_back_word_by_word(texts: list[list[str]], data: st.DataObject) -> None:
    tags = [[data.draw(st.sampled_from(["O", "B-X", "I-X"])) for _ in words] for words in texts]
    text = "\n\n".join(
        "\n".join(f"{word}\t{tag}" for word, tag in zip(words, own, strict=True))
        for words, own in zip(texts, tags, strict=True)
    )
    found, skipped, _ = read(text, TWO)
    assert [record["words"] for record in found] == texts
    assert [record["tags"] for record in found] == tags
    assert skipped == []
    assert all(map(is_record, found))


@given(st.lists(st.tuples(st.text("ab你.", min_size=1, max_size=3), st.booleans()), min_size=1, max_size=8))
def test_that_spaces_are_as_the_file_says(pairs: list[tuple[str, bool]]) -> None:
    rows = [f"{n} {word} X {'_' if is_followed else 'SpaceAfter=No'}" for n, (word, is_followed) in enumerate(pairs, 1)]
    (record,), _, _ = read(conllu(*rows))
    text, spans = tagged_text(record)
    assert text == "".join(word + " " * is_followed for word, is_followed in pairs)[: len(text)]
    assert text == text.strip()
    assert [text[start:end] for start, end, _ in spans] == record["words"] == [word for word, _ in pairs]


def test_that_ranges_and_empty_nodes_are_left_out_and_counted() -> None:
    text = conllu(
        "1 I PRON _", "2-3 don't _ _", "2 do AUX _", "3 n't PART _", "4 go VERB SpaceAfter=No", "4.1 away ADV _",
        "5 . PUNCT _", "", "1-2 del _ SpaceAfter=No", "1 de ADP _", "2 el DET _", "3 , PUNCT _",
    )  # fmt: skip
    (one, other), skipped, reader = read(text)
    assert one["words"] == ["I", "do", "n't", "go", "."]
    assert tagged_text(one)[0] == "I don't go."
    assert tagged_text(other)[0] == "de el,"  # written as one word that its parts do not spell
    assert (reader.counts.ranges, reader.counts.empty_nodes, skipped) == (2, 1, [])


def test_that_the_sentence_in_a_comment_tells_where_spaces_stand() -> None:
    text = "# text = It's  over.\nIt\tO\n's\tO\nover\tO\n.\tO\n\nSo\tO\nit\tO\nis\tO\n"
    (one, other), _, _ = read(text, TWO)
    assert tagged_text(one)[0] == "It's over."
    assert tagged_text(other)[0] == "So it is"


def test_that_no_space_is_put_between_chinese_signs() -> None:
    (record,), _, reader = read("我\tO\n在\tO\nGraz\tB-LOC\n住\tO\n。\tO\n", TWO)
    assert tagged_text(record)[0] == "我在 Graz 住。"
    assert not reader.counts.are_spaces_told


@pytest.mark.parametrize(
    ("bad", "reason"),
    [("b", "1 column where 2"), ("b\tO\tx", "3 columns where 2"), ("b\t", "no tag"), ("b O", "1 column")],
)
def test_that_a_sentence_with_a_bad_line_is_left_out_with_its_line(bad: str, reason: str) -> None:
    found, (skipped,), _ = read(f"a\tO\n\na\tO\n{bad}\nc\tO\nd\n\ne\tO\n", TWO)
    assert [record["words"] for record in found] == [["a"], ["e"]]
    assert skipped.line == 4
    assert reason in str(skipped.reason)


def test_that_a_sentence_without_a_part_of_speech_is_left_out() -> None:
    found, (skipped,), _ = read(conllu("1 Go VERB _", "2 home _ _", "", "1 Go VERB _"))
    assert len(found) == 1
    assert (skipped.line, "no tag" in str(skipped.reason)) == (2, True)


def test_that_a_tag_that_goes_on_with_nothing_is_kept_and_counted() -> None:
    text = "a\tI-X\nb\tI-X\n\na\tB-X\nb\tI-X\nc\tI-Y\nd\tO\ne\tI-Y\n"
    found, _, reader = read(text, TWO)
    assert [tag for record in found for tag in record["tags"]] == ["I-X", "I-X", "B-X", "I-X", "I-Y", "O", "I-Y"]
    assert (reader.counts.unbegun, reader.counts.first_unbegun) == (3, 1)


def test_that_white_space_in_place_of_a_word_is_a_space() -> None:
    dense = Layout(("1", "2"), 0, 1, is_tabbed=False)
    for text, layout in (("我 O\n  O\n你 O\n", dense), ("我\tO\n\u3000\tO\n你\tO\n", TWO)):
        (record,), skipped, reader = read(text, layout)
        assert tagged_text(record)[0] == "我 你"
        assert (reader.counts.blanks, skipped) == (1, [])


def test_that_a_sentence_without_end_is_parted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WORDS", 4)
    found, _, reader = read("a\tO\n" * 10, TWO)
    assert [len(record["words"]) for record in found] == [4, 4, 2]
    assert reader.counts.parted == 2


def test_that_document_marks_and_a_tab_at_the_end_are_no_words() -> None:
    found, skipped, _ = read("-DOCSTART-\tO\n\na\tO\t\nb\tO\n#begin document (x); part 0\nc\tO\n", TWO)
    assert [record["words"] for record in found] == [["a", "b"], ["c"]]
    assert skipped == []


@given(
    st.lists(st.tuples(st.text("你好ab ", min_size=1, max_size=4).filter(str.strip), st.booleans()), min_size=1, max_size=6)
)
def test_that_word_boundaries_keep_the_text_and_tell_its_words(pairs: list[tuple[str, bool]]) -> None:
    words = [" ".join(word.split()) for word, _ in pairs]
    sentence = {"words": words, "tags": ["X"] * len(pairs), "spaces": [is_followed for _, is_followed in pairs]}
    signs = word_boundaries(sentence)
    assert is_record(signs)
    assert tagged_text(signs)[0] == tagged_text(sentence)[0]
    assert signs["tags"].count("B") == len(words)
    starts = [n for n, tag in enumerate(signs["tags"]) if tag == "B"]
    again = ["".join(signs["words"][a:b]) for a, b in zip(starts, [*starts[1:], None], strict=True)]
    assert again == ["".join(word.split()) for word in words]


def test_that_where_no_file_says_it_a_sentence_is_spelled_as_texts_are() -> None:
    words = ["Anna", "(", "22", ")", "did", "n't", "like", "Tom", "'s", "cat", ",", "dog", "...", "!"]
    text = "".join(word + " " * is_followed for word, is_followed in zip(words, usual_spaces(words), strict=True))
    assert text == "Anna (22) didn't like Tom's cat, dog...! "
