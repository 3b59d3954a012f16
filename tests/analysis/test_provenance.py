from pathlib import Path

from xstilts.analysis.provenance import RunInfo, machine_values, mixed, untested, work
from xstilts.models.versions import TESTED

ONE = {"threads": 1, "processor": "a", "versions": {"torch": "2.6"}, "seconds": 3.5, "tokens": 100}


def test_equal_machines_give_no_warning():
    assert mixed([ONE, {**ONE, "seconds": 9.0, "tokens": 7}, {"threads": 1}]) == []
    assert mixed([]) == []


def test_mixed_machines_threads_and_versions_are_named():
    found = mixed([ONE, {"threads": 2, "processor": "a", "versions": {"torch": "2.7"}}])
    assert len(found) == 2
    assert found[0].startswith("Nodes differ in threads: 1, 2.")
    assert found[1].startswith("Nodes differ in versions.torch: 2.6, 2.7.")


def test_machine_values_leave_measurements_out():
    assert machine_values([ONE]) == {"threads": ("1",), "processor": ("a",), "versions.torch": ("2.6",)}


def test_run_info_warns_once():
    info = RunInfo(name="x", warnings=["careful", "careful"], machines=[{"threads": 1}, {"threads": 2}])
    assert info.all_warnings[0] == "careful"
    assert len(info.all_warnings) == 2


def test_work_is_summed_by_kind():
    nodes = [
        {"threads of tokenizer": "1", "seconds": 2.0, "tokens": 0},
        {"threads of zero_shot": "1", "seconds": 0.5, "tokens": 10},
        {"threads of zero_shot": "1", "seconds": 1, "tokens": 5},
        {"threads of zero_shot": "1"},
        {"seconds": 3.0},
    ]
    found = [(one.kind, one.nodes, one.seconds, one.tokens) for one in work(nodes)]
    assert found == [("tokenizer", 1, 2.0, 0), ("zero_shot", 2, 1.5, 15)], "a node without its time is not guessed at"


def test_what_nodes_warned_of_is_repeated_once_with_their_number():
    """Though the run that computed them heard it under each node's own label, and this one not at all."""
    nodes = [{"warnings": ["slow"]}, {"warnings": ["slow"]}, {"warnings": ["hot"]}, {}]
    told = ("2 nodes: slow", "1 node: hot")
    assert RunInfo(name="x", machines=nodes).all_warnings == told
    heard = RunInfo(name="x", machines=nodes, warnings=["careful", "train a: slow", "train b: slow", "eval: hot"])
    assert heard.all_warnings == ("careful", *told)


def test_a_version_of_transformers_without_tests_is_named():
    known = [{"transformers": version} for version in TESTED]
    assert RunInfo(name="x", machines=known[:1]).all_warnings == ()
    (found,) = untested([*known, {"transformers": "5.99.1"}, {"transformers": "5.99.1"}, {}])
    assert found.startswith("transformers 5.99.1 is a version that xstilts was not tested with")


def test_the_pinned_version_is_a_tested_one():
    constraints = Path(__file__).resolve().parents[2] / "constraints.txt"
    lines = constraints.read_text(encoding="utf-8").splitlines()
    assert next(line.partition("==")[2] for line in lines if line.startswith("transformers==")) in TESTED
