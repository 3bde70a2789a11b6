"""A run computes in a number format that its device has."""

from __future__ import annotations

import pytest

from llmstudio.core.training.machine.setup import computable, movable, set_up
from llmstudio.core.training_config import TrainingConfig


@pytest.mark.parametrize(
    ("device", "has_gpu", "becomes"),
    [("cpu", True, "fp32"), ("cpu", False, "fp32"), ("auto", False, "fp32"), ("auto", True, "fp16"), ("cuda", True, "fp16")],
)
def test_that_16_bit_numbers_are_kept_for_a_gpu_alone(device, has_gpu, becomes, monkeypatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: has_gpu)
    asked = TrainingConfig(device=device, number_format="fp16", threads=1)
    found, said = computable(asked)
    assert found.number_format == set_up(asked).number_format == becomes
    assert (said is not None) == (becomes != "fp16")


def test_that_a_run_begun_in_16_bit_numbers_on_a_processor_or_a_gpu_goes_on_without_a_gpu_in_32_and_says_so_once(
    monkeypatch,
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for device in ("cpu", "cuda"):
        now, said = movable(TrainingConfig(device=device, number_format="fp16"))
        assert (now.device, now.number_format) == ("cpu", "fp32")
        assert said is not None


@pytest.mark.parametrize("number_format", ["fp32", "bf16", "auto"])
def test_that_other_formats_are_left_as_they_are(number_format) -> None:
    asked = TrainingConfig(device="cpu", number_format=number_format)
    assert computable(asked) == movable(asked) == (asked, None)
