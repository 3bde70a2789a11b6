"""BLEU and chrF are sacrebleu's own figures, for English, Chinese and single pairs."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import sacrebleu

from llmstudio.core.errors import StudioError
from llmstudio.core.tasks.scores.texts import bleu, bleu_by_pair, chrf, chrf_by_pair, tokenization_for

ENGLISH = ["the", "a", "dog", "cat", ",", ".", "runs", "sits", "over", "under", "big", "house", "tree", "and", "men"]
CHINESE = [*"我们喜欢北京大学的老师和学生。"]


def pairs(seed: int, lexicon: list[str], gap: str) -> tuple[list[str], list[str]]:
    """References and texts that share about two thirds of their words."""
    random = np.random.default_rng(seed)
    rows = [random.integers(0, len(lexicon), random.integers(1, 15)) for _ in range(int(random.integers(1, 20)))]
    texts = [np.where(random.random(len(row)) < 0.7, row, random.integers(0, len(lexicon), len(row))) for row in rows]
    references, written = ([gap.join(lexicon[at] for at in row) for row in each] for each in (rows, texts))
    return references, written


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("lexicon", "gap", "name"), [(ENGLISH, " ", "13a"), (CHINESE, "", "zh")])
def test_that_scores_are_those_of_sacrebleu(seed: int, lexicon: list[str], gap: str, name: str) -> None:
    references, texts = pairs(seed, lexicon, gap)
    if tokenization_for(references) != name:
        assert not any(letter.isalpha() for text in references for letter in text)
    found = bleu(references, texts, tokenization=name)
    assert found.value == pytest.approx(sacrebleu.corpus_bleu(texts, [references], tokenize=name).score)
    assert f"tok:{name}" in found.signature
    assert chrf(references, texts).value == pytest.approx(sacrebleu.corpus_chrf(texts, [references]).score)
    expected = [sacrebleu.sentence_bleu(t, [r], tokenize=name).score for r, t in zip(references, texts, strict=True)]
    assert bleu_by_pair(references, texts, tokenization=name) == pytest.approx(expected)
    expected = [sacrebleu.sentence_chrf(t, [r]).score for r, t in zip(references, texts, strict=True)]
    assert chrf_by_pair(references, texts) == pytest.approx(expected)


@pytest.mark.parametrize("said", ["Two dogs run over the green grass.", "我们喜欢北京大学。", "東京へ行きました。"])
def test_that_the_reference_itself_has_the_full_score_and_other_letters_none(said: str) -> None:
    for found in (bleu([said], [said]).value, chrf([said], [said]).value, *bleu_by_pair([said], [said])):
        assert found == pytest.approx(100)
    assert chrf([said], ["xyzq"]).value == bleu([said], ["xyzq"]).value == 0.0


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["A dog.", "Grüße!"], "13a"),
        (["我们喜欢北京。", "OK"], "zh"),
        (["東京へ行きました。"], "char"),
        (["서울에 갔다"], "13a"),
        (["", "12 %"], "13a"),
    ],
)
def test_that_the_script_says_how_words_are_split(texts: list[str], name: str) -> None:
    assert tokenization_for(texts) == name
    assert f"tok:{name}" in bleu(texts, texts).signature


def test_that_texts_split_into_words_are_remarked_on_and_nothing_is_written(capfd: pytest.CaptureFixture[str]) -> None:
    split = ["A dog runs ."] * 120
    assert "behind a space" in str(bleu(split, split).remark)
    assert bleu(["A dog runs."] * 120, ["A dog runs."] * 120).remark is None
    assert capfd.readouterr() == ("", "")


def test_that_empty_texts_have_a_score_and_other_numbers_of_texts_are_refused() -> None:
    assert bleu(["a dog"], [""]).value == 0.0
    assert bleu_by_pair(["a dog", ""], ["", ""]) == [0.0, 0.0]
    with pytest.raises(StudioError, match="1 text for 2 references"):
        bleu(["a", "b"], ["a"])
    with pytest.raises(StudioError, match="no text to score"):
        chrf([], [])


def test_that_sacrebleu_is_loaded_only_where_it_counts() -> None:
    code = "import sys, llmstudio.core.tasks.scores.texts; print([m for m in ('sacrebleu', 'torch') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
