from __future__ import annotations

import pytest

from llmstudio.core.dataset.config import DatasetConfig
from llmstudio.core.dataset.encoding import ROWS
from llmstudio.core.settings import settings_of, to_dict


def test_that_every_way_that_can_be_chosen_makes_rows() -> None:
    (about,) = settings_of(DatasetConfig)
    assert list(about.fact.choices) == list(ROWS)


@pytest.mark.parametrize(
    ("kept", "same"),
    [({}, True), (to_dict(DatasetConfig()), True), ({"rows": "labels"}, False), ({"rows": "records", "newer": 1}, False)],
)
def test_that_only_rows_made_in_the_same_way_are_the_same(kept: dict[str, object], same: bool) -> None:
    assert DatasetConfig().is_of(kept) is same
