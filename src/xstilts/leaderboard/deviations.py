"""Where figures, or what is read, differ from google-research/xtreme's ``evaluate.py`` (838c13b); and its quirks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """One point.

    Attributes:
        task: which task it is about; "" for all.
        upstream: what ``evaluate.py`` does.
        here: what is done here; "" if it is the same, and worth knowing.
        benchmarks: which benchmarks it is about.
    """

    task: str
    upstream: str
    here: str = ""
    benchmarks: tuple[str, ...] = ("xtreme", "xtreme-r")


_R = ("xtreme-r",)
_X = ("xtreme",)

DEVIATIONS = (
    Deviation(
        task="overall",
        upstream=(
            "cannot give an XTREME-R total: without a folder lareqa a task is missing, and with such a folder it fails "
            "with KeyError 'avg_metric', since it lists no language of lareqa"
        ),
        here="the unweighted mean of the ten task scores, including lareqa",
        benchmarks=_R,
    ),
    Deviation(
        task="lareqa",
        upstream="reads no file for lareqa; utils_lareqa.py prints mAP@20 over all questions of all languages",
        here=(
            "lareqa/test-<language>.json, question id → 20 ranked candidate ids (labels: → right ids); its score is "
            "the mean over languages, as of every other task; the mean over all questions is given beside it"
        ),
        benchmarks=_R,
    ),
    Deviation(
        task="retrieval",
        upstream="in XTREME-R is the mean of tatoeba and mewslix",
        here="the same, and beside it `retrieval with lareqa`",
        benchmarks=_R,
    ),
    Deviation(
        task="classification", upstream="in XTREME-R is xnli and xcopa; xcopa is also multi_choice", benchmarks=_R
    ),
    Deviation(
        task="mewslix",
        upstream="what it calls map@20 is the mean reciprocal rank in the first 20; of several labels the first counts",
        benchmarks=_R,
    ),
    Deviation(
        task="xcopa",
        upstream='reads test-<language>.jsonl, {"label": 0} a line',
        here="the same, or test-<language>.tsv, one index a line; labels that are all 0 are refused as hidden",
        benchmarks=_R,
    ),
    Deviation(
        task="udpos",
        upstream=(
            "f1 is seqeval's span F1 over bare tags, not accuracy: NOUN NOUN is one span, CCONJ and SCONJ are one "
            "type; it depends on seqeval's version, which install_tools.sh leaves open"
        ),
        here=(
            "f1 is that of seqeval 1.2.2, over the corpus as one sequence; token_accuracy is added. A run's own report "
            "scores sentences apart, so that counts add up: its span F1 can differ where a sentence begins with X"
        ),
    ),
    Deviation(task="panx", upstream="f1 is 0 if neither labels nor predictions hold a span (seqeval)"),
    Deviation(task="xquad, tydiqa", upstream="English articles and ASCII punctuation are removed in every language"),
    Deviation(
        task="mlqa",
        upstream=(
            "Unicode punctuation and each language's articles are removed, Chinese is cut into characters; Arabic al- "
            "is removed wherever it occurs"
        ),
    ),
    Deviation(
        task="xquad, mlqa, tydiqa, mewslix",
        upstream=(
            "unanswered questions score 0 and answers without a label are skipped, so a truncated label file goes "
            "unnoticed"
        ),
        here=(
            "a question without an answer, or with an empty one, scores the same, with a warning; an id without a "
            "label is an error"
        ),
    ),
    Deviation(
        task="tatoeba",
        upstream="English sentences are queries, foreign ones the index: en→xx alone",
        here=(
            "`accuracy` is that; if both folders hold tatoeba-to-english/, accuracy_to_english and accuracy_both "
            "are added, and enter no other score"
        ),
    ),
    Deviation(
        task="bucc2018",
        upstream="F1 of the set of submitted pairs; no threshold is applied",
        here="the same; a pair whose ids are the wrong way round is an error",
        benchmarks=_X,
    ),
    Deviation(
        task="",
        upstream="compares labels as they are: two blank lines are a right answer, an unknown label is a wrong one",
        here=(
            "blank lines, unknown labels and tags, indices that no sentence has, ids unlike the labels', several "
            "columns, repeated ids, hidden labels: errors, by file and line"
        ),
    ),
    Deviation(
        task="",
        upstream="a task's folder without one of its languages is an error",
        here=(
            "the same where predictions or labels lack it; where both do, the others are scored and the task has none"
        ),
    ),
    Deviation(task="", upstream="files are read in the machine's encoding", here="files are UTF-8"),
    Deviation(task="", upstream="a task's mean is over all its languages, including English"),
)


def of(benchmark: str) -> tuple[Deviation, ...]:
    """Those of one benchmark."""
    return tuple(one for one in DEVIATIONS if benchmark in one.benchmarks)
