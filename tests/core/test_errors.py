from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil

import llmstudio
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


def test_that_an_error_of_every_class_stays_what_it_is_between_processes() -> None:
    for package in ("app", "core", "store"):  # whoever has a class of its own is known once its module is
        for module in pkgutil.walk_packages([f"{llmstudio.__path__[0]}/{package}"], f"llmstudio.{package}."):
            importlib.import_module(module.name)
    remedy = Remedy("set", words("Use {n}", n=3), "training.batch_size", "3")
    classes = _with_subclasses(StudioError)
    assert len(classes) > 1
    for kind in classes:
        parameters = inspect.signature(kind).parameters.values()
        own = {p.name: "0.003" for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty}
        has_own_words = not any(p.kind is p.VAR_KEYWORD for p in parameters)
        error = kind() if has_own_words else kind("{n} is too many.", n=99, remedies=(remedy,), **own)
        back = pickle.loads(pickle.dumps(error))
        assert type(back) is kind
        assert vars(back) == vars(error), kind


def _with_subclasses(kind: type[StudioError]) -> list[type[StudioError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _with_subclasses(child))]
