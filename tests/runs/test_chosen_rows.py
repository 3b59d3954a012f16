"""Which rows the arms of a run trained on: what its record holds of them, and what the store tells."""

import json

import pytest

from xstilts.analysis.subsets import Points
from xstilts.experiments.experiment_graph import Evaluation
from xstilts.phases.examples import Located
from xstilts.phases.subset_entry import Chosen, write
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.reading.examples import Classified
from xstilts.runs.chosen_rows import chosen_in, subsets_of

KIND = "pair_classification"


def node(kind, **parents):
    return Node(kind=kind, params={"of": kind}, parents={role.replace("__", "/"): one for role, one in parents.items()})


def evaluation(arm, seed, of, language="deu-Latn"):
    return Evaluation(arm=arm, target="xnli", language=language, seed=seed, node=node("zero_shot", model=of))


@pytest.fixture
def choice():
    return node("cartography.choice")


@pytest.fixture
def rows():
    return [
        Located("eng-Latn", Classified(example_id=f"{n}", cluster_id="", first="a b", second="b", label="xy"[n % 2]))
        for n in range(4)
    ]


def kept(store, choice, rows, scores):
    """The choice of the last two rows, in the store."""
    with store.writer(choice) as writer:
        write(Chosen(rows=rows, chosen=rows[2:], scores=scores), KIND, writer)
    return [{"arm": "hard", "seed": 11, "node": choice.key}]


def test_the_nearest_training_tells_what_was_chosen(choice):
    warm_up = node("aflite.warm_up", **{"0/train/subset": node("aflite.warm_rows")})
    trained = node("cartography", model=warm_up, **{"0/train/subset": choice})
    tuned = node("fine_tuning", model=trained)
    found = chosen_in([evaluation("hard", 11, tuned), evaluation("hard", 11, tuned, "swa-Latn")])
    assert found == [{"arm": "hard", "seed": 11, "node": choice.key}], "once for each arm and seed"


def test_arms_on_whole_sets_choose_nothing():
    tuned = node("fine_tuning", model=node("single_task"))
    assert chosen_in([evaluation("mnli", 11, tuned), evaluation("none", None, tuned)]) == []


def test_every_seed_is_recorded_and_the_first_is_shown(choice, rows, tmp_path):
    trained = node("cartography", **{"0/train/subset": choice})
    recorded = chosen_in(evaluation("hard", seed, trained) for seed in (12, 11))
    assert [(one["arm"], one["seed"]) for one in recorded] == [("hard", 12), ("hard", 11)]
    store = Store(tmp_path)
    kept(store, choice, rows, {})
    other = node("of another seed")
    (found,) = subsets_of([*recorded, {"arm": "hard", "seed": 13, "node": other.key}], store)
    assert (found.arm, found.chosen.rows, found.whole.rows) == ("hard", 2, 4)
    assert found.points is None, "the choice was by something else than a data map"


def test_what_a_data_map_chose_has_its_points(choice, rows, tmp_path):
    store = Store(tmp_path)
    scores = {
        "confidence": [0.9, 0.8, 0.2, float("nan")],
        "variability": [0.1] * 4,
        "correctness": [2.0, 2.0, 0.0, 0.0],
    }
    (found,) = subsets_of(kept(store, choice, rows, scores), store)
    assert found.chosen.labels == {"x": 1, "y": 1}
    assert found.whole.languages == {"eng-Latn": 4}
    assert found.whole.overlap == 1.0
    assert found.whole.scores["confidence"] == pytest.approx(1.9 / 3)
    assert found.chosen.scores["confidence"] == pytest.approx(0.2)
    assert isinstance(found.points, Points)
    assert found.points.rows == 4
    assert found.points.points == ((0.1, 0.9, 2.0, 0), (0.1, 0.8, 2.0, 0), (0.1, 0.2, 0.0, 1)), "none without a place"


def test_what_the_store_no_longer_holds_is_passed_over(choice, rows, tmp_path):
    store = Store(tmp_path)
    recorded = kept(store, choice, rows, {})
    assert subsets_of([{"arm": "gone", "seed": 11, "node": "f" * 64}, *recorded], store)[0].arm == "hard"
    without_summary = node("a method without a summary")
    with store.writer(without_summary) as writer:
        writer.path("rows.json").write_text(json.dumps([]), encoding="utf-8")
    assert subsets_of([{"arm": "bare", "seed": 11, "node": without_summary.key}], store) == ()
