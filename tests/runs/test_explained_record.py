"""What a run's record says of its languages."""

from types import SimpleNamespace

import pytest

from xstilts.experiments.explain import Explain, ExplainData
from xstilts.models.reference import resolve
from xstilts.phases.parallel_text import parallel_texts
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.runs.explained import explain_record


@pytest.fixture
def study(tmp_path):
    (tmp_path / "text").mkdir()
    for code, line in (("en", "We go home"), ("fi", "Menemme kotiin tänään"), ("th", "เรากลับบ้าน")):
        (tmp_path / "text" / f"own.{code}.txt").write_text(line + "\n", encoding="utf-8")
    asked = Explain(gain=["fusion", "premium", "pretraining_size"], text="text", pretraining={"fi": 4.0})
    texts = parallel_texts("text", tmp_path, tmp_path, where="explain.text")
    data = ExplainData(asked=asked, sizes=asked.sizes(""), size_of="the experiment's own", texts=tuple(texts))
    node = Node(
        kind="zero_shot",
        params={"model": {"directory": True}},
        versions={},
        data={},
        parents={},
        paths={"model": str(resolve("mini").directory)},
    )
    cells = [SimpleNamespace(language=language, node=node) for language in ("eng-Latn", "fin-Latn", "deu-Latn")]
    return SimpleNamespace(explain=data, evaluations=cells)


def test_every_language_of_the_run_has_its_properties(study, tmp_path):
    said = explain_record(study, Store(tmp_path / "store"))["explain"]
    assert said["gain"] == ["fusion", "premium", "pretraining_size"]
    assert sorted(said["languages"]) == ["deu-Latn", "eng-Latn", "fin-Latn"], "Thai is not evaluated"
    finnish, german = said["languages"]["fin-Latn"], said["languages"]["deu-Latn"]
    assert finnish["fusion"] == pytest.approx(0.3689, abs=1e-4)
    assert finnish["pretraining_size"] == 4.0
    assert finnish["premium"] > 1
    assert finnish["fertility"] >= 1
    assert set(german.values()) == {None}, "what is not known is missing, not 0"
    assert said["languages"]["eng-Latn"]["premium"] == 1.0
    assert said["told"] == [
        "Tokens: of this run's tokenizer on text/own; the premium is relative to eng-Latn.",
        "Pretraining size: the experiment's own.",
    ]


def test_a_run_without_a_checkpoint_keeps_its_results(study, tmp_path):
    gone = Node(kind="single_task", params={}, versions={}, data={}, parents={})
    node = study.evaluations[0].node
    trained = Node(kind="zero_shot", params={}, versions={}, data={}, parents={"model": gone}, paths=node.paths)
    for one in study.evaluations:
        one.node = trained
    said = explain_record(study, Store(tmp_path / "store"))["explain"]
    assert said["languages"]["fin-Latn"]["premium"] is None
    assert said["told"][0].startswith("What the tokenizer makes of the languages could not be measured")


def test_a_run_that_does_not_ask_has_no_such_record(study, tmp_path):
    study.explain = None
    assert explain_record(study, Store(tmp_path / "store")) == {}
