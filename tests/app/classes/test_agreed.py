from __future__ import annotations

from collections.abc import Sequence

from llmstudio.app.classes.agreed import Agreed
from llmstudio.app.classes.telling import Result
from llmstudio.core.generation.classes import Told


def figures(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> tuple[dict[str, float], dict[str, int]]:
    agreed = Agreed(names, several=False)
    for told, label in pairs:
        agreed.add(Result("text", (label,), Told((told,), ())))
    return agreed.figures(), dict(agreed.unknown)


def test_that_labels_agree_however_their_signs_and_numbers_are_spelled() -> None:
    found, unknown = figures(["1.0", "0.0"], [("1.0", "1"), ("0.0", "0"), ("0.0", "1.0")])
    assert (found["texts_with_labels"], found["accuracy"], unknown) == (3, 2 / 3, {})
    found, unknown = figures(["Caf\u00e9", "New York"], [("Caf\u00e9", "Cafe\u0301"), ("New York", "New\u00a0York")])
    assert (found["accuracy"], unknown) == (1.0, {})


def test_that_a_label_with_other_letters_stays_unknown() -> None:
    found, unknown = figures(["good", "bad"], [("good", "goood"), ("good", "good")])
    assert (found["texts_with_labels"], unknown) == (1, {"goood": 1})
