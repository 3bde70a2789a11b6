"""What `show` tells people of an item: once each, in words, and only what had an effect.

Another program is told everything as it lies on disk; here sentences are spoken, parents are named, and what the run says
is not said again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmstudio.app.runs.run_summary import MEASURES
from llmstudio.core.corpus.cleaning.languages import LANGUAGES
from llmstudio.core.tokenizer.fit import percent
from llmstudio.core.words import Words, from_kept, words

_ONCE = ("state", "computing", "lineage")  # of a model's facts: its run and its line of descent say so
_IN_QUALITY = (*MEASURES, "is_whole", "measured_on")  # of a run: its sentence says so
_BEST = {
    "best_step": "at_step",
    "step": "steps",
    **{f"{name}_after": name for name in MEASURES},
}  # names of the run for the same
# What of a wish for a split takes part, by the way the parts came to be.
_WISHES = {
    "documents": {"seed", "val_share", "test_share"},
    "position": {"at", "cut", "cuts"},
    "given": set(),
    "none": set(),
}
_COUNTS = ("parameters", "nonzeros", "prunable", "zeros")
_ALL_WISHES = set[str]().union(*_WISHES.values())


def told_of(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The result of `show` in the order in which a person wants it."""
    facts, run = dict(shown.get("facts", {})), shown.get("run", {})
    told: dict[str, Any] = {name: shown[name] for name in ("kind", "name", "id", "created", "lineage") if shown.get(name)}
    told["made from"] = {role: _parent_told(parent) for role, parent in shown["made_from"].items()}
    told |= {"path": shown["path"], "folder_bytes": shown["bytes"]}
    if shown.get("weights_file_bytes"):
        told["weights_file_bytes"] = shown["weights_file_bytes"]
    if languages := shown.get("languages"):
        named = [f"{LANGUAGES.get(name, name)} {percent(share)}" for name, share in languages.items()]
        told["languages"] = ", ".join(named)
    if run:
        told["run"] = {name: value for name, value in run.items() if name not in _IN_QUALITY}
        for name in _ONCE:
            facts.pop(name, None)
    if read := shown.get("read"):
        told["has read"] = "; ".join(text["told"] for text in read)
    if unknown := shown.get("read_before_is_unknown"):
        told["read before, unknown"] = str(unknown)
    if isinstance(result := facts.pop("result", None), Mapping):
        own = {name: value for name, value in result.items() if name != "model" and _BEST.get(name, name) not in run}
        weighted = {"answers_weighted": True} if shown.get("losses") else {}
        told["result"] = _spoken(losses_named(weights_together(own) | weighted))
        if weighted:
            told["losses"] = str(shown["losses"])
    if isinstance(config := facts.get("config"), Mapping):
        facts["config"] = _wished(config)
    return told | {"facts": _spoken(facts)}


def _parent_told(parent: Mapping[str, Any]) -> Words | str:
    name = parent.get("name", "") or parent.get("id", "")
    return words("{name}, which is gone: what is called so now is another", name=name) if parent.get("is_gone") else name


def effective_split(split: Mapping[str, Any]) -> dict[str, Any]:
    """How a corpus was split, without the wishes that its way of splitting did not ask."""
    idle = _ALL_WISHES - _WISHES.get(str(split.get("method")), _ALL_WISHES)
    if split.get("cuts"):  # then "cut" is no place but how much is learned from, as the sizes say
        idle |= {"cut"}
    return {name: value for name, value in split.items() if name not in idle}


def weights_together(result: Mapping[str, Any]) -> dict[str, Any]:
    """What pruning, or a run that made its model sparse, ended with, its counts of weights as one sentence."""
    if not set(_COUNTS) <= set(result):  # nothing is gone, or an early version took it
        return dict(result)
    return {name: value for name, value in result.items() if name not in _COUNTS} | {"weights": what_went(result)}


def losses_named(result: Mapping[str, Any]) -> dict[str, Any]:
    """A run's figures; where its training loss is another measure than that on held-out text, its name says so."""
    if not result.get("answers_weighted"):
        return dict(result)
    weighted = {name: f"{name}, answers weighted" for name in ("train_loss", "last_train_loss")}
    return {weighted.get(name, name): value for name, value in result.items() if name != "answers_weighted"}


def what_went(result: Mapping[str, Any]) -> Words:
    """What pruning took away, of the weights that may go and of all: a share of one is not the share of the other."""
    parameters = int(result["parameters"])
    return words(
        "{zeros:,} of the {prunable:,} that may go are zero; of all {all:,} weights, {left:,} stay ({share:.1f} %)",
        zeros=int(result["zeros"]),
        prunable=int(result["prunable"]),
        all=parameters,
        left=int(result["nonzeros"]),
        share=100 * int(result["nonzeros"]) / max(1, parameters),
    )


def _wished(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that say something: an empty one leaves the choice to the program."""
    kept = {name: _wished(value) if isinstance(value, Mapping) else value for name, value in config.items()}
    return {name: value for name, value in kept.items() if value not in ("", [], {}, ())}


def _spoken(value: Any) -> Any:
    """The same with every kept sentence as it is said."""
    if isinstance(value, Mapping):
        if set(value) == {"template", "values"}:
            return str(from_kept(value))
        return {name: _spoken(inner) for name, inner in value.items()}
    return value
