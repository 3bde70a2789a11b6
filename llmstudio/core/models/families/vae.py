"""The text VAE: an LSTM reads a sentence both ways, a few numbers keep it, an LSTM writes it again from them.

    ids --embed--> two LSTMs --mean over the tokens--> mean, log variance --draw--> z --> LSTM --> next token
                                                                                    |     ^
                                                                      first state --+-----+  and beside every token

What the writer has read so far tells it much of what comes next, so it could do without z: the whole craft is to keep it
from that (see `tasks.latent`). Reading is pooled by the mean because a last state forgets the beginning and makes
collapse likelier (Li et al. 2019, arXiv:1909.00868; Long et al. 2019, arXiv:1911.03976).

Source: Bowman et al. 2016, arXiv:1511.06349.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from llmstudio.core.batch import Batch, Output
from llmstudio.core.errors import StudioError
from llmstudio.core.models.base import LanguageModel, check_memory
from llmstudio.core.models.depth import belong, belongs
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.models.parts.cells import declare_cells
from llmstudio.core.models.parts.dropout import drop
from llmstudio.core.models.roles import Role, declare
from llmstudio.core.models.taps import Tap
from llmstudio.core.models.weights.dense import Matrix, Table
from llmstudio.core.models.weights.sparse.learned import Learned
from llmstudio.core.tokenizer.config import PAD, UNKNOWN

# A unit is in use if its mean varies by more than this from sentence to sentence (Burda et al. 2015, arXiv:1509.00519).
ACTIVE_VARIANCE = 0.01
# Log variances stay within: a plain autoencoder, which pays for no certainty, would drive them beyond all bounds.
_LOG_VARIANCE = 8.0


@dataclass
class LatentState:
    """What the writer remembers.

    Attributes:
        z: (B, Z) what it writes from.
        hidden: (1, B, D) what it last said.
        cell: (1, B, D) what it keeps.
    """

    z: Tensor
    hidden: Tensor
    cell: Tensor


class TextVAE(LanguageModel):
    """Reads a sentence into a normal distribution over a latent space, and writes a sentence from a point of it.

    Rows of ids begin with END, which stands for the beginning too, and what is to be written follows.
    """

    config: VAEConfig

    def __init__(self, config: VAEConfig, vocab_size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.config, self.vocab_size = config, vocab_size
        width, hidden, latent = config.embed_dim, config.hidden_dim, config.latent_dim
        self.embed = belongs(Table(vocab_size, width), "embed")
        self.reads_forward = declare_cells(nn.LSTM(width, hidden // 2, batch_first=True), half="source.")
        self.reads_backward = declare_cells(nn.LSTM(width, hidden // 2, batch_first=True), half="source.")
        self.to_latent = belongs(Matrix(hidden, 2 * latent, bias=True), "latent")
        self.first_state = belongs(Matrix(latent, 2 * hidden, bias=True), "latent")
        self.writes = declare_cells(nn.LSTM(width + latent, hidden, batch_first=True))
        if config.tie_embeddings:
            self.out = belongs(Matrix(hidden, width), "head")
        else:
            self.unembed = belongs(Matrix(hidden, vocab_size, role=Role.HEAD), "head")
        self.token_bias = nn.Parameter(torch.zeros(vocab_size))
        belong(declare(self, token_bias=Role.BIAS), token_bias="head")
        with torch.no_grad():
            self.embed.weight.normal_(0, 0.1, generator=generator)
        for part in (self.reads_forward, self.reads_backward, self.to_latent):
            _begin(part, generator)
        self.reset_decoder(generator)

    def reset_decoder(self, generator: torch.Generator) -> None:
        """Let the writer begin anew; the reader and the table of tokens, which both use, stay."""
        for part in (self.first_state, self.writes, self.out if self.config.tie_embeddings else self.unembed):
            _begin(part, generator)
        with torch.no_grad():
            self.token_bias.zero_()

    def encode(self, ids: Tensor, tap: Tap | None = None) -> tuple[Tensor, Tensor]:
        """Where sentences lie: mean and log variance (B, Z) of each.

        Args:
            ids: (B, S) sentences without a beginning or an end, padded with PAD at the right, which changes nothing.
            tap: See `taps`; these names begin with `source.`.
        """
        if not ids.shape[1]:
            ids = ids.new_full((len(ids), 1), PAD)  # nothing to read lies where nothing but padding lies
        counted = ids != PAD
        lengths = counted.sum(1, keepdim=True)
        # Read backward from the last token, not from the padding, so that a sentence lies where it lies in any company.
        order = (lengths - 1 - torch.arange(ids.shape[1], device=ids.device)).clamp_min(0)
        forward, _ = self.reads_forward(self._looked_up(ids, tap, "source.embed"))
        backward, _ = self.reads_backward(self._looked_up(ids.gather(1, order), tap, "source.embed_backward"))
        both = torch.cat((forward, backward), dim=-1).float() * counted[..., None]
        pooled = both.sum(1) / lengths.clamp_min(1)
        with torch.autocast(ids.device.type, enabled=False):  # a place in the space needs all its digits
            mean, spread = self.to_latent(pooled).chunk(2, dim=-1)
        return mean, _LOG_VARIANCE * torch.tanh(spread / _LOG_VARIANCE)

    def forward(self, batch: Batch, state: LatentState | None = None, tap: Tap | None = None) -> Output:
        """See `LanguageModel.forward`. Without a state, `batch.source` (or the row itself) is read first.

        While learning z is drawn from what was read and words are hidden from the writer, from torch's global generator;
        else z is the mean. `parts` holds `mean` and `log_variance`.

        Raises:
            StudioError: A sentence is longer than the model's longest, or the state is not one of this model.
        """
        if state is not None:
            return self.write(batch.ids, state, tap)
        mean, log_variance = self.encode(self.read(batch), tap)
        z = draw(mean, log_variance) if self.training else mean
        if tap is not None:
            z = tap("latent", z)
        output = self.write(self._hidden_words(batch.ids), self.state_of(z), tap)
        return Output(output.hidden, output.state, {"mean": mean, "log_variance": log_variance})

    def read(self, batch: Batch) -> Tensor:
        """What the reader reads of a batch: its source, or its rows without their beginning."""
        return batch.ids[:, 1:] if batch.source is None else batch.source

    def write(self, ids: Tensor, state: LatentState, tap: Tap | None = None) -> Output:
        """Hidden vectors (B, T, D) of the tokens that follow what the state remembers. Raises StudioError as `forward`."""
        is_own = isinstance(state, LatentState)
        if is_own:
            is_own = (state.z.shape[1], state.hidden.shape[2]) == (self.config.latent_dim, self.writes.hidden_size)
        check_memory(is_own, remembered=len(state.z) if is_own else 0, rows=len(ids))
        if ids.shape[1] > self.config.context_length:
            raise StudioError(
                "This model keeps sentences of up to {limit:,} tokens, but {count:,} were given: shorten the text.",
                limit=self.config.context_length,
                count=ids.shape[1],
            )
        beside = state.z[:, None].expand(-1, ids.shape[1], -1)
        x = torch.cat((self._looked_up(ids, tap, "embed"), beside), dim=-1)
        said, (hidden, cell) = self.writes(x, (state.hidden, state.cell))
        if tap is not None:
            said = tap("layers.0", said)
        said = self._drop(said)
        return Output(said if tap is None else tap("hidden", said), LatentState(state.z, hidden, cell))

    def state_of(self, z: Tensor) -> LatentState:
        """The writer's memory before the first token. z (B, Z)."""
        with torch.autocast(z.device.type, enabled=False):
            hidden, cell = torch.tanh(self.first_state(z)).chunk(2, dim=-1)
        return LatentState(z, hidden[None].contiguous(), cell[None].contiguous())

    def features(self, batch: Batch, tap: Tap | None = None) -> Tensor:
        """See `LanguageModel`: the mean of the latent units, (B, 1, Z)."""
        return self.encode(batch.ids, tap)[0][:, None]

    def head(self, hidden: Tensor) -> Tensor:
        """(..., D) -> (..., V)."""
        if self.config.tie_embeddings:
            return self.embed.multiply(self.out(hidden), self.token_bias)
        return self.unembed.multiply(hidden, self.token_bias)

    def init_state(self, batch_size: int, max_tokens: int) -> LatentState:
        """A memory of the middle of the latent space, from which the likeliest of all sentences are written."""
        return self.state_of(self.token_bias.new_zeros(batch_size, self.config.latent_dim))

    def _looked_up(self, ids: Tensor, tap: Tap | None, name: str) -> Tensor:
        x: Tensor = self.embed(ids)
        return self._drop(x if tap is None else tap(name, x))

    def _drop(self, x: Tensor) -> Tensor:
        return drop(x, self.config.dropout, self.training)

    def _hidden_words(self, ids: Tensor) -> Tensor:
        """The row with words hidden at random, but never its beginning."""
        if not (self.training and self.config.word_dropout):
            return ids
        hidden = torch.rand(ids.shape, device=ids.device) < self.config.word_dropout
        hidden[:, 0] = False
        return ids.masked_fill(hidden & (ids != PAD), UNKNOWN)


