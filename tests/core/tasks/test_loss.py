"""Laws of the loss: made in pieces it is what it is in one, and the pieces lie where the last ones lay."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.tasks import loss

_PROGRAM = """
import torch
from llmstudio.core.memory.measure import HighWater, process_bytes
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.build import build_model
from llmstudio.core.tasks import loss
from llmstudio.core.training.machine.setup import prepare_process

prepare_process()
torch.set_num_threads(1)
model = build_model("decoder", DecoderConfig(num_layers=1, embed_dim=8, num_heads=1, context_length=8), 30_000, 0)
hidden, targets = torch.randn(128 * 24, 8), torch.zeros(128 * 24, dtype=torch.int64)

def look(rows):
    with torch.inference_mode():
        loss.token_losses(model, hidden[:rows], targets[:rows])
        loss.likeliest(model, hidden[:rows])

look(256)
base, mark = process_bytes(), HighWater()
look(128 * 24)
print((mark.bytes() - base) / (4 * 128 * 30_000))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep no mark of the highest memory that can be set back")
def test_that_a_look_takes_no_more_memory_the_more_pieces_of_logits_it_makes() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, encoding="utf-8", check=True)
    assert float(done.stdout) < 4  # pieces beyond those that two of the 24 have left behind


class _Table(nn.Module):
    """A head alone."""

    vocab_size = 11

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(self.vocab_size, 4))

    def head(self, hidden: torch.Tensor) -> torch.Tensor:
        return hidden @ self.weight.t()


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 50])
def test_that_pieces_of_a_look_give_the_losses_and_the_tokens_of_the_whole(rows: int, monkeypatch) -> None:
    torch.manual_seed(rows)
    model, hidden, targets = _Table(), torch.randn(rows, 4), torch.randint(11, (rows,))
    targets[0] = IGNORED
    with torch.inference_mode():
        whole = loss.token_losses(model, hidden, targets), loss.likeliest(model, hidden)
        monkeypatch.setattr(loss, "LOOKED_LOGITS_AT_ONCE", 1)
        monkeypatch.setattr(loss, "LOOKED_PLACES_AT_LEAST", 8)
        pieces = loss.token_losses(model, hidden, targets), loss.likeliest(model, hidden)
    torch.testing.assert_close(pieces[0], whole[0])
    assert torch.equal(pieces[1], whole[1])
    assert torch.equal(whole[1], model.head(hidden).argmax(-1))
