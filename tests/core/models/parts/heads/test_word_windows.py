from __future__ import annotations

import torch

from llmstudio.core.models.parts.heads.word_windows import WordWindows


def test_that_a_window_is_a_words_vector_and_those_beside_it_wherever_they_stand() -> None:
    windows = WordWindows(3, 2, torch.Generator().manual_seed(0)).eval()
    torch.manual_seed(0)
    vectors, starts = torch.randn(2, 9, 3), torch.zeros(2, 9, dtype=torch.bool)
    starts[0, [0, 1, 4, 8]] = True
    starts[1, 5] = True
    with torch.no_grad():
        found = windows(vectors, starts)
        for row in range(2):
            words = [torch.zeros(3)] * 2 + list(vectors[row, starts[row]]) + [torch.zeros(3)] * 2
            for number, place in enumerate(starts[row].nonzero().flatten().tolist()):
                alone = windows.hidden(torch.cat(words[number : number + 5])).relu()
                assert torch.allclose(found[row, place], alone, atol=1e-6)
    assert not found[~starts].any()


def test_that_what_stands_where_no_word_starts_says_nothing() -> None:
    windows = WordWindows(3, 1, torch.Generator().manual_seed(0)).eval()
    vectors, starts = torch.randn(1, 6, 3), torch.tensor([[True, False, True, False, False, True]])
    other = torch.where(starts[..., None], vectors, torch.randn(1, 6, 3))
    assert torch.equal(windows(vectors, starts), windows(other, starts))
    assert windows(vectors[:0], starts[:0]).shape[0] == 0
