from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmstudio.core import recipe
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import RecurrentConfig
from llmstudio.core.other_names import _NAMES
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import (
    Setting,
    change,
    change_all,
    check,
    from_dict,
    get,
    setting,
    settings_of,
    to_dict,
)
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.training_config import TrainingConfig

CONFIGS: list[type] = [
    CorpusConfig,
    TokenizerConfig,
    DecoderConfig,
    TrainingConfig,
    GenerationConfig,
    PruningConfig,
    Recipe,
]
EVERY = [(config, about) for config in CONFIGS for about in settings_of(config)]
NAMES = [f"{config.__name__}.{about.path}" for config, about in EVERY]


@dataclass(frozen=True)
class Inner:
    count: int = setting(3, label="Count", help="How many.", ge=1, le=9)
    share: float = setting(0.5, label="Share", help="How much.", ge=0.0, le=1.0)


@dataclass(frozen=True)
class Outer:
    inner: Inner = field(default_factory=Inner)
    kind: str = setting("a", label="Kind", help="Which.", choices={"a": "first", "b": "second"})
    limit: int | None = setting(None, label="Limit", help="At most; none for no limit.", ge=1)
    swaps: tuple[tuple[str, str], ...] = setting((), label="Swaps", help="Pairs.")
    is_on: bool = setting(False, label="On", help="Whether.")


def legal(about: Setting) -> st.SearchStrategy[Any]:
    fact = about.fact
    if fact.choices:
        return st.sampled_from(list(fact.choices))
    if about.kind is bool:
        return st.booleans()
    if about.kind is int:
        return st.integers(int(fact.ge or 0), int(fact.le or 2**40))
    if about.kind is float:
        return st.floats(fact.ge, fact.le, allow_nan=False, allow_infinity=False)
    if about.kind is str:
        return st.text(max_size=20)
    return st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4)), max_size=3).map(tuple)


@given(st.data())
def test_that_a_changed_configuration_survives_its_file(data: st.DataObject) -> None:
    config_type = data.draw(st.sampled_from([c for c in CONFIGS if c is not DecoderConfig]))
    config = config_type()
    for about in settings_of(config_type):
        # A decoder's width and heads only fit together in pairs; of the others some do not fit together.
        if not about.path.startswith("model.") and data.draw(st.booleans()):
            with contextlib.suppress(StudioError):
                config = change(config, about.path, data.draw(legal(about)))
    written = json.loads(json.dumps(to_dict(config)))
    # Which settings a recipe's model and task have depends on its kind: it is read by a function of its own.
    assert (recipe.from_dict(written) if config_type is Recipe else from_dict(config_type, written)) == config


@pytest.mark.parametrize(("config", "about"), EVERY, ids=NAMES)
def test_that_every_default_lies_within_its_own_bounds(config: type, about: Setting) -> None:
    assert check(about, about.default) == about.default
    assert get(config(), about.path) == about.default


@pytest.mark.parametrize(("config", "about"), EVERY, ids=NAMES)
def test_that_every_setting_explains_itself(config: type, about: Setting) -> None:
    assert str(about.fact.label)
    assert len(str(about.fact.help)) > 10
    for label in about.fact.choices.values():
        assert str(label)


@pytest.mark.parametrize(("config", "about"), EVERY, ids=NAMES)
def test_that_a_value_outside_the_bounds_is_refused_with_the_bounds(config: type, about: Setting) -> None:
    fact = about.fact
    if fact.choices:
        with pytest.raises(StudioError, match="must be one of"):
            check(about, "no such choice" if about.kind is str else 10**9)
    elif about.kind in (int, float) and fact.ge is not None:
        with pytest.raises(StudioError, match="must lie between") as caught:
            check(about, about.kind(fact.ge - 1))
        assert str(fact.ge) in str(caught.value)
    if about.kind in (int, float) and fact.le is not None:
        with pytest.raises(StudioError, match="must lie between") as caught:
            check(about, about.kind(fact.le * 2 + 1))
        assert str(fact.le) in str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), "nan", float("inf"), "inf"])
def test_that_what_is_no_number_lies_outside_every_bound(value: Any) -> None:
    with pytest.raises(StudioError):
        change(Inner(), "share", value)


def test_that_an_unknown_setting_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(StudioError, match=r"training\.max_steps"):
        change(Recipe(), "training.max_step", 3)


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("inner.count", "7", 7),
        ("inner.count", "7e0", 7),
        ("inner.share", "1e-3", 1e-3),
        ("inner.share", "1", 1.0),
        ("kind", "b", "b"),
        ("limit", "none", None),
        ("limit", "9007199254740993", 9007199254740993),
        ("is_on", "yes", True),
        ("is_on", "0", False),
        ("swaps", "old=new,a=b=c", (("old", "new"), ("a", "b=c"))),
    ],
)
def test_that_words_of_a_command_line_become_values_of_the_settings_type(path: str, text: str, value: Any) -> None:
    found = get(change(Outer(), path, text), path)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("inner.count", "seven"),
        ("inner.count", "7.5"),
        ("inner.count", "1e999"),
        ("inner.count", True),
        ("inner.count", None),
        ("is_on", "perhaps"),
        ("swaps", "old"),
        ("swaps", ("old",)),
        ("kind", 3),
    ],
)
def test_that_a_value_of_another_type_is_refused(path: str, value: Any) -> None:
    with pytest.raises(StudioError):
        change(Outer(), path, value)


