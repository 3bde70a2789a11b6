"""A linear-chain conditional random field: which tags follow which, learned on top of what a model says of each word.

A row of tags scores what the model gives each tag at its place, and what each step from one tag to the next is worth. Its
probability is exp(score) over the sum for all rows of tags, of which there are C^T; the forward pass adds them up in T steps
of C^2, and the Viterbi pass finds the best of them in as many.

    start -> y1 -> y2 -> end        score = start[y1] + e1[y1] + steps[y1, y2] + e2[y2] + end[y2]

Places that carry no tag (padding, later pieces of a word) are passed over as if they weren't there. All is computed in 32
bits, or in 64 if the scores have them; there is no product of matrices for autocast to shorten.

Source: Lafferty, McCallum and Pereira 2001.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.models.roles import Role, declare

_NEVER = -1e4  # a score that no row with it survives; -inf would make gradients no numbers


class ChainCRF(nn.Module):
    """What each step between tags is worth, and the probabilities of whole rows of tags.

    All parameters are offsets and begin at zero: until something is learned, each place is judged by itself.

    Attributes:
        steps: (C, C) worth of going from a tag (row) to the next (column), in `scale`.
        start: (C,) worth of beginning with a tag, in `scale`.
        end: (C,) worth of ending with it, in `scale`.
        scale: What they are multiplied by.
    """

    forbidden: Tensor
    forbidden_first: Tensor

    def __init__(
        self, num_tags: int, *, forbidden: Tensor | None = None, forbidden_first: Tensor | None = None, scale: float = 1.0
    ) -> None:
        """`forbidden` (C, C) is true for steps that never happen, as from O to I-PER; `forbidden_first` (C,) for first tags.

        Every tag must have a way on. A row to learn from with a forbidden step costs 10,000 nats, so make rows consistent.
        """
        super().__init__()
        self.scale = scale
        self.steps = nn.Parameter(torch.zeros(num_tags, num_tags))
        self.start = nn.Parameter(torch.zeros(num_tags))
        self.end = nn.Parameter(torch.zeros(num_tags))
        declare(self, steps=Role.BIAS, start=Role.BIAS, end=Role.BIAS)
        none = torch.zeros(num_tags, num_tags, dtype=torch.bool)
        # They follow from the tags' names, so a checkpoint need not hold them.
        self.register_buffer("forbidden", none if forbidden is None else forbidden.bool(), persistent=False)
        self.register_buffer(
            "forbidden_first", none[0] if forbidden_first is None else forbidden_first.bool(), persistent=False
        )
        assert not bool(self.forbidden.all(1).any()), "a tag that nothing may follow"
        assert not bool(self.forbidden_first.all()), "nothing to begin with"

    def forward(self, emissions: Tensor, tags: Tensor) -> Tensor:
        """Negative log-likelihood of each row's tags, nats, (B,); 0 for a row without tags.

        Args:
            emissions: (B, T, C) score of each tag at each place.
            tags: (B, T), `IGNORED` at places without one.
        """
        chain = self._chain(emissions, tags != IGNORED)
        packed = tags.gather(1, chain.places).clamp(min=0)
        return torch.where(chain.lengths > 0, self._log_partition(chain) - self._score(chain, packed), 0.0)

    def log_partition(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """Log of the sum of exp(score) over all rows of tags, (B,). emissions (B, T, C); mask (B, T), true at tags."""
        chain = self._chain(emissions, mask)
        return torch.where(chain.lengths > 0, self._log_partition(chain), 0.0)

    @torch.no_grad()
    def decode(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """The best row of tags (Viterbi), (B, T), `IGNORED` outside the mask. emissions (B, T, C), mask (B, T).

        Source: Viterbi 1967, doi:10.1109/TIT.1967.1054010.
        """
        chain = self._chain(emissions, mask)
        first, steps = self._worth(chain.emissions)
        best = first + chain.emissions[:, 0]
        came_from = []  # (B, C) each: the best tag before
        stay = torch.arange(best.shape[1], device=best.device).expand_as(best)
        for at in range(1, chain.emissions.shape[1]):
            reached, before = (best[:, :, None] + steps).max(1)
            goes_on = (at < chain.lengths)[:, None]
            best = torch.where(goes_on, reached + chain.emissions[:, at], best)
            came_from.append(torch.where(goes_on, before, stay))
        tag = (best + self._last()).argmax(1, keepdim=True)
        path = [tag]
        for before in reversed(came_from):
            tag = before.gather(1, tag)
            path.append(tag)
        return chain.spread(torch.cat(path[::-1], dim=1), IGNORED)

    @torch.no_grad()
    def marginals(self, emissions: Tensor, mask: Tensor) -> Tensor:
        """How probable each tag is at each place, over all rows of tags, (B, T, C); 0 outside the mask.

        The forward pass knows what lies before a place, the backward pass what lies behind it.
        """
        chain = self._chain(emissions, mask)
        before = self._forward_pass(chain)
        _, steps = self._worth(chain.emissions)
        behind = [self._last().expand_as(before[-1])]
        for at in range(len(before) - 1, 0, -1):
            reached = torch.logsumexp(steps + (chain.emissions[:, at] + behind[-1])[:, None], dim=2)
            behind.append(torch.where((at < chain.lengths)[:, None], reached, behind[-1]))
        both = torch.stack(before, dim=1) + torch.stack(behind[::-1], dim=1)  # (B, W, C)
        return chain.spread(torch.softmax(both, dim=-1), 0.0)

    def _log_partition(self, chain: _Chain) -> Tensor:
        return torch.logsumexp(self._forward_pass(chain)[-1] + self._last(), dim=1)

    def _forward_pass(self, chain: _Chain) -> list[Tensor]:
        """(B, C) for each place: log of the sum over all ways to a tag there. Behind a row's end the last one stays."""
        first, steps = self._worth(chain.emissions)
        sums = [first + chain.emissions[:, 0]]
        for at in range(1, chain.emissions.shape[1]):
            reached = torch.logsumexp(sums[-1][:, :, None] + steps, dim=1) + chain.emissions[:, at]
            sums.append(torch.where((at < chain.lengths)[:, None], reached, sums[-1]))
        return sums

    def _score(self, chain: _Chain, tags: Tensor) -> Tensor:
        """What one row of tags scores, (B,). tags (B, W)."""
        first, steps = self._worth(chain.emissions)
        there = torch.arange(tags.shape[1], device=tags.device) < chain.lengths[:, None]
        at_places = chain.emissions.gather(2, tags[:, :, None])[:, :, 0]
        between = steps[tags[:, :-1], tags[:, 1:]]
        last = tags.gather(1, (chain.lengths - 1).clamp(min=0)[:, None])[:, 0]
        return first[tags[:, 0]] + (at_places * there).sum(1) + (between * there[:, 1:]).sum(1) + self._last()[last]

    def _worth(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """What a first tag (C,) and a step (C, C) are worth, forbidden ones with them."""
        first = (self.scale * self.start.to(like.dtype)).masked_fill(self.forbidden_first, _NEVER)
        return first, (self.scale * self.steps.to(like.dtype)).masked_fill(self.forbidden, _NEVER)

    def _last(self) -> Tensor:
        """(C,) what a last tag is worth."""
        return self.scale * self.end

    def _chain(self, emissions: Tensor, mask: Tensor) -> _Chain:
        lengths = mask.sum(1)
        width = max(1, int(lengths.max())) if len(lengths) else 1
        places = torch.argsort((~mask).to(torch.int8), dim=1, stable=True)[:, :width]
        precise = emissions if emissions.dtype == torch.float64 else emissions.float()
        packed = precise.gather(1, places[:, :, None].expand(-1, -1, emissions.shape[2]))
        # What stands where no tag is may be anything, and no number times 0 is no number.
        outside = torch.arange(places.shape[1], device=mask.device) >= lengths[:, None]
        return _Chain(packed.masked_fill(outside[:, :, None], 0.0), lengths, places, mask)


@dataclass(frozen=True)
class _Chain:
    """Rows with their places that carry tags moved together.

    Attributes:
        emissions: (B, W, C), the first `lengths` of each row.
        lengths: (B,).
        places: (B, W) where each stood.
        mask: (B, T) the places with a tag.
    """

    emissions: Tensor
    lengths: Tensor
    places: Tensor
    mask: Tensor

    def spread(self, found: Tensor, outside: float) -> Tensor:
        """What was found for the packed places, (B, W, ...), at the places they came from, (B, T, ...)."""
        spread = found.new_full((*self.mask.shape, *found.shape[2:]), outside)
        there = torch.arange(found.shape[1], device=found.device) < self.lengths[:, None]
        spread[self.mask] = found[there]
        return spread
