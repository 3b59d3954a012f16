"""What training and evaluation are priced at: mixtures, choices, written text, bytes, pools."""

from __future__ import annotations

import pytest

import studies
from xstilts import registry
from xstilts.data.survey import Survey, Surveyor, _counted, published
from xstilts.phases.prices import evaluated, load
from xstilts.runs.planning import CHARACTERS_PER_TOKEN, plan

ONE = ("targets=[tatoeba]", "seeds=[11]", "pretraining=null")
NLI = "{name: nli, task: mnli}"
PAIR = "{name: hellaswag, task: hellaswag, train_file: hellaswag/hellaswag_val.jsonl}"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return studies.write_study(tmp_path_factory.mktemp("prices"))


def mixture(study, keys="", *settings):
    """The node of an arm on both tasks."""
    multi = f"{{name: multi, method: multi_task, tasks: [nli, hellaswag]{keys}}}"
    built = study.build(*ONE, f"intermediate=[{NLI}, {PAIR}, {multi}]", *settings)
    (node,) = (node for node in built.nodes if node.kind == "multi_task")
    return node


def test_a_cap_lowers_the_price_of_a_mixture(study):
    whole, capped, loose = (mixture(study, keys).estimate["characters"] for keys in ("", ", cap: 5", ", cap: 1000"))
    assert capped == pytest.approx(whole * 5 / 20, rel=0.01)  # both sets hold 20
    assert loose == whole


def test_a_mixture_costs_what_it_draws(study):
    longer = mixture(study, "", "budget.max_train_examples={hellaswag: 20, nli: 5}")
    uniform = mixture(study, ", mixture: uniform", "budget.max_train_examples={hellaswag: 20, nli: 5}")
    assert uniform.estimate["characters"] < longer.estimate["characters"], "less of the longer task, as many steps"
    assert mixture(study, "", "recipe.max_steps=1").estimate["characters"] < longer.estimate["characters"]


def test_a_mixture_trains_by_its_first_task_unless_it_says_otherwise(study):
    nli = "intermediate.0.recipe={learning_rate: 3.0e-5}"
    plain = mixture(study, "", nli).params["recipe"]
    assert plain["learning_rate"] == 1e-3, "the experiment's, not that of the arm of the same name"
    own = mixture(study, ", recipe: {learning_rate: 2.0e-5, batch_size: 5, epochs: 3}").params["recipe"]
    assert (own["learning_rate"], own["batch_size"], own["epochs"]) == (2e-5, 5, 3)


CHOICES = Survey(examples=10, characters=1000, repeated=600)


def test_a_prompt_is_read_with_each_of_its_choices():
    task = registry.find("tasks", "hellaswag")
    assert load(task, CHOICES, "encoder") == (1600, 0)
    assert load(task, CHOICES, "decoder") == (1600, 0)
    assert load(task, CHOICES, "text_to_text") == (1000, 50)


def test_choices_are_counted_so(study, tmp_path):
    from xstilts.data import discovery

    task = registry.find("tasks", "hellaswag")
    file = study.data / "hellaswag/hellaswag_val.jsonl"
    survey = Surveyor(study.store).task(task, [file], "eng-Latn", identity="hellaswag")
    examples = discovery.read(task, [file], "eng-Latn")
    assert survey.repeated == sum(3 * len(example.prompt) for example in examples)
    assert survey.characters == sum(len(e.prompt) + len(" ".join(e.choices)) for e in examples)


def test_tags_are_written_word_by_word():
    task = registry.find("tasks", "udpos")
    survey = Survey(examples=10, characters=1000)
    assert load(task, survey, "text_to_text").written == 1000
    assert evaluated(task, [survey], "text_to_text", limit=5) == (500, 500)


def test_a_pool_is_read_once_whatever_is_limited():
    task = registry.find("tasks", "mewslix")
    one, other = (
        {"examples": 100, "characters": 9_000, "pool": 8_000},
        {"examples": 50, "characters": 8_500, "pool": 8_000},
    )
    same = [Survey(**one, candidates="a"), Survey(**other, candidates="a")]
    assert evaluated(task, same, "encoder", limit=None).read == 1_000 + 500 + 8_000
    assert evaluated(task, [same[0], Survey(**other, candidates="b")], "encoder", limit=3).read == 17_500


def test_candidates_of_a_pool_are_counted_once(study):
    from xstilts.reading.examples import AnswerSentence

    def example(name, ids):
        texts = tuple(f"Text {one}." for one in ids)
        return AnswerSentence(
            example_id=name,
            cluster_id="p",
            question="Who?",
            language="eng-Latn",
            candidates=texts,
            candidate_ids=ids,
            correct=0,
        )

    first, again = _counted([example("1", ("a", "b")), example("2", ("a", "b"))]), _counted([example("1", ("b", "a"))])
    assert (first.examples, first.characters, first.pool) == (2, 2 * 4 + 2 * 7, 14)
    assert first.candidates == again.candidates != _counted([example("1", ("a",))]).candidates


def test_published_choices_are_read_again_too():
    task = registry.find("tasks", "hellaswag")
    survey = published(task, "train", "eng-Latn")
    assert load(task, survey, "encoder").read == survey.examples * (400 + 600)
    assert load(task, survey, "text_to_text").read == survey.characters


# Models.


def _priced(study, model, *settings):
    built = study.build(
        "targets=[udpos]",
        "seeds=[11]",
        "pretraining=null",
        "intermediate=[]",
        *settings,
        f"model={model}",
        planning=True,
    )
    return {row["label"].split(" ←")[0]: row for row in plan(built, study.store)}


def test_bytes_are_priced_as_bytes(study):
    pieces, read = (_priced(study, model) for model in ("mt5:base", "byt5:base"))
    for label, row in pieces.items():
        assert read[label]["tokens"] == pytest.approx(4 * row["tokens"], rel=0.01)


def test_what_is_written_is_priced(study):
    encoder, writer = (_priced(study, model) for model in ("xlm_roberta:base", "mt5:base"))
    tuned, shown = "fine_tuning UD POS", "zero_shot udpos eng-Latn"
    assert {tuned, shown} <= set(encoder), encoder
    assert writer[tuned]["tokens"] == pytest.approx(2 * encoder[tuned]["tokens"], abs=2)
    assert writer[shown]["tokens"] == encoder[shown]["tokens"]
    from xstilts.models.reference import resolve

    shape = resolve("mt5:base").shape
    products = shape.body + shape.decoder + shape.vocabulary * shape.hidden
    assert writer[shown]["flops"] == pytest.approx(2 * products * writer[shown]["tokens"])
    assert writer[tuned]["flops"] == pytest.approx(3 * products * writer[tuned]["tokens"], rel=0.01)


def test_a_token_stands_for_its_characters(study):
    built = study.build(*ONE, f"intermediate=[{NLI}]")
    (node,) = (node for node in built.nodes if node.kind == "single_task")
    (row,) = (row for row in plan(built, study.store) if row["kind"] == "single_task")
    assert row["tokens"] == round(node.estimate["characters"] / CHARACTERS_PER_TOKEN)