def draw(mean: Tensor, log_variance: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """A point of each normal distribution, by a noise that gradients pass by.

    Source: Kingma and Welling 2014, arXiv:1312.6114.
    """
    noise = torch.randn(mean.shape, generator=generator, device=mean.device if generator is None else generator.device)
    return mean + noise.to(mean.device) * torch.exp(0.5 * log_variance)


def kl_by_unit(mean: Tensor, log_variance: Tensor) -> Tensor:
    """How far each unit's normal distribution lies from the standard one, nats; shape as `mean`.

    KL(N(m, s^2) || N(0, 1)) = (m^2 + s^2 - 1 - log s^2) / 2.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def _begin(part: nn.Module, generator: torch.Generator) -> None:
    """Small random weights; an LSTM begins with its gates of forgetting open, so that it learns to remember sooner.

    Source: Jozefowicz et al. 2015 for the gates.
    """
    sparse = {learned.values: learned for learned in part.modules() if isinstance(learned, Learned)}
    with torch.no_grad():
        for name, weight in part.named_parameters():
            if (learned := sparse.get(weight)) is not None:
                dense = weight.new_empty(learned.rows, learned.width)
                learned.place(learned.stays(), dense.normal_(0, learned.width**-0.5, generator=generator))
            elif weight.dim() == 2:
                weight.normal_(0, weight.shape[1] ** -0.5, generator=generator)
            else:
                weight.zero_()
                if name == "bias_ih_l0":
                    weight[len(weight) // 4 : len(weight) // 2] = 1.0
