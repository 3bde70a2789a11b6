"""Export to one GGUF file, which llama.cpp and its relatives open: weights, tokenizer and chat layout together.

Qwen3's architecture, or Llama's where QK-norm is off. Only byte-level BPE is written: of the tokenizers there are here it is
the one that llama.cpp cuts text with exactly as we do (its pre-tokenizer "gpt-2", the split pattern of Radford et al. 2019).
Weights stay in 32 bits, so that a model says there what it says here.

Source: the GGUF specification (ggml-org/ggml, docs/gguf.md) and the `gguf` library, which writes the format.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from llmstudio.core.errors import StudioError
from llmstudio.core.interop.chat_layout import chat_template
from llmstudio.core.interop.hugging_face import RMS_EPSILON, checked_config, exported_weights
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.tokenizer.config import END, PAD, SPECIALS, UNKNOWN
from llmstudio.core.tokenizer.in_gguf import why_not_in_gguf
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.store.files import explained, staged_file

# The published names of a layer's weights, and what the format calls them.
_NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_OUTSIDE = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}


def export_gguf(
    model: LanguageModel, tokenizer: Tokenizer, out: Path, *, name: str, facts: Mapping[str, str], record_kind: str = ""
) -> None:
    """Write the model and its tokenizer as the new file `out`.

    Args:
        model: A decoder whose shape other programs know.
        tokenizer: The model's own; byte-level BPE.
        out: Must not exist yet.
        name: What the model is called inside.
        facts: Lines of description by heading.
        record_kind: Of what the model learned from, which says how it is asked; no chat layout is written if it is empty.

    Raises:
        StudioError: Shape or tokenizer cannot be written, the file exists, or its folder may not be written.
    """
    config = checked_config(model)
    if reason := why_not_in_gguf(tokenizer.kind, num_merges=len(tokenizer.merges), changes_text=not tokenizer.round_trips):
        raise StudioError("{reason}", reason=reason)
    with staged_file(out) as staged, explained(out):
        writer = gguf.GGUFWriter(staged, "qwen3" if config.qk_norm else "llama")
        try:
            writer.add_name(name)
            writer.add_description("; ".join(f"{heading}: {text}" for heading, text in facts.items()))
            _add_shape(writer, config, model.vocab_size)
            _add_tokenizer(writer, tokenizer)
            if (template := chat_template(record_kind)) is not None:
                writer.add_chat_template(template)
            for theirs, tensor in gguf_weights(model).items():
                writer.add_tensor(theirs, tensor)
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
        finally:
            writer.close()


def gguf_weights(model: LanguageModel) -> dict[str, NDArray[np.float32]]:
    """The weights under the format's names, 32 bits each."""
    config: DecoderConfig = model.config
    found = {}
    for published, tensor in exported_weights(model).items():
        values: NDArray[np.float32] = tensor.numpy()
        if (name := _OUTSIDE.get(published)) is None:
            _, _, layer, part = published.removesuffix(".weight").split(".", 3)
            name = f"blk.{layer}.{_NAMES[part]}.weight"
            if not config.qk_norm and part in ("self_attn.q_proj", "self_attn.k_proj"):
                values = _interleaved(values, config.num_heads if part == "self_attn.q_proj" else config.kv_heads)
        found[name] = values
    return found


def _interleaved(weight: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows of a head in the order that llama.cpp's Llama rotates them: pairs side by side, not half a head apart."""
    rows, width = weight.shape
    pairs = weight.reshape(heads, 2, rows // heads // 2, width).swapaxes(1, 2)
    return np.ascontiguousarray(pairs.reshape(rows, width))


def _add_shape(writer: gguf.GGUFWriter, config: DecoderConfig, vocab_size: int) -> None:
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_vocab_size(vocab_size)
    writer.add_context_length(config.context_length)
    writer.add_embedding_length(config.embed_dim)
    writer.add_block_count(config.num_layers)
    writer.add_feed_forward_length(config.feed_forward_dim)
    writer.add_head_count(config.num_heads)
    writer.add_head_count_kv(config.kv_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope_base)
    writer.add_layer_norm_rms_eps(RMS_EPSILON)


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    spelled = [str(tokenizer.backend.id_to_token(id)) for id in range(tokenizer.vocab_size)]
    kinds = [gguf.TokenType.CONTROL] * len(SPECIALS) + [gguf.TokenType.NORMAL] * (len(spelled) - len(SPECIALS))
    kinds[UNKNOWN] = gguf.TokenType.UNKNOWN
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(spelled)
    writer.add_token_types(kinds)
    writer.add_token_merges([f"{spelled[left]} {spelled[right]}" for left, right, _ in tokenizer.merges])
    # A text begins after END. Without a name here llama.cpp would take token 11 for it, which is a piece of text.
    writer.add_bos_token_id(END)
    writer.add_eos_token_id(END)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_pad_token_id(PAD)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
