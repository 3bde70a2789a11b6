"""How many bytes a run will take, by arithmetic alone. Checked against measured runs in the tests.

Every kept value of a training step is listed once; a processor adds the pages that libraries touch when first used.
"""

from __future__ import annotations

from llmstudio.core.memory.breakdown import CLASSES, LIBRARIES, LOGITS, LOOK, TABLE, TEACHER, Breakdown, Entry
from llmstudio.core.memory.learning import (
    adapter_activations,
    adapter_parameters,
    learning_parts,
    learning_shapes,
    remembering_parts,
)
from llmstudio.core.memory.sparse import Spared, block_bytes, masked_bytes, spared
from llmstudio.core.models.config import FLOAT, LOGITS_AT_ONCE, TEMPORARY, Activations, Parameters
from llmstudio.core.models.parts.heads.sizes import FEATURES, TABLE_ROWS
from llmstudio.core.models.roles import Role
from llmstudio.core.optimizers import state_bytes
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.settings import ClassifySettings

# A larger block goes back to the system at once, a smaller one is held for later (`training.machine.setup.hold_blocks`).
_HELD_BLOCK = 16 * 2**20
# However large the logits are, so much of what is left behind finds no use.
_NEVER_FILLED = 0.25
# A layer that keeps nothing frees half of what it makes before the rest is made: measured where only a head learns.
_PASSING = 0.45


def estimate(
    recipe: Recipe,
    vocab_size: int,
    *,
    context: int,
    rows_vary: bool = False,
    num_classes: int = 0,
    held_out_tokens: int = 0,
    teacher: Recipe | None = None,
) -> Breakdown:
    """Peak bytes of training, by part of the model and by kind.

    Args:
        recipe: The model's shape, its task, its batch (of one micro-batch), its optimizer, and its number format: the
            width of what matrix products leave behind.
        vocab_size: V.
        context: Tokens of the longest row.
        rows_vary: Whether rows are as long as their documents, not all alike.
        num_classes: Classes or tags, of which a text, and every hashed feature in a table, has a score each; 0 if not known.
        held_out_tokens: Of the validation part: where it is short, a look reads less at once; 0 if not known.
        teacher: How the model had learned that the recipe names as teacher; None if it is not known: one as large is taken.
    """
    config, number_format = recipe.model, recipe.training.number_format
    looking = recipe.task.look.within(held_out_tokens)
    # What is rehearsed lies beside a batch's own rows.
    tokens = round(recipe.training.batch_size / (1 - recipe.teach.rehearsal_share)) * context
    activations = config.activations(tokens=tokens, context=context, number_format=number_format)
    nothing = Activations(0)
    counts = config.parameters(vocab_size)
    learning, adapters = learning_parts(recipe, counts), adapter_parameters(recipe, vocab_size)
    kept_parts, shapes = remembering_parts({*learning, *adapters}, counts), learning_shapes(recipe, vocab_size, counts)
    beside_parts, beside_once = adapter_activations(recipe, tokens=tokens, product=FLOAT if number_format == "fp32" else 2)
    for part, num_bytes in beside_parts.items():
        activations[part] = activations.get(part, nothing).more(num_bytes)
    sparse = spared(recipe, counts)
    beside_once += block_bytes(recipe, counts) + masked_bytes(recipe, counts)
    for part, found in sparse.items():
        activations[part] = activations.get(part, nothing).more(found.kept_bytes)
    passing = {part: found for part, found in activations.items() if part in counts and part not in kept_parts}
    entries: list[Entry] = []
    for part, count in counts.items():
        learned = count if part in learning else Parameters(0, 0)
        adapter, gone = adapters.get(part, 0), sparse.get(part, Spared())
        moments = state_bytes(recipe.training.optimizer, [(Role.MATRIX, (gone.zeros,))])
        entries += [
            Entry(part, "weights", FLOAT * (sum(count) + adapter - gone.zeros) + gone.place_bytes),
            Entry(part, "gradients", FLOAT * (sum(learned) + adapter - gone.zeros)),
            Entry(part, "optimizer", state_bytes(recipe.training.optimizer, shapes[part]) - moments),
            Entry(part, "activations", *(nothing if part in passing else activations.get(part, nothing))),
        ]
    logits = _logit_bytes(vocab_size, round(tokens * recipe.task.guessed_share), number_format)
    once = activations.get(TEMPORARY, nothing).num_bytes + beside_once
    # A look keeps nothing, but may read more at once than a step.
    layer = max((found.num_bytes for part, found in activations.items() if part in counts), default=0)
    looked = looking.tokens_at_once(context) / tokens * (once + _PASSING * layer)
    kept = once + sum(found.num_bytes for part, found in activations.items() if part in kept_parts)
    # What passes through parts that keep nothing is there one layer at a time, before what the others keep.
    passes = round(_PASSING * max((found.num_bytes for found in passing.values()), default=0))
    once += max(0, passes - (kept - once))
    kept = max(kept, once)
    left = config.left_behind.after(rows_vary=rows_vary, number_format=number_format)
    beside = left.mebibytes * 2**20 + left.share * kept
    look = config.look_bytes(
        vocab_size,
        tokens=tokens,
        context=context,
        number_format=number_format,
        guessed_share=recipe.task.guessed_share,
        look=looking,
    )
    behind = {
        TEMPORARY: once,
        LOGITS: logits,
        LIBRARIES: round(max(beside - left.filled * logits, _NEVER_FILLED * beside)),
        LOOK: max(look, round((1 + max(0.0, left.share)) * (looked - kept))),
    }
    entries += [Entry(part, "activations", num_bytes) for part, num_bytes in behind.items()]
    if recipe.teach.distils:
        entries += _teacher(recipe, teacher or recipe, vocab_size, tokens=tokens)
    if recipe.task.has_table and num_classes:
        entries += _table(recipe.task.num_scores(num_classes), recipe.training.optimizer)
    if isinstance(recipe.task, ClassifySettings):
        entries += _classes(recipe, num_classes, context, held_out_tokens)
    return Breakdown(tuple(entries))


