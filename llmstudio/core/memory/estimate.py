"""How many bytes a run will take, by arithmetic alone. Checked against measured runs in the tests.

Every kept value of a training step is listed once; a processor adds the pages that libraries touch when first used.
"""

from __future__ import annotations

from llmstudio.core.models.config import FLOAT, LOGITS_AT_ONCE, ModelConfig
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.models.roles import Role
from llmstudio.core.optimizers import state_bytes
from llmstudio.core.recipe import Recipe

# Working space that libraries keep beside the run's own tensors, whatever the size, and what 16-bit products add: a plan for
# every shape they meet, of which models that guess a part of their places meet many. Like the other shares here measured
# by `tests/trials/memory.py`, with vocabularies of 100, 2,000, 13,000 and 32,000.
_WORKSPACE: dict[type, tuple[int, int]] = {
    DecoderConfig: (4, 20),
    EncoderConfig: (0, 28),
    EncoderDecoderConfig: (40, 45),
    VAEConfig: (45, -15),
    GRUConfig: (16, 0),
}
_OTHER_WORKSPACE = (24, 0)
# What products add where rows have many lengths, in 32 bits and in 16: plans for every one, and what these keep apart.
_EVERY_LENGTH: dict[type, tuple[int, int]] = {
    DecoderConfig: (0, 120),
    EncoderConfig: (8, 130),
    EncoderDecoderConfig: (0, 0),
    GRUConfig: (30, 60),
    RNNConfig: (60, 50),
    VAEConfig: (0, 30),
}
# A larger block goes back to the system at once, a smaller one is held for later (`training.machine.setup.hold_blocks`).
_HELD_BLOCK = 16 * 2**20
# What a look at the held-out text reads at once, and of how much of it the logits are there (`tasks`).
_LOOKED_AT_ONCE, _LOOKED_LOGITS, _ROWS_AT_LEAST = 2048, 2**20, 128
# What blocks that were taken and freed in another order leave behind, and rows of every length, as a share of the
# activations, in 32 bits and in 16. Of pairs, source and target are seldom long together, so that some are never there.
_HOLES: dict[type, tuple[float, float]] = {
    DecoderConfig: (0.4, 0.35),
    EncoderConfig: (0.4, 0.1),
    GRUConfig: (0.2, 0.2),
    EncoderDecoderConfig: (-0.1, 0.4),
    VAEConfig: (0.05, 0.2),
}


def estimate_bytes(recipe: Recipe, vocab_size: int, *, context: int, rows_vary: bool = False) -> dict[str, int]:
    """Peak bytes of training by kind: weights, gradients, optimizer, activations.

    Args:
        recipe: The model's shape, its task, its batch (of one micro-batch), its optimizer, and its number format: the
            width of what matrix products leave behind.
        vocab_size: V.
        context: Tokens of the longest row.
        rows_vary: Whether rows are as long as their documents, not all alike.
    """
    config, number_format = recipe.model, recipe.training.number_format
    parameters = config.num_parameters(vocab_size)
    tables = config.table_parameters(vocab_size)
    state = state_bytes(recipe.training.optimizer, [(Role.EMBEDDING, (tables,)), (Role.MATRIX, (parameters - tables,))])
    tokens = recipe.training.batch_size * context
    kept = config.activation_bytes(vocab_size, tokens=tokens, context=context, number_format=number_format)
    logits = _logit_bytes(vocab_size, round(tokens * recipe.task.guessed_share), number_format)
    holes = round(kept * _HOLES.get(type(config), (0.0, 0.0))[number_format != "fp32"])
    # The few logits of an encoder find room where its way back leaves holes later.
    kept += max(0, holes - logits) if isinstance(config, EncoderConfig) else holes
    always, in_16_bits = _WORKSPACE.get(type(config), _OTHER_WORKSPACE)
    kept += (always + (in_16_bits if number_format != "fp32" else 0)) * 2**20
    if rows_vary:
        kept += _EVERY_LENGTH.get(type(config), (15, 15))[number_format != "fp32"] * 2**20
    kept += _looking_bytes(config, vocab_size, tokens, number_format)
    return {
        "weights": FLOAT * parameters,
        "gradients": FLOAT * parameters,
        "optimizer": state,
        "activations": kept + logits,
    }


def _logit_bytes(vocab_size: int, guessed: int, number_format: str) -> int:
    """Of the tokens that are guessed: log softmax and the gradient of the logits, while all activations are kept.

    Beyond a number they are made and forgotten piece by piece. A look at the held-out text takes smaller pieces.
    """
    block = FLOAT * min(guessed * vocab_size, LOGITS_AT_ONCE)
    # The log softmax lies where the logits lay, and their gradient where its own did (`tasks.cross_entropy`). Of a block
    # that is held something small takes a part before it is asked for again. In 16 bits logits and gradient lie there too.
    held = 0.5 if block <= _HELD_BLOCK else 0.25
    return round((2 + held + 0.75 * (number_format != "fp32")) * block)


def _looking_bytes(config: ModelConfig, vocab_size: int, tokens: int, number_format: str) -> int:
    """What a look at the held-out text takes beyond what a step has left behind.

    Of an encoder's, logits and softmax, since it guesses few places in a step. Of recurrent models what one layer takes
    (GRU, RNN), or what it says (LSTM): a look reads more tokens at once than small batches have.
    """
    if isinstance(config, LSTMConfig):
        return _LOOKED_AT_ONCE * config.num_layers * config.hidden_dim * FLOAT
    if not isinstance(config, EncoderConfig | GRUConfig | RNNConfig):
        return 0
    step, look = (
        config.activation_bytes(vocab_size, tokens=count, context=config.context_length, number_format=number_format)
        for count in (tokens, _LOOKED_AT_ONCE)
    )
    if isinstance(config, EncoderConfig):
        guessed = 2 * _LOOKED_AT_ONCE * 15 // 100
        logits = 2 * FLOAT * min(guessed * vocab_size, max(_ROWS_AT_LEAST * vocab_size, _LOOKED_LOGITS))
        return max(0, look // config.num_layers + logits - step)
    return max(0, look - step) // config.num_layers
