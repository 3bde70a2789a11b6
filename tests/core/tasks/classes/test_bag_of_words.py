"""The baseline gives the probabilities of scikit-learn's TF-IDF and logistic regression."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from llmstudio.core.errors import StudioError
from llmstudio.core.tasks.classes import bag_of_words
from llmstudio.core.tasks.classes.bag_of_words import learn_bag_of_words
from llmstudio.core.tokenizer.plain_words import words_and_signs

LEXICON = ["What", "who", "is", "a", "river", "Rivers", "Ann", "?", ",", "2000", "re-do", "für"]


def drawn(seed: int, count: int, lexicon: list[str], gap: str) -> tuple[list[str], np.ndarray]:
    """Texts whose words depend on their class, one of three."""
    random = np.random.default_rng(seed)
    classes = random.integers(0, 3, count)
    chances = random.dirichlet(np.ones(len(lexicon)), 3)
    texts = [gap.join(random.choice(lexicon, random.integers(0, 9), p=chances[at])) for at in classes]
    return texts, classes


def reference(texts: list[str], characters: bool, fewest: int = 1) -> TfidfVectorizer:
    if characters:
        return TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=fewest).fit(texts)
    return TfidfVectorizer(tokenizer=words_and_signs, token_pattern=None, ngram_range=(1, 2), min_df=fewest).fit(texts)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("lexicon", "gap", "characters"), [(LEXICON, " ", False), ([*"我们喜欢北京大学N5："], "", True)])
def test_that_probabilities_are_those_of_scikit_learn(seed: int, lexicon: list[str], gap: str, characters: bool) -> None:
    texts, classes = drawn(seed, 90, lexicon, gap)
    new, _ = drawn(seed + 100, 20, lexicon, gap)
    found = learn_bag_of_words(texts, classes, 3)
    vectors = reference(texts, characters)
    model = LogisticRegression(C=10, tol=1e-8, max_iter=5000).fit(vectors.transform(texts), classes)
    assert set(found.places) == set(vectors.get_feature_names_out())
    own, expected = found.probabilities(new), model.predict_proba(vectors.transform(new))
    assert np.allclose(own, expected, atol=2e-3), np.abs(own - expected).max()


def test_that_labels_of_which_a_text_may_have_several_are_learned_each_by_itself() -> None:
    texts, _ = drawn(5, 80, LEXICON, " ")
    labels = np.array([["river" in text.lower(), "Ann" in text, len(text) > 20] for text in texts])
    found = learn_bag_of_words(texts, labels, 3).probabilities(texts)
    vectors = reference(texts, False).transform(texts)
    for at in range(3):
        model = LogisticRegression(C=10, tol=1e-8, max_iter=5000).fit(vectors, labels[:, at])
        assert np.allclose(found[:, at], model.predict_proba(vectors)[:, 1], atol=2e-3)


def test_that_words_of_a_single_text_count_only_while_texts_are_few() -> None:
    few, many = [f"word{at} the" for at in range(999)], [f"word{at} the" for at in range(1000)]
    assert len(learn_bag_of_words(few, [0, 1, 1] * 333, 2).places) == 2 * 999 + 1
    assert list(learn_bag_of_words(many, [0, 1] * 500, 2).places) == ["the"]


def test_that_of_many_classes_the_commonest_words_alone_are_counted(monkeypatch) -> None:
    monkeypatch.setattr(bag_of_words, "_MOST_WEIGHTS", 6)
    assert list(learn_bag_of_words(["the cat sat", "the cat", "the"], [0, 1, 1], 2).places) == ["the", "cat", "the cat"]


def test_that_the_words_that_tell_a_class_can_be_read_off() -> None:
    found = learn_bag_of_words(["who is Ann", "who was it", "where is it", "where was Ann"] * 5, [0, 0, 1, 1] * 5, 2)
    assert found.telling(0, 1) == ["who"]
    assert found.telling(1, 1) == ["where"]
    assert found.probabilities(["who?", "where?"]).argmax(1).tolist() == [0, 1]


def test_that_what_nothing_is_known_of_has_the_shares_of_the_classes() -> None:
    found = learn_bag_of_words(["", "", "", ""], [0, 0, 0, 1], 2)
    assert np.allclose(found.probabilities(["", "something new"]), [[0.75, 0.25]] * 2, atol=1e-3)
    alone = learn_bag_of_words(["one text", ""], [1, 1], 2).probabilities(["two texts"])
    assert alone[0, 1] > 0.99
    assert learn_bag_of_words(["a"], [0], 1).probabilities(["b"]).tolist() == [[1.0]]


def test_that_learning_again_gives_the_same_to_the_last_bit() -> None:
    texts, classes = drawn(1, 60, LEXICON, " ")
    first, second = (learn_bag_of_words(texts, classes, 3) for _ in range(2))
    assert np.array_equal(first.weights, second.weights)


def test_that_nothing_to_learn_from_is_refused() -> None:
    with pytest.raises(StudioError, match="0 texts and 0 classes to learn from"):
        learn_bag_of_words([], [], 2)
    with pytest.raises(StudioError, match="1 text and 2 classes"):
        learn_bag_of_words(["a"], [0, 1], 2)
