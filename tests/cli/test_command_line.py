"""How the command line starts, ends, and refuses."""

from __future__ import annotations

import importlib
import logging
import sys
import types

import pytest

from xstilts import __version__, registry
from xstilts.cli import app, main
from xstilts.errors import ConfigError, RunError


def broken(error):
    def command(*_, **__):
        raise error

    return command


@pytest.fixture
def failing(monkeypatch):
    """A function that makes ``xstilts doctor`` raise."""

    def make(error):
        from xstilts.cli import doctor

        monkeypatch.setattr(doctor, "examine", broken(error))

    return make


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    commands = ("run", "plan", "report", "score", "submit", "list", "show", "data", "microworld", "convert", "store")
    for command in (*commands, "doctor"):
        assert f"\n  {command} " in shown


@pytest.mark.parametrize(
    "command",
    [
        *(["run"], ["plan"], ["report"], ["list"], ["show"], ["microworld"], ["convert"], ["doctor"]),
        *(["score"], ["submit"]),
        *(["data", "check"], ["store", "ls"], ["store", "verify"], ["store", "gc"]),
    ],
)
def test_every_command_has_help_and_json(capsys, command):
    assert main([*command, "--help"]) == 0
    assert "--json" in capsys.readouterr().out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"xstilts {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rnu"], "Did you mean 'run'?"),
        (["run", "x", "--quite"], "--quiet"),
        (["run"], "experiment"),
        (["run", "x", "--cores", "0"], "--cores"),
        (["store", "vrify"], "verify"),
    ],
)
def test_a_wrong_call_is_the_users_mistake(capsys, arguments, words):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ConfigError("bad", where="x.yaml:3", hint="try"), 2, "error: x.yaml:3: bad (try)\n"),
        (RunError("node failed"), 1, "error: node failed\n"),
        (
            OSError(28, "No space left on device", "f"),
            1,
            "error: f: no space left on the disk; finished nodes are kept\n",
        ),
        (PermissionError(13, "Permission denied", "f"), 1, "error: f: Permission denied\n"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(32, "Broken pipe"), 1, ""),
    ],
)
def test_errors_end_in_one_message_and_a_code(capsys, failing, error, code, message):
    failing(error)
    assert main(["doctor"]) == code
    assert capsys.readouterr().err == message


def test_the_unexpected_says_how_to_see_more(capsys, failing, monkeypatch):
    failing(KeyError("oops"))
    monkeypatch.delenv(app.DEBUG, raising=False)
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("error: unexpected KeyError: 'oops'\n")
    assert "XSTILTS_DEBUG=1" in shown
    assert "Traceback" not in shown
    monkeypatch.setenv(app.DEBUG, "1")
    assert main(["doctor"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "expanded"),
    [
        (["run", "e", "--set", "a=1", "b.c=2"], ["run", "e", "--set", "a=1", "--set", "b.c=2"]),
        (["run", "--set", "a=1", "b=2", "e"], ["run", "--set", "a=1", "--set", "b=2", "e"]),
        (["run", "--set=a=1", "b=2", "--json"], ["run", "--set=a=1", "--set", "b=2", "--json"]),
        (["run", "e", "--set", "a=1", "--data", "x=y"], ["run", "e", "--set", "a=1", "--data", "x=y"]),
        (["run", "x=y"], ["run", "x=y"]),
        (["run", "--set"], ["run", "--set"]),
        (["run", "--set", "a=[1, 2]", "m=./c"], ["run", "--set", "a=[1, 2]", "--set", "m=./c"]),
    ],
)
def test_several_settings_may_follow_one_flag(given, expanded):
    assert app.expand_settings(given) == expanded


def test_warnings_go_to_stderr_in_our_form(capsys):
    log = logging.getLogger("xstilts")
    before = list(log.handlers)
    log.handlers.clear()
    try:
        main(["--version"])
        log.warning("entry %s is damaged", "k")
        assert capsys.readouterr().err == "warning: entry k is damaged\n"
    finally:
        log.handlers[:] = before


def test_an_executor_that_is_not_there(capsys):
    assert main(["run", "real-small", "--executor", "ray"]) == 2
    assert "unknown executor 'ray'; known: local" in capsys.readouterr().err
    assert main(["run", "real-small", "--executor", "locl"]) == 2
    assert "did you mean 'local'?" in capsys.readouterr().err


def test_help_names_only_what_is_there(capsys):
    assert main(["run", "--help"]) == 0
    assert "ray" not in capsys.readouterr().out.lower()


def test_every_format_of_reports_is_in_the_help(capsys):
    assert main(["report", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in registry.names("reports"))


@pytest.mark.parametrize("command", ["run", "plan"])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["real-smal"], "did you mean 'real-small'?"),
        (["real-small", "--set", "recipe.epoch=1"], "did you mean 'epochs'?"),
        (["real-small", "--data", "no/such/folder"], "no/such/folder does not exist"),
    ],
)
def test_mistakes_are_found_before_anything_runs(capsys, monkeypatch, tmp_path, command, arguments, words):
    monkeypatch.chdir(tmp_path)
    for room, name in (("experiments", "graph"), ("runs", "planning"), ("runs", "running")):
        _inject(monkeypatch, room, name)
    assert main([command, *arguments]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.startswith("error: ")
    assert captured.out == ""
    assert not list(tmp_path.iterdir())


def _inject(monkeypatch, room, name):
    module = types.ModuleType(f"xstilts.{room}.{name}")
    monkeypatch.setitem(sys.modules, f"xstilts.{room}.{name}", module)
    monkeypatch.setattr(importlib.import_module(f"xstilts.{room}"), name, module, raising=False)
