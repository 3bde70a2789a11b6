from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core.corpus.reading.files import archives
from llmstudio.core.corpus.reading.files.archives import Entry
from llmstudio.core.corpus.reading.files.sources import entries
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.errors import StudioError


def packed(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def contents(path: Path) -> tuple[dict[str, bytes], list[str]]:
    """Everything in a source that can be read, and what is said of the rest."""
    found, told = {}, []
    for entry in entries([path]):
        if isinstance(entry, Skipped):
            told.append(str(entry.reason))
            continue
        try:
            with entry.open() as file:
                data = b""
                while block := file.read(1 << 16):
                    data += block
            found[entry.name] = data
        except StudioError as error:
            told.append(str(error))
    return found, told


@given(files=st.dictionaries(st.sampled_from(["a.txt", "b/c.md", "文件.txt", "sp ace 😀.txt"]), st.binary(max_size=2000)))
def test_that_every_file_of_an_archive_is_read(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    path.write_bytes(packed(files))
    assert contents(path) == ({f"a.zip/{name}": data for name, data in files.items()}, [])


def test_that_archives_inside_are_read_to_a_depth_of_two(tmp_path: Path) -> None:
    data = packed({"deep.txt": b"words"})
    for depth in range(4):
        (tmp_path / f"{depth}.zip").write_bytes(data)
        found, told = contents(tmp_path / f"{depth}.zip")
        if depth <= 2:
            assert list(found.values()) == [b"words"]
        else:
            assert not found
            assert "lies too deep inside other archives" in told[0]
        data = packed({"inner.zip": data})


@pytest.mark.parametrize(
    "name", ["/etc/evil.txt", "../evil.txt", "a/../../evil.txt", "..\\evil.txt", "C:\\evil.txt", "c:evil.txt"]
)
def test_that_names_that_point_outside_are_left_out_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.zip").write_bytes(packed({name: b"evil", "good.txt": b"good"}))
    found, told = contents(tmp_path / "a.zip")
    assert found == {"a.zip/good.txt": b"good"}
    assert len(told) == 1
    assert "points outside the archive" in told[0]


def test_that_links_are_left_out(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert contents(tmp_path / "a.zip") == ({}, ["a.zip/link.txt was left out: it is a link."])


def test_that_nothing_is_written_to_the_disk(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed({"a.txt": b"x", "inner.zip": packed({"b.txt": b"y"})}))
    contents(tmp_path / "a.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_that_an_archive_that_swells_a_thousandfold_is_refused_early(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed({"bomb.txt": b"\n" * (40 << 20), "after.txt": b"words"}))
    read = 0
    for entry in entries([tmp_path / "a.zip"]):
        assert isinstance(entry, Skipped) or entry.num_bytes <= archives.FREE_BYTES
        if isinstance(entry, Skipped):
            assert "unpacks to more than 200 times its size" in str(entry.reason)
            break
        with contextlib.suppress(StudioError), entry.open() as file:
            while block := file.read(1 << 20):
                read += len(block)
    else:
        pytest.fail("the archive was not given up")
    assert 0 < read <= archives.FREE_BYTES


def test_that_many_small_archives_inside_one_share_its_budget(tmp_path: Path) -> None:
    inner = packed({"a.txt": b"\n" * (3 << 20)})
    (tmp_path / "a.zip").write_bytes(packed({f"{n}.zip": inner for n in range(30)}))
    found, told = contents(tmp_path / "a.zip")
    assert sum(map(len, found.values())) <= archives.FREE_BYTES
    assert "unpacks to more than 200 times its size" in told[-1]


def test_that_a_locked_archive_asks_to_be_unpacked(tmp_path: Path) -> None:
    data = bytearray(packed({"a.txt": b"secret"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag that says: encrypted
        place = data.index(mark) + at
        data[place : place + 2] = struct.pack("<H", 1)
    (tmp_path / "a.zip").write_bytes(data)
    assert contents(tmp_path / "a.zip") == ({}, ["a.zip/a.txt is locked with a password: unpack the archive first."])


def test_that_a_damaged_archive_is_one_sentence(tmp_path: Path) -> None:
    data = packed({"a.txt": bytes(range(256)) * 40})
    (tmp_path / "cut.zip").write_bytes(data[: len(data) // 2])
    assert contents(tmp_path / "cut.zip") == ({}, ["cut.zip is damaged or packed in an unknown way."])
    (tmp_path / "bad.zip").write_bytes(data.replace(data[60:70], b"0123456789"))
    assert contents(tmp_path / "bad.zip")[0] == {}


@given(at=st.integers(0, 400), value=st.integers(0, 255))
def test_that_no_flipped_byte_causes_more_than_a_sentence(
    at: int, value: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = bytearray(packed({"a.txt": b"words " * 50, "inner.zip": packed({"b.txt": b"more"})}))
    data[at % len(data)] = value
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    path.write_bytes(data)
    _, told = contents(path)
    assert all(sentence.endswith(".") for sentence in told)


def test_that_an_archive_inside_is_not_held_in_memory_beyond_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "INNER_BYTES", 1000)
    (tmp_path / "a.zip").write_bytes(packed({"inner.zip": bytes(range(256)) * 20, "a.txt": b"words"}))
    found, told = contents(tmp_path / "a.zip")
    assert found == {"a.zip/a.txt": b"words"}
    assert "too large for an archive inside an archive" in told[0]


def test_that_gzip_is_one_file_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"words"))
    assert contents(tmp_path / "a.txt.gz") == ({"a.txt": b"words"}, [])
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(bytes(30 << 20)))
    assert "unpacks to more than 200 times" in contents(tmp_path / "b.txt.gz")[1][0]
    (tmp_path / "c.txt.gz").write_bytes(b"\x1f\x8b\x08nothing")
    assert "is damaged" in contents(tmp_path / "c.txt.gz")[1][0]


def test_that_chinese_names_of_old_archives_are_readable(tmp_path: Path) -> None:
    data = packed({"abcd.txt": b"words"}).replace(b"abcd", "中文".encode("gb18030"))
    (tmp_path / "a.zip").write_bytes(data)
    assert list(contents(tmp_path / "a.zip")[0]) == ["a.zip/中文.txt"]


def test_that_clutter_is_passed_over_in_folders_and_archives(tmp_path: Path) -> None:
    for name in (".hidden.txt", ".git/a.txt", "node_modules/a.js", "__MACOSX/._a.txt", "good/a.txt"):
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "folder" / "b.zip").write_bytes(packed({"__MACOSX/a.txt": b"x", "c.txt": b"x"}))
    assert list(contents(tmp_path / "folder")[0]) == ["folder/b.zip/c.txt", "folder/good/a.txt"]


def test_that_odd_names_of_files_and_a_folder_of_dots_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "目录 😀").mkdir()
    (tmp_path / "目录 😀" / "a b 文.txt").write_text("x")
    assert list(contents(tmp_path)[0]) == [f"{tmp_path.name}/目录 😀/a b 文.txt"]
    monkeypatch.chdir(tmp_path / "目录 😀")
    assert [entry.name for entry in entries([Path()])] == ["目录 😀/a b 文.txt"]
    assert [entry.name for entry in entries([".."])] == [f"{tmp_path.name}/目录 😀/a b 文.txt"]


@pytest.mark.parametrize("missing", ["none.txt", "no/where", "", "nul\0byte"])
def test_that_a_missing_source_is_told(tmp_path: Path, missing: str) -> None:
    with contextlib.chdir(tmp_path), pytest.raises(StudioError, match="There is no file"):
        list(entries([missing or tmp_path / "gone.txt"]))


def test_that_an_entry_knows_its_size(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("12345")
    (entry,) = entries([tmp_path / "a.txt"])
    assert isinstance(entry, Entry)
    assert entry.num_bytes == 5


FILES = {"a.txt": b"The mill stands by the river.\n" * 50, "b/\u6587\u4ef6.txt": "\u8001\u6e14\u592b\n".encode() * 9}


def tarred(files: dict[str, bytes], *links: tarfile.TarInfo) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for link in links:
            archive.addfile(link)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("t.tar", bytes), ("t.tar.gz", gzip.compress), ("t.tgz", gzip.compress), ("t.tar.bz2", bz2.compress),
        ("t.tbz2", bz2.compress), ("t.tar.xz", lzma.compress), ("t.txz", lzma.compress),
    ],
)  # fmt: skip
def test_that_tar_files_are_read_however_they_are_packed(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / name).write_bytes(pack(tarred(FILES)))
    assert contents(tmp_path / name) == ({f"t.tar/{member}": data for member, data in FILES.items()}, [])


@pytest.mark.parametrize(("ending", "pack"), [(".bz2", bz2.compress), (".xz", lzma.compress)])
def test_that_single_packed_files_are_read_streams_in_a_row_too(
    tmp_path: Path, ending: str, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / f"a.txt{ending}").write_bytes(pack(b"one\n") + pack(b"two\n" * 9000))
    assert contents(tmp_path / f"a.txt{ending}") == ({"a.txt": b"one\n" + b"two\n" * 9000}, [])
    (tmp_path / f"cut.txt{ending}").write_bytes(pack(b"two\n" * 9000)[:-20])
    assert "damaged" in contents(tmp_path / f"cut.txt{ending}")[1][0]


def test_that_links_and_names_that_lead_outside_are_left_out_of_tar_files(tmp_path: Path) -> None:
    soft, hard, device = tarfile.TarInfo("soft.txt"), tarfile.TarInfo("hard.txt"), tarfile.TarInfo("device.txt")
    soft.type, soft.linkname = tarfile.SYMTYPE, "/etc/passwd"
    hard.type, hard.linkname = tarfile.LNKTYPE, "../secret.txt"
    device.type = tarfile.CHRTYPE
    data = tarred({"../out.txt": b"x", "/abs.txt": b"x", "in.txt": b"words"}, soft, hard, device)
    (tmp_path / "t.tar").write_bytes(data)
    found, told = contents(tmp_path / "t.tar")
    assert found == {"t.tar/in.txt": b"words"}
    assert sum("points outside" in reason for reason in told) == 2
    assert sum("it is a link" in reason or "no plain file" in reason for reason in told) == 3


def test_that_a_tar_file_cannot_fill_memory_or_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bomb.tar.gz").write_bytes(gzip.compress(tarred({"a.txt": bytes(40 << 20)})))
    assert any("times its size" in reason for reason in contents(tmp_path / "bomb.tar.gz")[1])
    monkeypatch.setattr(archives, "HEADER_BYTES", 20_000)
    long = tarfile.TarInfo("x")
    long.pax_headers = {"comment": "y" * 100_000}
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(long)
    (tmp_path / "header.tar").write_bytes(target.getvalue())
    found, told = contents(tmp_path / "header.tar")
    assert (found, len(told)) == ({}, 1)
    assert "damaged" in told[0]


@given(place=st.integers(0, 3000), byte=st.integers(0, 255))
def test_that_a_damaged_tar_file_is_read_or_refused_in_a_sentence(
    place: int, byte: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = bytearray(tarred({"a.txt": b"words\n" * 100, "b.txt": b"more\n"}))
    data[place] = byte
    path = tmp_path_factory.mktemp("tar") / "t.tar"
    path.write_bytes(data)
    found, told = contents(path)  # anything else than a sentence would be raised here
    assert found or told


def test_that_what_desktops_leave_in_folders_is_no_text(tmp_path: Path) -> None:
    for name in ("desktop.ini", "Desktop.ini", "Thumbs.db", "$RECYCLE.BIN/a.txt", "my desktop.ini.txt"):
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[.ShellClassInfo]")
    assert list(contents(tmp_path / "folder")[0]) == ["folder/my desktop.ini.txt"]
