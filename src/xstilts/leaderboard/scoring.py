"""Scores a folder of predictions against a folder of labels, as google-research/xtreme's ``evaluate.py`` (838c13b).

``evaluate.py`` averages over a task's languages, including English; a task's score is that of its metric, in question
answering (exact match + F1) / 2; groups and total are unweighted means over tasks.
"""

from __future__ import annotations

from pathlib import Path

from xstilts.errors import ConfigError, DataError, nearest
from xstilts.leaderboard.benchmarks import BENCHMARKS, TO_ENGLISH, Benchmark, Entry
from xstilts.leaderboard.forms.form import Compared
from xstilts.leaderboard.scores import Scores, TaskScore, mean_of


def score(predictions: Path, labels: Path, benchmark: Benchmark) -> Scores:
    """Every figure that the two folders give.

    Args:
        predictions: ``<task>/test-<language>.<suffix>``.
        labels: likewise.
        benchmark: which tasks and languages count.

    Raises:
        ConfigError: a folder that does not exist, or holds no task of the benchmark.
        DataError: a file that lacks its counterpart, or cannot be scored; with its line.
        UnknownName: a label that the task does not have.
    """
    for name, folder in (("--predictions", predictions), ("--labels", labels)):
        if not folder.is_dir():
            raise ConfigError(f"the folder {folder} does not exist", where=name)
        if not any((folder / entry).is_dir() for entry in benchmark.folders):
            held = ", ".join(sorted(one.name for one in folder.iterdir())[:9]) or "nothing"
            raise ConfigError(
                f"{folder} holds no task of {benchmark.title}; it holds {held}",
                where=name,
                hint="expected folders " + ", ".join(benchmark.folders),
            )
    warnings = _strangers(predictions, benchmark)
    tasks = {entry.folder: _task(entry, predictions, labels, warnings) for entry in benchmark.entries}
    return Scores(
        benchmark=benchmark.name,
        overall=mean_of(tasks, tuple(tasks)),
        groups={name: mean_of(tasks, of) for name, of in {**benchmark.groups, **benchmark.own_groups}.items()},
        own_groups=tuple(benchmark.own_groups),
        tasks=tasks,
        warnings=tuple(warnings),
    )


def _task(entry: Entry, predictions: Path, labels: Path, warnings: list[str]) -> TaskScore:
    for folder in (predictions, labels):
        if not (folder / entry.folder).is_dir():
            return TaskScore(score=None, reason=f"{folder / entry.folder} does not exist", official=entry.form.official)
    files = _files(entry, predictions, labels)
    warnings += _unread(entry, predictions)
    compared = {code: entry.form.compare(*pair, language=entry.language(code)) for code, pair in files.items()}
    warnings += [warning for one in compared.values() for warning in one.warnings]
    languages = {code: dict(one.scores) for code, one in compared.items()}
    if entry.folder == "tatoeba":
        _add_to_english(entry, languages, predictions, labels)
    averages = _averages(languages)
    absent = tuple(code for code in entry.codes if code not in files)
    whole = not absent
    return TaskScore(
        score=_mean([averages[name] for name in entry.form.official]) if whole else None,
        reason="" if whole else f"neither predictions nor labels of {' '.join(absent)}",
        official=entry.form.official,
        averages=averages,
        languages=languages,
        examples={code: one.examples for code, one in compared.items()},
        absent=absent,
        extra=_pooled(entry, compared),
    )


