from __future__ import annotations

import pytest

from llmstudio.app.run_summary import Quality, RunSummary
from llmstudio.gui.widgets.quality_text import brief


@pytest.mark.parametrize(
    ("state", "is_whole", "text"),
    [
        ("stopped", False, "3.000 bits per byte on a sample, stopped"),
        ("stopped", True, "3.000 bits per byte, stopped"),
        ("finished", True, "3.000 bits per byte"),
    ],
)
def test_that_a_figure_on_a_sample_is_called_one_in_lists(state: str, is_whole: bool, text: str) -> None:
    found = RunSummary("Any", state, quality=Quality("bits_per_byte", 3.0, 10, is_whole=is_whole))
    assert brief(found) == text
