from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core import events
from llmstudio.core.errors import Remedy
from llmstudio.core.events import (
    EVENTS,
    Event,
    Failed,
    Finished,
    Noted,
    Piece,
    Progress,
    Saved,
    Started,
    Stopped,
    TrainStep,
    from_json,
    inside,
    to_json,
)
from llmstudio.core.words import Words, words

finite = st.floats(allow_nan=False)
text = st.text(max_size=12)
names = text.map(lambda name: name.replace("/", "") or "job")
whole = st.integers(1 - 2**63, 2**63 - 1)  # what counts, in 64 bits
plain = st.recursive(
    st.none() | st.booleans() | whole | finite | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
sentence = st.builds(lambda n, s: words("{n} of {s}", n=n, s=s), whole, text | st.builds(words, st.just("inner")))
remedies = st.lists(st.builds(Remedy, text, sentence, text, text), max_size=2).map(tuple)
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "step": st.integers(0, 2**40),
    "time": finite,
    "title": sentence,
    "what": sentence,
    "message": sentence,
    "item": text,
    "total": st.none() | whole,
    "done": whole | finite,
    "details": st.dictionaries(text, plain, max_size=3),
    "result": st.dictionaries(text, plain, max_size=3),
    "figures": st.dictionaries(text, finite, max_size=3),
    "memory": st.dictionaries(text, whole, max_size=3),
    "parts": st.dictionaries(text, finite, max_size=3),
    "remedies": remedies,
    "ids": st.lists(st.integers(0, 10**6), max_size=4),
    "job": names,
    "parents": st.lists(names, max_size=3).map(tuple),
    "paths": st.lists(text, max_size=3).map(tuple),
    "is_best": st.booleans(),
    "is_whole": st.booleans(),
    "of_step": st.none() | st.integers(0, 10**9),
    "tokens": st.integers(0, 10**9),
    "num_bytes": st.integers(0, 10**12),
    "remaining_s": st.none() | finite,
}


def any_event() -> st.SearchStrategy[Event]:
    def of(kind: type[Event]) -> st.SearchStrategy[Event]:
        hints = typing.get_type_hints(kind)
        parts = {f.name: BY_NAME.get(f.name, text if hints[f.name] is str else finite) for f in fields(kind)}
        return st.builds(kind, **parts)

    return st.sampled_from(list(EVENTS.values())).flatmap(of)


@given(any_event())
def test_that_any_event_survives_json_unchanged(event: Event) -> None:
    assert from_json(json.loads(json.dumps(to_json(event)))) == event


def test_that_logs_and_other_programs_know_a_path_as_one_text() -> None:
    reading = Noted(job="encode", parents=("tour", "train"), message=words("y"))
    assert reading.path == ("tour", "train", "encode")
    assert to_json(reading)["job"] == "tour/train/encode"
    assert list(to_json(reading))[:4] == ["event", "job", "step", "time"]
    assert from_json(to_json(reading)) == reading
    assert from_json(to_json(Noted(message=words("y")))).path == ()


def test_that_a_line_of_an_earlier_version_is_read() -> None:
    line = {
        "event": "saved",
        "job": "resume/train",
        "step": 9,
        "time": 1.0,
        "kind": "checkpoint",
        "name": "9",
        "path": "/a/9",
    }
    saved = Saved(
        job="train", parents=("resume",), step=9, time=1.0, kind="checkpoint", name="9", location="/a/9", num_bytes=0
    )
    assert from_json(line) == saved
    assert to_json(saved) == line | {"num_bytes": 0}


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0), (2, 3)])
@pytest.mark.parametrize("dtype", ["float32", "int64", "uint8", "bool"])
def test_that_an_array_keeps_its_type_shape_and_values(shape: tuple[int, ...], dtype: str) -> None:
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    back = from_json(json.loads(json.dumps(to_json(Finished(result={"array": array})))))
    assert isinstance(back, Finished)
    found = back.result["array"]
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert np.array_equal(found, array)


def test_that_a_dict_that_looks_much_like_words_stays_a_dict() -> None:
    details = {"template": "{x}", "values": {}, "more": 1}
    back = from_json(to_json(Finished(time=0.0, result={"it": details})))
    assert back == Finished(time=0.0, result={"it": details})


