"""The key ``question``: its contrasts name arms and targets that there are."""

import pytest

from xstilts.errors import ConfigError
from xstilts.experiments.loading import load_experiment

FILE = """
name: asks
model: mini
question: {QUESTION}
intermediate: [micro_nli]
targets: [micro_pos]
"""
WHOLE = "{text: Does it help?, about: [mt5], matters: 0.5, contrasts: [{arm: micro_nli, targets: [micro_pos]}]}"


def load(tmp_path, question):
    file = tmp_path / "asks.yaml"
    file.write_text(FILE.replace("{QUESTION}", question), encoding="utf-8")
    return load_experiment(file)


def test_it_is_read_and_written_back(tmp_path):
    found = load(tmp_path, WHOLE)
    assert found.question.contrasts[0].against == "none"
    again = tmp_path / "again.yaml"
    again.write_text(found.as_yaml(), encoding="utf-8")
    assert load_experiment(again).question == found.question
    asked = found.question.asked("mini")
    assert (asked["about"], asked["settles"]) == (["mT5"], False)
    assert found.question.asked("mt5")["settles"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("arm: micro_nli", "arm: micro_nil", r"question\.contrasts\.0\.arm: unknown arm 'micro_nil'; did you mean"),
        ("[micro_pos]", "[micro_poss]", r"question\.contrasts\.0\.targets\.0: unknown target 'micro_poss'; did you"),
        ("[mt5]", "[mt6]", r"question\.about\.0: unknown model family 'mt6'; did you mean 'mt5'"),
        ("arm: micro_nli", "arm: none", "'none' is compared with itself"),
        ("matters: 0.5", "matters: -1", r"question\.matters"),
        ("text: Does it help?, ", "", r"question\.text|key 'text' is missing"),
    ],
)
def test_mistakes_are_refused_at_their_place(tmp_path, old, new, words):
    with pytest.raises(ConfigError, match=words) as caught:
        load(tmp_path, WHOLE.replace(old, new))
    assert "asks.yaml:4" in str(caught.value)


LESS = """
name: asks
model: mini
question: {text: Does it help more?, contrasts: [{arm: micro_nli, less: {QUESTION}}]}
intermediate: [micro_nli, micro_boolq]
targets: [micro_pos, micro_ner]
languages: [en, de, tr]
"""


def less(tmp_path, keys):
    file = tmp_path / "asks.yaml"
    file.write_text(LESS.replace("{QUESTION}", keys), encoding="utf-8")
    return load_experiment(file)


def test_a_second_difference_is_taken_off_the_first(tmp_path):
    asked = less(tmp_path, "{arm: micro_boolq}").question.asked("mini")["contrasts"][0]
    assert (asked["less"]["arm"], asked["less"]["against"]) == ("micro_boolq", "none")
    asked = less(tmp_path, "{languages: [tr]}").question.asked("mini")["contrasts"][0]
    assert (asked["languages"], asked["less"]["languages"], asked["less"]["arm"]) == ([], ["tur-Latn"], "micro_nli")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("{arm: micro_bool}", r"contrasts\.0\.less\.arm: unknown arm 'micro_bool'; did you mean 'micro_boolq'"),
        ("{targets: [micro_po]}", r"contrasts\.0\.less\.targets\.0: unknown target 'micro_po'"),
        ("{languages: [fi]}", r"contrasts\.0\.less\.languages\.0: unknown language of the experiment 'fin-Latn'"),
        ("{against: micro_nli}", "'micro_nli' is compared with itself"),
        ("{}", r"contrasts\.0\.less: a difference less itself"),
    ],
)
def test_a_second_difference_that_is_none_is_refused(tmp_path, keys, words):
    with pytest.raises(ConfigError, match=words) as caught:
        less(tmp_path, keys)
    assert "asks.yaml:4" in str(caught.value)
