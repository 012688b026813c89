"""The figures this project wants to be compared on, taken from its own files; writes docs/comparison.md."""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from bench.lib import rules, source

REPORT = source.ROOT / "docs" / "comparison.md"
COMMENTS_READ = 20

# What is touched to add one more, tests and translations apart. The README and a test point to the same files.
TOUCHED: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "a fault": (("data/types.py", "video/faults.py"), ("web/labels.py",)),
    "a protocol": (("video/device.py",), ("video/probe.py",)),
    "an alarm source": (("video/alarms/http.py",), ("web/signals.py",)),
    "a map layer": (("migrations/sql/0020_tiles.sql", "web/static/js/map/coverage.js"),
                    ("data/tiles.py", "web/static/js/pages/wall/map.js")),
    "a page": (("web/buttons.py", "web/templates/buttons/list.html"), ("web/app.py", "web/navigation.py")),
}  # fmt: skip

Row = tuple[str, str, str]


def count(rule: rules.Rule, *, tests: bool = False) -> int:
    """Return how often a rule is broken, exceptions included."""
    read = [each for each in source.sources() if (each.package == "tests" if tests else each.is_product)]
    return sum(1 for each in read for _ in rule(each))


def product(*endings: str) -> list[str]:
    """Return the paths of the program's own files with these endings."""
    return [path for path in source.files() if path.startswith(source.PACKAGES) and path.endswith(endings)]


def lines(paths: Sequence[str]) -> int:
    """Return the lines that are not blank."""
    return sum(1 for path in paths for line in source.text_of(path).splitlines() if line.strip())


def longest(paths: Sequence[str]) -> str:
    """Return the longest of some files, and its lines."""
    length, path = max((len(source.text_of(path).splitlines()), path) for path in paths)
    return f"{length} ({path})"


def function_lengths() -> str:
    """Return the 90th percentile of the lengths of functions, and the longest."""
    sized = sorted(
        (source.length(function), f"{each.path} {function.name}")
        for each in source.sources()
        if each.is_product
        for function in source.functions(each)
    )
    p90, (most, where) = sized[int(len(sized) * 0.9)][0], sized[-1]
    return f"{p90} / {most} ({where}), of {len(sized):,}"


def additions() -> Iterator[Row]:
    """Yield what is touched to add one of each thing; every file must exist."""
    for what, (written, wired) in TOUCHED.items():
        gone = [path for path in (*written, *wired) if not (source.ROOT / path).is_file()]
        if gone:
            raise SystemExit(f"The files to touch for {what} have moved: {gone}. Correct TOUCHED in bench/compare.py.")
        files = ", ".join(f"`{path}`" for path in written)
        wiring = ", ".join(f"`{path}`" for path in wired)
        said = f"{len(written)} written like {files}; a line in {wiring}"
        yield f"files touched to add {what}", "2 and one line of wiring", said


def without_home() -> str:
    """Return how many outside libraries are imported outside the file that drives them."""
    strays = {
        breach.split("imports ")[1].partition(",")[0] for breach in rules.broken(rules.away_from_home, source.sources())
    }
    return str(len(strays))


def globals_of_scripts() -> int:
    """Return how often a script hangs something on window."""
    return sum(
        len(re.findall(r"\b(?:window|globalThis)\.\w+\s*=[^=]", source.text_of(path))) for path in product(".js")
    )


def comments() -> list[str]:
    """Return comments of the program, drawn with a fixed seed, for a person to judge."""
    found = [
        f"`{path}`: {text.strip()}"
        for path in product(".py")
        if path != "data/settings.py"  # there every field must have a sentence
        for text in re.findall(r"^\s*#(?!!| ----)(?:.*)$", source.text_of(path), re.MULTILINE)
    ]
    return random.Random(1).sample(found, COMMENTS_READ)


def measured() -> Iterator[Row]:
    """Yield point, aim and figure of everything that is counted."""
    named = "; named exceptions: " + ", ".join(
        path for rule, path in rules.EXCEPTIONS if rule != "outside_the_glossary"
    )
    tests = [path for path in source.files() if path.startswith("tests/") and path.endswith((".py", ".js"))]
    upward, hidden = count(rules.upward), count(rules.hidden)
    clock, sql = count(rules.asks_for_the_time), count(rules.has_sql)
    yield "function length, 90th percentile / longest", "22 / 40", function_lengths()
    yield "longest file of the program", "350", longest(product(".py", ".js", ".css", ".html", ".sql"))
    yield "upward or sideways imports, imports inside functions", "0", f"{upward}, {hidden}"
    yield "`now()` outside jobs, views, command line; SQL outside data/", "0", f"{clock}, {sql}{named}"
    yield "outside libraries with more than one home", "0", f"{without_home()} (av has a second in the lab, to encode)"
    ratio = lines(tests) / lines(product(".py", ".js"))
    yield "test lines per source line", "0.8 or more", f"{ratio:.2f} ({lines(tests):,} of tests, Python and JavaScript)"
    broken: Sequence[Callable[[source.Source], Iterator[str]]] = (rules.mocks, rules.sleeps, rules.silent_skips)
    yield "mocks, sleeps, skipped tests without a reason", "0", ", ".join(str(count(one, tests=True)) for one in broken)
    yield (
        "words outside the glossary for a thing in it",
        "0",
        str(len(rules.broken(rules.outside_the_glossary, source.sources()))),
    )
    yield "largest own JavaScript file", "150", longest(product(".js"))
    yield "build steps of scripts; globals", "0; 0", f"0; {globals_of_scripts()}"
    yield "commands from clone to a living map", "1", "1 (`./run.sh start --demo`)"


def report() -> str:
    """Return the whole comparison as Markdown."""
    rows: list[Row] = [("point", "aim", "this project"), ("---", "---", "---"), *additions(), *measured()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"""# What the project is compared on

Made by `./run.sh bench compare` from the files themselves; the rules that are counted stand in `bench/lib/rules.py` and
`tests/test_architecture.py` holds the project to them. Blank lines are not counted, docstrings and comments are.

{table}

A map layer needs a migration because its tiles are cut inside the database, where the area scope is kept; a new layer
that is drawn from an existing question of the API needs the script and one line. A page needs two lines of wiring: its
blueprint and its entry in the bar.

## Comments

{COMMENTS_READ} comments drawn with a fixed seed, to be judged by whoever reads this: does each say why?

{chr(10).join(f"- {comment}" for comment in comments())}
"""


def main() -> None:
    """Print the comparison and keep it in docs/."""
    text = report()
    print(text)
    REPORT.write_text(text)


if __name__ == "__main__":
    main()
