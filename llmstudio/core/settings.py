"""A fact about a setting is written once, on its dataclass field; the form, the command line, the file and the help read it.

    @dataclass(frozen=True)
    class TrainingConfig:
        learning_rate: float = setting(3e-4, label="Learning rate", ge=1e-6, le=1.0, help="Step size.")

Configurations are frozen dataclasses that may nest; a setting's path is its dotted place, `training.learning_rate`.
"""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar

from llmstudio.core.errors import StudioError
from llmstudio.core.other_names import own_names
from llmstudio.core.words import Words, words

T = TypeVar("T")
_KEY = "setting"


@dataclass(frozen=True)
class Fact:
    """What is known of a setting beside its type and default.

    Attributes:
        label: A word or two, for the form.
        help: One or two sentences for a first-year student.
        ge: Smallest allowed value (also for lengths of text); None for none.
        le: Largest allowed value.
        unit: What the number counts.
        choices: Allowed values with a label each, in order; empty if free.
        advanced: True for what the form folds away under "More".
        source: Author and year where the idea comes from; empty if there is none.
        symbol: The paper's symbol (d_model, h, ...); empty if there is none.
        is_file: True for the place of a file, which a form lets the person choose.
        spelled: Brings other spellings of a text value to the one among the choices; None if there is only one.
    """

    label: Words
    help: Words
    ge: float | None = None
    le: float | None = None
    unit: str = ""
    choices: Mapping[Any, Words] = field(default_factory=dict)
    advanced: bool = False
    source: str = ""
    symbol: str = ""
    spelled: Callable[[str], str] | None = None
    is_file: bool = False


@dataclass(frozen=True)
class Setting:
    """One setting of a configuration, found by `settings_of`: its path, type, default and facts.

    `pairs` is True for a tuple of pairs of text, written `old=new,older=newer` on one line.
    """

    path: str
    kind: type
    optional: bool
    default: Any
    fact: Fact
    pairs: bool = False


def setting(
    default: Any,
    *,
    label: str,
    help: str,
    ge: float | None = None,
    le: float | None = None,
    unit: str = "",
    choices: Mapping[Any, str] | Sequence[Any] = (),
    advanced: bool = False,
    source: str = "",
    symbol: str = "",
    spelled: Callable[[str], str] | None = None,
    is_file: bool = False,
) -> Any:
    """A dataclass field that carries its facts. A callable default (a list's, say) is called for each configuration."""
    named = choices if isinstance(choices, Mapping) else {choice: str(choice) for choice in choices}
    labels = {k: words(v) for k, v in named.items()}
    fact = Fact(words(label), words(help), ge, le, unit, labels, advanced, source, symbol, spelled, is_file)
    if callable(default):
        return field(default_factory=default, metadata={_KEY: fact})
    return field(default=default, metadata={_KEY: fact})


def settings_of(config: Any, prefix: str = "") -> tuple[Setting, ...]:
    """Every setting of a configuration or of a class of them, nested ones included, in the order they are written.

    Where a part may be of several classes, a configuration has the settings of the one it holds, a class those of its
    default.
    """
    if isinstance(config, type):
        return _settings_of(config, prefix, ())
    parts = {f.name: getattr(config, f.name) for f in fields(config)}
    kinds = tuple((name, type(part)) for name, part in parts.items() if is_dataclass(part))
    kind: type = type(config)
    return _settings_of(kind, prefix, kinds)


@cache
def _settings_of(config: type, prefix: str, kinds: tuple[tuple[str, type], ...]) -> tuple[Setting, ...]:
    return tuple(_walk(config, prefix, dict(kinds)))


def _walk(config: type, prefix: str, kinds: Mapping[str, type]) -> Iterator[Setting]:
    hints = typing.get_type_hints(config)
    for entry in fields(config):
        kind, optional = _strip_optional(hints[entry.name])
        path = f"{prefix}.{entry.name}" if prefix else entry.name
        default = _default(entry)
        part = kinds.get(entry.name) or _part(hints[entry.name], default)
        if is_dataclass(part):
            yield from settings_of(typing.cast(type, part), path)
        elif _KEY in entry.metadata:
            pairs = hints[entry.name] == tuple[tuple[str, str], ...]
            yield Setting(path, kind, optional, default, entry.metadata[_KEY], pairs)


def _default(entry: dataclasses.Field[Any]) -> Any:
    if entry.default_factory is not MISSING:
        return entry.default_factory()
    return None if entry.default is MISSING else entry.default


