"""The shipped table of languages: its benchmarks, codes, closed sets and sources."""

from __future__ import annotations

import copy
import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from xstilts import languages
from xstilts.errors import UnknownName
from xstilts.languages import BENCHMARKS, MORPHOLOGIES, SYSTEMS, WORD_ORDERS, Language
from xstilts.languages.row import CITED
from xstilts.languages.table import TABLE

# The languages of the benchmarks' tasks, as their own lists give them.
PANX = """ar he vi id jv ms tl eu ml ta te af nl en de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw yo my
    zh kk tr et fi hu"""
UDPOS = "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl tr ur vi yo zh"
XTREME = {
    "xnli": "ar bg de el en es fr hi ru sw th tr ur vi zh",
    "pawsx": "de en es fr ja ko zh",
    "panx": PANX,
    "udpos": UDPOS,
    "xquad": "en es de el ru tr ar vi th zh hi",
    "mlqa": "en es de ar hi vi zh",
    "tydiqa": "en ar bn fi id ko ru sw te",
    "bucc": "de fr ru zh",
}
XTREME_R = {
    "panx": PANX + " qu pl uk az lt pa gu ro",
    "udpos": UDPOS + " lt pl uk wo ro",
    "xquad": XTREME["xquad"] + " ro",
    "xcopa": "et ht id it qu sw ta th tr vi zh",
    "mewslix": "ar de en es fa ja pl ro ta tr uk",
    "lareqa": XTREME["xquad"],
}
IGLUE = {
    "xgqa": "en bn de id ko pt ru zh",
    "marvl": "en id sw ta tr zh",
    "xvnli": "en ar es fr ru",
    "xflickrco": "en de es id ja ru tr zh",
    "wit": "en ar bg da el et id ja ko tr vi",
}
TYDIQA = {"goldp": XTREME["tydiqa"], "primary": XTREME["tydiqa"] + " ja th"}
TATOEBA = {  # XTREME's Tatoeba: two letters -> three
    **{"af": "afr", "ar": "ara", "bg": "bul", "bn": "ben", "de": "deu", "el": "ell", "es": "spa", "et": "est"},
    **{"eu": "eus", "fa": "pes", "fi": "fin", "fr": "fra", "he": "heb", "hi": "hin", "hu": "hun", "id": "ind"},
    **{"it": "ita", "ja": "jpn", "jv": "jav", "ka": "kat", "kk": "kaz", "ko": "kor", "ml": "mal", "mr": "mar"},
    **{"nl": "nld", "pt": "por", "ru": "rus", "sw": "swh", "ta": "tam", "te": "tel", "th": "tha", "tl": "tgl"},
    **{"tr": "tur", "ur": "urd", "vi": "vie", "zh": "cmn", "az": "aze", "lt": "lit", "pl": "pol", "uk": "ukr"},
    **{"ro": "ron"},
}
ALL = languages.all_languages()


def _codes(tasks: dict[str, str]) -> set[str]:
    return {code for line in tasks.values() for code in line.split()}


@pytest.mark.parametrize(
    ("benchmark", "tasks", "count"),
    [("xtreme", XTREME, 40), ("xtreme-r", XTREME_R, 50), ("iglue", IGLUE, 20), ("tydiqa", TYDIQA, 11)],
)
def test_a_benchmark_is_the_union_of_its_tasks(benchmark: str, tasks: dict[str, str], count: int) -> None:
    assert len(_codes(tasks)) == count
    listed = {each.code("xtreme") for each in ALL if benchmark in each.benchmarks}
    assert listed == _codes(tasks)


def test_iglue_codes_are_those_of_its_files() -> None:
    assert {each.code("iglue") for each in ALL if "iglue" in each.codes} == _codes(IGLUE)


def test_tatoeba_has_the_112_languages_of_the_benchmark() -> None:
    listed = [each for each in ALL if "tatoeba" in each.benchmarks]
    assert len(listed) == 112
    assert set(TATOEBA.values()) <= {each.code("iso639_3") for each in listed}