def _files(entry: Entry, predictions: Path, labels: Path) -> dict[str, tuple[Path, Path]]:
    """Code → both files; languages with neither file are left out, for the caller to report."""
    found: dict[str, tuple[Path, Path]] = {}
    lacking: list[tuple[Path, str]] = []
    for code in entry.codes:
        given, gold = (_file(folder / entry.folder, code, entry) for folder in (predictions, labels))
        if given.is_file() and gold.is_file():
            found[code] = (given, gold)
        elif given.is_file():
            lacking.append((gold, f"no labels for {code}, for which {given} holds predictions"))
        elif gold.is_file():
            lacking.append((given, f"no predictions for {code}, for which {gold} holds labels"))
    if lacking:
        file, message = lacking[0]
        others = f"; likewise {', '.join(str(other) for other, _ in lacking[1:])}" if lacking[1:] else ""
        raise DataError(f"the file does not exist: {message}{others}", file=file, hint=_beside(file))
    if not found:
        raise DataError(
            f"no predictions: expected {_name(entry.codes[0], entry)}, {_name(entry.codes[1], entry)} …",
            file=predictions / entry.folder,
            hint=_beside(_file(predictions / entry.folder, entry.codes[0], entry)),
        )
    return found


def _file(folder: Path, code: str, entry: Entry) -> Path:
    """The file of a language, with the first suffix for which a file exists."""
    named = [folder / _name(code, entry, suffix) for suffix in entry.form.suffixes]
    return next((file for file in named if file.is_file()), named[0])


def _name(code: str, entry: Entry, suffix: str = "") -> str:
    return f"test-{code}.{suffix or entry.form.suffixes[0]}"


def _beside(file: Path) -> str:
    """The file that was probably meant."""
    names = [one.name for one in file.parent.iterdir()] if file.parent.is_dir() else []
    same = next((name for name in sorted(names) if Path(name).stem == file.stem), None) or nearest(file.name, names)
    return f"there is {same}" if same else ""


def _strangers(predictions: Path, benchmark: Benchmark) -> list[str]:
    """Folders that are ignored, which is seldom intended."""
    known = set(benchmark.folders)
    others = {name for one in BENCHMARKS.values() for name in one.folders} - known
    remarks = []
    for folder in sorted(one for one in predictions.iterdir() if one.is_dir() and one.name not in known | {TO_ENGLISH}):
        close = nearest(folder.name, known)
        meant = f"; did you mean {close!r}?" if close and not (predictions / close).exists() else ""
        why = f"not a task of {benchmark.title}" if folder.name in others else "not the name of a task"
        remarks.append(f"{folder}: {why}, not scored{meant}")
    return remarks


def _unread(entry: Entry, predictions: Path) -> list[str]:
    """Files of languages that the benchmark does not have."""
    known = {_name(code, entry, suffix) for code in entry.codes for suffix in entry.form.suffixes}
    files = [one.name for one in (predictions / entry.folder).glob("test-*") if one.name not in known]
    return [f"{predictions / entry.folder}: not scored: {', '.join(sorted(files))}"] if files else []


def _add_to_english(entry: Entry, languages: dict[str, dict[str, float]], predictions: Path, labels: Path) -> None:
    """The other direction, if both folders have it: ``accuracy_to_english``, and ``accuracy_both``, their mean."""
    if not all((folder / TO_ENGLISH).is_dir() for folder in (predictions, labels)):
        return
    for code, scores in languages.items():
        pair = [folder / TO_ENGLISH / _name(code, entry) for folder in (predictions, labels)]
        for file in pair:
            if not file.is_file():
                raise DataError(f"the file does not exist: no direction to English of {code}", file=file)
        back = entry.form.compare(*pair, language=entry.language(code)).scores["accuracy"]
        scores["accuracy_to_english"] = back
        scores["accuracy_both"] = (scores["accuracy"] + back) / 2


def _averages(languages: dict[str, dict[str, float]]) -> dict[str, float]:
    names = next(iter(languages.values()))
    return {name: _mean([scores[name] for scores in languages.values()]) for name in names}


def _pooled(entry: Entry, compared: dict[str, Compared]) -> dict[str, float]:
    """The mean over all queries of a pool, which is what LAReQA's own script prints."""
    if entry.folder != "lareqa":
        return {}
    total = sum(one.examples for one in compared.values())
    return {"map@20 over all questions": sum(c.scores["map@20"] * c.examples for c in compared.values()) / total}


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
