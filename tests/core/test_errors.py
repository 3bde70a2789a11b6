from __future__ import annotations

import pickle

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import words


def test_that_an_error_says_its_sentence_and_keeps_the_template() -> None:
    error = StudioError("No text in {name}: choose another file.", name="a.txt")
    assert str(error) == "No text in a.txt: choose another file."
    assert error.words.template == "No text in {name}: choose another file."


def test_that_an_error_survives_the_way_between_processes() -> None:
    remedy = Remedy("set", words("Use {n}", n=3), "training.batch_size", "3")
    error = StudioError("{n} is too many.", n=99, remedies=(remedy,))
    back = pickle.loads(pickle.dumps(error))  # what multiprocessing does with it
    assert (str(back), back.words, back.remedies) == (str(error), error.words, (remedy,))