def _logit_bytes(vocab_size: int, guessed: int, number_format: str) -> int:
    """Of the tokens that are guessed: log softmax and the gradient of the logits, while all activations are kept.

    Beyond a number they are made and forgotten piece by piece. A look at the held-out text takes smaller pieces.
    """
    block = FLOAT * min(guessed * vocab_size, LOGITS_AT_ONCE)
    # The log softmax lies where the logits lay, and their gradient where its own did (`tasks.cross_entropy`). Of a block
    # that is held something small takes a part before it is asked for again. In 16 bits logits and gradient lie there too.
    held = 0.5 if block <= _HELD_BLOCK else 0.25
    return round((2 + held + 0.75 * (number_format != "fp32")) * block)


def _teacher(recipe: Recipe, teacher: Recipe, vocab_size: int, *, tokens: int) -> list[Entry]:
    """The weights of a teacher, what its head reads, and beside the logits of a step three blocks more: its own, and both
    models' at the temperature. It reads before the model does, and what its layers make is gone by then.
    """
    block = FLOAT * min(round(tokens * recipe.task.guessed_share) * vocab_size, LOGITS_AT_ONCE)
    weights = FLOAT * sum(sum(count) for count in teacher.model.parameters(vocab_size).values())
    read = FLOAT * tokens * teacher.model.features_dim
    return [Entry(TEACHER, "weights", weights), Entry(TEACHER, "activations", read + 3 * block)]


def _classes(recipe: Recipe, num_classes: int, context: int, held_out_tokens: int) -> list[Entry]:
    """The head for classes, which learns whatever else does, and the scores that texts are given."""
    read = FEATURES if recipe.task.pooling == "phrases" else recipe.model.features_dim
    num_bytes = FLOAT * (read + 1) * num_classes
    kept = state_bytes(recipe.training.optimizer, [(Role.HEAD, (num_classes, read)), (Role.BIAS, (num_classes,))])
    # Scores, their softmax, the truth, and a gradient or loss. A look keeps scores and truth of all texts, to sum them up.
    texts = held_out_tokens // context
    at_once = max(recipe.training.batch_size, min(recipe.task.look.rows_at_once(context), texts))
    scores = (4 * FLOAT * at_once + (FLOAT + 1) * texts) * num_classes
    named = (("weights", num_bytes), ("gradients", num_bytes), ("optimizer", kept), ("activations", scores))
    return [Entry(CLASSES, kind, n) for kind, n in named]


def _table(num_classes: int, optimizer: str) -> list[Entry]:
    """The table of hashed features beside the network, which learns whatever else does."""
    num_bytes = FLOAT * TABLE_ROWS * num_classes
    kept = state_bytes(optimizer, [(Role.BIAS, (TABLE_ROWS, num_classes))])
    return [Entry(TABLE, kind, n) for kind, n in (("weights", num_bytes), ("gradients", num_bytes), ("optimizer", kept))]
