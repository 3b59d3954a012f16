"""Reads every file of a run once before anything trains: mistakes are found first, and sizes are known.

What a file holds is kept in the store under the fingerprints of what was read, so a second run reads nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from xstilts.data import discovery, open_labels
from xstilts.data.attentive_reading import read_attentively
from xstilts.data.text_language import doubts
from xstilts.pipeline.node import canonical
from xstilts.pipeline.sealed import keep, kept
from xstilts.pipeline.store import Store
from xstilts.reading import notes, plain
from xstilts.reading.examples import AnswerSentence, Choice, Example, texts
from xstilts.tasks.kind import kind_of
from xstilts.tasks.task import Task


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What a set of files holds.

    Attributes:
        examples: rows, questions, sentences, or lines of text.
        characters: of all text in them that a model reads, each candidate of a pool once.
        repeated: characters that are read again by a model that reads a prompt with each of its choices.
        pool: of the characters, those of a pool's candidates.
        candidates: tells which candidates these are; equal where two sets hold the same.
        measured: False where these are a task's published sizes, or guesses from them.
        unlabelled: of the examples, those whose gold is hidden.
        labels: those that are found in them, of a task whose labels are found (supertags).
        notes: what people should know: rows that were left out, offsets repaired, texts in another language.
        rows: a sample of the hashes of their rows, by which files are compared with each other.
    """

    examples: int
    characters: int
    repeated: int = 0
    pool: int = 0
    candidates: str = ""
    measured: bool = True
    unlabelled: int = 0
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()


def published(task: Task, split: str, language: str) -> Survey | None:
    """A task's published size, where there is one."""
    size = task.sizes.get(f"{split}-{language}", task.sizes.get(split))
    if size is None:
        return None
    characters = size * kind_of(task.kind).characters
    if split in ("dev", "test"):  # its languages share a pool, which is read once
        characters += task.pool * DESCRIPTION // max(len(task.languages), 1)
    return Survey(examples=size, characters=characters, measured=False)


DESCRIPTION = 250
"""Characters of one candidate of a published pool: what 64 tokens hold."""
ASSUMED = {("ccg", "train"): 38_015, ("bucc", "test"): 700_000, ("bucc", "dev"): 70_000}
"""Examples of what has no size in its task, as recalled and not read in a source: for estimates alone."""
ASSUMED_OTHERWISE = 1_000


def assumed(name: str, task: Task, split: str) -> Survey:
    """A guess at a size that was not published."""
    size = ASSUMED.get((name, split), ASSUMED_OTHERWISE)
    return Survey(examples=size, characters=size * kind_of(task.kind).characters, measured=False)


COUNTED = 4
"""Raised when other things are counted: what was kept before is then not taken for it."""


def _counted(examples: Sequence[Example]) -> Survey:
    """What examples hold, each candidate of a pool once."""
    characters = repeated = pool = 0
    known: set[str] = set()
    for example in examples:
        if isinstance(example, AnswerSentence):
            characters += len(example.question)
            for name, text in zip(example.candidate_ids, example.candidates, strict=True):
                pool += 0 if name in known else len(text)
                known.add(name)
            continue
        characters += sum(len(text) for text in texts(example))
        if isinstance(example, Choice):
            repeated += len(example.prompt) * (len(example.choices) - 1)
    mark = hashlib.sha256("\n".join(sorted(known)).encode()).hexdigest() if known else ""
    return Survey(examples=len(examples), characters=characters + pool, repeated=repeated, pool=pool, candidates=mark)


def _unlabelled(examples: Sequence[Example], kind: str) -> int:
    """How many have no gold; none of what is compared with a pool."""
    own = kind_of(kind)
    return 0 if own.golds_of_pool else sum(own.gold(example) is None for example in examples)


class Surveyor:
    """Reads files once and remembers what they hold.

    Args:
        store: keeps what was found.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._known: dict[str, Survey] = {}

    def task(self, task: Task, files: Sequence[Path], language: str, *, identity: str) -> Survey:
        """What the files of a task hold.

        Raises:
            DataError: a file that cannot be read.
        """

        def read() -> Survey:
            found = read_attentively(lambda: discovery.read(task, files, language), language, file=files[0])
            labels = open_labels.labels_of(found.examples, task.labels_at_least) if task.labels_at_least else ()
            hidden = _unlabelled(found.examples, task.kind)
            counted = replace(_counted(found.examples), unlabelled=hidden, labels=labels)
            return replace(counted, notes=found.notes, rows=found.rows)

        names = [file.name for file in files]
        return self._once(["task", COUNTED, identity, task.version, language, names], files, read)

    def text(self, file: Path, language: str) -> Survey:
        """What a file of plain text holds."""

        def read() -> Survey:
            found = read_attentively(lambda: plain.read(file, language), language, file=file)
            characters = sum(len(line.text) for line in found.examples)
            lines = len(found.examples)
            return Survey(examples=lines, characters=characters, notes=found.notes, rows=found.rows)

        return self._once(["text", COUNTED, language, file.name], [file], read)

    def parallel(self, files: dict[str, Path]) -> Survey:
        """What aligned files hold, counted in pairs.

        Raises:
            DataError: they are not aligned.
        """

        def read() -> Survey:
            with notes.collected() as said:
                pairs = list(plain.read_parallel(files))
            characters = sum(len(pair.text) + len(pair.translation or "") for pair in pairs)
            for language, file in sorted(files.items()):
                said += doubts(list(plain.read(file, language)), language, file=file)
            return Survey(examples=len(pairs), characters=characters, notes=tuple(said))

        names = [file.name for _, file in sorted(files.items())]
        content = [files[language] for language in sorted(files)]
        return self._once(["parallel", COUNTED, *sorted(files), *names], content, read)

    def _once(self, what: list[object], files: Iterable[Path], read: Callable[[], Survey]) -> Survey:
        content = [*what, *(self.store.fingerprint(file) for file in files)]
        key = hashlib.sha256(canonical(content)).hexdigest()
        if key not in self._known:
            self._known[key] = self._kept(key) or self._keep(key, read())
        return self._known[key]

    def _path(self, key: str) -> Path:
        return self.store.root / "surveys" / key[:2] / f"{key}.json"

    def _kept(self, key: str) -> Survey | None:
        found = kept(self._path(key))
        try:
            named = {name: tuple(found.get(name, ())) for name in ("labels", "notes", "rows")} if found else {}
            return Survey(**{**found, **named}) if found else None
        except TypeError:  # another version's
            return None

    def _keep(self, key: str, survey: Survey) -> Survey:
        with contextlib.suppress(OSError):  # a full disk is met, and said, where results are written
            keep(self._path(key), asdict(survey))
        return survey
