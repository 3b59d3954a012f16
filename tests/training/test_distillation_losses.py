"""Each loss of a distillation against the formula that it states, computed row by row in plain torch."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from xstilts.training.distillation.compared import SPAN, Side
from xstilts.training.distillation.losses import relation_divergence, relative_error, vector_distance

LENGTHS = (3, 1, 5)
ROW = torch.tensor([row for row, length in enumerate(LENGTHS) for _ in range(length)])


def states(width: int, seed: int) -> torch.Tensor:
    return torch.randn(sum(LENGTHS), width, generator=torch.Generator().manual_seed(seed))


def by_row(x: torch.Tensor) -> list[torch.Tensor]:
    return list(x.split(LENGTHS))


def test_relative_error():
    student, teacher = states(6, 1), states(6, 2)
    expected = sum(
        torch.stack([(s - t).norm() ** 2 / t.norm() ** 2 for s, t in zip(ours, theirs, strict=True)]).mean()
        for ours, theirs in zip(by_row(student), by_row(teacher), strict=True)
    )
    torch.testing.assert_close(relative_error(student, teacher, ROW, rows=3), expected)
    assert relative_error(teacher, teacher, ROW, rows=3) == 0


def test_vector_distance():
    student, teacher = states(6, 1), states(6, 2)
    expected = sum(1 - (s @ t) / (s.norm() * t.norm()) for s, t in zip(student, teacher, strict=True))
    torch.testing.assert_close(vector_distance(student, teacher), expected)
    assert float(vector_distance(teacher, 3 * teacher)) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_relations_are_those_of_minilm(heads):
    student = [states(8, seed) for seed in (1, 2, 3)]
    teacher = [states(12, seed) for seed in (4, 5, 6)]
    expected = torch.zeros(())
    for ours, theirs in zip(student, teacher, strict=True):
        for s, t in zip(by_row(ours), by_row(theirs), strict=True):
            of_row = torch.zeros(())
            for s_head, t_head in zip(s.chunk(heads, dim=1), t.chunk(heads, dim=1), strict=True):
                relation = [functional.softmax(x @ x.T / x.shape[1] ** 0.5, dim=-1) for x in (s_head, t_head)]
                of_row = of_row + (relation[1] * (relation[1] / relation[0]).log()).sum()
            expected = expected + of_row / (3 * heads * len(s))
    torch.testing.assert_close(relation_divergence(student, teacher, ROW, rows=3, heads=heads), expected)


def test_relations_do_not_depend_on_what_they_are_batched_with():
    student, teacher = [states(8, 1)], [states(8, 2)]
    alone = sum(
        relation_divergence([s], [t], torch.zeros(len(s), dtype=torch.long), rows=1, heads=2)
        for s, t in zip(by_row(student[0]), by_row(teacher[0]), strict=True)
    )
    torch.testing.assert_close(relation_divergence(student, teacher, ROW, rows=3, heads=2), alone)


def batch_of(spans: list[list[int]] | None = None) -> dict:
    inside = torch.arange(max(LENGTHS))[None, :] < torch.tensor(LENGTHS)[:, None]
    batch = {"attention_mask": inside.long()}
    if spans is not None:
        batch[SPAN] = torch.tensor([span + [-1] * (max(LENGTHS) - len(span)) for span in spans])
    return batch


def test_without_spans_every_token_is_compared():
    side, x = Side.of(batch_of()), states(4, 1)
    assert side.row.tolist() == ROW.tolist()
    assert torch.equal(side.spans(x), x)
    expected = torch.stack([one.mean(dim=0) for one in by_row(x)])
    torch.testing.assert_close(side.vectors(x), expected)


def test_spans_of_one_token_each_change_no_bit():
    x = states(4, 1)
    side = Side.of(batch_of([[0, 1, 2], [0], [0, 1, 2, 3, 4]]))
    assert side.row.tolist() == ROW.tolist()
    assert torch.equal(side.spans(x), x)


def test_longer_spans_are_means_and_vectors_are_of_all_tokens():
    x = states(4, 1)
    side = Side.of(batch_of([[0, 0, 1], [0], [0, 1, 1, 1, 2]]))
    expected = torch.stack([x[:2].mean(0), x[2], x[3], x[4], x[5:8].mean(0), x[8]])
    torch.testing.assert_close(side.spans(x), expected)
    assert side.row.tolist() == [0, 0, 1, 2, 2, 2]
    torch.testing.assert_close(side.vectors(x), torch.stack([one.mean(dim=0) for one in by_row(x)]))
