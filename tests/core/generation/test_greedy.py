"""Texts written side by side: equal to each alone (see test_beam and test_generate), in memory that does not grow."""

import subprocess
import sys

import pytest

# A process of its own, whose memory nothing has stirred yet. Logits of 64 rows take 8 MB.
WRITING = """
import torch
from llmstudio.core.generation.greedy import greedy_rows
from llmstudio.core.memory.measure import HighWater, process_bytes
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.build import build_model
from llmstudio.core.training.machine.setup import prepare_process

prepare_process()
shape = dict(embed_dim=16, num_heads=2, context_length=64)
configs = {"decoder": DecoderConfig(num_layers=1, **shape), "encoder_decoder": EncoderDecoderConfig(**shape)}
model = build_model(NAME, configs[NAME], 32_000, seed=1).eval()
source = torch.full((64, 20), 9) if NAME == "encoder_decoder" else None
beginning = torch.full((64, 1), 8)
greedy_rows(model, beginning, max_new_tokens=2, stop_ids=(), source=source)
before, mark = process_bytes(), HighWater()
rows = greedy_rows(model, beginning, max_new_tokens=24, stop_ids=(), source=source)
assert {len(row) for row in rows} == {24}
print((mark.bytes() - before) / 2**20)
"""


@pytest.mark.parametrize("name", ["decoder", "encoder_decoder"])
def test_that_writing_many_tokens_takes_no_more_memory_than_a_few(name: str):
    script = f"NAME = {name!r}\n{WRITING}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 60  # what is written, and a block or two; a block a token would be 192