def _part(hint: Any, default: Any) -> Any:
    """The class of a field's value; of one that may hold several classes of settings, that of its default."""
    return type(default) if is_dataclass(default) else _strip_optional(hint)[0]


def _strip_optional(hint: Any) -> tuple[Any, bool]:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        kinds = [k for k in typing.get_args(hint) if k is not type(None)]
        return kinds[0], True
    return typing.get_origin(hint) or hint, False


def idle_in(config: Any, prefix: str = "") -> set[str]:
    """Paths of the settings that do nothing beside the others, by what a configuration and its parts say (`idle`)."""
    found = {f"{prefix}{name}" for name in config.idle()} if hasattr(config, "idle") else set()
    for entry in fields(config):
        if is_dataclass(part := getattr(config, entry.name)):
            found |= idle_in(part, f"{prefix}{entry.name}.")
    return found


def get(config: Any, path: str) -> Any:
    """The value at a path. Raises StudioError for an unknown one."""
    _find(config, path)
    for name in path.split("."):
        config = getattr(config, name)
    return config


def change(config: T, path: str, value: Any) -> T:
    """A copy of `config` with the setting at `path` set; text is read as the setting's type.

    Raises:
        StudioError: No such setting (the nearest names are told), or a value out of its bounds.
    """
    return change_all(config, {path: value})


def change_all(config: T, changes: Mapping[str, Any], *, hidden: Collection[str] = ()) -> T:
    """`change` for several settings at once, so that two that only fit together (width and heads) may both move.

    Settings that are `hidden`, since they do nothing here, are not offered in place of an unknown one.

    Raises:
        StudioError: As `change`; also what the configuration itself says to the new combination.
    """
    tree: dict[str, Any] = {}
    for path, value in changes.items():
        node = tree
        *above, name = path.split(".")
        for step in above:
            node = node.setdefault(step, {})
        node[name] = check(_find(config, path, hidden), value)
    return typing.cast(T, _replace(config, tree))


def _replace(config: Any, tree: Mapping[str, Any]) -> Any:
    values = {}
    for name, value in tree.items():
        inner = getattr(config, name)
        values[name] = _replace(inner, value) if is_dataclass(inner) else value
    return replace(config, **values)


def _find(config: Any, path: str, hidden: Collection[str] = ()) -> Setting:
    known = {s.path: s for s in settings_of(config)}
    if path in known:
        return known[path]
    offered = [name for name in known if name not in hidden]
    called = own_names(path.rpartition(".")[2])
    near = [name for name in offered if name.rpartition(".")[2] in called]
    near = near or difflib.get_close_matches(path, offered, n=3, cutoff=0.4) or sorted(offered)[:5]
    raise StudioError("There is no setting {path}. Near it: {near}.", path=path, near=", ".join(near))


def _nearest_choice(choices: Mapping[Any, Words], value: str) -> str:
    """The choice that was probably meant, by its name or its label; empty if none is like it."""
    names: dict[str, str] = {}
    for choice, label in choices.items():
        if str(choice):
            names |= {str(label).casefold(): str(choice), str(choice).casefold(): str(choice)}
    typed = value.casefold()
    begun = [name for name in names if typed and (name.startswith(typed) or typed.startswith(name))]
    very_near, somewhat = (difflib.get_close_matches(typed, names, n=1, cutoff=cutoff) for cutoff in (0.75, 0.6))
    near = very_near or begun or somewhat
    return names[near[0]] if near else ""


def check(about: Setting, value: Any) -> Any:
    """`value` as the setting's type and within its bounds.

    Raises:
        StudioError: With the bounds or the choices in the sentence.
    """
    if value is None or (about.optional and value in ("", "none", "None")):
        if about.optional:
            return None
        raise StudioError("{path} needs a value.", path=about.path, paths=(about.path,))
    value = _read(about, value) if isinstance(value, str) and about.kind is not str else value
    if about.fact.spelled and isinstance(value, str):
        value = about.fact.spelled(value)
    if about.kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    fits = isinstance(value, about.kind) and not (about.kind is int and isinstance(value, bool))
    if not fits or (about.pairs and not all(_is_pair(item) for item in value)):
        raise StudioError("{path} cannot be {value}.", path=about.path, paths=(about.path,), value=str(value))
    fact = about.fact
    if fact.choices and value not in fact.choices:
        allowed = ", ".join(str(choice) or f'"" ({label})' for choice, label in fact.choices.items())
        if near := _nearest_choice(fact.choices, str(value)):
            raise StudioError(
                "{path} must be one of: {allowed} (not {value}). Nearest: {near}.",
                path=about.path,
                paths=(about.path,),
                allowed=allowed,
                value=str(value),
                near=near,
            )
        raise StudioError(
            "{path} must be one of: {allowed} (not {value}).",
            path=about.path,
            paths=(about.path,),
            allowed=allowed,
            value=str(value),
        )
    size = value if isinstance(value, int | float) else len(value) if hasattr(value, "__len__") else 0
    low, high = fact.ge, fact.le
    # A not-a-number compares false with everything, so the test is for what is inside, not for what is outside.
    if not ((low is None or size >= low) and (high is None or size <= high) and size == size):
        raise StudioError(
            "{path} must lie between {low} and {high} (not {value}).",
            path=about.path,
            paths=(about.path,),
            low="-∞" if low is None else low,
            high="∞" if high is None else high,
            value=str(value),
        )
    return value