@pytest.mark.parametrize(("two", "three"), sorted(TATOEBA.items()))
def test_both_systems_name_the_same_language(two: str, three: str) -> None:
    language = languages.from_code(two, "xtreme")
    assert languages.from_code(three, "iso639_3") is language
    assert language.code("iso639_3") == three


@pytest.mark.parametrize(
    ("variant", "benchmark_code"),
    [
        *[("arb", "ara"), ("fas", "pes"), ("ekk", "est"), ("msa", "zsm"), ("swa", "swh"), ("zho", "cmn")],
        *[("azj", "aze"), ("nor", "nob"), ("lav", "lvs"), ("khk", "mon"), ("uzn", "uzb"), ("als", "sqi")],
    ],
)
def test_macrolanguage_and_individual_language_are_one(variant: str, benchmark_code: str) -> None:
    language = languages.from_code(variant, "iso639_3")
    assert language is languages.from_code(benchmark_code, "iso639_3")
    assert language.code("iso639_3") == benchmark_code


def test_ids_are_unique_well_formed_and_sorted() -> None:
    ids = [each.id for each in ALL]
    assert len(set(ids)) == len(ids)
    assert ids == sorted(ids)
    for each in ALL:
        assert re.fullmatch(r"[a-z]{3}-[A-Z][a-z]{3}", each.id)
        assert each.id.endswith(f"-{each.script}")
        assert str(each) == each.id


def test_only_collections_and_retired_codes_lack_iso_639_3() -> None:
    assert {each.id for each in ALL if not each.iso639_3} == {"ber-Latn", "kzj-Latn"}
    assert all(each.id.startswith(each.iso639_3) for each in ALL)


@given(st.sampled_from(ALL), st.sampled_from(SYSTEMS))
def test_code_and_language_round_trip(language: Language, system: str) -> None:
    if system in language.codes:
        assert languages.from_code(language.code(system), system) is language
    else:
        with pytest.raises(UnknownName, match=language.id):
            language.code(system)
    assert languages.get(language.id) is language


@given(st.text(max_size=8), st.sampled_from(SYSTEMS))
def test_any_other_code_is_refused(code: str, system: str) -> None:
    assume(code not in _accepted())
    with pytest.raises(UnknownName, match=re.escape(repr(code))):
        languages.from_code(code, system)


def _accepted() -> set[str]:
    rows = TABLE.read_text(encoding="utf-8").splitlines()[1:]
    return {code for row in rows for cell in row.split("\t")[3:5] for code in cell.split()}


def test_values_stay_inside_the_closed_sets() -> None:
    for each in ALL:
        assert each.morphology in (None, *MORPHOLOGIES)
        assert each.word_order in (None, *WORD_ORDERS)
        assert set(each.benchmarks) <= set(BENCHMARKS)
        assert set(each.codes) <= set(SYSTEMS)
        assert each.name
        assert "" not in (each.family, each.genus)


def test_every_fact_has_a_source_and_every_source_is_used() -> None:
    attributes = {field.name for field in dataclasses.fields(Language)}
    used = set()
    for each in ALL:
        for column in CITED:
            assert (getattr(each, column) is None) == (column not in each.sources), (each.id, column)
        for column, sources in each.sources.items():
            assert sources, (each.id, column)
            assert all(column in source.columns for source in sources)
            used |= {source.key for source in sources}
    known = languages.sources()
    assert used == set(known)
    for source in known.values():
        assert set(source.columns) <= attributes
        assert source.citation
        assert source.version
        assert source.url.startswith("https://")


