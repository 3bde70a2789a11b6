"""Laws of `--set`: a path that an earlier version had reaches the setting where it is by now."""

from __future__ import annotations

import pytest

from llmstudio.app.presets.by_name import choose
from llmstudio.app.verbs.options import changed
from llmstudio.core.errors import StudioError


@pytest.mark.parametrize("path", ["model.mask_rate", "task.mask_rate"])
def test_that_a_setting_of_the_task_is_reached_by_its_earlier_path_too(path):
    assert changed(choose("encoder", "nano").recipe, [f"{path}=0.3"]).task.mask_rate == 0.3
    with pytest.raises(StudioError, match="There is no setting"):
        changed(choose("decoder", "nano").recipe, [f"{path}=0.3"])
