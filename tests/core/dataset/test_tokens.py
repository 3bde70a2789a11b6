from __future__ import annotations

import json

import pytest

from llmstudio.core.dataset.encoding import encode_corpus
from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.errors import StudioError
from llmstudio.core.work import Stop


@pytest.fixture
def folder(corpus_of, learned, tmp_path):
    corpus = corpus_of([{"turns": [{"who": "user", "what": "who ?"}, {"who": "assistant", "what": "me"}]}] * 3, kind="turns")
    list(encode_corpus(corpus, learned("char", corpus), tmp_path / "made", stop=Stop()))
    return tmp_path / "made"


def test_that_the_meta_file_names_what_the_dataset_was_made_from(folder, corpus_of, learned):
    meta = Dataset.open(folder).meta
    assert meta["corpus"] == "c0ffee"
    assert len(meta["tokenizer"]) == len(meta["hash"]) == 64
    assert meta["record_kind"] == "turns"
    assert meta["splits"]["train"]["rows"] == 3


@pytest.mark.parametrize("name", ["ids", "offsets", "answers", "row_bytes", "hidden_bytes"])
def test_that_a_file_cut_short_or_gone_is_noticed(folder, name):
    path = folder / "train" / f"{name}.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StudioError, match="damaged"):
        Dataset.open(folder)
    path.unlink()
    with pytest.raises(StudioError, match="damaged"):
        Dataset.open(folder)


def test_that_offsets_that_end_elsewhere_are_noticed(folder):
    path = folder / "train" / "offsets.bin"
    data = bytearray(path.read_bytes())
    data[-8] ^= 1
    path.write_bytes(data)
    with pytest.raises(StudioError, match="damaged"):
        Dataset.open(folder)


@pytest.mark.parametrize("meta", [{}, [], {"format": 1, "splits": {"train": {}}}, {"format": 1, "splits": []}])
def test_that_a_meta_file_without_its_facts_is_noticed(folder, meta):
    (folder / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(StudioError, match="damaged"):
        Dataset.open(folder)


def test_that_a_dataset_of_a_newer_version_is_refused(folder):
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps(meta | {"format": 99}))
    with pytest.raises(StudioError, match="newer version"):
        Dataset.open(folder)


def test_that_a_missing_dataset_is_explained(tmp_path):
    with pytest.raises(StudioError, match="missing"):
        Dataset.open(tmp_path / "nowhere")
