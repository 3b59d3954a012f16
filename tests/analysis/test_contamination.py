"""Gains on the clean part of the test sets, and which examples are not part of it."""

import numpy as np
import pytest
from synthetic_counts import cell, with_leak

from xstilts.analysis.clean_part import contamination
from xstilts.analysis.contamination import ALL, OWN
from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.analysis.overlaps import Shared
from xstilts.data.overlap.verdicts import Found, Verdicts

SOURCES = {"xnli": "eng-Latn"}
LANGUAGES = ("eng-Latn", "deu-Latn", "swa-Latn")
SEEN = [f"e{i}" for i in range(20)]


def verdicts(names, *, part=()):
    found = [Found(name, 1.0, ("first", "second"), True) for name in names]
    found += [Found(name, 0.6, ("first",), False) for name in part]
    return Verdicts(examples=60, characters=600, shared=10 * len(found), too_short=1, found=tuple(found))


def shared(language, names=(), *, phase="ii", arms=("leaky",), text="leaks", part=()):
    return Shared(
        text=text, phase=phase, arms=arms, target="xnli", language=language, verdicts=verdicts(names, part=part)
    )


@pytest.fixture(scope="module")
def cells():
    return with_leak([cell("none", "xnli", one, seed, rate=0.4) for one in LANGUAGES for seed in (1, 2, 3)])


def found_in(cells, *some, **options):
    return contamination(cells, some, source_languages=SOURCES, replicates=200, **options)


def test_the_gain_is_gone_on_the_clean_part_of_the_arm_that_was_trained_on_the_rest(cells):
    table = found_in(cells, *(shared(one, SEEN) for one in LANGUAGES))
    mean = table.of("leaky", "xnli", OWN)
    before = gain_matrix(cells, source_languages=SOURCES, replicates=200).average("leaky", "xnli")
    assert mean.whole == before.gain > 0.1
    assert mean.gain == 0
    assert mean.change.mean == pytest.approx(-before.gain)
    assert mean.change.high < 0
    assert (mean.left_out, mean.examples, mean.languages) == (40, 120, ("deu-Latn", "swa-Latn"))
    assert [one.arm for one in table.lost()] == ["leaky"]
    assert table.of("honest", "xnli", OWN) is None, "whose trainings have not read them"


def test_the_mean_of_a_few_shot_target_covers_the_languages_that_it_trains_on(cells):
    texts = [shared(one, SEEN) for one in LANGUAGES]
    mean = found_in(cells, *texts, few_shot={"xnli": {"swa-Latn": 10}}).of("leaky", "xnli", OWN)
    assert (mean.left_out, mean.examples, mean.languages) == (20, 60, ("swa-Latn",))


def test_scores_on_the_clean_part_are_those_without_the_rest(cells):
    table = found_in(cells, shared("deu-Latn", SEEN[:7]))
    one = table.of("leaky", "xnli", OWN, "deu-Latn")
    kept = {c.seed: c.counts[7:, 0].mean() for c in cells if (c.arm, c.language) == ("leaky", "deu-Latn")}
    assert one.mean == pytest.approx(np.mean(list(kept.values())))
    assert one.low < one.mean < one.high
    assert table.of("leaky", "xnli", OWN, "swa-Latn") is None, "nothing is left out there"
    assert table.of("leaky", "xnli", OWN).languages == ("deu-Latn", "swa-Latn"), "and it is in the mean as it is"


def test_nothing_found_leaves_all_as_it_is(cells):
    table = found_in(cells, *(shared(one) for one in LANGUAGES))
    assert table.clean == ()
    assert [(one.share, one.seen) for one in table.overlaps] == [(0, frozenset())] * 3


def test_a_language_of_which_nothing_is_left_is_named(cells):
    every = [f"e{i}" for i in range(60)]
    mean = found_in(cells, shared("deu-Latn", every), shared("swa-Latn", SEEN)).of("leaky", "xnli", OWN)
    assert (mean.languages, mean.gone) == (("swa-Latn",), ("deu-Latn",))
    assert mean.gain == 0
    alone = found_in(cells, shared("deu-Latn", every), shared("swa-Latn", every)).of("leaky", "xnli", OWN)
    assert (alone.mean, alone.gain, alone.change, alone.gone) == (None, None, None, ("deu-Latn", "swa-Latn"))


def test_texts_of_all_phases_are_left_out_beside_those_of_the_arm_alone(cells):
    arms = ("none", "leaky", "honest")
    texts = shared("deu-Latn", SEEN[:5]), shared("deu-Latn", SEEN[5:9], phase="i", arms=arms, text="wiki")
    table = found_in(cells, *texts)
    assert table.of("leaky", "xnli", OWN).left_out == 5
    assert table.of("leaky", "xnli", ALL).left_out == 9
    assert table.of("honest", "xnli", OWN) is None
    assert table.of("honest", "xnli", ALL).left_out == 4
    assert table.texts == (("i", "wiki"), ("ii", "leaks"))


def test_a_premise_alone_and_another_language_are_not_clean_either(cells):
    texts = shared("eng-Latn", SEEN[:4], part=SEEN[4:6]), shared("deu-Latn", SEEN[:1]), shared("swa-Latn")
    table = found_in(cells, *texts, parallel=["xnli"])
    english, german, swahili = table.overlaps
    assert (len(english.whole), len(english.part), english.by_field) == (4, 2, {"first": 2})
    assert (german.whole, len(german.parallel), len(swahili.parallel)) == ({"e0"}, 5, 6)
    assert table.of("leaky", "xnli", OWN).left_out == 6 + 6
    apart = found_in(cells, *texts)
    assert apart.of("leaky", "xnli", OWN).left_out == 1, "rows with the same number are not the same"


def test_the_texts_of_all_seeds_are_one(cells):
    table = found_in(cells, shared("deu-Latn", SEEN[:3]), shared("deu-Latn", SEEN[2:5], part=SEEN[:1]))
    (one,) = table.overlaps
    assert one.whole == set(SEEN[:5])
    assert one.part == frozenset()


def test_frames_hold_a_row_for_every_overlap_and_estimate(cells):
    table = found_in(cells, *(shared(one, SEEN) for one in LANGUAGES), told=["something"])
    frames = table.frames()
    assert frames["overlaps"].columns[:4] == ["text", "phase", "target", "language"]
    assert frames["overlaps"]["whole"].to_list() == [20] * 3
    clean = frames["clean"].filter(frames["clean"]["language"].is_null()).row(0, named=True)
    assert (clean["arm"], clean["clean_gain"], clean["left_out"]) == ("leaky", 0.0, 40)
    assert clean["change_mean"] == pytest.approx(-clean["gain"])
    assert found_in(cells).frames()["clean"].height == 0
