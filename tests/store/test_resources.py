from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmstudio.store import resources as found


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    found.resources.cache_clear()
    yield
    found.resources.cache_clear()


def test_that_the_source_tree_has_its_resources_beside_the_package() -> None:
    assert found.resource("icons/llmstudio.svg").read_text().startswith("<svg")


def test_that_a_missing_resource_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-icon"):
        found.resource("icons/no-such-icon.svg")


def test_that_an_installed_package_finds_them_inside_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "llmstudio"
    (package / "store").mkdir(parents=True)
    shutil.copytree(found.resources() / "icons", package / "resources" / "icons")
    found.resources.cache_clear()
    monkeypatch.setattr(found, "__file__", str(package / "store" / "resources.py"))
    assert found.resources() == package / "resources"


def test_that_a_frozen_bundle_finds_them_where_it_unpacks_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "llmstudio" / "resources").mkdir(parents=True)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert found.resources() == tmp_path / "llmstudio" / "resources"


def test_that_an_incomplete_installation_says_where_it_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(found, "__file__", str(tmp_path / "llmstudio" / "store" / "resources.py"))
    with pytest.raises(FileNotFoundError, match="looked in"):
        found.resources()
