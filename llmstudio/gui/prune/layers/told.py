"""What is said of shares by layer: what bars show, what is hoped for, and what was measured."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from llmstudio.app.pruning.layers import Known
from llmstudio.app.runs.run_summary import HEADLINES, MEASURES, UNITS
from llmstudio.core.sparsity.shares import expected
from llmstudio.gui.look.figures import share_text
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import say


def bars_told(known: Known) -> str:
    """What bars and sliders show."""
    config = known.outlook.config
    if config.pattern != "any":
        return _tr("The pattern says how many stay: every layer loses the same.")
    if not known.parts:
        return _tr("How much of each layer goes. What each would cost alone is not measured yet.")
    text = _tr("Bars: what it costs in {unit} if only that layer loses {share}. Sliders: how much of each goes.")
    return text.format(unit=say(UNITS[known.measure]), share=share_text(config.share))


def hoped(known: Known, by: str) -> str:
    """What the shares in sight would cost if costs added up; empty where there are none, or not all is measured."""
    config, layers, costs = known.outlook.config, known.layers(by), known.costs(by)
    if not config.has_shares or not layers or len(costs) < len(layers):
        return ""
    found = expected(costs, config.sparsity, {layer.key: layer.share for layer in layers})
    alike = expected(costs, config.sparsity, dict.fromkeys(costs, config.sparsity))
    text = _tr("If layers' costs added up: {cost} with these shares, {alike} with the same share everywhere.")
    return text.format(cost=change_text(known.measure, found), alike=change_text(known.measure, alike))


def seen(known: Known) -> str:
    """What was measured of these shares, and of what stands beside them; empty where nothing was."""
    told, tokens = [], 0
    for config, look in known.looks:
        measure = next((each for each in MEASURES if look.get(f"{each}_after") is not None), None)
        if measure is None or look.get(f"{measure}_before") is None:
            continue
        risen, tokens = look[f"{measure}_after"] - look[f"{measure}_before"], int(look.get("tokens") or 0)
        if config.has_shares:
            text = _tr("{change} with these shares")
        elif config.compares_all:
            text = _tr("{change} where all weights of the model compete")
        else:
            text = _tr("{change} with the same share everywhere")
        told.append(text.format(change=change_text(measure, -risen if HEADLINES[measure].more_is_better else risen)))
    if not told:
        return ""
    measured = plural(_tr("Measured on {n|token|tokens}: {changes}."), n=f"{tokens:,}")
    return measured.format(changes=", ".join(told))


def change_text(measure: str, cost: float) -> str:
    """How much worse, with the sign of the figure: more bits, or fewer right."""
    return f"{-100 * cost:+.1f}\u00a0%" if HEADLINES[measure].more_is_better else f"{cost:+.3f}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("layers_told", text)
