"""The gain matrix against a bootstrap written with loops, and the promises of architecture.md."""

import json
import math
import statistics
import time

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_counts import accuracy, cell, f1, failure

from xstilts.analysis.bootstrap import cluster_weights, seed_draws
from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.errors import XstiltsError

SOURCE = {"xnli": "eng-Latn", "panx": "eng-Latn"}
B = 300


def matrix(cells, failed=(), **options):
    return gain_matrix(cells, failed, **{"source_languages": SOURCE, "replicates": B, **options})


def grid(arms=("none", "nli"), targets=("xnli",), languages=("eng-Latn", "swa-Latn"), seeds=(11, 12, 13), **options):
    return [cell(a, t, x, s, **options) for a in arms for t in targets for x in languages for s in seeds]


def slow_replicates(by_seed, name, replicates=B, *, draw=True):
    """Replicates of a mean over seeds, drawn or all of them, one example at a time: no matrices, no shortcuts."""
    some = next(iter(by_seed.values()))
    clusters = sorted(set(some.cluster_ids))
    draws = np.concatenate(list(cluster_weights(some.target, clusters, replicates=replicates)))
    seeds = sorted(by_seed)
    seed_draw = seed_draws(seeds, replicates=replicates)
    found = []
    for b in range(replicates):
        scores = []
        for position in seed_draw[b] if draw else range(len(seeds)):
            one = by_seed[seeds[position]]
            total = np.zeros(one.counts.shape[1])
            for row, cluster in zip(one.counts, one.cluster_ids, strict=True):
                total += row * draws[b][clusters.index(cluster)]
            scores.append(float(one.scores(total)[name]))
        found.append(sum(scores) / len(scores))
    return np.array(found)


METRICS = pytest.mark.parametrize(
    ("metric", "name"), [("accuracy", "accuracy"), ("span_f1", "f1"), ("span_f1", "precision")]
)


def of_arm(cells, arm):
    return {c.seed: c for c in cells if c.arm == arm and c.language == "swa-Latn"}


@METRICS
def test_agrees_with_a_slow_reference(metric, name):
    cells = grid(metric=metric, n=24, per_cluster=3, seeds=(11, 12))
    replicates = {arm: slow_replicates(of_arm(cells, arm), name) for arm in ("none", "nli")}
    found = matrix(cells).cell("nli", "xnli", "swa-Latn", name)
    assert (found.low, found.high) == pytest.approx(np.nanpercentile(replicates["nli"], [2.5, 97.5]))
    gains = replicates["nli"] - replicates["none"]
    assert (found.gain_low, found.gain_high) == pytest.approx(np.nanpercentile(gains, [2.5, 97.5]))


@METRICS
def test_three_seeds_agree_with_components_written_out(metric, name):
    """S from the seeds' own gains, I from drawn examples, R from what drawn seeds and examples leave."""
    cells = grid(metric=metric, n=24, per_cluster=3, seeds=(11, 12, 13))
    (with_seeds, held), by_seed = (
        (
            slow_replicates(of_arm(cells, "nli"), name, draw=draw)
            - slow_replicates(of_arm(cells, "none"), name, draw=draw)
            for draw in (True, False)
        ),
        [score(of_arm(cells, "nli")[s], name) - score(of_arm(cells, "none")[s], name) for s in (11, 12, 13)],
    )
    drawn_seeds = [sum(by_seed[place] for place in places) / 3 for places in seed_draws([11, 12, 13], replicates=B)]
    clusters = 8
    of_seeds = statistics.variance(by_seed) / 3
    items = statistics.pvariance(held) * clusters / (clusters - 1)
    rest = min(statistics.pvariance(with_seeds - held - drawn_seeds) * 3 / 2, items)
    more = max(of_seeds - rest, 0.0)
    degrees = clusters - 1
    if more:
        spread = math.sqrt(more / of_seeds) * of_seeds**2 / 2 + items**2 / (clusters - 1)
        degrees = max((items + more) ** 2 / spread, 1.0)
    half = scipy.stats.t.ppf(0.975, degrees) * math.sqrt(items + more)
    found = matrix(cells).cell("nli", "xnli", "swa-Latn", name)
    assert found.gain_interval == found.interval == "components"
    assert (found.gain_low, found.gain_high) == pytest.approx((found.gain - half, found.gain + half))


