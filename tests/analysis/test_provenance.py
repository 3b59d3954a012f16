from xstilts.analysis.provenance import RunInfo, machine_values, mixed, work

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
