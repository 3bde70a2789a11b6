"""How many bytes a run will take, by arithmetic alone. Checked against measured runs in the tests.

Every kept value of a training step is listed once; a processor adds the pages that libraries touch when first used.
"""

from __future__ import annotations

from llmstudio.core.models.config import FLOAT, DecoderConfig, ModelConfig
from llmstudio.core.models.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.vae_config import VAEConfig

# Working space that libraries keep beside the run's own tensors, whatever the size; 16-bit products keep plans as well.
WORKSPACE, PLANS = 24 * 2**20, 20 * 2**20
# What rows of every length leave behind besides, as a share of the activations, in 32 bits and in 16, as measured.
_HELD_BLOCK = 32 * 2**20  # freed blocks up to this size are held for the next step (`training.setup.prepare_process`)
# Beyond so many logits they are made and forgotten piece by piece (`training.loss`).
_LOGITS_AT_ONCE = 2**24
# What a decoder's blocks leave behind in 32 bits beyond what is counted, as measured for vocabularies from 100 to 32,000
# (`tests/trials/memory.py`); of its workspace hardly anything comes on top of that.
_DECODER_EXTRA, _DECODER_WORKSPACE = 0.3, 4 * 2**20
_VARIED_ROWS: dict[type, tuple[float, float]] = {VAEConfig: (0.5, 0.5), EncoderDecoderConfig: (0.0, 0.6)}


def estimate_bytes(
    config: ModelConfig,
    vocab_size: int,
    *,
    batch_size: int,
    context: int,
    optimizer: str = "adamw",
    number_format: str = "fp32",
) -> dict[str, int]:
    """Peak bytes of training by kind: weights, gradients, optimizer, activations.

    Args:
        config: The model's shape.
        vocab_size: V.
        batch_size: Rows a step (of one micro-batch).
        context: Tokens a row.
        optimizer: adamw keeps two moments a weight, muon one for matrices.
        number_format: fp32, bf16 or fp16: the width of what matrix products leave behind.
    """
    parameters = config.num_parameters(vocab_size)
    tables = config.table_parameters(vocab_size)
    matrices = parameters - tables
    moments = 2 * parameters if optimizer == "adamw" else matrices + 2 * tables
    tokens = batch_size * context
    kept = config.activation_bytes(vocab_size, tokens=tokens, context=context, number_format=number_format)
    kept += round(kept * _VARIED_ROWS.get(type(config), (0.0, 0.0))[number_format != "fp32"])
    if isinstance(config, DecoderConfig) and number_format == "fp32":
        kept += round(kept * _DECODER_EXTRA) + _DECODER_WORKSPACE
    else:
        kept += WORKSPACE + (PLANS if number_format != "fp32" else 0)
    return {
        "weights": FLOAT * parameters,
        "gradients": FLOAT * parameters,
        "optimizer": FLOAT * moments,
        "activations": kept + _logit_bytes(tokens, vocab_size),
    }


def _logit_bytes(tokens: int, vocab_size: int) -> int:
    """Logits, their softmax and its gradient; of large ones, which go back to the system at once, one is there at a time."""
    block = min(tokens * vocab_size, _LOGITS_AT_ONCE) * FLOAT
    return 3 * block if block <= _HELD_BLOCK else block
