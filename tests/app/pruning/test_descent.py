from __future__ import annotations

from argparse import Namespace

import pytest

from llmstudio.app.pruning.descent import LASSO, USUAL_OF_ONE, descend
from llmstudio.app.verbs.sweep import VERB, matrix_table
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Progress, Stopped
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

CONFIG = PruningConfig(calibration_tokens=256)


def test_that_a_matrix_is_followed_down_and_every_method_compared(project: Project) -> None:
    *events, end = descend(project, "Tiny", shares=[0.5, 0.9], config=CONFIG, stop=Stop())
    assert isinstance(end, Finished)
    told = end.result
    shares = [sweep["share"] for sweep in told["sweeps"]]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(0.95, abs=0.01)
    assert all(sweep["lost"] <= sweep["taken"] * (1 + 1e-6) for sweep in told["sweeps"])
    assert set(told["curves"]) == {*USUAL_OF_ONE, LASSO}
    for method in USUAL_OF_ONE:
        (half, lost), (most, more) = told["curves"][method]
        assert (half, most) == (0.5, 0.9)
        assert 0 <= lost < more <= 1.5
    assert dict(told["curves"]["admm"])[0.5] < dict(told["curves"]["magnitude"])[0.5]
    assert sum("point" in event.details for event in events if isinstance(event, Progress)) == 2 * len(USUAL_OF_ONE) + 20
    assert told["matrix"] in matrix_table(told)


def test_that_it_stops_when_asked_and_a_matrix_that_there_is_not_is_told(project: Project) -> None:
    stop = Stop()
    for event in descend(project, "Tiny", config=CONFIG, stop=stop):
        if isinstance(event, Progress) and "sweep" in event.details:
            stop.request()
    assert isinstance(event, Stopped)
    with pytest.raises(StudioError, match="There are"):
        list(descend(project, "Tiny", matrix="nothing", config=CONFIG, stop=Stop()))


def test_that_the_verb_compares_coordinate_descent_too_where_no_method_is_named(project: Project) -> None:
    asked = ["calibration_tokens=256"]
    typed = Namespace(model="Tiny", matrix="blocks.0.attention.qkv.weight", methods=None, shares="0.5", set=asked)
    *_, end = VERB.begin(project, typed)(Stop())
    assert isinstance(end, Finished)
    assert "coordinate_descent" in end.result["curves"]
