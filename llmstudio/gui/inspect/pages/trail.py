"""A way through the latent space: a slider along its places, which are drawn on the map and listed beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from llmstudio.app.inspecting.latent_space import Spot
from llmstudio.gui.inspect.pages.latent_map import LatentMap
from llmstudio.gui.inspect.pages.spot import SpotView
from llmstudio.gui.look.steady import SteadySlider


class Trail(SteadySlider):
    """Moves along the places of a way; hidden where they lie on none, as those drawn at random.

    Attributes:
        places: The places, whether or not they lie on a way.

    Signals:
        reached: A `Spot` of them is to be stood at.
    """

    reached = Signal(object)

    def __init__(self, map_: LatentMap, listed: SpotView, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent, accessibleName=self.tr("Along the way"))
        self.places: tuple[Spot, ...] = ()
        self._map, self._listed = map_, listed
        self.valueChanged.connect(self.go_to)
        listed.picked.connect(self.go_to)

    def clear(self) -> None:
        """No places."""
        self.places = ()
        self._listed.show_trail("", ())
        self.hide()

    def set_places(self, title: str, places: tuple[Spot, ...], *, is_way: bool) -> None:
        """List these places and stand at the first; on the map they are joined if they are a way."""
        self._map.set_trail([(spot.x, spot.y) for spot in places] if is_way else [])
        self.places = places
        self._listed.show_trail(title, [spot.text for spot in places])
        self.blockSignals(True)
        self.setRange(0, len(places) - 1)
        self.setValue(0)
        self.blockSignals(False)
        self.go_to(0)

    @Slot(int)
    def go_to(self, place: int) -> None:
        """Stand at one of the places."""
        if 0 <= place < len(self.places):
            self._listed.mark(place)
            self.setValue(place)
            self.setVisible(bool(self._map.trail))
            self.reached.emit(self.places[place])

    def note(self, spot: Spot) -> None:
        """One stands here: where that is elsewhere, no place is marked until one of the list is picked again."""
        if all(spot is not place for place in self.places):
            self._listed.mark(None)
            self.hide()
