from __future__ import annotations

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.shards import ShardWriter, doc_of, parse, read_shards
from llmstudio.core.errors import StudioError

RECORDS = st.lists(
    st.fixed_dictionaries({"text": st.text(st.characters(exclude_categories=["Cs"]), max_size=40)}), max_size=30
)


def written(writer: ShardWriter, folder: Path) -> list[object]:
    writer.close()
    return [parse(line) for line in read_shards(folder, [vars(shard) for shard in writer.shards])]


@given(records=RECORDS, shard_bytes=st.sampled_from([60, 1 << 20]))
def test_that_records_come_back_in_order(
    records: list[dict[str, str]], shard_bytes: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    writer = ShardWriter(folder, shard_bytes=shard_bytes)
    numbered = [{"doc": n} | record for n, record in enumerate(records)]
    for record in numbered:
        writer.write(record, len(record["text"]))  # type: ignore[arg-type]
    assert written(writer, folder) == numbered
    lines = read_shards(folder, [vars(shard) for shard in writer.shards])
    assert [doc_of(line) for line in lines] == list(range(len(records)))
    assert sum(shard.num_bytes for shard in writer.shards) == sum(path.stat().st_size for path in folder.iterdir())


@given(kept=RECORDS, dropped=RECORDS, after=RECORDS, shard_bytes=st.sampled_from([60, 200]))
def test_that_what_is_taken_back_leaves_no_trace(
    kept: list[dict[str, str]],
    dropped: list[dict[str, str]],
    after: list[dict[str, str]],
    shard_bytes: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    writer, straight = ShardWriter(one, shard_bytes=shard_bytes), ShardWriter(other, shard_bytes=shard_bytes)
    for record in kept:
        writer.write(record, 1)
        straight.write(record, 1)
    mark = writer.mark()
    for record in dropped:
        writer.write(record, 1)
    writer.go_back(mark)
    for record in after:
        writer.write(record, 1)
        straight.write(record, 1)
    assert written(writer, one) == written(straight, other) == kept + after
    assert writer.shards == straight.shards
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in other.iterdir()
    }


def test_that_a_missing_or_damaged_shard_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="is missing or damaged: import the corpus again"):
        list(read_shards(tmp_path, [{"name": "00000.jsonl"}]))
    with pytest.raises(StudioError, match="damaged: import the corpus again"):
        parse(b'{"doc": 1, "te')


def test_that_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = ShardWriter(tmp_path)
    writer.write({"doc": 0, "text": "a"}, 1)
    writer.close()

    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writer, "_file", Full())
    with pytest.raises(StudioError, match="is full: free some space"):
        writer.write({"doc": 1, "text": "b"}, 1)