@pytest.mark.parametrize(
    ("id_", "family", "genus", "order", "morphology"),
    [
        ("fin-Latn", "Uralic", "Finnic", "SVO", "agglutinative"),
        ("swa-Latn", "Niger-Congo", "Bantu", "SVO", "agglutinative"),
        ("ara-Arab", "Afro-Asiatic", "Semitic", "VSO", "introflexive"),
        ("vie-Latn", "Austro-Asiatic", "Vietic", "SVO", "isolating"),
        ("deu-Latn", "Indo-European", "Germanic", "no dominant order", "fusional"),
        ("jpn-Jpan", "Japanese", "Japanese", "SOV", "agglutinative"),
        ("tgl-Latn", "Austronesian", "Greater Central Philippine", "VSO", "agglutinative"),
        ("ind-Latn", "Austronesian", "Malayo-Sumbawan", "SVO", None),  # the two tables disagree
        ("kaz-Cyrl", "Altaic", "Turkic", None, "agglutinative"),  # WALS has no 81A for it
        ("hat-Latn", None, "Creoles and Pidgins", None, None),
    ],
)
def test_spot_checks(
    id_: str, family: str | None, genus: str | None, order: str | None, morphology: str | None
) -> None:
    each = languages.get(id_)
    assert (each.family, each.genus, each.word_order, each.morphology) == (family, genus, order, morphology)


def test_most_of_xtreme_r_has_its_typology() -> None:
    listed = [each for each in ALL if "xtreme-r" in each.benchmarks]
    assert sum(each.genus is not None for each in listed) == 50
    assert sum(each.word_order is not None for each in listed) >= 45
    assert sum(each.morphology is not None for each in listed) >= 40


def test_a_language_can_be_hashed_and_copied() -> None:
    assert len({*ALL, *ALL}) == len(ALL)
    assert copy.deepcopy(ALL[0]) == ALL[0]


def test_unknown_codes_name_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'swh'") as caught:
        languages.from_code("swx", "iso639_3", where="data/tatoeba")
    assert caught.value.nearest == "swh"
    assert str(caught.value).startswith("data/tatoeba: ")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("code", "system", "right"),
    [("swh", "xtreme", "'sw'"), ("zho-Hani", "xtreme", "'zh'"), ("de", "iso639_3", "'deu'")],
)
def test_a_code_of_another_system_is_told_so(code: str, system: str, right: str) -> None:
    with pytest.raises(UnknownName, match=right):
        languages.from_code(code, system)


def test_a_code_in_the_place_of_an_id_is_told_so() -> None:
    with pytest.raises(UnknownName, match="its id is 'swa-Latn'"):
        languages.get("sw")
    with pytest.raises(UnknownName, match="did you mean 'zho-Hani'"):
        languages.get("zho-Hans")


def test_unknown_systems_are_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'xtreme'"):
        languages.from_code("de", "xtrem")
    with pytest.raises(UnknownName, match="did you mean 'xtreme'"):
        ALL[0].code("xtrem")


def test_import_stays_light() -> None:
    program = (
        "import sys, time\nimport xstilts.languages as room\nstart = time.process_time()\n"
        "room.all_languages(); room.from_code('de', 'xtreme')\nprint(time.process_time() - start)\n"
        "heavy = {'numpy', 'torch', 'polars', 'pydantic', 'pyarrow'} & set(sys.modules)\nassert not heavy, heavy"
    )
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert float(run.stdout) < 0.2  # a few milliseconds when the machine is idle


@pytest.mark.shared_data
def test_every_language_of_the_real_data_is_known(shared_data: Path) -> None:
    two = {path.name.split("-")[1].split(".")[0] for path in shared_data.glob("udpos/*-*.tsv")}
    two |= {path.stem for path in shared_data.glob("text/mono/*.txt")}
    two |= {path.suffixes[0][1:] for path in shared_data.glob("xquad/xquad.*.json")}
    three = {path.name.split(".")[1].split("-")[0] for path in shared_data.glob("tatoeba/tatoeba.*-eng.*")}
    assert two
    assert three
    for code in two:
        languages.from_code(code, "xtreme")
    for code in three:
        languages.from_code(code, "iso639_3")
