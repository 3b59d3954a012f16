from __future__ import annotations

import io
import re

import pytest

from xstilts.pipeline import progress as module
from xstilts.pipeline.live import Live
from xstilts.pipeline.progress import Plain, Silent, Unit, clock
from xstilts.pipeline.views import make_progress


@pytest.fixture
def now(monkeypatch):
    """A clock that the test moves."""

    class Clock:
        time = 1000.0

        def monotonic(self) -> float:
            return self.time

    moved = Clock()
    monkeypatch.setattr(module, "time", moved)
    return moved


def test_rate_and_time_left_count_from_where_the_phase_began(now):
    unit = Unit(label="a")
    unit.update("training", 500, 1000, 5_000_000, "")  # resumed in the middle
    assert unit.tokens_per_second is None
    assert unit.seconds_left is None
    now.time += 10
    unit.update("training", 600, 1000, 5_080_000, "loss 1.5")
    assert unit.tokens_per_second == 8000
    assert unit.seconds_left == 40
    assert unit.columns() == ("training", "600/1,000", "8,000 tokens/s", "40 s left", "loss 1.5")
    unit.update("evaluating", 1, 0, 0, "")
    assert unit.columns() == ("evaluating", "1", "", "", "")


def test_a_phase_that_finds_out_how_long_it_is_begins_then(now):
    """A resumed training first says that it is at work, and only then at which step: the gap is not its speed."""
    unit = Unit(label="a")
    unit.update("training", 0, 1, 0, "tokenise")
    now.time += 5
    unit.update("training", 501, 1000, 5_000_000, "loss 1.5")
    assert unit.tokens_per_second is None
    assert unit.seconds_left is None
    now.time += 10
    unit.update("training", 521, 1000, 5_200_000, "loss 1.5")
    assert unit.tokens_per_second == 20_000
    assert unit.seconds_left == 239.5


@pytest.mark.parametrize(("seconds", "shown"), [(0.4, "0 s"), (59, "59 s"), (185, "3:05"), (7385, "2:03:05")])
def test_clock(seconds, shown):
    assert clock(seconds) == shown


def test_plain_says_a_line_per_change_and_one_every_ten_seconds(now):
    stream = io.StringIO()
    with Plain(stream) as sink:
        sink.begin(total=12, cached=8)
        sink.started(1, "train [bold]xnli[/bold]")
        for step in range(1, 251):
            now.time += 0.1
            sink.advanced(1, "training", step, 500, tokens=step * 100)
            sink.tick()
        sink.note("something to know")
        sink.ended(1, ran=1)
        sink.started(2, "evaluate (and 2 more)", nodes=3)
        now.time += 65
        sink.ended(2, ran=2, failed=1)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "12 nodes: 8 cached, 4 to run"
    assert lines[1] == "[8/12] start train [bold]xnli[/bold]"
    running = [line for line in lines if "running" in line]
    assert len(running) == 2
    pattern = r"\[8/12\] running train .* · training · \d+/500 · 1,000 tokens/s · \d+ s left"
    assert all(re.fullmatch(pattern, line) for line in running)
    assert lines[-4:] == [
        "warning: something to know",
        "[9/12] done train [bold]xnli[/bold] (25 s)",
        "[9/12] start evaluate (and 2 more)",
        "[11/12] 2 done, 1 FAILED evaluate (and 2 more) (1:05)",
    ]


def test_a_node_that_says_nothing_shows_that_it_lives(now):
    stream = io.StringIO()
    sink = Plain(stream)
    sink.begin(total=1, cached=0)
    sink.started(1, "slow")
    now.time += 11
    sink.tick()
    sink.tick()
    assert stream.getvalue().splitlines()[2:] == ["[0/1] running slow"]


def test_a_phase_may_be_run_without_an_executor(capsys):
    for sink in (Silent(), Plain(io.StringIO())):
        sink.update("training", 1, 2, tokens=3, message="m")
        sink.note("n")
        sink.tick()
        sink.close()
    assert capsys.readouterr() == ("", "")


def test_the_sink_fits_the_stream(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    assert type(make_progress(True, Terminal())) is Silent
    assert type(make_progress(False, io.StringIO())) is Plain
    assert type(make_progress(False, Terminal())) is Live
    monkeypatch.setenv("TERM", "dumb")
    assert type(make_progress(False, Terminal())) is Plain


def test_default_is_stderr(capsys):
    sink = make_progress()
    sink.note("to stderr")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "warning: to stderr\n"


def test_live_shows_overall_and_rows_and_takes_labels_literally():
    from rich.console import Console

    console = Console(file=io.StringIO(), force_terminal=True, width=140, color_system=None)
    with Live(console=console) as sink:
        sink.begin(total=20, cached=5)
        for number in range(1, 15):
            sink.started(number, f"node {number} [red]x[/red]")
        sink.advanced(1, "training", 5, 10, tokens=100, message="loss [1]")
        sink.note("careful [b]here[/b]")
        sink.ended(14, ran=1)
        sink.ended(13, failed=1)
        with console.capture() as capture:
            console.print(sink.render())
        shown = capture.get()
    assert "6/20 nodes · 5 cached · 1 failed" in shown
    assert "about" in shown
    assert "node 1 [red]x[/red]" in shown
    assert "training" in shown
    assert "5/10" in shown
    assert "loss [1]" in shown
    assert "careful [b]here[/b]" in console.file.getvalue()


def test_live_leaves_stdout_alone(capsys):
    from rich.console import Console

    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with Live(console=console) as sink:
        sink.begin(total=1, cached=0)
        print("a result")
    assert capsys.readouterr().out == "a result\n"
    assert "a result" not in console.file.getvalue()


def test_many_rows_are_cut():
    from rich.console import Console

    console = Console(file=io.StringIO(), width=80)
    sink = Live(console=console)
    for number in range(20):
        sink.started(number, f"node {number}")
    console.print(sink.render())
    assert "… and 8 more" in console.file.getvalue()
