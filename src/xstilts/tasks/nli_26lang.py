"""multilingual-NLI-26lang-2mil7: five English NLI sets, machine-translated into 26 languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading import pairs, parquet
from xstilts.reading.examples import Classified
from xstilts.reading.published import ids, sizes_of
from xstilts.tasks.task import Hub, Local, Task
from xstilts.tasks.xnli import LABELS, read_row

CODES = "ar bn de es fa fr he hi id it ja ko mr nl pl ps pt ru sv sw ta tr uk ur vi zh"
SOURCES = ("mnli", "fever", "anli", "wanli")
"""25,000 rows of each in every language; LingNLI's 5,000 are dev here."""
_FILE = "multilingual-NLI-26lang-2mil7/data/{{code}}_{source}-*.parquet"


def read(file: Path, language: str) -> Iterator[Classified]:
    """The pairs of one file of the hub's repository.

    Raises:
        DataError: not Parquet, a column that is missing, a text or a label that cannot be.
    """
    cells = [
        (number, row["premise"], row["hypothesis"], row["label"])
        for number, row in parquet.rows(file, ("premise", "hypothesis", "label"))
    ]
    for number, premise, hypothesis, label in pairs.whole(cells, file, training=True):
        if label not in range(len(LABELS)):
            raise DataError(f"label {label!r} is not one of 0, 1, 2", file=file, line=number)
        yield Classified(example_id="", cluster_id="", first=premise, second=hypothesis, label=LABELS[label])


TASK = Task(
    title="multilingual-NLI-26lang-2mil7",
    kind="pair_classification",
    metric="accuracy",
    labels=LABELS,
    source_language="deu-Latn",
    languages=ids(CODES),
    test_split="dev",
    select_on_train=True,
    local=Local(
        patterns={
            "train": (tuple(_FILE.format(source=source) for source in SOURCES),),
            "dev": (_FILE.format(source="ling"),),
        },
        read=read,
    ),
    hub=Hub(
        repository="MoritzLaurer/multilingual-NLI-26lang-2mil7",
        config=None,
        splits={"train": "+".join(f"{{code}}_{source}" for source in SOURCES), "dev": "{code}_ling"},
        read_row=read_row,
    ),
    # Its card.
    sizes=sizes_of("train", {CODES: 100_000}) | sizes_of("dev", {CODES: 5_000}),
    paper="https://osf.io/74b8k",
    homepage="https://huggingface.co/datasets/MoritzLaurer/multilingual-NLI-26lang-2mil7",
    notes=(
        "MultiNLI, Fever-NLI, ANLI and WANLI train, a different random sample of each per language, so the languages "
        "are not parallel. It has no dev set: the rows of LingNLI are taken for one, and no English: an arm names its "
        "languages (German otherwise). Its card states no licence"
    ),
)
