"""The rules of the house, each a pure question to files: what breaks it, as path:line, and what to do instead.

tests/test_architecture.py holds the project to them, bench/compare.py counts them.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bench.lib.source import PACKAGES, Source, calls, functions, imports, length, names_made, strings

Rule = Callable[[Source], Iterator[str]]

# A package may import those below it, never its neighbours.
FLOORS = {"data": 0, "gis": 1, "video": 1, "desk": 1, "web": 2}
LONGEST_FILE = 350
LONGEST_FUNCTION = 40

# Outside libraries and the files that may know them.
HOMES: Mapping[str, tuple[str, ...]] = {
    "av": ("video/stream.py", "video/lab/encoder.py"),
    "onvif": ("video/device.py",),
    "zeep": ("video/device.py",),
    "procrastinate": ("data/queue.py",),
    "uvloop": ("video/loop.py",),
    "cv2": ("video/picture",),
    "highspy": ("gis/siting",),
    "numba": ("gis/compiled.py",),
    "rasterio": ("gis/terrain.py",),
    "flask": ("web/",),
    "flask_babel": ("web/",),
    "flask_wtf": ("web/",),
    "folium": ("web/plan/",),
}

# What may break a rule, and why. The tests refuse an exception that is no longer needed.
EXCEPTIONS: Mapping[tuple[str, str], str] = {
    ("asks_for_the_time", "video/lab/__main__.py"): "the command line of the lab hands its clock in",
    ("has_sql", "web/basemap_files.py"): "an MBTiles file is SQLite; it is a format here, not our database",
    ("outside_the_glossary", "data/persons.py"): "the region digits of an identity card are no area",
}

_CLOCKS = re.compile(r"(?:(?:datetime\.)?(?:datetime|date)\.(?:now|utcnow|today)|time\.(?:time|time_ns)|utcnow)")
_SQL = re.compile(
    r"\s*(?:SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s|LISTEN\s|NOTIFY\s|SET\s+LOCAL\s"
    r"|(?:CREATE|ALTER|DROP|TRUNCATE)\s+(?:TABLE|INDEX|VIEW|FUNCTION|ROLE|POLICY)\s)"
)
_ASKS_DATABASE = ("execute", "executemany", "exec_driver_sql", "scalars", "scalar")
# A session is passed on and errors are caught everywhere; questions are asked in data/ alone.
_ONLY_CARRIED = re.compile(r"sqlalchemy\.(?:orm\.Session|exc\.\w+)|psycopg|psycopg\.errors\.\w+")

# Words the glossary (docs/glossary.md) or the guide has another word for. Words that are wrong for one thing
# and right for another (zone, block, result, status, event, user, number) are left to the reader.
INSTEAD = {
    "region": "area",
    "ipc": "camera",
    "panic": "button",
    "sos": "button",
    "fov": "pose, or hfov_deg and vfov_deg",
    "viewshed": "view",
    "cone": "view",
    "scan": "round",
    "poll": "round",
    "ping": "look",
    "capture": "snapshot",
    "drift": "skew",
    "ticket": "case",
    "manager": "what it does",
    "helper": "what it does",
    "util": "what it does",
    "utils": "what it does",
    "handler": "what it does",
    "info": "what it holds",
}


def upward(source: Source) -> Iterator[str]:
    """Imports that point up or sideways."""
    if not source.is_product:
        return
    for line, name in imports(source):
        target = name.partition(".")[0]
        inside = target == source.package or target not in {*PACKAGES, "tests", "bench", "migrations"}
        if not inside and FLOORS.get(target, 9) >= FLOORS[source.package]:
            yield f"{source.path}:{line} imports {name}: {source.package}/ may not know {target}/. Join them in web/."


def relative(source: Source) -> Iterator[str]:
    """Imports that begin with a dot."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{source.path}:{node.lineno} imports relatively. Write the whole name, as in `from data import db`."


def hidden(source: Source) -> Iterator[str]:
    """Imports inside functions."""
    for function in functions(source):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"{source.path}:{node.lineno} imports inside {function.name}(). Move it to the top of the file."


def asks_for_the_time(source: Source) -> Iterator[str]:
    """Questions for the time where it should be an argument."""
    if not source.is_product or (source.package == "web" and not source.path.startswith("web/imports/")):
        return
    for line, name in calls(source):
        if _CLOCKS.fullmatch(name):
            yield f"{source.path}:{line} calls {name}(). Take the time as an argument; views, jobs and commands ask."


def has_sql(source: Source) -> Iterator[str]:
    """SQL outside data/, as text, as questions to a connection, or as building blocks of SQLAlchemy."""
    if not source.is_product or source.package == "data":
        return
    there = f"Put the question into data/{source.path.rpartition('/')[2]}"
    for line, text in strings(source):
        if _SQL.match(text):
            yield f"{source.path}:{line} holds SQL: {text.strip()[:40]!r}. {there}."
    for line, name in calls(source):
        if name.rpartition(".")[2] in _ASKS_DATABASE and "." in name:
            yield f"{source.path}:{line} calls {name}(). {there}."
    for line, name in imports(source):
        if name.partition(".")[0] in ("sqlalchemy", "psycopg", "geoalchemy2") and not _ONLY_CARRIED.fullmatch(name):
            yield f"{source.path}:{line} imports {name}. {there}."


