"""The losses that compare a student with its teacher, in fp32, each summed over the rows of a micro-batch.

Shape legend: N tokens (or spans of text) of all rows, row after row; B rows, D hidden width, L tokens of the longest
row, A relation heads, K width of a relation head.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

MASKED = -1e9
SMALLEST = 1e-12
"""A square below this is taken for this."""


def relative_error(
    student_ND: torch.Tensor, teacher_ND: torch.Tensor, row_N: torch.Tensor, *, rows: int
) -> torch.Tensor:
    """The squared distance of each state from the teacher's, over the teacher's square: of each row its tokens' mean.

    Args:
        student_ND: in the teacher's width.
        teacher_ND: what is to be reached.
        row_N: the row of each.
        rows: how many rows there are.
    """
    teacher_ND = teacher_ND.float()
    apart_N = (student_ND.float() - teacher_ND).square().sum(dim=-1)
    return row_means(apart_N / teacher_ND.square().sum(dim=-1).clamp_min(SMALLEST), row_N, rows=rows).sum()


def vector_distance(student_BD: torch.Tensor, teacher_BD: torch.Tensor) -> torch.Tensor:
    """1 - the cosine of each row's vectors."""
    return (1.0 - functional.cosine_similarity(student_BD.float(), teacher_BD.float(), dim=-1)).sum()


def relation_divergence(
    student: Sequence[torch.Tensor],
    teacher: Sequence[torch.Tensor],
    row_N: torch.Tensor,
    *,
    rows: int,
    heads: int,
) -> torch.Tensor:
    """MiniLMv2 (Wang et al. 2021, arXiv 2012.15828, section 3): how the tokens of a row relate by their vectors.

    All attention heads' vectors are joined and split into A relation heads; a relation is
    softmax(X Xᵀ / √K). Of each row: the mean over queries, keys and values, over relation heads and over tokens, of
    KL(teacher ‖ student).

    Args:
        student: queries, keys and values [N, D], whatever else is to be related.
        teacher: the same of the teacher, of another width if need be.
        row_N: the row of each token.
        rows: how many rows there are.
        heads: A, which divides both widths.
    """
    found = row_N.new_zeros((), dtype=torch.float32)
    for of_student, of_teacher in zip(student, teacher, strict=True):
        ours, inside_BL = _relations(of_student, row_N, rows=rows, heads=heads)
        theirs, _ = _relations(of_teacher, row_N, rows=rows, heads=heads)
        # Beyond the end of a row both are the same, or next to nothing.
        divergence_BAL = (theirs.exp() * (theirs - ours)).sum(dim=-1)
        divergence_BL = divergence_BAL.mean(dim=1) * inside_BL
        found = found + (divergence_BL.sum(dim=1) / inside_BL.sum(dim=1).clamp_min(1)).sum()
    return found / len(student)


def row_means(value_N: torch.Tensor, row_N: torch.Tensor, *, rows: int) -> torch.Tensor:
    """Of each row the mean of its values [B]; 0 of a row that has none."""
    sum_B = value_N.new_zeros(rows).index_add(0, row_N, value_N)
    count_B = value_N.new_zeros(rows).index_add(0, row_N, torch.ones_like(value_N))
    return sum_B / count_B.clamp_min(1.0)


def _relations(x_ND: torch.Tensor, row_N: torch.Tensor, *, rows: int, heads: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The logarithms of the relations [B, A, L, L], and where there are tokens [B, L]."""
    length_B = torch.bincount(row_N, minlength=rows)
    longest = int(length_B.max())
    first_B = length_B.cumsum(0) - length_B
    place_N = row_N * longest + torch.arange(len(row_N), device=row_N.device) - first_B[row_N]
    width = x_ND.shape[-1] // heads
    padded = x_ND.new_zeros(rows * longest, heads * width, dtype=torch.float32).index_copy(0, place_N, x_ND.float())
    split_BALK = padded.view(rows, longest, heads, width).transpose(1, 2)
    score_BALL = split_BALK @ split_BALK.transpose(2, 3) * width**-0.5
    inside_BL = torch.arange(longest, device=row_N.device)[None, :] < length_B[:, None]
    score_BALL = score_BALL.masked_fill(~inside_BL[:, None, None, :], MASKED)
    return score_BALL.log_softmax(dim=-1), inside_BL
