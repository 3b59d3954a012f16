"""Works cited: those of the cards that a run names, each once; BibTeX says nothing that a card does not."""

import re

import pytest

from xstilts import registry
from xstilts.analysis.provenance import RunInfo
from xstilts.reports.papers.bibliography import bibtex
from xstilts.reports.references import Reference, cards, references

EXPERIMENT = """\
name: cited
pretraining: {method: masked_lm, text: text}
intermediate:
- {name: nli, task: mnli}
- {name: many, method: multi_task, tasks: [nli, squad_v1]}
- {name: mine, task: {files: [a.csv], kind: pair_classification}}
- {name: hard, task: mnli, objective: {name: fgm}, augment: {name: smoothing}}
targets:
- {name: xnli, task: xnli}
- {name: xquad, task: xquad, train_on: tydiqa, robustness: {perturbations: [keyboard_slips]}}
"""


@pytest.fixture(scope="module")
def cited():
    return RunInfo(name="cited", experiment=EXPERIMENT, model="xlm_roberta:base")


def test_cards_are_those_that_the_experiment_names(cited):
    found = {(room, name) for room, name, _ in cards(cited)}
    assert found >= {
        ("models", "xlm_roberta"),
        ("phases", "masked_lm"),
        ("phases", "single_task"),
        ("phases", "multi_task"),
        ("tasks", "mnli"),
        ("tasks", "squad_v1"),
        ("tasks", "xnli"),
        ("tasks", "xquad"),
        ("tasks", "tydiqa"),
        ("metrics", "accuracy"),
        ("training.objectives", "fgm"),
        ("data.transforms", "keyboard_slips"),
    }
    assert not {name for room, name in found if room == "tasks"} & {"nli", "mine"}, "an arm is no task"


def test_every_work_is_one_that_a_card_cites(cited, table):
    papers = {getattr(registry.find(room, name), "paper", None) for room, name, _ in cards(cited)}
    works = references(table, cited)
    assert len({one.url for one in works}) == len(works) == len({one.key for one in works})
    for one in works:
        if not any("table of languages" in card for card in one.cited_by):
            assert one.url in papers
    xnli = next(one for one in works if "task xnli (XNLI)" in one.cited_by)
    assert xnli.fields == {
        "url": "https://arxiv.org/abs/1809.05053",
        "eprint": "1809.05053",
        "archiveprefix": "arXiv",
        "note": f"Cited by the card{'s' * (len(xnli.cited_by) > 1)} of {' and '.join(xnli.cited_by)}.",
    }
    assert next(one for one in works if "wals" in one.key).citation.startswith("Matthew S. Dryer 2013")


def test_bibtex_has_no_field_that_no_card_has(cited, table):
    works = references(table, cited)
    text = bibtex(works)
    assert text.count("@misc{") == len(works)
    assert set(re.findall(r"^  (\w+) = ", text, re.MULTILINE)) <= {"url", "eprint", "archiveprefix", "doi", "note"}
    assert r"Dryer \& Haspelmath" in text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize(
    ("url", "key", "further"),
    [
        ("https://arxiv.org/abs/2005.13013v2", "arxiv-2005.13013", {"eprint": "2005.13013", "archiveprefix": "arXiv"}),
        (
            "https://doi.org/10.1145/1553374.1553380",
            "doi.org-10.1145-1553374.1553380",
            {"doi": "10.1145/1553374.1553380"},
        ),
        ("https://aclanthology.org/W17-2512/", "aclanthology.org-W17-2512", {}),
    ],
)
def test_an_address_says_what_follows_from_it(url, key, further):
    one = Reference(url=url, cited_by=("task a",))
    assert one.key == key
    assert {name: value for name, value in one.fields.items() if name not in ("url", "note")} == further


def test_a_record_that_is_not_understood_cites_nothing(table):
    info = RunInfo(name="x", experiment="a: [", model="/somewhere/else")
    assert cards(info) == ()
    assert all("table of languages" in card for one in references(table, info) for card in one.cited_by)
