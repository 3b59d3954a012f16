"""How rows are chosen: by order, by a data map, by adversarial filtering, without the first text, and at random."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from xstilts.errors import DataError, XstiltsError
from xstilts.heads.decisions import Decisions
from xstilts.phases.adversarial_filtering import Filtering, filtered
from xstilts.phases.cartography import REGIONS, coordinates
from xstilts.phases.examples import Located
from xstilts.phases.linear_probe import probed
from xstilts.phases.listed_rows import listed_rows
from xstilts.phases.matched_rows import matched
from xstilts.phases.partial_input import _bag, gold_margins
from xstilts.phases.rule import chosen_by
from xstilts.phases.subset_rows import amount, best_of_each_language
from xstilts.phases.text_measures import overlap, words
from xstilts.reading.examples import Choice, Classified
from xstilts.training.dynamics import Dynamics

LABELS = ("entailment", "neutral", "contradiction")
CUES = dict(zip(LABELS, ("zomi", "treb", "quap"), strict=True))


def pair(name, label, *, language="eng-Latn", first="a cat sleeps", second="a dog runs"):
    return Located(language, Classified(example_id=name, cluster_id=name, first=first, second=second, label=label))


def planted(count):
    """Every other row of a label ends in a word that stands for the label."""
    rng = np.random.default_rng(1)
    vocabulary = [f"w{number}" for number in range(60)]
    rows = []
    for number in range(count):
        label = LABELS[number % 3]
        text = " ".join(rng.choice(vocabulary, size=6).tolist())
        cue = f" {CUES[label]}" if (number // 3) % 2 else ""
        rows.append(pair(f"r{number:04}", label, second=text + cue))
    return rows


def has_cue(row):
    return row.example.second.rpartition(" ")[2] in CUES.values()


def test_a_fraction_is_of_each_language_and_ties_are_in_the_order_of_ids():
    rows = [pair(f"{number:02}", LABELS[0], language=language) for language in ("eng-Latn", "deu-Latn")
            for number in reversed(range(10))]  # fmt: skip
    chosen = best_of_each_language(rows, [0.0] * 20, fraction=0.25)
    assert [(row.language, row.example.example_id) for row in chosen] == [
        ("eng-Latn", "01"), ("eng-Latn", "00"), ("deu-Latn", "01"), ("deu-Latn", "00")]  # fmt: skip
    with pytest.raises(XstiltsError, match="no row of the set can be chosen"):
        best_of_each_language(rows, [float("nan")] * 20, fraction=0.25)
    assert [amount(*some) for some in [(0.33, 100), (1, 7), (50, 7), (0.001, 10)]] == [33, 7, 7, 1]


def test_a_random_subset_matches_languages_and_labels_and_depends_on_the_seed():
    rows = [pair(f"{language}{number}", LABELS[number % 3], language=language)
            for language in ("eng-Latn", "deu-Latn") for number in range(60)]  # fmt: skip
    chosen = [*rows[:9], *[row for row in rows[60:] if row.example.label == "neutral"][:11]]
    one, same, other = (matched(rows, chosen, "pair_classification", seed=seed) for seed in (1, 1, 2))

    def shape(some):
        return Counter((row.language, row.example.label) for row in some)

    assert shape(one) == shape(other) == shape(chosen)
    assert one == same != other
    again = matched(list(reversed(rows)), chosen, "pair_classification", seed=1)
    assert set(map(id, again)) == set(map(id, one)), "the order of the rows decides nothing"


def test_coordinates_are_the_mean_the_population_deviation_and_the_count():
    probability = np.array([[0.2, 0.9, np.nan], [0.6, 0.9, np.nan]], dtype=np.float32)
    right = np.array([[0, 1, 0], [1, 1, 0]], dtype=np.uint8)
    found = coordinates(probability, right)
    assert found["confidence"][:2] == pytest.approx([0.4, 0.9])
    assert found["variability"][:2] == pytest.approx([0.2, 0.0], abs=1e-7)
    assert found["correctness"].tolist() == [1, 2, 0]
    assert np.isnan(found["confidence"][2]), "a row that was never trained has no place on the map"


def test_dynamics_put_each_row_into_its_epoch_and_resume():
    logits = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    gold = torch.tensor([0, 0])
    decisions = Decisions(parts=((logits, gold),), row=torch.tensor([0, 1]), ignore=-1)

    def step(*examples):
        return SimpleNamespace(outputs=[SimpleNamespace(decisions=decisions, example=torch.tensor(examples))])

    found = Dynamics(examples=3, epochs=2)
    found.on_step(step(2, 0))
    again = Dynamics(examples=3, epochs=2)
    again.restore({name: tensor.clone() for name, tensor in found.record().items()})
    for one in (found, again):
        one.on_step(step(0, 2))
    assert torch.equal(found.probability, again.probability) or found.probability.isnan().any()
    expected = logits.softmax(dim=-1)[:, 0]
    assert found.probability[0, [2, 0]].tolist() == pytest.approx(expected.tolist())
    assert found.probability[1, [0, 2]].tolist() == pytest.approx(expected.tolist())
    assert found.probability[:, 1].isnan().all()
    assert found.right.tolist() == again.right.tolist() == [[0, 0, 1], [1, 0, 0]]


def dynamics_of(rows, *, epochs):
    """What is recorded while a bag of words learns the labels from the second texts, by stochastic gradient descent."""
    bags = torch.stack([torch.from_numpy(_bag(row.example.second)) for row in rows])
    gold = torch.tensor([LABELS.index(row.example.label) for row in rows])
    weights = torch.zeros(bags.shape[1], len(LABELS), requires_grad=True)
    found, draw = Dynamics(examples=len(rows), epochs=epochs), torch.Generator().manual_seed(1)
    for _ in range(epochs):
        for some in torch.randperm(len(rows), generator=draw).split(16):
            logits = bags[some] @ weights
            decisions = Decisions(parts=((logits.detach(), gold[some]),), row=torch.arange(len(some)), ignore=-1)
            found.on_step(SimpleNamespace(outputs=[SimpleNamespace(decisions=decisions, example=some)]))
            torch.nn.functional.cross_entropy(logits, gold[some]).backward()
            with torch.no_grad():
                weights -= 4.0 * weights.grad
            weights.grad = None
    return coordinates(found.probability.numpy(), found.right.numpy())


def test_a_data_map_calls_the_planted_half_easy_and_the_other_hard():
    rows = planted(360)
    axes = dynamics_of(rows, epochs=4)

    def shares(region):
        name, sign = REGIONS[region]
        taken = best_of_each_language(rows, (sign * axes[name]).tolist(), fraction=0.5)
        cued = sum(map(has_cue, taken))
        return cued / sum(map(has_cue, rows)), (len(taken) - cued) / sum(not has_cue(row) for row in rows)

    with_cue, others = shares("easy")
    assert with_cue > 0.9
    assert others < 0.1
    with_cue, others = shares("hard")
    assert with_cue < 0.1
    assert others > 0.9
    cue = np.array(list(map(has_cue, rows)))
    assert axes["correctness"][cue].mean() > axes["correctness"][~cue].mean() + 1.0


def test_adversarial_filtering_removes_the_rows_with_a_cue():
    rng = np.random.default_rng(3)
    count = 360
    gold = np.arange(count) % 3
    cue = (np.arange(count) // 3) % 2 == 1
    features = rng.normal(size=(count, 12))
    features[cue, gold[cue]] += 6.0
    data = probed(features, np.arange(count), gold, outputs=3)
    settings = Filtering(m=16, t=100, k=20, tau=0.75, n=180)
    result = filtered(data, np.arange(count), settings, seed=1)
    assert result.kept.sum() >= 180
    assert result.kept[cue].mean() < 0.15 < 0.85 < result.kept[~cue].mean()
    same = filtered(data, np.arange(count), settings, seed=1)
    assert (same.kept == result.kept).all()
    assert (same.predictability == result.predictability).all()


def test_filtering_stops_where_nothing_is_predictable():
    rng = np.random.default_rng(4)
    data = probed(rng.normal(size=(120, 6)), np.arange(120), np.arange(120) % 3, outputs=3)
    result = filtered(data, np.arange(120), Filtering(m=8, t=40, k=10, tau=0.95, n=30), seed=1)
    assert result.iterations == 1
    assert result.kept.sum() > 100


def test_a_probe_chooses_among_the_rows_of_an_example():
    rng = np.random.default_rng(5)
    sizes = rng.integers(2, 5, size=80)
    example = np.repeat(np.arange(80), sizes)
    gold = np.array([rng.integers(0, size) for size in sizes])
    features = rng.normal(size=(len(example), 5))
    features[np.r_[0, np.cumsum(sizes)[:-1]] + gold, 2] += 4.0
    data = probed(features, example, gold, outputs=0)
    result = filtered(data, np.arange(80), Filtering(m=8, t=40, k=70, tau=0.75, n=1), seed=1)
    assert result.predictability.mean() > 0.9


def test_a_bag_of_words_finds_the_planted_cues():
    rows = planted(240)
    found = chosen_by({"rule": "hypothesis_only", "folds": 5}, rows, "pair_classification")
    taken = {row.example.example_id for row in found.chosen}
    with_cue = [row.example.example_id in taken for row in rows if has_cue(row)]
    without = [row.example.example_id in taken for row in rows if not has_cue(row)]
    assert np.mean(with_cue) < 0.05
    assert np.mean(without) > 0.5


def test_a_bag_of_words_that_is_always_right_leaves_nothing():
    rows = [pair(f"{number}", LABELS[number % 3], second=CUES[LABELS[number % 3]]) for number in range(60)]
    rule = {"rule": "hypothesis_only", "folds": 5}
    with pytest.raises(
        XstiltsError, match="a bag of words is right on all 60 labelled rows, so each of them has a cue"
    ):
        chosen_by(rule, rows, "pair_classification")
    hidden = [pair(row.example.example_id, None) for row in rows]
    with pytest.raises(XstiltsError, match="none has both a label and a text"):
        chosen_by(rule, hidden, "pair_classification")


def test_choices_without_their_prompt():
    rows = [
        Located("eng-Latn", Choice(example_id=f"{n}", cluster_id="", prompt="p", label=n % 2,
                                   choices=("yes zomi", "no") if n % 2 == 0 else ("no", "yes zomi")))
        for n in range(40)
    ]  # fmt: skip
    assert all(margin > 0 for margin in gold_margins(rows, "multiple_choice", folds=4))


def test_words_and_overlap():
    assert words("Der Bäcker läuft, 12 Mal.") == ("der", "bäcker", "läuft", "12", "mal")
    assert words("我们去Oslo") == ("我", "们", "去", "oslo")
    assert overlap(pair("1", LABELS[0], first="A cat sleeps.", second="the cat").example) == 0.5
    assert overlap(Classified(example_id="", cluster_id="", first="alone", label="x")) is None


@pytest.mark.parametrize(("end", "kept"), [("high", "long"), ("low", "short")])
def test_by_length(end, kept):
    rows = [pair("long", LABELS[0], second="x" * 50), pair("short", LABELS[0], second="x"), pair("mid", LABELS[0])]
    found = chosen_by({"rule": "length", "end": end, "fraction": 1 / 3}, rows, "pair_classification")
    assert [row.example.example_id for row in found.chosen] == [kept]


def test_a_list_of_rows_and_its_mistakes(tmp_path):
    rows = [pair("a", "neutral"), pair("b", "neutral"), pair("a", "neutral", language="deu-Latn")]
    file = tmp_path / "rows.tsv"
    file.write_text("deu-Latn\ta\n\nb\n", encoding="utf-8")
    assert listed_rows(file, rows) == [rows[1], rows[2]]
    for text, words_of in [("b\na\n", "line 2|:2.*several languages"), ("bb\n", "names no row"), ("\n", "is empty")]:
        file.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=words_of):
            listed_rows(file, rows)
