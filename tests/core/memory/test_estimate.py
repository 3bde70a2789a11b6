"""What is forecast by arithmetic is what a process really takes, in a process that does nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from llmstudio.core.memory.estimate import estimate_bytes
from llmstudio.core.models.config import DecoderConfig
from llmstudio.core.models.encoder_config import EncoderConfig
from llmstudio.core.models.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.models.vae_config import VAEConfig

SHAPES = {
    "wide": ("decoder", ("model.embed_dim=256", "model.num_layers=4", "model.num_heads=4", "training.batch_size=16")),
    "long": ("decoder", ("model.embed_dim=96", "model.num_heads=4", "model.context_length=256", "training.batch_size=32")),
    "wordy": ("decoder", ("model.embed_dim=64", "model.num_heads=2", "model.num_layers=2", "training.batch_size=64")),
    # Sentences of every length, for long enough that what is freed and kept would show.
    "sentences": ("vae", ("training.batch_size=128", "training.max_steps=80")),
    "recurrent": ("lstm", ("model.hidden_dim=512", "model.dropout=0.1", "training.batch_size=16")),
}


def run(project: Path, *words: str) -> dict[str, object]:
    command = [sys.executable, "-m", "llmstudio", *words, "--project", str(project), "--json"]
    environment = os.environ | {"LLMSTUDIO_HOME": str(project.parent)}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
    last = json.loads(done.stdout.strip().splitlines()[-1])
    assert last["event"] == "finished", last
    return dict(last["result"])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forecast") / "project"
    run(folder, "import", "sample:tales", "--name", "Tales", "--set", "sample_count=600")
    run(folder, "tokenizer", "Tales", "--name", "Words", "--kind", "word", "--vocab-size", "2000")
    return folder


@pytest.mark.parametrize("name", SHAPES)
def test_that_the_memory_forecast_is_near_what_the_process_takes(project: Path, name: str) -> None:
    family, shape = SHAPES[name]
    wishes = [word for wish in ("training.max_steps=8", "training.eval_steps=100", *shape) for word in ("--set", wish)]
    named = ("--corpus", "Tales", "--tokenizer", "Words", "--name", name)
    found = run(project, "train", *named, "--model", family, *wishes)
    peak, predicted = float(str(found["peak_bytes"])), float(str(found["predicted_peak_bytes"]))
    assert 0.6 < predicted / peak < 1.6, f"predicted {predicted / 1e6:.0f} MB, measured {peak / 1e6:.0f} MB"


# Megabytes that runs took at most, by family, format, width and rows, for vocabularies of 100, 2,000, 13,000 and 32,000 (0:
# not measured): by tests/trials/memory.py, each in a process of its own.
_SIZES = (100, 2000, 13_000, 32_000)
MEASURED = {
    ("gru", "fp32", 64, 8): (76, 80, 217, 270),
    ("rnn", "fp32", 64, 8): (63, 71, 177, 311),
    ("lstm", "fp32", 64, 8): (59, 71, 213, 339),
    ("decoder", "fp32", 64, 8): (73, 110, 251, 346),
    ("encoder", "fp32", 64, 8): (68, 70, 102, 179),
    ("encoder_decoder", "fp32", 64, 8): (46, 60, 170, 378),
    ("vae", "fp32", 64, 8): (66, 73, 140, 0),
    ("gru", "bf16", 64, 8): (75, 0, 154, 0),
    ("rnn", "bf16", 64, 8): (62, 0, 151, 0),
    ("lstm", "bf16", 64, 8): (47, 0, 184, 0),
    ("decoder", "bf16", 64, 8): (63, 0, 280, 0),
    ("encoder", "bf16", 64, 8): (77, 0, 109, 0),
    ("encoder_decoder", "bf16", 64, 8): (112, 0, 214, 0),
    ("vae", "bf16", 64, 8): (0, 0, 122, 0),
    ("gru", "fp32", 256, 16): (100, 0, 0, 0),
    ("lstm", "fp32", 256, 16): (77, 0, 0, 0),
    ("decoder", "fp32", 256, 16): (445, 0, 724, 0),
    ("encoder", "fp32", 256, 16): (407, 0, 0, 0),
    ("encoder_decoder", "fp32", 256, 16): (247, 0, 0, 0),
}
# Whether a block of logits finds a place in held memory is chance: there it was one more, or one less, than in most runs.
_BY_CHANCE = {("gru", "fp32", 2000), ("gru", "fp32", 32_000), ("lstm", "fp32", 13_000), ("gru", "bf16", 13_000),
              ("rnn", "bf16", 13_000)}  # fmt: skip
_CONFIGS = {
    "rnn": RNNConfig(hidden_dim=464),
    "gru": GRUConfig(hidden_dim=264),
    "lstm": LSTMConfig(hidden_dim=224),
    "decoder": DecoderConfig(),
    "encoder": EncoderConfig(num_layers=3, mask_rate=0.1, convolution_width=5),
    "encoder_decoder": EncoderDecoderConfig(num_layers=2),
    "vae": VAEConfig(hidden_dim=256, context_length=32, dropout=0.1),
}
_RUNS = [(*run, size, peak) for run, peaks in MEASURED.items() for size, peak in zip(_SIZES, peaks, strict=True) if peak]


@pytest.mark.parametrize(("family", "number_format", "width", "rows", "size", "peak"), _RUNS)
def test_that_the_forecast_is_within_15_percent_of_what_was_measured_unless_chance_has_it(
    family: str, number_format: str, width: int, rows: int, size: int, peak: int
) -> None:
    config = replace(_CONFIGS[family], embed_dim=width)
    found = estimate_bytes(
        config,
        size,
        batch_size=rows,
        context=config.context_length,
        optimizer="muon" if family in ("encoder", "encoder_decoder", "decoder") else "adamw",
        number_format=number_format,
    )
    near = 0.27 if (family, number_format, size) in _BY_CHANCE else 0.15
    assert sum(found.values()) == pytest.approx(peak * 1e6, rel=near)


def test_that_logits_which_are_made_piece_by_piece_are_not_forecast_as_if_all_were_there_at_once() -> None:
    small, large = (
        estimate_bytes(DecoderConfig(embed_dim=64, context_length=32), 32_000, batch_size=rows, context=32)["activations"]
        for rows in (32, 64)
    )
    assert large - small < 32 * 32 * 32_000 * 4 / 2  # half of what the logits of as many more rows take, once
