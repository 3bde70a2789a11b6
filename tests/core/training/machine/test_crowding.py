"""A run steps back to one thread when its steps become far too slow, and tries again later."""

from __future__ import annotations

from llmstudio.core.training.machine.crowding import Crowding


def after(crowding: Crowding, *seconds: float) -> int:
    for step in seconds:
        crowding.note(step)
    return crowding.threads


def test_that_a_slow_step_or_two_in_a_quiet_run_change_nothing() -> None:
    crowding = Crowding(4)
    assert after(crowding, *[0.05] * 20, 1.0, 0.05, 1.0, 0.05) == 4


def test_that_steps_that_stay_slow_are_taken_with_one_thread() -> None:
    crowding = Crowding(4)
    assert after(crowding, *[0.05] * 20, 1.0, 1.0) == 1
    assert crowding.is_crowded


def test_that_it_tries_again_and_rests_longer_each_time() -> None:
    crowding = Crowding(2)
    after(crowding, *[0.05] * 20)
    rests = []
    for _ in range(7):
        after(crowding, 1.0, 1.0)
        rests.append(0)
        while crowding.is_crowded:
            crowding.note(0.09)
            rests[-1] += 1
    assert rests == [30, 60, 120, 240, 480, 480, 480]
    assert after(crowding, *[0.05] * 3) == 2


def test_that_small_steps_and_single_threads_are_left_alone() -> None:
    assert after(Crowding(2), *[0.001] * 20, 0.03, 0.03, 0.03) == 2
    assert after(Crowding(1), *[0.05] * 20, 9.0, 9.0, 9.0) == 1


def test_that_a_number_of_threads_that_was_asked_for_is_kept_whatever_others_do() -> None:
    crowding = Crowding(4, may_step_back=False)
    assert after(crowding, *[0.05] * 20, 9.0, 9.0, 9.0) == 4
    assert not crowding.is_crowded