def score(one, name):
    return float(one.scores(one.counts.sum(axis=0))[name])


def test_agrees_with_an_independent_bootstrap():
    """Other draws, same distribution: the ends of the interval agree within Monte-Carlo error."""
    cells = grid(n=200, per_cluster=1, seeds=(11, 12))
    found = matrix(cells, replicates=4000).cell("nli", "xnli", "swa-Latn")
    rng = np.random.default_rng(5)
    right = {
        arm: np.array([c.counts[:, 0] for c in cells if c.arm == arm and c.language == "swa-Latn"])
        for arm in ("none", "nli")
    }
    gains = []
    for _ in range(4000):
        examples, seeds = rng.integers(0, 200, 200), rng.integers(0, 2, 2)
        gains.append(np.mean([right["nli"][s, examples].mean() - right["none"][s, examples].mean() for s in seeds]))
    assert (found.gain_low, found.gain_high) == pytest.approx(np.percentile(gains, [2.5, 97.5]), abs=0.008)


def test_means_are_means_over_seeds_of_the_score_from_summed_counts():
    cells = grid(metric="span_f1")
    found = matrix(cells)
    for arm in ("none", "nli"):
        expected = np.mean([f1(c.counts.sum(0))["f1"] for c in cells if c.arm == arm and c.language == "swa-Latn"])
        assert found.cell(arm, "xnli", "swa-Latn").mean == pytest.approx(expected)
    nli, none = (found.cell(arm, "xnli", "swa-Latn") for arm in ("nli", "none"))
    assert nli.gain == pytest.approx(nli.mean - none.mean)
    assert none.gain is none.gain_low is none.gain_high is None


@pytest.mark.parametrize("metric", ["accuracy", "span_f1"])
def test_identical_arms_gain_exactly_nothing(metric):
    """Paired draws: what is equal example by example differs by 0 in every replicate, not by 1e-17."""
    rng = np.random.default_rng(1)
    counts = {
        (x, s): rng.random((50, 2 if metric == "accuracy" else 3)) for x in ("deu-Latn", "fra-Latn") for s in (1, 2)
    }
    cells = [
        cell(arm, "xnli", x, s, metric=metric, counts=c) for arm in ("none", "copy") for (x, s), c in counts.items()
    ]
    table = matrix(cells)
    for one in [c for c in (*table.cells, *table.averages) if c.arm == "copy"]:
        assert (one.gain, one.gain_low, one.gain_high) == (0.0, 0.0, 0.0)
        assert one.gain_examples_only == (0.0, 0.0)


def test_pairing_cancels_what_the_arms_share():
    """An arm that is right wherever the baseline is, and on a few more, has a narrow interval of its gain."""
    base = np.stack([np.arange(200) % 2 == 0, np.ones(200)], axis=1).astype(float)
    better = base.copy()
    better[1:21:2, 0] = 1
    arms = (("none", base), ("nli", better))
    cells = [cell(a, "xnli", "swa-Latn", s, counts=c, per_cluster=1) for a, c in arms for s in (1, 2, 3)]
    found = matrix(cells).cell("nli", "xnli", "swa-Latn")
    assert found.gain == pytest.approx(0.05)
    assert found.gain_high - found.gain_low < (found.high - found.low) / 2
    assert found.sign == 1