def _is_pair(item: Any) -> bool:
    return isinstance(item, tuple) and len(item) == 2 and all(isinstance(part, str) for part in item)


def _read(about: Setting, text: str) -> Any:
    try:
        if about.kind is bool:
            return {
                "true": True,
                "yes": True,
                "on": True,
                "1": True,
                "false": False,
                "no": False,
                "off": False,
                "0": False,
            }[text.lower()]
        if about.kind is int:
            # Whole numbers are read as written; 1e4 goes through a float, which is exact as far as anyone writes it so.
            return int(text) if text.strip().lstrip("+-").isdecimal() else _whole(float(text))
        if about.pairs:
            return tuple(tuple(part.split("=", 1)) for part in text.split(",") if part)
        if about.kind in (list, tuple):
            return about.kind(part for part in text.split(",") if part)
        return number(text) if about.kind is float else about.kind(text)
    except (ValueError, KeyError, TypeError, OverflowError):
        raise _misread(about, text) from None


def number(text: str) -> float:
    """A number as people write it, a share also in percent: "50 %" is 0.5. Raises ValueError if it is none."""
    plain = text.strip()
    return float(plain.removesuffix("%")) / 100 if plain.endswith("%") else float(plain)


def _misread(about: Setting, text: str) -> StudioError:
    if about.kind is bool:
        return StudioError("{path} is on or off (not {value}).", path=about.path, paths=(about.path,), value=text)
    if about.kind is int:
        return StudioError("{path} must be a whole number (not {value}).", path=about.path, paths=(about.path,), value=text)
    if about.kind is float:
        return StudioError("{path} must be a number (not {value}).", path=about.path, paths=(about.path,), value=text)
    return StudioError("{path} cannot be {value}.", path=about.path, paths=(about.path,), value=text)


def checked(config: T) -> T:
    """`config` with every setting checked and in its own type. Raises StudioError for the first that fails."""
    return change_all(config, {about.path: get(config, about.path) for about in settings_of(config)})


def _whole(number: float) -> int:
    if number != int(number):
        raise ValueError
    return int(number)


def to_dict(config: Any) -> dict[str, Any]:
    """A configuration as plain JSON values."""
    return {
        f.name: to_dict(value) if is_dataclass(value := getattr(config, f.name)) else _plain(value) for f in fields(config)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return dict(value) if isinstance(value, Mapping) else value


def from_dict(kind: type[T], data: Mapping[str, Any]) -> T:
    """Inverse of `to_dict`; a field that `data` lacks keeps its default, one that the class lacks is refused.

    Raises:
        StudioError: For an unknown field or a value out of bounds.
    """
    if not isinstance(data, Mapping):
        raise StudioError("This file is damaged: it should hold settings by name.")
    hints = typing.get_type_hints(kind)
    entries = {f.name: f for f in fields(typing.cast(Any, kind))}
    if unknown := sorted(set(data) - set(entries)):
        raise StudioError("This file has a setting that this version does not know: {name}.", name=unknown[0])
    known = {about.path: about for about in settings_of(typing.cast(Any, kind))}
    values = {}
    for name, value in data.items():
        inner = _part(hints[name], _default(entries[name]))
        if is_dataclass(inner):
            if not isinstance(value, Mapping):
                raise StudioError("This file is damaged: {name} should hold several settings.", name=name)
            value = from_dict(typing.cast(type, inner), value)
        elif inner is tuple and isinstance(value, list):
            value = tuple(tuple(v) if isinstance(v, list) else v for v in value)
        # Checked before anything is made of it: a configuration may reckon with its values at once.
        values[name] = check(known[name], value) if name in known else value
    return checked(kind(**values))
