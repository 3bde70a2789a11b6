from __future__ import annotations

import codecs
import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.encodings import TextFile, detect, name_binary
from llmstudio.core.errors import StudioError

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
TEXTS = [CHINESE, TRADITIONAL, JAPANESE, KOREAN, RUSSIAN, FRENCH, GERMAN, "Plain English.\n"]


def read(data: bytes, encoding: str = "") -> str:
    return "".join(TextFile(io.BytesIO(data), "a.txt", encoding).chunks())


@pytest.mark.parametrize(("text", "encoding"), CASES)
@pytest.mark.parametrize("times", [1, 50])
def test_that_text_in_a_national_encoding_is_read_as_it_was_written(text: str, encoding: str, times: int) -> None:
    assert read((text * times).encode(encoding)) == text * times


@pytest.mark.parametrize("text", TEXTS)
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
        (b"PK\x03\x04\x14\x00", "an archive or an office document"),
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
