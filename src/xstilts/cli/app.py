"""The command line put together, and how every mistake on it ends: one message, an exit code, no traceback."""

from __future__ import annotations

import errno
import logging
import os
import re
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from xstilts import __version__
from xstilts.cli import (
    claims,
    convert,
    data,
    doctor,
    listing,
    microworld,
    plan,
    predictors,
    recommend,
    report,
    run,
    score,
    search,
    show,
    store,
    submit,
)
from xstilts.errors import ConfigError, XstiltsError
from xstilts.models.versions import hide_deprecations
from xstilts.pipeline.writable import shortened

DEBUG = "XSTILTS_DEBUG"
"""The environment variable that shows tracebacks."""
INTERRUPTED = 130
_SETTING = re.compile(r"[A-Za-z_][\w.+-]*=.*", re.DOTALL)

app = typer.Typer(
    name="xstilts",
    help="Which intermediate training helps my target languages, by how much, and is it real?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("plan")(plan.plan)
app.command("search")(search.search)
app.command("recommend")(recommend.recommend)
app.command("report")(report.report)
app.command("score")(score.score)
app.command("submit")(submit.submit)
app.command("list")(listing.listing)
app.command("show")(show.show)
app.command("claims")(claims.claims)
app.command("predictors")(predictors.predictors)
app.add_typer(data.app, name="data")
app.command("microworld")(microworld.microworld)
app.command("convert")(convert.convert)
app.add_typer(store.app, name="store")
app.command("doctor")(doctor.doctor)


def _print_version(given: bool) -> None:
    if given:
        typer.echo(f"xstilts {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Which intermediate training helps my target languages, by how much, and is it real?"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code: 0 done, 1 a node failed, 2 the user's mistake, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a character that a terminal cannot show is not a reason to stop
            stream.reconfigure(errors="backslashreplace")
    _warn_on_stderr()
    hide_deprecations()
    code = _run(expand_settings(list(sys.argv[1:] if arguments is None else arguments)))
    return _flushed(code)


def expand_settings(arguments: Sequence[str]) -> list[str]:
    """``--set a=1 b=2`` as ``--set a=1 --set b=2``: what follows in the same form belongs to it."""
    waiting, expanded = list(arguments), []
    while waiting:
        argument = waiting.pop(0)
        if argument == "--set" and waiting:
            expanded += [argument, waiting.pop(0)]
        else:
            expanded.append(argument)
        if argument == "--set" or argument.startswith("--set="):
            while waiting and _SETTING.fullmatch(waiting[0]):
                expanded += ["--set", waiting.pop(0)]
    return expanded


def _run(arguments: list[str]) -> int:
    try:
        app(arguments, prog_name="xstilts")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except XstiltsError as error:
        return _failed(str(error), error, error.exit_code)
    except OSError as error:
        if error.errno == errno.EPIPE:
            return 1
        if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):  # a path that was given, and that no file can have
            return _failed(f"{shortened(error.filename or 'a path')}: {error.strerror}", error, ConfigError.exit_code)
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = "no space left on the disk; finished nodes are kept" if full else error.strerror or str(error)
        where = f"{error.filename}: " if error.filename else ""
        return _failed(f"{where}{reason}", error, 1)
    except Exception as error:
        message = f"unexpected {type(error).__name__}: {error}"
        hint = "" if os.environ.get(DEBUG) else f"\nthis is a bug in xstilts; {DEBUG}=1 shows the traceback"
        return _failed(message + hint, error, 1)
    return 0


def _failed(message: str, error: BaseException, code: int) -> int:
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    print(f"error: {message}", file=sys.stderr)
    return code


def _flushed(code: int) -> int:
    """Writes out what is buffered; a reader that has gone (``| head``) is not an error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _warn_on_stderr() -> None:
    log = logging.getLogger("xstilts")
    if not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(_Lower("%(levelname)s: %(message)s"))
        log.addHandler(handler)


class _Lower(logging.Formatter):
    """``warning: …``, as ``error: …``."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{record.levelname.lower()}: {record.getMessage()}"