def test_that_two_settings_that_only_fit_together_may_both_move() -> None:
    with pytest.raises(StudioError, match="heads"):
        change(Recipe(), "model.embed_dim", 90)
    changed = change_all(Recipe(), {"model.embed_dim": "90", "model.num_heads": "3"})
    assert (changed.model.embed_dim, changed.model.num_heads) == (90, 3)


def test_that_changing_leaves_the_old_configuration_as_it_was() -> None:
    before = Outer()
    change(before, "inner.count", 9)
    assert before == Outer()


@pytest.mark.parametrize(
    "data",
    [
        {"inner": {"cuont": 3}},
        {"inner": 3},
        {"inner": []},
        {"inner": {"count": 0}},
        {"inner": {"count": "many"}},
        {"swaps": [["a"]]},
        {"new_in_version_9": 1},
        [],
        "text",
        None,
    ],
)
def test_that_a_damaged_file_is_refused_in_words(data: Any) -> None:
    with pytest.raises(StudioError):
        from_dict(Outer, data)


def test_that_what_a_file_leaves_out_keeps_its_default() -> None:
    assert from_dict(Outer, {"inner": {"count": 4}}) == Outer(inner=Inner(count=4))


def test_that_a_number_in_quotes_becomes_a_number_again() -> None:
    assert from_dict(Outer, {"inner": {"count": "4", "share": 1}}) == Outer(inner=Inner(4, 1.0))


@pytest.mark.parametrize("config", CONFIGS)
def test_that_every_field_of_a_configuration_is_a_setting_or_holds_settings(config: type) -> None:
    known = {about.path.split(".")[0] for about in settings_of(config)}
    free = {"kind", "preset", "task_name", "task"} if config is Recipe else set()  # a task may have no settings
    assert {f.name for f in fields(config)} - free == known - free
    assert is_dataclass(config)


@dataclass(frozen=True)
class Holder:
    items: list[str] = setting(list, label="Items", help="A list of names.")  # noqa: RUF009 - a field with facts


def test_that_mutable_defaults_are_made_for_each_configuration() -> None:
    first, second = Holder(), Holder()
    first.items.append("x")
    assert second.items == []


@pytest.mark.parametrize(("path", "wanted"), [("batch_size", "a whole number"), ("learning_rate", "a number")])
def test_that_a_word_where_a_number_belongs_is_told_what_belongs_there(path, wanted):
    with pytest.raises(StudioError, match=f"{path} must be {wanted} \\(not hot\\)"):
        change(TrainingConfig(), path, "hot")


@dataclass(frozen=True)
class _Divided:
    width: int = setting(8, label="Width", help="Numbers.")
    heads: int = setting(2, label="Heads", help="Parts.")

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise StudioError("The heads do not divide the width.")


@pytest.mark.parametrize("heads", ["x", [], {}, None, 1.5])
def test_that_a_value_of_another_type_is_refused_before_anything_is_reckoned_with_it(heads: object) -> None:
    with pytest.raises(StudioError, match="heads"):
        from_dict(_Divided, {"width": 8, "heads": heads})


def test_that_a_choice_which_is_nearly_one_is_told_the_nearest() -> None:
    for typed, near in (("words", "word"), ("characters", "char"), ("Word-pieces", "wordpiece"), ("BPE2", "bpe")):
        with pytest.raises(StudioError, match=rf"\(not {typed}\)\. Nearest: {near}\."):
            change(TokenizerConfig(), "kind", typed)
    with pytest.raises(StudioError, match=r"\(not qqq\)\.$"):
        change(TokenizerConfig(), "kind", "qqq")


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("training.lr", "training.learning_rate"),
        ("lr", "training.learning_rate"),
        ("training.epochs", "training.max_steps"),
        ("training.bs", "training.batch_size"),
        ("model.n-embd", "model.embed_dim"),
        ("model.block_size", "model.context_length"),
    ],
)
def test_that_what_other_programs_call_a_setting_leads_to_it_alone(path, near):
    with pytest.raises(StudioError) as refused:
        change(Recipe(), path, "1")
    assert str(refused.value) == f"There is no setting {path}. Near it: {near}."


def test_that_every_name_that_others_are_led_to_is_one_of_ours():
    kinds = (Recipe, GenerationConfig, TokenizerConfig, RecurrentConfig)
    ours = {about.path.rpartition(".")[2] for kind in kinds for about in settings_of(kind)}
    assert set(_NAMES) <= ours, set(_NAMES) - ours
