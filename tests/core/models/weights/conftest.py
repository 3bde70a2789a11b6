"""The kernels of sparse products, kept in the user's cache folder, which no test may move while they are built."""

from __future__ import annotations

import pytest

from llmstudio.core.models.weights.sparse.building import KERNELS, Kernels


@pytest.fixture(scope="session")
def kernels() -> Kernels:
    reason = KERNELS.why_not(600)
    assert reason is None, str(reason)
    return KERNELS
