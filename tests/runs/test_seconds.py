"""What a node is expected to take, and how nodes that ran correct it."""

from __future__ import annotations

import pytest

from xstilts.models.family import Shape
from xstilts.pipeline.node import Node
from xstilts.runs.seconds import BESIDE, MEASURED, RAN, ROUGH, Cost, seconds_for
from xstilts.runs.speed import Speed, processor

SHAPE = Shape(layers=2, hidden=32, intermediate=64, heads=2, vocabulary=300)
SPEED = Speed(step=0.5, token=0.01, predicted_token=0.004, pretraining_token=0.02)
TRAINED = {"passes": 3, "steps": 10.0, "measured": True}


def node(name, kind="fine_tuning", **fields):
    return Node(kind=kind, params={"name": name}, **{"estimate": TRAINED, **fields})


def cost(tokens, passes):
    return Cost(tokens=tokens, flops=2.0 * passes * SHAPE.body * tokens)


def ran(seconds, **facts):
    return {"facts": {"seconds": seconds, "threads": 1, "processor": f"x86_64 {processor()}", **facts}}


def of(nodes, manifests=None, *, speed=SPEED, tokens=1000):
    costs = {one.key: cost(tokens, one.estimate["passes"]) for one in nodes}
    found = seconds_for(nodes, costs, manifests or {}, SHAPE, speed)
    return [found.of(one, costs[one.key]) for one in nodes]


def test_steps_and_tokens_both_cost():
    ((seconds, between),) = of([node("a")])
    assert seconds == pytest.approx(BESIDE * (10 * 0.5 + 1000 * 0.01), rel=0.1)
    assert between == MEASURED


def test_an_objective_with_more_passes_costs_more():
    plain, costly = of([node("a"), node("b", estimate={**TRAINED, "passes": 9})])
    assert costly[0] - plain[0] == pytest.approx(BESIDE * 2 * 1000 * 0.01)


def test_languages_of_a_checkpoint_share_its_loading():
    large = Shape(layers=12, hidden=768, intermediate=3072, heads=12, vocabulary=250_000)
    nodes = [node(str(i), kind="zero_shot", group="one", estimate={"passes": 1}) for i in range(4)]
    alone = [node("alone", kind="zero_shot", group="other", estimate={"passes": 1})]
    costs = {one.key: Cost(tokens=10, flops=20.0 * large.body) for one in (*nodes, *alone)}
    found = seconds_for([*nodes, *alone], costs, {}, large, SPEED)
    together = found.of(nodes[0], costs[nodes[0].key])[0]
    assert found.of(alone[0], costs[alone[0].key])[0] > 2 * together


def test_what_ran_corrects_what_is_left():
    nodes = [node("ran"), node("left")]
    (first, _), (left, between) = of(nodes, {nodes[0].key: ran(3 * of(nodes)[0][0])})
    assert between == RAN
    assert left == pytest.approx(3 * of(nodes)[1][0])
    assert first == left


@pytest.mark.parametrize("facts", [{"processor": "another machine's"}, {"threads": 8}])
def test_what_ran_elsewhere_or_with_other_threads_says_nothing(facts):
    nodes = [node("ran"), node("left")]
    assert of(nodes, {nodes[0].key: ran(1000.0, **facts)})[1] == of(nodes)[1]


def test_a_guess_is_a_wide_range():
    guessed = Speed(step=0.5, token=0.01, predicted_token=0.004, measured=False)
    assert of([node("a")], speed=guessed)[0][1] == ROUGH
    published = node("b", estimate={**TRAINED, "measured": False})
    assert of([published])[0][1] == ROUGH


def test_dev_rows_that_select_are_evaluated_too():
    recipe = {"epochs": 4, "select_every": 1, "select_examples": 100, "batch_size": 10}
    task = {"dev": {"limit": 50}}
    selecting = Node(kind="fine_tuning", params={"tasks": [task], "recipe": recipe}, estimate=TRAINED)
    (alone, _), (seconds, _) = of([node("a"), selecting])
    # 4 candidates × 50 examples × 10 tokens.
    assert seconds - alone == pytest.approx(BESIDE * 4 * 50 * 10 * 0.004)