def test_a_constant_baseline_pairs_with_every_seed():
    cells = [cell("none", "tatoeba", "swa-Latn", None), *(cell("nli", "tatoeba", "swa-Latn", s) for s in (11, 12, 13))]
    table = matrix(cells)
    none, nli = (table.cell(arm, "tatoeba", "swa-Latn") for arm in ("none", "nli"))
    assert (none.seeds, none.interval, none.seed_range, none.examples_only) == ((), "examples", None, None)
    assert table.results()[0]["seeds"] == 0
    assert nli.gain_seeds == (11, 12, 13)
    assert nli.gain_interval == "components"
    assert nli.gain == pytest.approx(nli.mean - none.mean)
    same = [cell("none", "t", "l", None), *(cell("nli", "t", "l", s, counts=cells[0].counts) for s in (1, 2))]
    same[0] = cell("none", "t", "l", None, counts=cells[0].counts)
    found = matrix(same).cell("nli", "t", "l")
    assert (found.gain, found.gain_low, found.gain_high) == (0.0, 0.0, 0.0)


def test_parallel_languages_share_the_draw():
    """Two languages with the same counts: their average is as uncertain as one of them."""
    counts = cell("none", "xnli", "deu-Latn", 1).counts
    parallel = [cell("none", "xnli", x, 1, counts=counts) for x in ("deu-Latn", "fra-Latn")]
    table = matrix(parallel)
    one, average = table.cell("none", "xnli", "deu-Latn"), table.average("none", "xnli")
    assert (average.low, average.high) == pytest.approx((one.low, one.high))
    other = cell("none", "xnli", "fra-Latn", 1, counts=counts)
    apart = matrix([parallel[0], replaced(other, cluster_ids=[f"x{i}" for i in other.cluster_ids])])
    narrower = apart.average("none", "xnli")
    assert narrower.high - narrower.low < 0.9 * (one.high - one.low)


def replaced(one, **changes):
    import dataclasses

    return dataclasses.replace(one, **changes)


def test_order_of_cells_and_rows_changes_nothing():
    cells = grid(metric="span_f1", seeds=(11, 12))
    rng = np.random.default_rng(2)
    shuffled = []
    for one in cells:
        order = rng.permutation(len(one.counts))
        shuffled.append(
            replaced(
                one,
                counts=one.counts[order],
                example_ids=[one.example_ids[i] for i in order],
                cluster_ids=[one.cluster_ids[i] for i in order],
            )
        )
    rng.shuffle(shuffled)
    shuffled.sort(key=lambda c: c.arm != "none")  # the order of arms and targets is the table's own

    def keyed(table):
        return {tuple(r[k] for k in ("arm", "target", "language", "metric")): r for r in table.results()}

    ours, theirs = keyed(matrix(cells)), keyed(matrix(shuffled))
    for key, row in ours.items():
        for field in ("mean", "low", "high", "gain", "gain_low", "gain_high"):
            assert row[field] == theirs[key][field]


def test_fewer_than_three_seeds_also_give_the_example_only_interval_and_the_seed_range():
    two, three = (matrix(grid(seeds=s)).cell("nli", "xnli", "swa-Latn") for s in ((11, 12), (11, 12, 13)))
    assert two.interval == "crossed"
    assert two.examples_only[1] - two.examples_only[0] < two.high - two.low
    assert two.seed_range[0] <= two.mean <= two.seed_range[1]
    assert two.gain_seed_range[0] <= two.gain <= two.gain_seed_range[1]
    assert three.examples_only is three.seed_range is three.gain_examples_only is None
    one = matrix(grid(seeds=(11,))).cell("nli", "xnli", "swa-Latn")
    assert (one.interval, one.examples_only, one.seed_range) == ("examples", (one.low, one.high), None)


def test_averages_leave_the_source_language_out():
    table = matrix(grid(languages=("eng-Latn", "swa-Latn", "deu-Latn"), targets=("xnli", "panx")))
    average = table.average("nli", "xnli")
    assert average.languages == ("deu-Latn", "swa-Latn")
    assert average.mean == pytest.approx(np.mean([table.cell("nli", "xnli", x).mean for x in ("deu-Latn", "swa-Latn")]))
    overall = table.average("nli", None)
    assert overall.targets == ("xnli", "panx")
    assert overall.mean == pytest.approx(np.mean([table.average("nli", t).mean for t in ("xnli", "panx")]))
    assert overall.gain == pytest.approx(np.mean([table.average("nli", t).gain for t in ("xnli", "panx")]))
    assert not overall.absent
    assert table.languages("xnli")[0] == "eng-Latn"


