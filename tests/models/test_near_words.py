"""The words nearest in an embedding table, of those that are written alike."""

from __future__ import annotations

import numpy as np

from xstilts.models.vocabulary.near_words import near_words


def test_the_nearest_are_those_of_the_same_script_and_case():
    vocabulary = {
        "cat": 0,
        "dog": 1,
        "hound": 2,
        "Dog": 3,
        "кот": 4,
        "Berlin": 5,
        "Paris": 6,
        "a1": 7,
        "x": 8,
        "far": 9,
    }
    table = np.array(
        [
            [1, 0, 0],
            [0, 1, 0],
            [0, 0.9, 0.1],
            [0, 1, 0],
            [0, 1, 0],
            [0, 0, 1],
            [0.1, 0, 1],
            [0, 1, 0],
            [0, 1, 0],
            [1, 0.1, 0],
        ],
        dtype=np.float32,
    )
    found = near_words(["dog", "cat", "Paris", "кот", "a1", "x", "unknown", "dog."], vocabulary, table, count=2)
    assert found["dog"][0] == "hound"
    assert found["cat"][0] == "far"
    assert found["Paris"][0] == "Berlin"
    assert "Dog" not in found["dog"]
    assert found.keys() == {"dog", "cat", "Paris"}, "no other word is written as кот is; a1 and x are no words"
    assert all(len(words) <= 2 for words in found.values())


def test_it_agrees_with_sorting_all_cosines():
    rng = np.random.default_rng(3)
    words = sorted({"".join(rng.choice(list("abcde"), 4)) for _ in range(120)})
    table = rng.normal(size=(len(words), 8)).astype(np.float32)
    found = near_words(words, {word: row for row, word in enumerate(words)}, table, count=5)
    rows = table - table.mean(axis=0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for place, word in enumerate(words):
        order = np.argsort(-(rows @ rows[place]))
        assert found[word] == [words[i] for i in order if i != place][:5]