def test_that_an_unknown_event_is_refused() -> None:
    with pytest.raises(KeyError):
        from_json({"event": "exploded"})


def test_that_the_set_of_events_is_closed() -> None:
    names = "started progress train_step evaluated sampled saved noted piece finished stopped failed"
    assert list(EVENTS) == names.split()
    defined = {v for v in vars(events).values() if isinstance(v, type) and issubclass(v, Event) and v is not Event}
    assert defined == set(EVENTS.values())


ALLOWED = {"str", "int", "float", "bool", "None", "Number", "Any", "Words", "Remedy"}


def test_that_events_are_made_of_plain_values_only() -> None:
    for kind in EVENTS.values():
        for entry in fields(kind):
            names = set(re.findall(r"\w+", str(entry.type))) - {"Mapping", "tuple", "list"}
            assert names <= ALLOWED, f"{kind.__name__}.{entry.name}: {entry.type}"


def test_that_events_cannot_be_changed_once_said() -> None:
    for kind in EVENTS.values():
        assert kind.__dataclass_params__.frozen, kind  # type: ignore[attr-defined]


def part(log: list[str], *said: Event) -> Iterator[Event]:
    try:
        yield from said
        log.append("did its last things")
    finally:
        log.append("closed")


def test_that_a_part_tells_its_path_and_hands_its_end_to_the_whole() -> None:
    log: list[str] = []
    end = Finished(job="train", result={"steps": 2})

    def whole() -> Iterator[Event]:
        found = yield from inside("tour", part(log, Started(job="train", title=words("x")), Noted(message=words("y")), end))
        assert found is end
        yield Finished(job="tour")

    heard = list(whole())
    assert [event.path for event in heard] == [("tour", "train"), ("tour",), ("tour",)]
    assert [type(event) for event in heard] == [Started, Noted, Finished]
    assert log == ["did its last things", "closed"]


def test_that_closing_the_whole_closes_the_part() -> None:
    log: list[str] = []
    whole = inside("tour", part(log, Noted(message=words("y")), Stopped()))
    next(whole)
    whole.close()
    assert log == ["closed"]


def test_that_a_part_without_an_end_is_noticed() -> None:
    with pytest.raises(AssertionError, match="without saying so"):
        list(inside("tour", iter([Piece(text="x")])))


def test_that_a_part_that_goes_on_after_its_end_is_noticed() -> None:
    with pytest.raises(AssertionError, match="after its end"):
        list(inside("tour", iter([Finished(), Piece(text="x")])))


def test_that_words_in_words_are_rendered_from_the_inside_out() -> None:
    assert str(words("{what} in {n}", what=words("{k} kites", k=2), n=3)) == "2 kites in 3"


def test_that_a_failure_without_remedies_keeps_an_empty_tuple() -> None:
    back = from_json(to_json(Failed(message=words("x"))))
    assert isinstance(back, Failed)
    assert back.remedies == ()


def test_that_training_values_stay_numbers() -> None:
    event = TrainStep(loss=np.float32(1.5), learning_rate=0.1, grad_norm=1.0, tokens=np.int64(3), tokens_per_second=1.0)  # type: ignore[arg-type]
    data = json.loads(json.dumps(to_json(event)))
    assert (data["loss"], data["tokens"]) == (1.5, 3)


def test_that_progress_without_a_total_says_none() -> None:
    assert to_json(Progress(what=Words("x"), done=1))["total"] is None


@pytest.mark.parametrize(
    "data",
    [
        {"event": "evaluated", "split": "val", "figures": {"loss": "low"}},
        {"event": "noted", "message": "a bare sentence"},
        {"event": "noted", "message": {"template": "{x}", "values": {"x": [1]}}},
        {"event": "train_step", "loss": None, "learning_rate": 0, "grad_norm": 0, "tokens": 0, "tokens_per_second": 0},
        {"event": "finished", "step": True},
        {"event": "progress", "what": {"dtype": "object", "shape": [1], "array": [1]}, "done": 0},
        {"event": "noted", "message": {"template": "x", "values": {}}, "remedies": [{"action": "set"}]},
    ],
)
def test_that_an_event_of_other_types_is_not_taken_from_a_file(data: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        from_json(data)
