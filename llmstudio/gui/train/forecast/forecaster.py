"""What the settings in sight will take here: worked out anew at every change, shown under the size and on a card."""

from __future__ import annotations

from collections.abc import Sequence

from llmstudio.app.computer.estimate import Estimate
from llmstudio.app.computer.hardware import Machine, Probe
from llmstudio.app.computer.paces import correction
from llmstudio.app.computer.past_runs import PastRun
from llmstudio.app.presets.preset import Preset
from llmstudio.core.recipe import Recipe
from llmstudio.gui.train.fields.size_slider import SizeSlider
from llmstudio.gui.train.forecast.forecast import EstimateCard, Text, affordable, forecast, short_line


class Forecaster:
    """Knows text and computer, as far as they are known.

    Attributes:
        text: What is known of corpus and tokenizer; None while one is missing, and then nothing is foretold.
        found: What was foretold last; None for nothing.
    """

    def __init__(self, size: SizeSlider, card: EstimateCard) -> None:
        self.text: Text | None = None
        self.found: Estimate | None = None
        self._size, self._card = size, card
        self._machine: Machine | None = None
        self._probe: Probe | None = None
        self._past: Sequence[PastRun] = ()

    def set_computer(self, machine: Machine, probe: Probe | None, past: Sequence[PastRun] = ()) -> None:
        """What this computer is, how fast if that has been measured, and what runs took on it."""
        self._machine, self._probe, self._past = machine, probe, past

    def affordable(self, presets: Sequence[Preset]) -> Sequence[Preset]:
        """Those that this computer can train overnight; all while the text is not known."""
        if self.text is None:
            return presets
        memory = self._machine.memory_bytes if self._machine else 0
        return affordable(presets, self.text, self._probe, memory, self._past)

    def show(self, recipe: Recipe) -> None:
        """Say what a recipe will take, or nothing while the text is not known."""
        if self.text is None:
            self.found = None
            self._card.hide()
            self._size.set_forecast("")
            return
        found = self.found = forecast(recipe, self.text, self._probe, self._past)
        self._size.set_forecast(short_line(found))
        by = correction(self._past, recipe, self._probe)
        self._card.show_estimate(recipe, found, self._machine, by, tokenizer_kind=self.text.tokenizer_kind)
