"""The house stands as it was drawn: imports point down, rooms are light, everything public speaks."""

from __future__ import annotations

import ast
import importlib.util
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import xstilts
from xstilts import registry

ROOT = Path(xstilts.__file__).parent
HEAVY = ("torch", "transformers", "datasets", "accelerate")
MODULES = [
    info.name for info in pkgutil.walk_packages(xstilts.__path__, "xstilts.") if not info.name.endswith("__main__")
]


def python(code: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, **options)


def heavy_after(code: str, **options) -> tuple[str, list[str]]:
    """What the code printed on stderr, and which heavy packages it imported."""
    told = f"{code}\nimport sys\nprint('HEAVY', *[m for m in {HEAVY!r} if m in sys.modules])"
    ended = python(told, **options)
    assert ended.returncode == 0, ended.stderr
    return ended.stderr, ended.stdout.splitlines()[-1].split()[1:]


def test_imports_point_down():
    tool = Path(sys.executable).with_name("lint-imports")
    if not tool.exists():
        pytest.skip("import-linter is not installed")
    ended = subprocess.run([tool, "--no-cache"], cwd=ROOT.parents[1], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_holds(name):
    spec = importlib.util.find_spec(name)
    source = Path(spec.origin).read_text(encoding="utf-8")
    assert source.lstrip().startswith(('"""', 'r"""')), name


def test_rooms_are_named_by_the_field():
    for name in MODULES:
        assert not {"utils", "common", "core", "manager", "helpers"} & set(name.split(".")), name


@pytest.mark.parametrize("room", registry.ROOMS)
def test_the_registry_finds_every_room(room):
    assert registry.names(room), room
    for name, module in registry.modules(room).items():
        places = (room, "heads.any") if room.startswith("heads.") else (room,)
        assert module.__name__ in {f"xstilts.{place}.{name}" for place in places}


def test_looking_a_room_up_imports_nothing_heavy():
    _, heavy = heavy_after("from xstilts import registry\nfor room in registry.ROOMS: registry.modules(room)")
    assert heavy == []


COMMANDS = [
    ["--help"],
    ["list", "tasks"],
    ["list", "models"],
    ["list", "languages"],
    ["list", "methods"],
    ["list", "experiments"],
    ["list", "claims"],
    ["list", "predictors"],
    ["show", "xnli"],
    ["report", "no-such-run"],
    ["claims"],
    ["predictors", "no-such-run"],
    ["score", "--predictions", ".", "--labels", ".", "--benchmark", "xtreme"],
    ["submit", "no-such-run", "d"],
    ["plan", "real-small", "--quick"],
    ["recommend", "--target", "xnli", "--budget", "1e15"],
    ["search", "real-small"],
    ["microworld", "--list"],
    ["microworld", "tr"],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(arguments[:2]))
def test_listing_planning_and_reporting_import_nothing_heavy(arguments, tmp_path):
    _, heavy = heavy_after(f"from xstilts.cli import main\nmain({arguments!r})", cwd=tmp_path)
    assert heavy == []


@pytest.mark.parametrize("arguments", [["--help"], ["list", "tasks"], ["list", "languages"]], ids=" ".join)
def test_listing_starts_at_once(arguments):
    """The promise is half a second on a quiet machine; processor time says so on a busy one, too."""
    code = f"from xstilts.cli import main; raise SystemExit(main({arguments!r}))"
    times = []
    for _ in range(3):
        before = _processor_time_of_children()
        assert python(code, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""}).returncode == 0
        times.append(_processor_time_of_children() - before)
    assert min(times) < 1.0


def _processor_time_of_children() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


def test_listing_imports_neither_rich_nor_arrays():
    code = "from xstilts.cli import main; main(['list', 'tasks']); import sys; print('LOADED', *sys.modules)"
    loaded = python(code).stdout.splitlines()[-1].split()
    assert not {"rich", "polars", "pyarrow", "numpy"} & set(loaded)


SOURCES = {
    ".".join(file.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): file
    for file in ROOT.rglob("*.py")
}
LINES, FUNCTION_LINES = 250, 60
"""Beyond these a file or a function is more than a reader keeps in mind."""


def test_no_file_imports_in_a_circle():
    """Imports inside functions count; those that type checkers alone see do not."""
    edges = {name: imports(name) for name in SOURCES}
    assert circles(edges) == []


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]


@pytest.mark.parametrize("name", SOURCES)
def test_files_and_functions_are_short(name):
    text = SOURCES[name].read_text(encoding="utf-8")
    assert text.count("\n") <= LINES
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > FUNCTION_LINES] == []


def imports(name: str) -> set[str]:
    """The files of the package that a file imports."""
    tree = ast.parse(SOURCES[name].read_text(encoding="utf-8"))
    unseen = {
        id(node)
        for guard in ast.walk(tree)
        if isinstance(guard, ast.If) and "TYPE_CHECKING" in ast.unparse(guard.test)
        for node in ast.walk(guard)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in unseen:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            files = {f"{node.module}.{alias.name}" for alias in node.names} & SOURCES.keys()
            found |= files or {node.module}
    return (found & SOURCES.keys()) - {name}


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """The sets of files that reach each other (Tarjan's strongly connected components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in edges[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            members = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            found.extend([sorted(members)] if len(members) > 1 else [])

    for name in edges:
        if name not in index:
            visit(name)
    return found
