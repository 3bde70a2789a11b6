"""How the pace of runs on this computer corrects the time that is foretold."""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.app.computer.estimate import SURE, Correction, step_seconds
from llmstudio.app.computer.hardware import Probe, is_quiet
from llmstudio.app.computer.past_runs import PastRun
from llmstudio.core.recipe import Recipe

_COUNTED = 5  # the newest ones: a computer changes, and one busy evening must not count for long
_MOST = 50.0


def correction(runs: Sequence[PastRun], recipe: Recipe, probe: Probe | None) -> Correction:
    """The factor for a forecast of time: the median of the newest runs of the same family.

    A family without runs uses those of all others: a measurement taken at a bad moment was bad for all. A run beside busy
    programs makes the forecast wider, and never moves both of its ends.
    """
    if probe is None or not probe.steps:
        return SURE
    alike = [run for run in runs if _where(run.dealt.recipe) == _where(recipe)]
    own = [run for run in alike if run.dealt.recipe.kind == recipe.kind]
    quiet = _middle([run for run in own if is_quiet(run)], probe)
    if quiet is not None:
        return quiet
    busy = _middle(own, probe)
    known = _middle([run for run in alike if is_quiet(run)], probe) or (SURE if is_quiet(probe) else None)
    if known is not None:
        if busy is None or busy.most <= known.most:
            return known
        return Correction(most=busy.most, least=known.most, runs=busy.runs, load=busy.load)
    busy = busy or _middle(alike, probe)
    if busy is None or busy.most >= 1.0:  # both can only be too slow: what says less is nearer
        return Correction(most=1.0, least=None, load=probe.load)
    return Correction(most=busy.most, least=None, runs=busy.runs, load=busy.load)


def _middle(runs: Sequence[PastRun], probe: Probe) -> Correction | None:
    """What the newest of some runs say together, as if they were sure; None if there are none."""
    newest = runs[-_COUNTED:]
    ratios = [
        run.seconds / foretold
        for run in newest
        if (foretold := step_seconds(run.dealt.recipe, vocab_size=run.dealt.vocab_size, probe=probe))
    ]
    if not ratios:
        return None
    import statistics  # loads decimals and fractions, and nobody who asks for help needs them

    middle = min(_MOST, max(1 / _MOST, statistics.median(ratios)))
    return Correction(most=middle, least=middle, runs=len(ratios), load=max(run.load for run in newest))


def _where(recipe: Recipe) -> tuple[str, str, int]:
    training = recipe.training
    return training.device, training.number_format, training.threads
