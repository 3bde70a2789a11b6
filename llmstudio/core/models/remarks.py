"""Settings of a model that change nothing beside its other settings: each says so, so that nobody learns a wrong lesson."""

from __future__ import annotations

from llmstudio.core.models.config import ModelConfig
from llmstudio.core.settings import get, settings_of
from llmstudio.core.words import Words, words


def without_effect(config: ModelConfig) -> list[Words]:
    """A sentence for every setting that was changed from its default and has no effect."""
    idle = config.idle()
    return [
        words("{setting} has no effect here: {reason}.", setting=about.fact.label, reason=idle[about.path])
        for about in settings_of(type(config))
        if about.path in idle and get(config, about.path) != about.default
    ]
