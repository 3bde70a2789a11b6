"""Vectors out of files as others write them: the same numbers, whatever stands around them, and what is left out is said."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Noted, Progress
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.word_vectors.kept import FILE, WordVectors
from llmstudio.core.word_vectors.reading import read_word_vectors
from llmstudio.core.work import Stop

VOCABULARY = {"the": [7], "cat": [9], "Paris": [11], "猫": [12], "unheard": [13, 14]}
VECTORS = {"the": [0.5, -1.0], "cat": [1e-3, 2.25], "dog": [9.0, 9.0], "paris": [3.0, 4.0], "猫": [-1.5, 0.125]}
LINES = [f"{word} {first} {second}" for word, (first, second) in VECTORS.items()]
SHAPE = GRUConfig(embed_dim=2)


def read(
    path: Path, vocabulary: dict[str, list[int]] = VOCABULARY, shape: Any = SHAPE
) -> tuple[WordVectors | None, list[str]]:
    job = read_word_vectors(path, vocabulary, shape, job="train", stop=Stop())
    said = []
    while True:
        try:
            event = next(job)
        except StopIteration as end:
            return end.value, said
        if isinstance(event, Noted):
            said.append(str(event.message))


def written(folder: Path, text: str) -> Path:
    (folder / "v.txt").write_text(text, "utf-8")
    return folder / "v.txt"


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(LINES) + "\n",
        "\n".join(["5 2", *LINES]),
        "\n".join(["5 2", *(line + " " for line in LINES)]) + "\n",
        "\ufeff" + "\r\n".join(LINES) + "\r\n",
        "\n\n".join(line.replace(" ", "\t") for line in LINES),
    ],
    ids=["glove", "word2vec", "fasttext", "windows", "tabs"],
)
def test_that_every_format_gives_the_same_vectors_of_the_words_of_the_vocabulary_alone(text: str, tmp_path: Path) -> None:
    found, said = read(written(tmp_path, text))
    assert found is not None
    assert found.ids.tolist() == [7, 9, 11, 12]
    assert found.numbers.tolist() == np.array([VECTORS[word] for word in ("the", "cat", "paris", "猫")], "f4").tolist()
    assert said == [
        "4 of 5 words of the vocabulary begin with a vector of v.txt, 1 of these with that of the word in lower case; all"
        " others begin at random."
    ]


def test_that_a_packed_file_is_read_as_it_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "v.vec.gz").write_bytes(gzip.compress("\n".join(LINES).encode()))
    packed, _ = read(tmp_path / "v.vec.gz")
    plain, _ = read(written(tmp_path, "\n".join(LINES)))
    assert packed is not None
    assert plain is not None
    assert packed.numbers.tolist() == plain.numbers.tolist()


def test_that_a_word_spelled_as_in_the_vocabulary_comes_before_its_lower_case(tmp_path: Path) -> None:
    found, _ = read(written(tmp_path, "paris 3 4\nParis 5 6\n"))
    assert found is not None
    assert (found.ids.tolist(), found.numbers.tolist()) == ([11], [[5.0, 6.0]])


def test_that_of_a_word_that_stands_twice_the_first_counts_and_that_is_said(tmp_path: Path) -> None:
    found, said = read(written(tmp_path, "cat 1 2\nthe 3 4\ncat 5 6\ndog 1 1\ndog 2 2\n"))
    assert found is not None
    assert found.numbers.tolist() == [[3.0, 4.0], [1.0, 2.0]]
    assert said[1:] == ["1 word stands more than once in the file, such as cat: the first vector counts."]


def test_that_lines_without_a_vector_are_left_out_and_counted_and_words_with_spaces_are_others(tmp_path: Path) -> None:
    lines = ["9 2", "the 1", "cat 1 x", "Paris nan 1", "猫 1 inf", "the cat 1 2", "cat 3 4 5", "unheard 1 2"]
    found, said = read(written(tmp_path, "\n".join(lines)))
    assert found is not None
    assert (found.ids.tolist(), found.numbers.tolist()) == ([13, 14], [[1.0, 2.0], [1.0, 2.0]])
    assert said[1:] == [
        "Of words of the vocabulary, 3 lines with too few or too many numbers and 2 lines with numbers that are none or have"
        " no end were left out; the first is line 2.",
        "The file's first line speaks of 9 words, and it holds 7: it may be cut off.",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"3 4\n</s> " + struct.pack("<4f", 0.1, 0.2, 0.3, 0.4) + b"\n", "is a binary file"),
        (b"\xba\x16\x4f\x2f\x0c\x00\x00\x00", "is a binary file"),
        (b"PK\x03\x04glove.txt", "is a zip archive"),
        (b"", "holds no word vectors"),
        (b"once upon a time\nthere was\n", "holds no word vectors"),
        (gzip.compress("\n".join(LINES * 99).encode(), mtime=0)[:90], "is damaged"),
        (b"the 1 2 " + b"x" * (1 << 20), "a line of a million bytes"),
        (b"a 1 2\nb 1 2\n", "None of the 5 words of the vocabulary has a vector"),
        (b"zebra 1 2\nthe 1e39 1\ncat nan 1\n", "0 lines with too few or too many numbers and 2 lines with .* line 2"),
    ],
)
def test_that_what_holds_no_vectors_is_told_in_a_sentence(data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "v").write_bytes(data)
    with pytest.raises(StudioError, match=said):
        read(tmp_path / "v")


def test_that_a_missing_file_and_a_folder_are_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="There is no file of word vectors called gone"):
        read(tmp_path / "gone")
    with pytest.raises(StudioError, match="or no file"):
        read(tmp_path)


def test_that_another_width_is_refused_with_the_settings_that_fit(tmp_path: Path) -> None:
    path = written(tmp_path, "the " + " ".join(["1"] * 300))
    with pytest.raises(StudioError, match="have 300 numbers each, and this model has a width of 128") as refused:
        read(path, shape=DecoderConfig())
    ways = {remedy.target.removeprefix("model."): int(remedy.value) for remedy in refused.value.remedies}
    assert ways == {"embed_dim": 300, "num_heads": 5}
    assert DecoderConfig(**ways).embed_dim == 300


def test_that_a_stop_ends_the_reading_with_nothing(tmp_path: Path) -> None:
    stop = Stop()
    stop.request()
    job = read_word_vectors(written(tmp_path, "the 1 2\n" * 5000), VOCABULARY, SHAPE, job="train", stop=stop)
    with pytest.raises(StopIteration) as end:
        next(job)
    assert end.value.value is None


def test_that_progress_counts_the_bytes_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "the 1 2\n" + "dog 1 2\n" * 250_000)
    job = read_word_vectors(path, VOCABULARY, SHAPE, job="train", stop=Stop())
    told = [event for event in job if isinstance(event, Progress)]
    assert told
    assert [event.total for event in told] == [path.stat().st_size] * len(told)
    assert all(0 < event.done <= path.stat().st_size for event in told)


def test_that_what_was_found_is_the_same_after_saving_and_loading(tmp_path: Path) -> None:
    found, _ = read(written(tmp_path, "\n".join(LINES)))
    assert found is not None
    assert WordVectors.load(tmp_path) is None
    found.save(tmp_path)
    again = WordVectors.load(tmp_path)
    assert again is not None
    assert np.array_equal(again.ids, found.ids)
    assert np.array_equal(again.numbers, found.numbers)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:-3])
    with pytest.raises(StudioError):
        WordVectors.load(tmp_path)
