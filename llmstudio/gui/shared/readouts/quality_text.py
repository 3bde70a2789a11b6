"""How good a model is, in words: the figure, its unit, and what it was measured on; the same wherever it stands."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from llmstudio.app.runs.run_summary import HEADLINES, MEASURES, STATES, UNITS, Quality, RunSummary, quality_told
from llmstudio.gui.look.theme import say

translate = QCoreApplication.translate
NONE = "–"


def quality_text(quality: Quality | None) -> str:
    """The figure: `1.494` bits, or `34 %` of words; a dash while there is none."""
    if quality is None:
        return NONE
    return figure_text(quality.measure, quality.value)


def figure_text(measure: str, value: float) -> str:
    """A figure without its unit."""
    return say(HEADLINES[measure].figure(value))


def quality_unit(quality: Quality | None) -> str:
    """What the figure counts."""
    return say(UNITS[MEASURES[0] if quality is None else quality.measure])


def bits_per_byte_help() -> str:
    """What bits per byte are."""
    text = "How many bits the model needs to tell each byte of text it has not seen. Less is better."
    return translate("quality", text)


def quality_source(quality: Quality) -> str:
    """Of which step, and whether on the whole of the held-out text; few words, for it stands beside large figures."""
    step = f"{quality.step:,}"
    if quality.is_whole:
        return translate("quality", "step {step}, whole text").format(step=step)
    return translate("quality", "step {step}, on a sample").format(step=step)


def brief(found: RunSummary) -> str:
    """A run in a few words, for lists: `1.494 bits per byte`, `3.240 bits per byte on a sample, stopped`; empty if nothing
    is known.
    """
    parts = []
    if found.quality is not None:
        parts.append(say(quality_told(found.quality)))
    if found.state in STATES and found.state != "finished":
        parts.append(say(STATES[found.state]))
    return ", ".join(parts)
