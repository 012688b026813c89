"""The project's own files, read with the standard library's ast: what the rules of bench/lib/rules.py look at."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("data", "gis", "video", "desk", "web")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path from the root, its text, its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """The top folder the file lies in."""
        return self.path.partition("/")[0]

    @property
    def is_product(self) -> bool:
        """Whether the file is part of the program, and no test, benchmark or migration."""
        return self.package in PACKAGES

    @property
    def module(self) -> str:
        """The dotted name the file is imported by."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def of(path: str, text: str) -> Source:
    """Return a source as if it stood at `path`."""
    return Source(path=path, text=text, tree=ast.parse(text))


@cache
def files() -> tuple[str, ...]:
    """Return the path of every file that is or would be tracked, except locks and what others wrote."""
    asked = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = sorted({name for name in listed.split("\0") if name})
    return tuple(name for name in names if (ROOT / name).is_file())


@cache
def text_of(path: str) -> str:
    """Return the text of a file; what is no text has its bytes replaced."""
    return (ROOT / path).read_bytes().decode(errors="replace")


@cache
def sources() -> tuple[Source, ...]:
    """Return every Python file of the project."""
    return tuple(of(path, text_of(path)) for path in files() if path.endswith(".py"))


def functions(source: Source) -> Iterator[Function]:
    """Yield every function and method of a file."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: Function) -> int:
    """Return the lines of a function from its def to its end, docstring included, decorators not."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything imported; `from a import b` gives a.b."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module or ''}.{alias.name}") for alias in node.names)


def names_made(source: Source) -> Iterator[tuple[int, str]]:
    """Yield line and name of every class, function, argument and variable that a file makes."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


def calls(source: Source) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything called, as it is written."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def strings(source: Source) -> Iterator[tuple[int, str]]:
    """Yield line and text of every string but docstrings; of an f-string the parts that are written out."""
    documented = {id(text) for text in _docstrings(source)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.lineno, node.value


def _docstrings(source: Source) -> Iterator[ast.expr]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr):
                yield first.value
