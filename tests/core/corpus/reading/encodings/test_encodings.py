from __future__ import annotations

import codecs
import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.encodings.encodings import TextFile, declared, detect, name_binary
from llmstudio.core.corpus.reading.encodings.names import ENCODINGS, SURE, called, codec_of, read_as
from llmstudio.core.corpus.reading.encodings.plausibility import surprise
from llmstudio.core.errors import StudioError
from llmstudio.core.settings import change
from tests.core.corpus.reading.encodings.national_texts import PAGES, TEXTS, tones_apart

CHINESE = "今天天气很好，我们一起去公园散步，看到了很多美丽的花。他说这是他第一次来北京。\n"
TRADITIONAL = "今天天氣很好，我們一起去公園散步，看到了很多美麗的花。這個問題應該怎麼解決呢？\n"
JAPANESE = "今日はとても天気がいいので、公園を散歩しました。桜の花がきれいに咲いていました。\n"
KOREAN = "오늘은 날씨가 매우 좋아서 공원을 산책했습니다. 벚꽃이 아름답게 피어 있었습니다.\n"
RUSSIAN = "Сегодня очень хорошая погода, поэтому мы пошли гулять в парк.\n"
FRENCH = "Il fait très beau, nous sommes allés à la forêt. L'été dernier, j'ai mangé une crêpe.\n"
GERMAN = "Heute ist schönes Wetter, darum gehen wir in den Wald. Große Bäume und süße Blüten.\n"
CASES = [
    (CHINESE, "gb18030"), (CHINESE, "gbk"), (TRADITIONAL, "big5"), (JAPANESE, "shift_jis"), (JAPANESE, "euc_jp"),
    (KOREAN, "euc_kr"), (RUSSIAN, "cp1251"), (RUSSIAN, "koi8_r"), (FRENCH, "latin-1"), (GERMAN, "cp1252"),
    ("中国人民大学\n", "gb18030"), ("臺灣大學\n", "big5"),
]  # fmt: skip
UNICODE_TEXTS = [CHINESE, TRADITIONAL, JAPANESE, KOREAN, RUSSIAN, FRENCH, GERMAN, "Plain English.\n"]


def read(data: bytes, encoding: str = "") -> str:
    return "".join(TextFile(io.BytesIO(data), "a.txt", encoding).chunks())


@pytest.mark.parametrize(("text", "encoding"), CASES)
@pytest.mark.parametrize("times", [1, 50])
def test_that_text_in_a_national_encoding_is_read_as_it_was_written(text: str, encoding: str, times: int) -> None:
    assert read((text * times).encode(encoding)) == text * times


@pytest.mark.parametrize("text", UNICODE_TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_that_every_unicode_form_is_found_with_and_without_a_mark(text: str, encoding: str) -> None:
    assert read(text.encode(encoding)) == text


@pytest.mark.parametrize(("text", "encoding"), CASES)
def test_that_an_override_reads_what_it_names(text: str, encoding: str) -> None:
    assert read(text.encode(encoding), encoding) == text


def test_that_an_override_of_utf16_finds_the_byte_order_by_itself() -> None:
    for order in ("utf-16-le", "utf-16-be", "utf-16"):
        assert read(FRENCH.encode(order), "utf-16") == FRENCH


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_that_a_character_cut_by_the_end_of_the_sample_does_no_harm(cut: int) -> None:
    assert detect((CHINESE * 3).encode()[:-cut])[0] == "utf-8"


def test_that_certainty_is_greatest_for_utf8_and_marks() -> None:
    assert detect(CHINESE.encode()) == ("utf-8", 1.0)
    assert detect(codecs.BOM_UTF16_LE + FRENCH.encode("utf-16-le")) == ("utf-16", 1.0)
    assert 0 < detect(RUSSIAN.encode("cp1251"))[1] < 1


def test_that_one_stray_byte_in_ascii_is_western_and_not_chinese() -> None:
    data = b"How far is it from Denver to Aspen ?\n" * 50 + b"Who was Sean \xd3 Casey ?\n"
    assert "Sean Ó Casey" in read(data)


def test_that_a_late_change_from_ascii_to_chinese_is_noticed() -> None:
    data = b"plain words\n" * 100_000 + (CHINESE * 2000).encode("gb18030")
    assert read(data) == "plain words\n" * 100_000 + CHINESE * 2000


def test_that_a_few_broken_places_are_replaced_and_counted() -> None:
    data = (CHINESE * 5000).encode()
    at = data.index(b"\n", 500_000) + 1
    file = TextFile(io.BytesIO(data[:at] + b"\xff\xfe" + data[at:]), "a.txt")
    assert "".join(file.chunks()).replace("\ufffd", "") == CHINESE * 5000
    assert (file.encoding, file.num_replaced) == ("utf-8", 2)


@pytest.mark.parametrize("line", ["The café was naïve. And so on.\n", "Plain words and so on.\n", CHINESE])
@pytest.mark.parametrize("broken", [b"\xff\xfe\xfd\x80\x81", b"\xc3\x28\xff\x81"])
@pytest.mark.parametrize("times", [20, 5000])
@pytest.mark.parametrize("at", [0, None])
def test_that_a_few_bytes_that_are_no_utf8_do_not_make_another_encoding(
    line: str, broken: bytes, times: int, at: int | None
) -> None:
    half = (line * times).encode()
    file = TextFile(io.BytesIO(half + half[:at] + broken + half[at:]), "a.txt")
    assert "".join(file.chunks()) == (half + half[:at] + broken + half[at:]).decode(errors="replace")
    assert (file.encoding, file.num_replaced) == ("utf-8", sum(byte > 127 for byte in broken))


def test_that_the_wrong_encoding_is_refused_with_a_remedy() -> None:
    with pytest.raises(StudioError, match=r"a\.txt cannot be read as UTF-8: choose another") as caught:
        read((CHINESE * 10).encode("gb18030"), "utf-8")
    assert caught.value.remedies[0].target == "reading.encoding"


@given(text=st.text(min_size=1, max_size=300), encoding=st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_that_any_text_comes_back_under_its_own_encoding(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    if not name_binary(data):
        assert read(data, encoding) == text.removeprefix("\ufeff" if encoding == "utf-8" else "")


@given(data=st.binary(max_size=400))
def test_that_any_bytes_are_read_or_refused_in_a_sentence(data: bytes) -> None:
    with contextlib.suppress(StudioError):
        assert isinstance(read(data), str)


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "a program"),
        (b"PK\x03\x04\x14\x00", "an archive or packed file"),
        (bytes(range(256)) * 4, "a binary file"),
        (b"\x01\x00\x00\x00" * 200, "a binary file"),
    ],
)
def test_that_what_is_no_text_is_named(head: bytes, what: str) -> None:
    with pytest.raises(StudioError, match=f"holds no text: it looks like {what}"):
        read(head)


