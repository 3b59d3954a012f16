"""The trainings that lead to a node: all of them, the last one first, and nothing that chose rows."""

from xstilts.pipeline.node import Node
from xstilts.runs.lineage import lineage


def test_the_last_training_comes_first():
    arm = Node(kind="single_task", parents={"pieces": Node(kind="student_vocabulary")})
    target = Node(kind="fine_tuning", parents={"model": arm, "0/train/subset": Node(kind="shots")})
    score = Node(kind="zero_shot", parents={"model": target})
    assert [node.kind for node in lineage(score)] == ["zero_shot", "fine_tuning", "single_task"]
    assert list(lineage(score.parents.get("nothing"))) == []
