from __future__ import annotations

import pytest

from llmstudio.app.runs.run_summary import MEASURES, Quality, RunSummary, as_facts, quality_told
from llmstudio.app.verbs.list import table
from llmstudio.gui.shared.readouts.quality_text import brief, quality_text, quality_unit


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


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("is_whole", [True, False])
def test_that_the_window_and_the_terminal_say_every_measure_alike(measure: str, is_whole: bool) -> None:
    quality = Quality(measure, 0.34, 10, is_whole=is_whole)
    found = RunSummary("Any", "finished", 10, quality=quality)
    figure = f"{quality_text(quality)} {quality_unit(quality)}" + ("" if is_whole else " on a sample")
    assert brief(found) == str(quality_told(quality)) == figure
    item = {"created": 0, "name": "Any"} | as_facts(found)
    assert table({"model": [item]}).endswith(f"Any  (finished at step 10, {figure})")
