from __future__ import annotations

import shlex

from llmstudio.core.errors import Remedy
from llmstudio.core.words import words
from llmstudio.terminal.remedies import typed


def test_that_a_setting_with_a_space_in_its_value_can_be_typed_as_it_stands() -> None:
    told = typed(
        [
            Remedy("set", words("Take them"), "reading.tags", "word boundaries"),
            Remedy("set", words("Take it"), "reading.text_key", "body"),
        ]
    )
    assert [shlex.split(line.split(": ", 1)[1]) for line in told] == [
        ["--set", "reading.tags=word boundaries"],
        ["--set", "reading.text_key=body"],
    ]
