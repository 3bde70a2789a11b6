"""Units of the Transformers: heads, neurons, layers, and the width of the stream that runs through them."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_decoder import EncoderDecoder
from llmstudio.core.models.shrinking.units import Cut, Units

# Modules of a block, by the names of what writes to the stream, and of what stands before what reads it.
_WRITERS = ("attention.out", "cross.out", "feed_forward.down")
_READERS = ("attention.qkv", "cross.q", "cross.kv", "feed_forward.up")
_NORMS = ("attention_norm", "cross_norm", "feed_forward_norm")
_CONVOLUTIONS = ("attention_convolution", "feed_forward_convolution")


def places(model: LanguageModel, blocks: DecoderConfig) -> Iterator[Units]:
    """Every place of units; `blocks` is the shape of its blocks."""
    names = [name for name, _ in model.named_parameters()]
    halves = _halves(model)
    layers = [f"{half}blocks.{n}." for half in halves.values() for n in range(blocks.num_layers)]
    told = [f"{half}layers.{n}." for half in halves for n in range(blocks.num_layers)]
    yield from _heads(names, layers, told, blocks)
    wide = blocks.feed_forward_dim
    rows = ((0, 1), (wide, 1)) if blocks.activation == "swiglu" else ((0, 1),)
    for at, said in zip(layers, told, strict=True):
        up, down = Cut(f"{at}feed_forward.up.weight", 0, rows), Cut(f"{at}feed_forward.down.weight", 1)
        yield Units(f"{said}neurons", "neurons", wide, (up,), (down,))
    for half, stack in halves.items():
        scale = (Cut("value_scale", 0),) if blocks.value_embeddings else ()
        yield Units(f"{half}layers", "layers", blocks.num_layers, scale, numbered=(f"{stack}blocks.",))
    yield _width(names, layers, halves.values(), blocks)


def _halves(model: LanguageModel) -> dict[str, str]:
    """How the names of each half's parts begin, by how those of its taps do."""
    if isinstance(model, EncoderDecoder):
        return {"source.": "encoder.", "": ""}
    return {"": "stack." if hasattr(model, "stack") else ""}


def _heads(names: list[str], layers: list[str], told: list[str], blocks: DecoderConfig) -> Iterator[Units]:
    groups, width = blocks.kv_heads, blocks.head_dim
    query = blocks.num_heads // groups * width
    rows = (0, query), (blocks.heads_dim, width), (blocks.heads_dim + groups * width, width)
    found = []
    for at, said in zip(layers, told, strict=True):
        qkv, out = Cut(f"{at}attention.qkv.weight", 0, rows), Cut(f"{at}attention.out.weight", 1, ((0, query),))
        found.append(Units(f"{said}heads", "heads", groups, (qkv,), (out,)))
        if f"{at}cross.q.weight" in names:
            both = ((0, width), (blocks.heads_dim, width))
            looks = Cut(f"{at}cross.q.weight", 0, ((0, width),)), Cut(f"{at}cross.kv.weight", 0, both)
            out = Cut(f"{at}cross.out.weight", 1, ((0, width),))
            found.append(Units(f"{said}cross_heads", "heads", groups, looks, (out,)))
    if not blocks.value_embeddings:
        yield from found
        return
    # One table feeds the values of all layers, so a group of heads goes from all of them, or from none.
    table = Cut("value_embed.weight", 1, ((0, width),))
    written = tuple(cut for units in found for cut in units.written)
    yield Units("heads", "heads", groups, (table, *written), tuple(cut for units in found for cut in units.read))


def _width(names: list[str], layers: list[str], halves: object, blocks: DecoderConfig) -> Units:
    own = set(names)
    written = [Cut("embed.weight", 1), *(Cut(name, 1) for name in names if name.endswith("place_embed.weight"))]
    read = [Cut("unembed.weight", 1)] if "unembed.weight" in own else []
    for at in layers:
        written += [Cut(f"{at}{part}.weight", 0) for part in _WRITERS]
        written += [Cut(f"{at}{part}.weight", 0) for part in _NORMS]
        written += [Cut(f"{at}{part}.weight", 1) for part in _CONVOLUTIONS]
        read += [Cut(f"{at}{part}.weight", 1) for part in _READERS]
    written += [Cut(name, 0) for name in names if name.removeprefix("stack.").removeprefix("encoder.") == "norm.weight"]
    return Units(
        "width",
        "width",
        blocks.embed_dim,
        tuple(cut for cut in written if cut.name in own),
        tuple(cut for cut in read if cut.name in own),
    )


def rescale(tensors: dict[str, Tensor], before: DecoderConfig, after: DecoderConfig) -> dict[str, Tensor]:
    """A narrower stream's tensors so that its norms give what they gave.

    A root mean square over D numbers of which only D' are not zero becomes one over D' numbers. Whatever writes to the
    stream is made smaller by c, c^2 = D'/D, so that it is the same number; and every gain larger by as much. Where one table
    reads and writes, the last gain makes up for both.
    """
    c = (after.embed_dim / before.embed_dim) ** 0.5
    reads_source = "encoder.norm.weight" in tensors
    found = dict(tensors)
    for name, tensor in tensors.items():
        module = name.removesuffix(".weight")
        if module.endswith(("embed", *_WRITERS)) and not module.endswith(("unembed", "value_embed")):
            found[name] = tensor * c
        elif module.endswith(_NORMS) or module == "encoder.norm":
            found[name] = tensor / c
        elif module in ("norm", "stack.norm"):
            found[name] = tensor / (c * c if after.tie_embeddings else c)
        elif name in ("class_head.out.weight", "class_head.query") and after.tie_embeddings and not reads_source:
            found[name] = tensor * c  # what it reads comes from that gain
    return found
