"""Export to a folder that transformers opens without custom code: Qwen3's shape, or Llama's where QK-norm is off.

Layout and names follow the configuration and weight names of those two published architectures.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from llmstudio.core.errors import StudioError
from llmstudio.core.generation.constraints import not_text
from llmstudio.core.interop.chat_layout import CHAT_TEMPLATE as CHAT_TEMPLATE  # where other programs look for it
from llmstudio.core.interop.chat_layout import chat_template
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.checkpoint.write import write_tensors
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.weights.base import dense_tensors
from llmstudio.core.tokenizer.config import END, PAD, SPECIALS, UNKNOWN
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.store.files import explained, staged_folder, write_bytes, write_json

RMS_EPSILON = 1e-6


def export(
    model: LanguageModel,
    tokenizer: Tokenizer,
    out: Path,
    *,
    facts: Mapping[str, str],
    name: str = "",
    record_kind: str = "",
) -> None:
    """Write the model and its tokenizer as a new folder `out`.

    Args:
        model: A decoder whose shape other programs know.
        tokenizer: The model's own.
        out: Must not exist yet.
        facts: Lines for the model card by heading: what it has read, its loss, and so on.
        name: What the model is called; the folder's own name if it is empty.
        record_kind: Of what the model learned from, which says how it is asked; no chat layout is written if it is empty.

    Raises:
        StudioError: The shape exists only here, the folder exists, or it cannot be written.
    """
    config = checked_config(model)
    with staged_folder(out) as folder, explained(out):
        write_json(folder / "config.json", _config(config, model.vocab_size))
        generation = {
            "bos_token_id": None,
            "eos_token_id": END,
            "pad_token_id": PAD,
            "do_sample": True,
            "suppress_tokens": not_text(),  # as here: what is no text is never drawn
        }
        write_json(folder / "generation_config.json", generation)
        write_tensors(exported_weights(model), folder / "model.safetensors", metadata={"format": "pt"})
        tokenizer.save(folder)
        template = chat_template(record_kind)
        write_json(folder / "tokenizer_config.json", _tokenizer_config(config, template))
        write_json(folder / "special_tokens_map.json", _special_tokens())
        if template is not None:
            write_bytes(folder / "chat_template.jinja", template.encode())
        write_bytes(folder / "README.md", _card(name or out.name, facts).encode())


def checked_config(model: LanguageModel) -> DecoderConfig:
    """The model's settings. Raises StudioError if its shape is none that other programs know."""
    config = model.config
    if (reason := config.why_not_exportable()) is not None:
        raise StudioError("{reason}", reason=reason)
    assert isinstance(config, DecoderConfig)
    return config


def exported_weights(model: LanguageModel) -> dict[str, Tensor]:
    """The weights under the names and in the layout of transformers: queries, keys and values apart, gate and up apart."""
    config: DecoderConfig = model.config
    ours: dict[str, Any] = dense_tensors(model)
    theirs = {"model.embed_tokens.weight": ours["embed.weight"], "model.norm.weight": ours["norm.weight"]}
    if not config.tie_embeddings:
        theirs["lm_head.weight"] = ours["unembed.weight"]
    kv_width = config.kv_heads * config.head_dim
    for layer in range(config.num_layers):
        mine, other = f"blocks.{layer}.", f"model.layers.{layer}."
        q, k, v = ours[mine + "attention.qkv.weight"].split((config.heads_dim, kv_width, kv_width))
        gate, up = ours[mine + "feed_forward.up.weight"].chunk(2)
        theirs |= {
            other + "self_attn.q_proj.weight": q,
            other + "self_attn.k_proj.weight": k,
            other + "self_attn.v_proj.weight": v,
            other + "self_attn.o_proj.weight": ours[mine + "attention.out.weight"],
            other + "mlp.gate_proj.weight": gate,
            other + "mlp.up_proj.weight": up,
            other + "mlp.down_proj.weight": ours[mine + "feed_forward.down.weight"],
            other + "input_layernorm.weight": ours[mine + "attention_norm.weight"],
            other + "post_attention_layernorm.weight": ours[mine + "feed_forward_norm.weight"],
        }
        if config.qk_norm:
            theirs[other + "self_attn.q_norm.weight"] = ours[mine + "attention.q_norm.weight"]
            theirs[other + "self_attn.k_norm.weight"] = ours[mine + "attention.k_norm.weight"]
    return {name: tensor.contiguous().clone() for name, tensor in theirs.items()}


def _config(config: DecoderConfig, vocab_size: int) -> dict[str, Any]:
    name, kind = ("Qwen3ForCausalLM", "qwen3") if config.qk_norm else ("LlamaForCausalLM", "llama")
    return {
        "architectures": [name],
        "model_type": kind,
        "vocab_size": vocab_size,
        "hidden_size": config.embed_dim,
        "intermediate_size": config.feed_forward_dim,
        "num_hidden_layers": config.num_layers,
        "num_attention_heads": config.num_heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_dim,
        "max_position_embeddings": config.context_length,
        "hidden_act": "silu",
        "rms_norm_eps": RMS_EPSILON,
        "tie_word_embeddings": config.tie_embeddings,
        "attention_bias": False,
        "mlp_bias": False,
        "attention_dropout": 0.0,
        "use_sliding_window": False,
        "initializer_range": 0.02,
        "use_cache": True,
        # Older and newer releases of transformers read the rotary base from different places.
        "rope_theta": config.rope_base,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_base},
        "bos_token_id": None,
        "eos_token_id": END,
        "pad_token_id": PAD,
        "torch_dtype": "float32",
    }


def _special_tokens() -> dict[str, str]:
    return {"eos_token": SPECIALS[END], "pad_token": SPECIALS[PAD], "unk_token": SPECIALS[UNKNOWN]}


def _tokenizer_config(config: DecoderConfig, template: str | None) -> dict[str, Any]:
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": config.context_length,
        "clean_up_tokenization_spaces": False,
        # Said aloud: version 4 of transformers would add segment ids, which a decoder refuses; and rows of a batch must end
        # together for all to be written on at once.
        "model_input_names": ["input_ids", "attention_mask"],
        "padding_side": "left",
    }
    return settings | ({} if template is None else {"chat_template": template}) | _special_tokens()


def _card(name: str, facts: Mapping[str, str]) -> str:
    lines = ["---", "library_name: transformers", "pipeline_tag: text-generation", "---", "", f"# {name}", ""]
    lines += ["A small language model, grown from random weights with llmstudio: for learning and play, not for advice.", ""]
    lines += [f"- {heading}: {text}" for heading, text in facts.items()]
    return "\n".join(lines) + "\n"
