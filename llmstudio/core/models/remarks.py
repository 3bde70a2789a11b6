"""Settings of a model that change nothing beside its other settings: each says so, so that nobody learns a wrong lesson."""

from __future__ import annotations

from typing import Any

from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.recurrent_config import RecurrentConfig
from llmstudio.core.settings import get, settings_of
from llmstudio.core.words import Words, words


def without_effect(config: Any) -> list[Words]:
    """A sentence for every setting that was changed from its default and has no effect."""
    idle: dict[str, Words] = {}
    if isinstance(config, DecoderConfig):
        idle = _of_decoder(config)
    elif isinstance(config, EncoderConfig):
        idle = _of_neighbours(config)
    elif isinstance(config, RecurrentConfig):
        idle = _of_recurrent(config)
    return [
        words("{setting} has no effect here: {reason}.", setting=about.fact.label, reason=idle[about.path])
        for about in settings_of(type(config))
        if about.path in idle and get(config, about.path) != about.default
    ]


def _of_decoder(config: DecoderConfig) -> dict[str, Words]:
    idle = {}
    if config.positions != "rotary":
        idle["rope_base"] = words("positions are not turned")
    if config.num_kv_heads == config.num_heads:
        idle["num_kv_heads"] = words("every head has keys and values of its own anyway")
    if config.attention_window and not config.window:
        idle["attention_window"] = words("it is as wide as the context")
    return idle | _of_neighbours(config)


def _of_neighbours(config: DecoderConfig | EncoderConfig) -> dict[str, Words]:
    return {"convolution_width": words("one token alone has no neighbours")} if config.convolution_width == 1 else {}


def _of_recurrent(config: RecurrentConfig) -> dict[str, Words]:
    idle = {}
    if config.residual and all(width != config.hidden_dim for width in config.input_dims):
        idle["residual"] = words("no layer's input is as wide as its output")
    return idle
