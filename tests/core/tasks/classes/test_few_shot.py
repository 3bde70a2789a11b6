"""What is likeliest behind the examples is told: the scores are the model's own, and what cannot be told is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig
from llmstudio.core.tasks.classes.few_shot import FewShot

EXAMPLES = [("the toy is fun .", "good"), ("the toy is old .", "bad"), ("a fun day", "good")]
SHAPES = {
    "decoder": DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=64),
    "gru": GRUConfig(num_layers=1, embed_dim=16, hidden_dim=16),
}


@pytest.fixture(params=SHAPES)
def model(request, classes_data):
    return build_model(request.param, SHAPES[request.param], classes_data[1].vocab_size, seed=1).eval()


def _log_likelihood(model, read: list[int], said: list[int]) -> float:
    with torch.inference_mode():
        logits = model.head(model(Batch(torch.tensor([read + said]))).hidden)[0].float().log_softmax(-1)
    return sum(float(logits[len(read) - 1 + at, id]) for at, id in enumerate(said))


def test_that_a_labels_share_is_how_much_likelier_the_text_makes_it(model, classes_data) -> None:
    tokenizer = classes_data[1]
    reader = FewShot(model, tokenizer, EXAMPLES, ["bad", "good"])
    assert reader.num_shown == 3
    [told] = reader.read(["the fun  toy\n"])
    shown = tokenizer.encode("".join(f"{text} : {label}\n" for text, label in EXAMPLES[:1]))
    assert reader._read[: len(shown)] == shown
    gains = []
    for label in ("bad", "good"):
        said = tokenizer.encode(f": {label}")[len(tokenizer.encode(":")) :]
        behind = reader._read + tokenizer.encode("the fun toy :")
        empty = reader._read + tokenizer.encode("x :")[len(tokenizer.encode("x")) :]
        gains.append(_log_likelihood(model, behind, said) - _log_likelihood(model, empty, said))
    expected = np.exp(gains) / np.exp(gains).sum()
    assert dict(told.chances) == pytest.approx({"bad": expected[0], "good": expected[1]}, rel=1e-4)
    assert told.names == (("bad", "good")[int(expected.argmax())],)


def test_that_a_text_is_told_the_same_in_any_company(model, classes_data) -> None:
    reader = FewShot(model, classes_data[1], EXAMPLES, ["bad", "good", "mixed"])
    texts = ["the toy", "a fun day .", "the old toy is fun and the day is old .", "a"] * 5
    together, alone = list(reader.read(texts)), [next(reader.read([text])) for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert dict(one.chances) == pytest.approx(dict(other.chances), rel=1e-4)


def test_that_only_as_many_examples_are_shown_as_leave_room_for_a_text(classes_data) -> None:
    model = build_model("decoder", SHAPES["decoder"], classes_data[1].vocab_size, seed=1).eval()
    reader = FewShot(model, classes_data[1], EXAMPLES * 20, ["bad", "good"])
    assert 0 < reader.num_shown < 60
    assert len(reader._read) <= 48
    [told] = reader.read(["the toy is fun . " * 30])
    assert told.num_unread == 150 - reader.limit


def test_that_labels_the_tokenizer_cannot_tell_apart_are_refused(model, classes_data) -> None:
    with pytest.raises(StudioError, match="nothing tells them apart"):
        FewShot(model, classes_data[1], EXAMPLES, ["zxqj", "qqvv"])
