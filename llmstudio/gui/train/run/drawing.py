"""How the curves of a run are drawn: as smooth, and over such axes, as the tools above them say."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from llmstudio.gui.session.session import Session
from llmstudio.gui.train.run.picture.run_picture import TrainPicture
from llmstudio.gui.train.run.tools import TrainTools

_REST_MS = 300


class Drawing(QObject):
    """Hands the wishes of the tools to the picture, and keeps the smoothing for the next time."""

    def __init__(self, session: Session, tools: TrainTools, picture: TrainPicture, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._tools, self._picture = session, tools, picture
        picture.set_smoothing(session.preferences.smoothing)
        # Kept on disk once the slider rests, not with every pixel it moves.
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self._rest.timeout.connect(self._keep)
        tools.smoothing_changed.connect(self._on_smoothing)
        tools.axes_changed.connect(self._on_axes)

    @Slot(float)
    def _on_smoothing(self, smoothing: float) -> None:
        self._picture.set_smoothing(smoothing)
        self._rest.start()

    @Slot()
    def _keep(self) -> None:
        self._session.prefer(smoothing=min(self._tools.smoothing.value() / 100, 0.999))

    @Slot(str, bool, bool)
    def _on_axes(self, column: str, is_log_x: bool, is_log_y: bool) -> None:
        self._picture.set_axes(x_column=column, is_log_x=is_log_x, is_log_y=is_log_y)