def test_that_an_empty_file_is_called_empty() -> None:
    with pytest.raises(StudioError, match=r"a\.txt is empty"):
        read(b"")


@pytest.mark.parametrize(("language", "page"), PAGES)
@pytest.mark.parametrize("size", ["short", "long"])
def test_that_a_page_of_any_language_is_read_as_it_was_written(language: str, page: str, size: str) -> None:
    short, long = TEXTS[language]
    text = short if size == "short" else long
    text = tones_apart(text) if page == "cp1258" else text
    assert read(text.encode(page)) == text


@pytest.mark.parametrize(("letters", "is_sure"), [(1, False), (2, False), (3, False), (8, True)])
def test_that_nobody_is_sure_of_an_encoding_that_only_a_few_letters_tell(letters: int, is_sure: bool) -> None:
    words = ["Füße", "größer", "Übung", "schön", "Mädchen", "über", "früh"]
    text, left = "", letters
    for word in words:
        high = sum(ord(sign) > 127 for sign in word)
        if high <= left:
            text, left = text + f"Das war {word} und gut. ", left - high
    assert sum(byte > 127 for byte in text.encode("cp1252")) == letters
    assert (detect(text.encode("cp1252"))[1] >= SURE) is is_sure


PLAIN = ["The boat leaves the pier at noon", "all who wait are cold", "nobody has seen the old lamp", "it burns at night"]


@pytest.mark.parametrize(
    "word", ["£{n}.50", "20°C", "½ price ©", "it is © too", "naïve", "café", "10 µm", "3 × 4 ± 1", "§ {n}"]
)
def test_that_the_same_few_signs_in_english_however_often_are_a_guess_at_the_usual_encoding(word: str) -> None:
    text = "".join(f"{PLAIN[n % 4]} {word.format(n=n)}.\n" for n in range(200))
    name, sure = detect(text.encode("cp1252"))
    assert name == "cp1252"
    assert sure < SURE


def test_that_a_text_full_of_figures_says_no_language_by_them() -> None:
    text = "".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\nГде лодка номер {n}?\n\n" for n in range(20))
    assert read(text.encode("cp1251")) == text


def test_that_more_ascii_than_tells_a_language_does_not_outweigh_the_letters_that_tell() -> None:
    english, french = b"What is written here says nothing of the letters that are to come.\n", FRENCH.encode("cp1252")
    some, more = (surprise(english * times + french, "cp1252", codec_of("cp1252")) for times in (20, 200))
    assert more == pytest.approx(some, rel=0.05)


def test_that_only_single_sentences_are_left_in_doubt() -> None:
    doubtful = [page for page in PAGES if detect(TEXTS[page[0]][1].encode(page[1], "ignore"))[1] < SURE]
    assert doubtful == []


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b'<html><meta charset="GB2312">', "gb18030"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=shift_jis">', "shift_jis"),
        (b'<META CHARSET=iso-8859-1>', "cp1252"),
        (b'<?xml version="1.0" encoding="ISO-8859-2"?><a/>', "iso-8859-2"),
        (b"#!/bin/sh\n# -*- coding: latin-2 -*-\n", "iso-8859-2"),
        (b'@charset "windows-1251";', "cp1251"),
        (b"<meta charset=none-such>", ""),
        (b"<p>charset=koi8-r</p>", ""),
    ],
)  # fmt: skip
def test_that_what_a_file_says_of_itself_is_known_by_all_its_names(head: bytes, name: str) -> None:
    assert declared(head) == name


