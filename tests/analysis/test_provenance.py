from xstilts.analysis.provenance import RunInfo, machine_values, mixed

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
