from __future__ import annotations

import pytest

from llmstudio.core.corpus.cleaning.languages import LANGUAGES, language_of, told_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The cat sat on the mat and it was happy to be in the sun with a friend.", "en"),
        ("Der Hund lief durch den Wald und war nicht müde, als er nach Hause kam.", "de"),
        ("Le chat est sur la table et il ne veut pas descendre pour manger avec nous.", "fr"),
        ("El perro corre por la calle y no quiere volver a casa con su dueño.", "es"),
        ("Il gatto è sul tavolo e non vuole scendere, ma ha fame come una volpe.", "it"),
        ("O gato está em cima da mesa e não quer descer para comer com os outros.", "pt"),
        ("De kat zit op de tafel en wil niet naar beneden komen om met ons te eten.", "nl"),
        ("lorem ipsum dolor amet consectetur adipiscing elit", "latin"),
        ("这个问题我们应该怎么解决呢？", "zh-Hans"),
        ("這個問題我們應該怎麼解決呢？", "zh-Hant"),
        ("今日はとても天気がいいです。", "ja"),
        ("오늘은 날씨가 좋습니다.", "ko"),
        ("Сегодня хорошая погода.", "cyrillic"),
        ("Σήμερα ο καιρός είναι καλός.", "greek"),
        ("الطقس جميل اليوم", "arabic"),
        ("12 + 34 = 46", "other"),
    ],
)
def test_that_a_sentence_is_told_by_its_script_and_small_words(text: str, language: str) -> None:
    assert language_of(text) == language
    assert language in LANGUAGES


def test_that_a_word_or_two_do_not_tell_a_language_for_sure() -> None:
    assert told_language("12 minus 5 is 7") == ("en", False)
    assert told_language("Les Paul") == ("fr", False)
    assert told_language("The cat sat on the mat and it was happy.") == ("en", True)
    assert told_language("这个问题") == ("zh-Hans", True)
