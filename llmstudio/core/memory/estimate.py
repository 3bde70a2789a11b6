"""How many bytes a run will take, by arithmetic alone. Checked against measured runs in the tests.

Every kept value of a training step is listed once; a processor adds the pages that libraries touch when first used.
"""

from __future__ import annotations

from llmstudio.core.models.config import EXPLICIT_ATTENTION, DecoderConfig

FLOAT = 4
# Working space that libraries keep beside the run's own tensors: 17 to 45 MB were measured, whatever the size.
WORKSPACE = 24 * 2**20


def estimate_bytes(
    config: DecoderConfig,
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
    tables = vocab_size * config.embed_dim * (1 if config.tie_embeddings else 2)
    matrices = parameters - tables
    moments = 2 * parameters if optimizer == "adamw" else matrices + 2 * tables
    return {
        "weights": FLOAT * parameters,
        "gradients": FLOAT * parameters,
        "optimizer": FLOAT * moments,
        "activations": activation_bytes(
            config, vocab_size, tokens=batch_size * context, context=context, number_format=number_format
        ),
    }


def activation_bytes(config: DecoderConfig, vocab_size: int, *, tokens: int, context: int, number_format: str) -> int:
    """What the forward pass keeps for the backward pass, with the logits' peak on top."""
    width, hidden = config.embed_dim, config.feed_forward_dim
    kv_width = config.kv_heads * config.head_dim
    product = FLOAT if number_format == "fp32" else 2
    # Residual stream and norm inputs are kept in 32 bits; what goes in and out of products in the product's width.
    residual = 4 * width * FLOAT + (2 * config.convolution_width * width * FLOAT if config.convolution_width > 1 else 0)
    attention = (2 * width + kv_width * 2) * product * 3 + width * product * 2
    wide = hidden * (4 if config.activation == "swiglu" else 3) * product
    scores = 3 * config.num_heads * context * product if context <= EXPLICIT_ATTENTION else 0
    layer = tokens * (residual + attention + wide + scores)
    logits = 3 * tokens * vocab_size * FLOAT
    return config.num_layers * layer + logits + WORKSPACE
