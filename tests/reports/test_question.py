"""A report opens with the question of its run, and answers it in one sentence."""

from dataclasses import replace

import pytest
from small_report import SOURCES, small_table
from synthetic_counts import cell

from xstilts import registry
from xstilts.analysis.answers import Answer, Contrast
from xstilts.analysis.cells import Average
from xstilts.analysis.contrasts import contrasted
from xstilts.reports.question import answer_sentence, contrast_grids, opening

EVIL = "Do <b>hard</b> rows help?"


@pytest.fixture
def asked():
    some = [
        cell(arm, "xnli", language, seed, rate=rate)
        for arm, rate in {"none": 0.4, "nli": 0.8, "squad_v1": 0.5}.items()
        for seed in (11, 12, 13)
        for language in ("swa-Latn", "zho-Hans")
    ]
    one = contrasted(Contrast(arm="nli", against="squad_v1"), some, source_languages=SOURCES)
    return replace(small_table(), answer=Answer(text=EVIL, contrasts=(one,), about=("mT5", "XLM-R"), settles=False))


def test_the_answer_is_one_sentence(asked):
    found = opening(asked)
    assert found.sentence.startswith(
        "Supported – for this run's model alone, which cannot settle a question about mT5 and XLM-R: "
        "nli against squad_v1 is +"
    )
    assert found.sentence.count(".") == found.sentence.count("points") * 3 + 1, "points of numbers, and the last one"
    assert found.sign == 1
    assert any("Intermediate training" in detail for detail in found.details)


def test_too_little_power_says_what_could_have_been_seen():
    average = Average(arm="a", metric=None, target=None, targets=("x",), mean=0.5, gain=0.002, gain_low=-0.008,
                      gain_high=0.012, gain_seeds=(1, 2))  # fmt: skip
    answer = Answer(text="?", contrasts=(Contrast(arm="a", against="none", overall=average, claim="it helps"),))
    assert answer_sentence(answer, model_is="it") == (
        "Too little power to tell: a against direct fine-tuning is +0.2 points (95 % interval −0.8 to +1.2) on average "
        "over the target languages of 1 target; the smallest difference that it would have seen four times in five is "
        "1.4 points (it helps) (only 2 seeds)."
    )


def test_the_grids_have_targets_families_and_types(asked):
    first, families, languages, types = contrast_grids(asked.answer.contrasts)
    assert first.columns == ("nli − squad_v1",)
    assert [name for name, _ in first.rows] == ["all targets", "xnli"]
    assert [name for name, _ in families.rows] == ["Niger-Congo (1)", "not known (1)"]
    assert [name for name, _ in types.rows] == ["agglutinative (1)", "not known (1)"]
    assert languages.folded


@pytest.mark.parametrize("name", ["html", "md", "csv"])
def test_every_format_has_it(name, asked, info):
    found = registry.find("reports", name).render(asked, info)
    assert "<b>hard" not in found
    if name == "csv":
        assert '"contrast with squad_v1, average over targets",nli' in found
    else:
        assert found.index("rows help?") < found.index("Supported") < found.index("Gain matrix")


def test_a_run_without_a_question_opens_as_before():
    assert opening(small_table()).sentence.startswith("Intermediate training on nli")