def test_that_a_declaration_goes_before_guessing_but_never_before_valid_utf8() -> None:
    page = "<meta charset=iso-8859-15><p>Prix : 5 €, déjà payé à l'hôtel</p>"
    assert read(page.encode("iso-8859-15")) == page
    assert read(page.encode()) == page
    late = "<?xml version='1.0' encoding='koi8-r'?>\n" + "<a>plain</a>\n" * 20_000 + "<b>Ему</b>\n"
    assert read(late.encode("koi8-r")) == late


def test_that_a_declaration_that_cannot_be_true_is_not_believed() -> None:
    page = f"<meta charset=big5>{TEXTS['ru'][1]}"
    assert read(page.encode("cp1251")) == page


def test_that_a_guess_shows_a_line_as_it_was_read_and_the_way_to_another() -> None:
    file = TextFile(io.BytesIO(("Plain first line.\n" + TEXTS["cs"][1]).encode("cp1250")), "a.txt")
    list(file.chunks())
    remark = file.remark()
    assert remark is not None
    assert "Vlak měl zpoždění a čekárna byla plná." in str(remark.message)
    assert "Windows-1250" in str(remark.message)
    assert remark.remedies[0].target == "reading.encoding"


def test_that_an_unsure_guess_warns_and_a_certain_reading_says_nothing() -> None:
    unsure = TextFile(io.BytesIO("Olá é ã".encode("mac_latin2", "ignore") + b"\x8e"), "a.txt")
    list(unsure.chunks())
    assert (remark := unsure.remark()) is not None
    assert remark.level == "warning"
    for data, encoding in ((CHINESE.encode(), ""), (CHINESE.encode("utf-16"), ""), (RUSSIAN.encode("cp1251"), "cp1251")):
        file = TextFile(io.BytesIO(data), "a.txt", encoding)
        list(file.chunks())
        assert file.remark() is None


@pytest.mark.parametrize(
    "data",
    [
        b"A DOS text ends here.\r\n\x1a",
        b"Hello\x00 world, a text with one NUL.\n",
        b"Bell\x07 rings twice\n" + b"\x1a" * 100,
    ],
)
def test_that_a_stray_control_sign_does_not_make_a_text_binary(data: bytes) -> None:
    assert read(data) == data.decode()


def test_that_every_encoding_on_offer_reads_what_it_writes() -> None:
    for name in ENCODINGS:
        if name:
            text = "Plain words, 12 of them.\n" * 3
            assert read(text.encode(codec_of(name)), name) == text


@pytest.mark.parametrize(
    ("spelled", "name"),
    [("Windows-1250", "cp1250"), ("latin1", "cp1252"), ("ISO_8859-2", "iso-8859-2"), ("GBK", "gb18030"),
     ("x-sjis", "shift_jis"),
     ("TIS-620", "cp874"), ("IBM852", "cp852"), ("macintosh", "mac-roman"), ("utf8", "utf-8"), ("KOI8_R", "koi8-r"),
     ("csISO2022JP", "iso-2022-jp"), ("1251", "cp1251"), ("ks_c_5601-1987", "euc-kr")],
)  # fmt: skip
def test_that_an_encoding_may_be_spelled_as_python_browsers_or_windows_spell_it(spelled: str, name: str) -> None:
    assert change(ReadingConfig(), "encoding", spelled).encoding == name


def test_that_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(StudioError, match=r"encoding must be one of: .*cp1250.*\(not klingon\)"):
        change(ReadingConfig(), "encoding", "klingon")


def test_that_an_encoding_is_told_with_how_it_was_found() -> None:
    assert str(read_as("utf-8", 1.0)) == str(read_as("utf-8", 0.9)) == "UTF-8"
    assert str(read_as("cp1253", 0.3)) == "Greek (Windows-1253), which is a guess"
    assert str(read_as("cp1253", 0.9)) == "Greek (Windows-1253), found by its letters"
    assert str(read_as("windows-1253", 1.0)) == str(called("cp1253")) == "Greek (Windows-1253)"
    assert str(called("x-{unknown}")) == "X-{UNKNOWN}"


@pytest.mark.parametrize("sentence", ["NA won – café Köln now", "NA and None won – café"])
def test_that_a_dash_of_windows_is_no_control_sign_beside_words_without_sentences(sentence: str) -> None:
    towns = ["Graz", "Linz", "Wien", "Bonn", "Köln", "Rom", "Oslo"]
    above = ["EU rejects German call to boycott British lamb .", "Peter Blackburn", "BRUSSELS 1996-08-22"]
    above += [f"Rain falls on {town} number {n}" for n, town in enumerate(towns)]
    rows = [
        f"{'' if place else f'Sentence: {n}'},{word},NN,{'B-ORG' if word[0].isupper() else 'O'}\n"
        for n, text in enumerate([*above, 'He said " no " to null', sentence])
        for place, word in enumerate(text.split())
    ]
    assert detect("".join(["Sentence #,Word,POS,Tag\n", *rows]).encode("cp1252"))[0] == "cp1252"