def test_a_target_with_the_source_language_alone_has_no_average():
    table = matrix([*grid(languages=("eng-Latn",)), *grid(targets=("panx",), languages=("swa-Latn",))])
    assert table.average("nli", "xnli") is None
    assert table.average("nli", None).targets == ("panx",)
    assert table.average("nli", None).absent == ()


def test_failed_and_missing_cells_are_rows_without_numbers():
    cells = [c for c in grid() if not (c.arm == "nli" and c.language == "swa-Latn")]
    cells = [c for c in cells if not (c.arm == "none" and c.seed == 13)]
    failed = [failure("nli", "xnli", "swa-Latn", 11), failure("none", "xnli", "swa-Latn", 13, "disk full")]
    failed.append(failure("nli", "tydiqa", "swa-Latn", 11))
    table = matrix(cells, failed)
    gone = table.cell("nli", "xnli", "swa-Latn")
    assert (gone.status, gone.mean, gone.gain, gone.failure) == ("failed", None, None, "out of memory")
    part = table.cell("none", "xnli", "swa-Latn")
    assert (part.status, part.seeds, part.failure) == ("partial", (11, 12), "disk full")
    lost = table.cell("none", "tydiqa", "swa-Latn")
    assert (lost.status, lost.metric, lost.mean) == ("missing", None, None)
    assert table.cell("nli", "xnli", "eng-Latn").gain_seeds == (11, 12)
    overall = table.average("nli", None)
    assert overall.absent == ("xnli", "tydiqa")
    assert overall.mean is None
    assert any("lacks xnli, tydiqa" in note for note in table.notes())
    rows = {(r["arm"], r["target"], r["language"]): r for r in table.results()}
    assert rows["nli", "xnli", "swa-Latn"]["mean"] is None
    assert len(rows) == 2 * 2 + 2


def test_a_failed_baseline_takes_the_gain_but_not_the_score():
    cells = [c for c in grid() if not (c.arm == "none" and c.language == "swa-Latn")]
    table = matrix(cells, [failure("none", "xnli", "swa-Latn", s) for s in (11, 12, 13)])
    found = table.cell("nli", "xnli", "swa-Latn")
    assert found.status == "ok"
    assert found.mean is not None
    assert found.gain is None
    assert table.average("nli", "xnli").absent == ("swa-Latn",)


def test_no_shared_seed_no_gain():
    cells = [cell("none", "xnli", "swa-Latn", 11), cell("nli", "xnli", "swa-Latn", 12)]
    assert matrix(cells).cell("nli", "xnli", "swa-Latn").gain is None


def test_without_a_baseline_there_are_scores_and_no_gains():
    table = matrix(grid(arms=("nli", "qamr")))
    assert all(c.mean is not None and c.gain is None for c in table.cells)
    assert all(a.gain is None and not a.absent for a in table.averages)


def test_undefined_is_missing_never_zero():
    nothing = np.zeros((10, 3))
    table = matrix([cell("none", "panx", "swa-Latn", s, metric="span_f1", counts=nothing) for s in (1, 2, 3)])
    found = table.cell("none", "panx", "swa-Latn")
    assert (found.mean, found.low, found.status) == (None, None, "undefined")
    assert table.average("none", "panx").mean is None


def test_a_drawn_nan_is_left_out():
    counts = np.zeros((12, 3))
    counts[0] = counts[3] = counts[7] = [2, 1, 0]  # a replicate without any of the three has no span at all
    table = matrix(
        [cell("none", "panx", "swa-Latn", s, metric="span_f1", counts=counts, per_cluster=1) for s in (1, 2)]
    )
    found = table.cell("none", "panx", "swa-Latn")
    assert found.low == found.high == pytest.approx(0.8)


