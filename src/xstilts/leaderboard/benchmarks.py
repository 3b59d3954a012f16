"""XTREME and XTREME-R as ``evaluate.py`` of google-research/xtreme (838c13b) lists them: tasks, languages, groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xstilts import languages
from xstilts.errors import UnknownName
from xstilts.leaderboard.forms.answers import Answers
from xstilts.leaderboard.forms.form import Form
from xstilts.leaderboard.forms.labels import Choices, Indices, Labels
from xstilts.leaderboard.forms.pairs import Pairs
from xstilts.leaderboard.forms.rankings import Rankings
from xstilts.leaderboard.forms.tags import Tags
from xstilts.metrics.mean_average_precision import MeanAveragePrecision
from xstilts.metrics.mean_reciprocal_rank import MeanReciprocalRank
from xstilts.metrics.mlqa import METRIC as MLQA
from xstilts.metrics.squad_v1 import METRIC as SQUAD_V1

TO_ENGLISH = "tatoeba-to-english"
"""Our own folder beside ``tatoeba``, which upstream ignores: the other direction."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A task of a benchmark.

    Attributes:
        folder: its name on the leaderboard.
        task: its registered name.
        codes: two-letter codes of its languages, in the official order.
        form: what its files look like.
    """

    folder: str
    task: str
    codes: tuple[str, ...]
    form: Form

    def language(self, code: str) -> str:
        """The id of one of its languages."""
        return languages.from_code(code, "xtreme").id


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """A benchmark.

    Attributes:
        groups: as in upstream; ``own_groups`` are those that upstream does not have.
    """

    name: str
    title: str
    entries: tuple[Entry, ...]
    groups: Mapping[str, tuple[str, ...]]
    own_groups: Mapping[str, tuple[str, ...]]
    paper: str

    @property
    def folders(self) -> Mapping[str, Entry]:
        """Its tasks by their names on the leaderboard."""
        return {entry.folder: entry for entry in self.entries}

    @property
    def tasks(self) -> Mapping[str, Entry]:
        """Its tasks by their registered names."""
        return {entry.task: entry for entry in self.entries}


_XNLI = "ar bg de el en es fr hi ru sw th tr ur vi zh"
_PANX = (
    "ar he vi id jv ms tl eu ml ta te af nl en de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw yo my zh kk tr "
    "et fi hu"
)
_UDPOS = "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl tr ur vi yo zh"
_TATOEBA = "ar he vi id jv tl eu ml ta te af nl de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw zh kk tr et fi hu"
_UPOS_TAGS = Tags("udpos", token_accuracy=True, unspecified="_")
_XQUAD = "en es de el ru tr ar vi th zh hi"


def _entry(folder: str, codes: str, form: Form, *, task: str = "") -> Entry:
    return Entry(folder=folder, task=task or folder, codes=tuple(codes.split()), form=form)


_MLQA = _entry("mlqa", "en es de ar hi vi zh", Answers(MLQA))
_TYDIQA = _entry("tydiqa", "en ar bn fi id ko ru sw te", Answers(SQUAD_V1))

XTREME = Benchmark(
    name="xtreme",
    title="XTREME",
    entries=(
        _entry("pawsx", "de en es fr ja ko zh", Labels("pawsx")),
        _entry("xnli", _XNLI, Labels("xnli")),
        _entry("panx", _PANX, Tags("panx")),
        _entry("udpos", _UDPOS, _UPOS_TAGS),
        _entry("bucc2018", "de fr ru zh", Pairs(), task="bucc"),
        _entry("tatoeba", _TATOEBA, Indices()),
        _entry("xquad", _XQUAD, Answers(SQUAD_V1)),
        _MLQA,
        _TYDIQA,
    ),
    groups={
        "classification": ("pawsx", "xnli"),
        "tagging": ("udpos", "panx"),
        "qa": ("xquad", "mlqa", "tydiqa"),
        "retrieval": ("bucc2018", "tatoeba"),
    },
    own_groups={},
    paper="https://arxiv.org/abs/2003.11080",
)

XTREME_R = Benchmark(
    name="xtreme-r",
    title="XTREME-R",
    entries=(
        _entry("xnli", _XNLI, Labels("xnli")),
        _entry("panx", f"{_PANX} qu pl uk az lt pa gu ro", Tags("panx")),
        _entry("udpos", f"{_UDPOS} lt pl uk wo ro", _UPOS_TAGS),
        _entry("tatoeba", f"{_TATOEBA} az lt pl uk ro", Indices()),
        _entry("xcopa", "et ht id it qu sw ta th tr vi zh", Choices()),
        _entry("lareqa", _XQUAD, Rankings(MeanAveragePrecision(k=20), several=True)),
        _entry("mewslix", "ar de en es fa ja pl ro ta tr uk", Rankings(MeanReciprocalRank(k=20), several=False)),
        _entry("xquad", f"{_XQUAD} ro", Answers(SQUAD_V1)),
        _MLQA,
        _TYDIQA,
    ),
    groups={
        "classification": ("xnli", "xcopa"),
        "tagging": ("udpos", "panx"),
        "qa": ("xquad", "mlqa", "tydiqa"),
        "retrieval": ("tatoeba", "mewslix"),
        "multi_choice": ("xcopa",),
    },
    own_groups={"retrieval with lareqa": ("tatoeba", "mewslix", "lareqa")},
    paper="https://arxiv.org/abs/2104.07412",
)

BENCHMARKS = {benchmark.name: benchmark for benchmark in (XTREME, XTREME_R)}


def find(name: str, *, where: str = "") -> Benchmark:
    """The benchmark of a name.

    Raises:
        UnknownName: there is none.
    """
    if name not in BENCHMARKS:
        raise UnknownName("benchmark", name, BENCHMARKS, where=where)
    return BENCHMARKS[name]