def away_from_home(source: Source) -> Iterator[str]:
    """Outside libraries known to another file than the one that drives them."""
    if not source.is_product:
        return
    for line, name in imports(source):
        homes = HOMES.get(name.partition(".")[0])
        if homes and not source.path.startswith(homes):
            yield f"{source.path}:{line} imports {name}, whose home is {' and '.join(homes)}. Ask there."


def long_functions(source: Source) -> Iterator[str]:
    """Functions over the longest length."""
    for function in functions(source):
        if length(function) > LONGEST_FUNCTION:
            what = f"{function.name}() has {length(function)} lines, over {LONGEST_FUNCTION}"
            yield f"{source.path}:{function.lineno} {what}. Name a part of it and take it out."


def outside_the_glossary(source: Source) -> Iterator[str]:
    """Names that use a word the glossary has another one for."""
    if not source.is_product:
        return
    for line, name in names_made(source):
        for word in sorted(set(_words(name)) & set(INSTEAD)):
            yield f"{source.path}:{line} says {word!r} in {name}. The word is: {INSTEAD[word]}."


def mocks(source: Source) -> Iterator[str]:
    """Stand-ins in tests; a constant may be set to another value, and a real part begin anew."""
    for line, name in imports(source):
        if re.match(r"(unittest\.mock|mock|pytest_mock)\b", name):
            yield f"{source.path}:{line} imports {name}. Use the real part, or a fake with verbs."
    for node in _calls_of(source, "monkeypatch.setattr"):
        name, value = node.args[1:3] if len(node.args) == 3 else (None, None)
        is_constant = isinstance(name, ast.Constant) and str(name.value).isupper()
        if not is_constant and not isinstance(value, ast.Call):
            yield f"{source.path}:{node.lineno} replaces a part. Use the real one, or give the code a seam for it."


def sleeps(source: Source) -> Iterator[str]:
    """Waits for a length of time; asking again in a loop that has a deadline is a wait for a condition."""
    asked_again = {
        id(node)
        for function in functions(source)
        for loop in ast.walk(function)
        if isinstance(loop, ast.While) and "monotonic()" in ast.unparse(function)
        for node in ast.walk(loop)
    }
    for node in ast.walk(source.tree):
        name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if name.rpartition(".")[2] in ("sleep", "wait_for_timeout") and id(node) not in asked_again:
            line = getattr(node, "lineno", 0)
            yield f"{source.path}:{line} calls {name}(). Wait for an event or a condition, with a deadline."


def silent_skips(source: Source) -> Iterator[str]:
    """Tests left out without saying why."""
    for name in ("pytest.skip", "pytest.xfail"):
        yield from (f"{source.path}:{node.lineno} skips. Say why." for node in _calls_of(source, name) if not node.args)
    marks = ("skip", "skipif", "xfail")
    calls_of_marks = [node for mark in marks for node in _calls_of(source, f"pytest.mark.{mark}")]
    reasoned = {id(node.func) for node in calls_of_marks if any(word.arg == "reason" for word in node.keywords)}
    for node in ast.walk(source.tree):
        is_mark = isinstance(node, ast.Attribute) and node.attr in marks and ast.unparse(node.value) == "pytest.mark"
        if is_mark and id(node) not in reasoned:
            yield f"{source.path}:{node.lineno} marks a test as left out. Add reason=…"


def reaching(library: str, sources: Iterable[Source], *, start: Callable[[str], bool]) -> Iterator[str]:
    """Yield every way from a file that `start` chooses to an outside library, over imports that are written out.

    A package's own __init__ runs before its modules; it is not counted, unless something is imported from it.
    """
    ways = {
        source.module: (source.path, [name for _, name in imports(source)]) for source in sources if source.is_product
    }
    for module, (path, _) in ways.items():
        if start(path):
            way = _way(module, library, ways)
            if way:
                yield f"{path} reaches {library}: {' → '.join(way)}. Take what it needs out of the page."


def broken(rule: Rule, sources: Iterable[Source]) -> list[str]:
    """Return what breaks a rule in any file, named exceptions left out."""
    allowed = {path for name, path in EXCEPTIONS if name == rule.__name__}
    return [breach for source in sources if source.path not in allowed for breach in rule(source)]


def _way(module: str, library: str, ways: Mapping[str, tuple[str, list[str]]]) -> list[str]:
    trails, seen = [[module]], {module}
    for trail in trails:
        for name in ways[trail[-1]][1]:
            if name.partition(".")[0] == library:
                return [*trail, library]
            known = name if name in ways else name.rpartition(".")[0]
            if known in ways and known not in seen:
                seen.add(known)
                trails.append([*trail, known])
    return []


def _words(name: str) -> list[str]:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")


def _calls_of(source: Source, name: str) -> Iterator[Any]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
            yield node
