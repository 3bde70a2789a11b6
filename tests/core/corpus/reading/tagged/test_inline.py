from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.formats.plain_text import head_lines
from llmstudio.core.corpus.reading.readers import read
from llmstudio.core.corpus.reading.tagged.inline import inline_sign

SENTENCES = [
    (["EU", "rejects", "German", "call", "."], ["NNP", "VBZ", "JJ", "NN", "."], ["B-ORG", "O", "B-MISC", "O", "O"]),
    (["It", "ate", "1/2", "of", "it"], ["PRP", "VBD", "CD", "IN", "PRP"], ["O", "O", "O", "O", "O"]),
    (["Ann", "sings", "in", "Graz", "."], ["NNP", "VBZ", "IN", "NNP", "."], ["B-PER", "O", "O", "B-LOC", "O"]),
]


def tagged(folder: Path, name: str, text: str) -> list[tuple[list[str], list[str]]]:
    (folder / name).write_text(text, encoding="utf-8")
    return [(item["words"], item["tags"]) for item in read([folder / name], ReadingConfig()) if isinstance(item, dict)]


@pytest.mark.parametrize("sign", ["/", "_", "|"])
def test_that_a_tag_at_each_word_is_its_tag(sign: str, tmp_path: Path) -> None:
    lines = [" ".join(f"{word}{sign}{tag}" for word, tag in zip(found, pos, strict=True)) for found, pos, _ in SENTENCES]
    assert tagged(tmp_path, "a.pos", "\n\n".join(lines) + "\n") == [(found, pos) for found, pos, _ in SENTENCES]


def test_that_the_last_of_several_tags_is_learned(tmp_path: Path) -> None:
    lines = [" ".join(map("|".join, zip(*columns, strict=True))) for columns in SENTENCES]
    assert tagged(tmp_path, "aij-wikiner-en-wp2", "\n".join(lines) + "\n") == [(found, ner) for found, _, ner in SENTENCES]


def test_that_brackets_and_numbers_of_lines_are_no_words(tmp_path: Path) -> None:
    line = "19980101-01-00{n}-001/m  [中央/n  人民/n  电台/n]nt  播送/v  第{n}/m  。/w\n"
    found = tagged(tmp_path, "199801.txt", "".join(line.format(n=n) for n in range(3)))
    assert found[1] == (["中央", "人民", "电台", "播送", "第1", "。"], ["n", "n", "n", "v", "m", "w"])


def test_that_a_word_without_a_tag_leaves_out_its_sentence(tmp_path: Path) -> None:
    line = "The/at dog/nn number{n}/nn eats/vbz a/at bone/nn ./.\n"
    text = "".join(line.format(n=n) for n in range(8)) + "The/at cat sleeps/vbz\n"
    assert len(tagged(tmp_path, "ca01.txt", text)) == 8


@pytest.mark.parametrize(
    "text",
    [
        "He and/or she went to the mill on 1/2/1999 at 9.\n" * 5,
        "https://a.org/b https://c.org/d https://e.org/f\n" * 5,
        "a_b c_d e_f g_h\ni_j k_l m_n o_p\nq_r s_t u_v w_x\n",
        "x/NN y/NN z/NN w/NN v/NN\n" * 4,  # one tag alone tells nothing
        "| a | b |\n|---|---|\n| c | d |\n" * 5,
    ],
)
def test_that_signs_in_prose_are_no_tags(text: str) -> None:
    assert not inline_sign(head_lines(text))