def test_one_cluster_has_no_interval():
    found = matrix([cell("none", "xnli", "swa-Latn", s, per_cluster=100) for s in (1, 2, 3)])
    assert found.cells[0].mean is not None
    assert (found.cells[0].low, found.cells[0].interval) == (None, "")
    assert any("fewer than 20 clusters" in note for note in found.notes())


def test_results_keys_are_the_contract():
    rows = matrix(grid(seeds=(11, 12))).results()
    wanted = ["arm", "target", "language", "metric", "unit", "seeds", "mean", "low", "high"]
    wanted += ["gain", "gain_low", "gain_high"]
    assert list(rows[0])[: len(wanted)] == wanted
    assert {row["unit"] for row in rows} == {"fraction"}
    assert {row["seeds"] for row in rows} == {2}
    json.loads(json.dumps(rows, allow_nan=False))
    assert [row["arm"] for row in rows[:2]] == ["none", "nli"]
    assert all(len(row["nodes"]) == 2 for row in rows)


@given(
    n=st.integers(1, 12),
    seeds=st.lists(st.integers(0, 99), min_size=1, max_size=4, unique=True),
    entropy=st.integers(0, 2**32),
)
@settings(max_examples=30, deadline=None)
def test_numbers_are_ordered_fractions(n, seeds, entropy):
    rng = np.random.default_rng(entropy)
    cells = []
    for arm in ("none", "nli"):
        for seed in seeds:
            counts = np.stack([rng.integers(0, 2, n), np.ones(n)], axis=1).astype(float)
            cells.append(cell(arm, "xnli", "swa-Latn", seed, counts=counts, per_cluster=1))
    for row in matrix(cells, replicates=50).results():
        numbers = [row[k] for k in ("mean", "low", "high") if row[k] is not None]
        assert all(0 <= x <= 1 for x in numbers)
        assert row["low"] is None or row["low"] <= row["high"]
        assert row["gain"] is None or -1 <= row["gain"] <= 1
        assert not any(isinstance(x, float) and math.isnan(x) for x in row.values())


def test_mistakes_of_the_caller_are_refused():
    with pytest.raises(XstiltsError, match="two results for none × xnli × swa-Latn, seed 1"):
        matrix([cell("none", "xnli", "swa-Latn", 1)] * 2)
    with pytest.raises(XstiltsError, match="not evaluated on the same examples as its siblings"):
        matrix([cell("none", "xnli", "swa-Latn", 1), cell("nli", "xnli", "swa-Latn", 1, n=58)])
    with pytest.raises(XstiltsError, match="one without a seed"):
        matrix([cell("none", "xnli", "swa-Latn", 1), cell("none", "xnli", "swa-Latn", None)])
    with pytest.raises(ValueError, match="expected"):
        replaced(cell("none", "xnli", "swa-Latn", 1), cluster_ids=["a"])


def test_the_whole_grid_takes_seconds():
    arms, languages = ("none", "a", "b", "c", "d"), [f"l{i}" for i in range(9)]
    cells = grid(arms=arms, targets=[f"t{i}" for i in range(6)], languages=languages, seeds=(11, 12), n=150)
    assert len(cells) == 540
    started = time.process_time()
    table = matrix(cells, replicates=2000)
    assert time.process_time() - started < 6
    assert len(table.cells) == 270


def test_many_clusters_fit_in_bounded_memory():
    counts = np.ones((15_000, 2))
    counts[::3, 0] = 0
    cells = [cell(arm, "xnli", "swa-Latn", 1, counts=counts, per_cluster=1) for arm in ("none", "nli")]
    import tracemalloc

    tracemalloc.start()
    found = matrix(cells, replicates=2000).cell("nli", "xnli", "swa-Latn")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150e6  # all weights at once would be 240 MB
    assert found.low < 2 / 3 < found.high
    assert accuracy(counts.sum(0))["accuracy"] == pytest.approx(found.mean)
