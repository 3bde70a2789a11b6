"""Units of the text VAE: of the LSTM that writes and of those that read, of the vectors of tokens, and latent ones."""

from __future__ import annotations

from collections.abc import Iterator

from llmstudio.core.models.families.vae import TextVAE
from llmstudio.core.models.shrinking.units import Cut, Units

_ENDS = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def places(model: TextVAE) -> Iterator[Units]:
    """Every place of units."""
    config = model.config
    hidden, half, latent = config.hidden_dim, config.hidden_dim // 2, config.latent_dim
    out = "out.weight" if config.tie_embeddings else "unembed.weight"
    begins = (Cut("first_state.weight", 0, ((0, 1), (hidden, 1))), Cut("first_state.bias", 0, ((0, 1), (hidden, 1))))
    reads = (Cut("writes.weight_hh_l0", 1), Cut(out, 1))
    yield Units("layers.0.units", "units", hidden, (*_gates("writes", hidden), *begins), reads)
    for name, start in (("reads_forward", 0), ("reads_backward", half)):
        reads = (Cut(f"{name}.weight_hh_l0", 1), Cut("to_latent.weight", 1, ((start, 1),)))
        yield Units(f"source.layers.0.{name}", "units", half, _gates(name, half), reads, shared=2)
    both = ((0, 1), (latent, 1))
    told = (Cut("to_latent.weight", 0, both), Cut("to_latent.bias", 0, both))
    beside = Cut("writes.weight_ih_l0", 1, ((config.embed_dim, 1),))
    yield Units("latent", "latent", latent, told, (Cut("first_state.weight", 1), beside))
    vectors = (Cut("embed.weight", 1), *((Cut("out.weight", 0),) if config.tie_embeddings else ()))
    cells = tuple(Cut(f"{name}.weight_ih_l0", 1) for name in ("reads_forward", "reads_backward", "writes"))
    yield Units("width", "width", config.embed_dim, vectors, cells)


def _gates(name: str, width: int) -> tuple[Cut, ...]:
    return tuple(Cut(f"{name}.{end}", 0, tuple((gate * width, 1) for gate in range(4))) for end in _ENDS)
