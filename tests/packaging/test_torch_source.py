from __future__ import annotations

import http.server
import socket
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

PINS = f"pip=={version('pip')}\ntorch==2.13.0\n"
CUDA = 'Requires-Dist: nvidia-nccl-cu13==2.29.7; platform_system == "Linux"\n'
NOWHERE = "http://127.0.0.1:9/whl/cpu"  # the discard port: refused at once


@pytest.fixture
def source(part: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The part under test, where pip knows one folder of wheels and no network."""
    module = part("torch_source")
    monkeypatch.setattr(sys, "platform", "linux")  # elsewhere the plain build is the CPU build
    monkeypatch.setattr(module, "CPU_INDEX", NOWHERE)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(module.ALLOW_CUDA, raising=False)
    for name, value in {"CONFIG_FILE": "/dev/null", "NO_INDEX": "1", "FIND_LINKS": str(tmp_path)}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    return module


@pytest.fixture
def constraints(tmp_path: Path) -> Path:
    path = tmp_path / "constraints.txt"
    path.write_text(PINS, "utf-8")
    return path


@pytest.fixture
def cpu_index() -> Iterator[str]:
    """A web server that answers."""

    class Quiet(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/whl/cpu"
        server.shutdown()
        thread.join()


def put_wheel(folder: Path, version: str, needs: str = "") -> None:
    """A wheel named torch that holds nothing."""
    info = f"torch-{version}.dist-info"
    with zipfile.ZipFile(folder / f"torch-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n{needs}")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def put_card(folder: Path) -> None:
    tool = folder / "nvidia-smi"
    tool.write_text('#!/bin/sh\necho "GPU 0: NVIDIA something"\n', "utf-8")
    tool.chmod(0o755)


def test_that_a_cpu_wheel_at_hand_is_taken(source: ModuleType, constraints: Path, tmp_path: Path) -> None:
    put_wheel(tmp_path, "2.13.0+cpu")
    put_wheel(tmp_path, "2.13.0", CUDA)
    assert source.torch_arguments(Path(sys.executable), constraints) == ["torch==2.13.0+cpu"]


def test_that_the_cpu_index_is_added_where_it_answers(
    source: ModuleType, constraints: Path, cpu_index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "CPU_INDEX", cpu_index)
    expected = ["torch==2.13.0+cpu", "--extra-index-url", cpu_index]
    assert source.torch_arguments(Path(sys.executable), constraints) == expected


def test_that_cuda_never_comes_along_unasked(
    source: ModuleType, constraints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: Callable[[str], ModuleType]
) -> None:
    put_wheel(tmp_path, "2.13.0", CUDA)
    with pytest.raises(part("trouble").Trouble, match=source.ALLOW_CUDA):
        source.torch_arguments(Path(sys.executable), constraints)
    monkeypatch.setenv(source.ALLOW_CUDA, "1")
    assert source.torch_arguments(Path(sys.executable), constraints) == ["torch==2.13.0"]


def test_that_a_plain_build_without_cuda_is_taken(source: ModuleType, constraints: Path, tmp_path: Path) -> None:
    put_wheel(tmp_path, "2.13.0", "Requires-Dist: filelock\n")
    assert source.torch_arguments(Path(sys.executable), constraints) == ["torch==2.13.0"]


def test_that_a_computer_with_a_card_takes_the_plain_build(source: ModuleType, constraints: Path, tmp_path: Path) -> None:
    put_wheel(tmp_path, "2.13.0+cpu")
    put_card(tmp_path)
    assert source.torch_arguments(Path(sys.executable), constraints) == ["torch==2.13.0"]


def test_that_no_build_at_all_is_said_in_a_sentence(
    source: ModuleType, constraints: Path, part: Callable[[str], ModuleType]
) -> None:
    with pytest.raises(part("trouble").Trouble, match="connection to the internet"):
        source.torch_arguments(Path(sys.executable), constraints)


def test_that_a_server_that_stays_silent_does_not_hold_up(source: ModuleType) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        heard = source.answers(f"http://127.0.0.1:{silent.getsockname()[1]}/", patience_s=0.3)
        assert (heard, time.monotonic() - began < 2) == (False, True)
