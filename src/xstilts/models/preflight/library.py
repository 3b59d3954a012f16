"""What the installed transformers knows of models and tokenizers, read off its source files.

Importing the library takes seconds, reading a few of its files milliseconds. Where a release lays its files out in
another way, what cannot be read is unknown (None, or an empty set), and what depends on it is not checked.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

_CONFIGURATION = re.compile(r"""["']([\w.\-]+)["']\s*[,:]\s*["']\w+Config["']""")
_ENTRY = re.compile(r"""\(\s*["']([\w.\-]+)["'],\s*\(?\s*["'](\w+)["']""")
_SLOW = frozenset({"PythonBackend", "PreTrainedTokenizer", "SentencePieceBackend"})
_FAST = frozenset({"TokenizersBackend", "PreTrainedTokenizerFast"})
GENERIC = "TokenizersBackend"
"""The tokenizer class that is what tokenizer.json says."""


@dataclass(frozen=True, kw_only=True)
class TokenizerClass:
    """A tokenizer class of transformers.

    Attributes:
        fast: whether it is one of the tokenizers library; None where that cannot be read.
        defaults: what its constructor takes where nothing is given: special tokens, ``do_lower_case``.
        files: the names of its files of pieces; empty where that cannot be read.
        generic: whether it is what its files say, with no special tokens of its own.
    """

    fast: bool | None
    defaults: Mapping[str, object] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    generic: bool = False


def release() -> str:
    """The installed library and its version, for messages."""
    return f"transformers {version('transformers')}"


@functools.cache
def model_types() -> frozenset[str]:
    """Every ``model_type`` that has a configuration; empty where that cannot be read."""
    auto = _folder() / "models" / "auto"
    files = (auto / "auto_mappings.py", auto / "configuration_auto.py")
    return frozenset(name for file in files for name in _CONFIGURATION.findall(_source(file)))


@functools.cache
def types_with(mapping: str) -> frozenset[str]:
    """The model types in one of the mappings of the auto classes (``MODEL_MAPPING_NAMES``); empty where unreadable."""
    return frozenset(name for name, _ in _entries("modeling_auto.py", mapping))


@functools.cache
def tokenizer_class_of(model_type: str, named: str | None) -> str:
    """The name of the tokenizer class of a model.

    Args:
        model_type: of the model.
        named: what the model's files name, which goes first unless the library knows it to be wrong.
    """
    if model_type in _wrongly_named():
        return GENERIC
    return named or _tokenizers().get(model_type, GENERIC)


def has_tokenizer(model_type: str) -> bool:
    """Whether a model type has a tokenizer class, or that cannot be read."""
    return not _tokenizers() or model_type in _tokenizers() or model_type in _wrongly_named()


@functools.cache
def _tokenizers() -> dict[str, str]:
    return dict(_entries("tokenization_auto.py", "TOKENIZER_MAPPING_NAMES"))


@functools.cache
def tokenizer_class(name: str) -> TokenizerClass | None:
    """A tokenizer class by name, with or without ``Fast`` at its end; None where there is none of that name."""
    if name in _FAST:
        return TokenizerClass(fast=True, generic=True)
    if name in _SLOW:
        return TokenizerClass(fast=False)
    wanted = name.removesuffix("Fast")
    if not re.fullmatch(r"\w+", wanted):
        return None
    declared = re.compile(rf"^class {wanted}(?:Fast)?\(", re.MULTILINE)
    for file in sorted((_folder() / "models").glob("*/tokenization_*.py")):
        source = _source(file)
        if declared.search(source):
            return _described(ast.parse(source), wanted)
    return None


@functools.cache
def _wrongly_named() -> frozenset[str]:
    """Model types whose published files name a tokenizer class that is not theirs."""
    source = _source(_folder() / "models" / "auto" / "tokenization_auto.py")
    found = re.search(r"^MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS\b[^\n]*\{(.*?)^\}", source, re.MULTILINE | re.DOTALL)
    return frozenset(re.findall(r"""["']([\w.\-]+)["']""", found[1])) if found else frozenset()


def _described(tree: ast.Module, name: str) -> TokenizerClass | None:
    """A class of a file: its own defaults over those of the class that it is made of."""
    found = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    node = found.get(name) or found.get(f"{name}Fast")
    if node is None:
        return None
    bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
    parent = tokenizer_class(bases[0]) if bases else None
    own = any(isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in node.body)
    if not own:
        return replace(parent, generic=False) if parent else TokenizerClass(fast=None)
    return TokenizerClass(fast=parent.fast if parent else None, defaults=_defaults(node), files=_files(tree))


def _files(tree: ast.Module) -> tuple[str, ...]:
    """The names of a class's files, by the constant that its module has for them."""
    for node in tree.body:
        named = (
            [target.id for target in node.targets if isinstance(target, ast.Name)]
            if isinstance(node, ast.Assign)
            else []
        )
        if "VOCAB_FILES_NAMES" in named and isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            return tuple(str(value.value) for value in node.value.values if isinstance(value, ast.Constant))
    return ()


def _defaults(node: ast.ClassDef) -> dict[str, object]:
    """The default values of a constructor, as far as they are plain values or the text of a token."""
    made = next(part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__")
    given = made.args.args[len(made.args.args) - len(made.args.defaults) :]
    pairs = [*zip(given, made.args.defaults, strict=True)]
    pairs += [(one, value) for one, value in zip(made.args.kwonlyargs, made.args.kw_defaults, strict=True) if value]
    found: dict[str, object] = {}
    for argument, value in pairs:
        if isinstance(value, ast.Call) and value.args:  # AddedToken("<mask>", …)
            value = value.args[0]
        if isinstance(value, ast.Constant):
            found[argument.arg] = value.value
    return found


def _entries(file: str, mapping: str) -> list[tuple[str, str]]:
    """The pairs of one of the library's tables of names."""
    source = _source(_folder() / "models" / "auto" / file)
    found = re.search(rf"^{mapping}\b[^\n]*\n(.*?)^\)", source, re.MULTILINE | re.DOTALL)
    return _ENTRY.findall(found[1]) if found else []


def _folder() -> Path:
    found = importlib.util.find_spec("transformers")
    return Path(found.origin).parent if found and found.origin else Path()


def _source(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""
