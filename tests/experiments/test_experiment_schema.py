"""The experiment: one normal form for every shorthand, and one clear message for every mistake."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.errors import ConfigError
from xstilts.experiments import document
from xstilts.experiments.arms import Target
from xstilts.experiments.schema import Budget, Experiment
from xstilts.phases.options.inline_task import InlineTask
from xstilts.phases.options.recipe import RecipeSettings
from xstilts.phases.options.validation import ExperimentError
from xstilts.phases.single_task import SingleTask


def experiment(**keys):
    return Experiment(**{"name": "e", "model": "scratch:small", "targets": ["xnli"], "seeds": [1], **keys})


def refusal(**keys) -> str:
    with pytest.raises(ConfigError) as caught:
        experiment(**keys)
    message = str(caught.value)
    assert "pydantic" not in message
    assert "validation error" not in message
    return message


def test_strings_become_arms_and_targets():
    found = experiment(intermediate=["mnli"], targets=["xnli", {"task": "xquad", "train_on": "tydiqa"}])
    assert found.intermediate == (SingleTask(name="mnli", task="mnli"),)
    assert found.targets == (Target(name="xnli", task="xnli"), Target(name="xquad", task="xquad", train_on="tydiqa"))


def test_what_architecture_shows_is_an_experiment():
    found = experiment(
        model="xlm_roberta:large",
        pretraining=None,
        intermediate=[
            "mnli",
            "squad_v1",
            {
                "name": "mine",
                "task": {
                    "files": ["my.csv"],
                    "kind": "pair_classification",
                    "labels": ["yes", "no"],
                    "columns": {"first": "q1", "second": "q2"},
                },
            },
            {"name": "multi", "method": "multi_task", "tasks": ["mnli", "squad_v1", "hellaswag"], "cap": 131072},
        ],
        targets=["xnli", "udpos", {"task": "xquad", "train_on": "tydiqa"}, "tatoeba"],
        languages="all",
        seeds=[11, 12, 13],
        recipe={"learning_rate": 1e-5, "batch_size": 32, "epochs": 2, "warmup": 0.1, "weight_decay": 0.01},
        budget={"max_train_examples": {"default": 2000, "tydiqa": 1000}, "max_eval_examples": 150},
        profile=None,
    )
    assert [arm.name for arm in found.intermediate] == ["mnli", "squad_v1", "mine", "multi"]
    assert found.intermediate[3].mixture == "proportional"
    assert found.budget.max_train_examples == {"default": 2000, "tydiqa": 1000}


def test_null_is_the_same_as_leaving_a_key_out():
    nulls = dict.fromkeys(("pretraining", "intermediate", "recipe", "budget", "languages", "profile"))
    assert experiment(**nulls) == experiment()


def test_one_budget_for_all_training_sets():
    assert Budget(max_train_examples=5).max_train_examples == {"default": 5}
    assert Budget().max_train_examples is None
    assert Budget(max_train_examples={"default": 5, "xnli": None}).max_train_examples == {"default": 5, "xnli": None}


def test_languages_are_ids_whatever_code_they_are_given_by():
    found = experiment(languages=["en", "swa-Latn", "deu"])
    assert found.languages == ("eng-Latn", "swa-Latn", "deu-Latn")


def test_files_of_a_users_task():
    task = InlineTask(files="a.csv", kind="single_classification", labels=[0, "1", "yes"], columns={"first": 2})
    assert task.files == ("a.csv",)
    assert task.labels == ("0", "1", "yes")
    assert task.columns == {"first": "2"}
    assert InlineTask(files="a", test="b", language="de", kind="tagging").test == {"deu-Latn": ("b",)}
    assert InlineTask(test={"de": "b", "eng-Latn": ["c"]}, kind="tagging").test == {
        "deu-Latn": ("b",),
        "eng-Latn": ("c",),
    }


def test_recipe_settings_are_those_of_training_and_only_what_was_set():
    recipe = RecipeSettings(learning_rate=1e-3, selection={"every": 0.5, "max_examples": 10})
    assert recipe.settings() == {"learning_rate": 1e-3, "select_every": 0.5, "select_examples": 10}
    assert RecipeSettings().settings() == {}


def test_every_setting_has_that_name_in_training():
    from dataclasses import fields

    from xstilts.training.recipe import Recipe

    full = RecipeSettings(
        learning_rate=1,
        warmup=0.1,
        weight_decay=0,
        adam_epsilon=1e-8,
        clip=0,
        dropout=0,
        max_length=8,
        precision="fp32",
        micro_batch_tokens=8,
        plain=True,
        lora_rank=8,
        lora_alpha=16,
        lora_dropout=0.1,
        batch_size=1,
        epochs=1,
        max_steps=1,
        selection={"every": 1, "max_examples": 1, "patience": 1},
    )
    assert set(full.settings()) <= {field.name for field in fields(Recipe)}
    assert len(full.settings()) == len(RecipeSettings.model_fields) - 1 + 3


def test_an_experiment_cannot_be_changed():
    with pytest.raises(Exception, match="frozen"):
        experiment().name = "other"


@pytest.mark.parametrize(
    ("keys", "path", "words"),
    [
        ({"recipe": {"learning_rat": 1}}, "recipe.learning_rat", "did you mean 'learning_rate'?"),
        ({"recip": {}}, "recip", "did you mean 'recipe'?"),
        ({"intermediate": [{"name": "a", "tsk": "mnli"}]}, "intermediate.0.tsk", "did you mean 'task'?"),
        ({"targets": ["xnil"]}, "targets.0", "did you mean 'xnli'?"),
        ({"targets": [{"task": "xquad", "train_on": "tydiq"}]}, "targets.0.train_on", "did you mean 'tydiqa'?"),
        ({"targets": []}, "targets", "empty"),
        ({"targets": None}, "targets", "expected a list, not null"),
        ({"targets": "xnli"}, "targets", "expected a list, not 'xnli'"),
        ({"targets": ["xnli", {"task": "xnli"}]}, "targets.1", "occurs twice here"),
        ({"intermediate": ["mnli", "mnli"]}, "intermediate.1", "occurs twice here"),
        ({"intermediate": ["none"]}, "intermediate.0", "baseline"),
        ({"intermediate": [{"name": "a"}]}, "intermediate.0.task", "this key is missing"),
        ({"intermediate": [{"task": {"files": ["a"], "kind": "tagging"}}]}, "intermediate.0", "needs a name"),
        ({"intermediate": [{"name": "a", "task": {"kind": "tagging"}}]}, "intermediate.0.task", "needs files"),
        ({"intermediate": [{"name": "a", "task": {"files": "a"}}]}, "intermediate.0.task.kind", "missing"),
        (
            {"intermediate": [{"name": "a", "task": {"files": "a", "kind": "taging"}}]},
            "intermediate.0.task.kind",
            "did you mean 'tagging'?",
        ),
        (
            {"intermediate": [{"name": "a", "task": {"files": "a", "kind": "tagging", "format": "cvs"}}]},
            "intermediate.0.task.format",
            "did you mean 'csv'?",
        ),
        (
            {"intermediate": [{"name": "a", "task": {"files": "a", "kind": "tagging", "labels": [True]}}]},
            "intermediate.0.task.labels.0",
            'write "true"',
        ),
        ({"intermediate": [{"name": "a", "task": "mnli", "cap": 3}]}, "intermediate.0.cap", "but of multi_task"),
        (
            {"intermediate": [{"name": "a", "method": "fine_tuning"}]},
            "intermediate.0.method",
            "known: aflite, anli_r",
        ),
        ({"intermediate": [{"name": "a", "method": 3}]}, "intermediate.0.method", "expected text, not 3"),
        ({"intermediate": [3]}, "intermediate.0", "expected keys with values, not 3"),
        (
            {"intermediate": ["mnli", {"name": "m", "method": "multi_task", "tasks": ["mnli", "qqp"], "cup": 3}]},
            "intermediate.1.cup",
            "did you mean 'cap'?",
        ),
        (
            {"intermediate": [{"name": "m", "method": "multi_task", "tasks": ["mnli", "qqp"], "cap": 0}]},
            "intermediate.0.cap",
            "0 is out of range; expected at least 1",
        ),
        (
            {"intermediate": [{"name": "m", "method": "multi_task", "tasks": ["mnli", "hellaswg"]}]},
            "intermediate.0.tasks.1",
            "did you mean 'hellaswag'?",
        ),
        (
            {"intermediate": [{"name": "m", "method": "multi_task", "tasks": ["mnli"]}]},
            "intermediate.0.tasks",
            "at least two",
        ),
        (
            {"intermediate": [{"name": "m", "method": "multi_task", "tasks": ["mnli", "xnli"], "temperature": 2}]},
            "intermediate.0.temperature",
            "mixture: temperature",
        ),
        ({"intermediate": [{"name": "a", "method": "multi"}]}, "intermediate.0.method", "did you mean 'multi_task'?"),
        ({"seeds": [1, 2, 1]}, "seeds.2", "occurs twice here"),
        ({"seeds": [-1]}, "seeds.0", "at least 0"),
        ({"seeds": [2**32]}, "seeds.0", "out of range"),
        ({"seeds": ["a"]}, "seeds.0", "expected a whole number, not 'a'"),
        ({"seeds": [True]}, "seeds.0", "expected a whole number, not true"),
        ({"seeds": []}, "seeds", "empty"),
        ({"recipe": {"batch_size": -1}}, "recipe.batch_size", "-1 is out of range; expected at least 1"),
        ({"recipe": {"batch_size": 1.5}}, "recipe.batch_size", "expected a whole number, not 1.5"),
        ({"recipe": {"learning_rate": 0}}, "recipe.learning_rate", "expected more than 0"),
        ({"recipe": {"learning_rate": float("inf")}}, "recipe.learning_rate", "finite"),
        ({"recipe": {"learning_rate": "1e-5"}}, "recipe.learning_rate", "expected a number, not '1e-5'"),
        ({"recipe": {"warmup": 1}}, "recipe.warmup", "less than 1"),
        ({"recipe": {"precision": "fp16"}}, "recipe.precision", "did you mean 'bf16'?"),
        ({"recipe": 3}, "recipe", "expected keys with values, not 3"),
        ({"budget": {"max_eval_examples": 0}}, "budget.max_eval_examples", "at least 1"),
        ({"budget": {"max_train_examples": {"tydiq": 3}}}, "budget.max_train_examples.tydiq", "'tydiqa'"),
        ({"budget": {"max_train_examples": -3}}, "budget.max_train_examples", "at least 1"),
        ({"languages": ["xx"]}, "languages.0", "unknown language 'xx'"),
        ({"languages": ["swa-Latin"]}, "languages.0", "did you mean 'swa-Latn'?"),
        ({"languages": ["en", "eng-Latn"]}, "languages.1", "occurs twice here"),
        ({"languages": "en"}, "languages", "write [en]"),
        ({"languages": []}, "languages", "empty"),
        ({"name": "a/b"}, "name", "cannot be a name"),
        ({"name": ".."}, "name", "cannot be a name"),
        ({"name": 2020}, "name", 'in quotes it is text: "2020"'),
        ({"model": "a\x00b"}, "model", "control character"),
        ({"model": ""}, "model", "not nothing"),
        ({"profile": "tin"}, "profile", "did you mean 'tiny'?"),
        ({"pretraining": {"text": "t"}}, "pretraining.max_tokens", "missing"),
        ({"pretraining": {"text": "t", "max_tokens": 1, "method": "mlm"}}, "pretraining.method", "masked_lm"),
    ],
)
def test_a_mistake_is_one_line_with_its_path(keys, path, words):
    message = refusal(**keys)
    assert message.startswith(f"{path}: ")
    assert words in message
    assert "\n" not in message


def test_every_mistake_is_told():
    lines = refusal(seeds=["a"], recipe={"epochs": "b"}).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["seeds.0", "recipe.epochs"]


def test_an_arm_may_use_earlier_arms_but_not_later_ones():
    own = {"name": "own", "task": {"files": "a.csv", "kind": "pair_classification"}}
    multi = {"name": "m", "method": "multi_task", "tasks": ["own", "mnli"]}
    assert experiment(intermediate=[own, multi]).intermediate[1].tasks == ("own", "mnli")
    assert "intermediate.0.tasks.0: unknown task 'own'" in refusal(intermediate=[multi, own])
    nested = {"name": "n", "method": "multi_task", "tasks": ["m", "mnli"]}
    assert "itself an arm with several tasks" in refusal(intermediate=[own, multi, nested])


def test_whole_numbers_may_be_written_as_floats():
    assert experiment(pretraining={"text": "t", "max_tokens": 3e6}).pretraining.max_tokens == 3_000_000


def test_errors_survive_a_process_boundary():
    with pytest.raises(ExperimentError) as caught:
        experiment(seeds=["a"])
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


names = st.text("abcdefgh", min_size=1, max_size=6).filter(lambda name: name != "none")
arms = st.one_of(
    st.sampled_from(["mnli", "hellaswag", "squad_v1"]),
    st.builds(
        lambda name, epochs: {
            "name": name,
            "task": {"files": ["no.csv"], "kind": "pair_classification", "labels": ["1e-5", "no", "é: x"]},
            "recipe": {"epochs": epochs},
        },
        names,
        st.floats(0.01, 100),
    ),
)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(arms, max_size=3, unique_by=lambda arm: arm if isinstance(arm, str) else arm["name"]),
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4, unique=True),
)
def test_the_written_form_says_the_same(intermediate, seeds):
    found = experiment(intermediate=intermediate, seeds=seeds)
    again = Experiment(**document.parse(found.as_yaml(), name="t"))
    assert again == found
    assert again.as_yaml() == found.as_yaml()
