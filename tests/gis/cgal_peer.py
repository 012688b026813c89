"""CGAL's triangular expansion beside the engine: builds cgal/sees.cpp and asks it."""

import shutil
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from tests.gis.exact import Building
from tests.gis.scenery import Scene

SOURCE = Path(__file__).parent / "cgal" / "sees.cpp"
HEADER = Path("/usr/include/CGAL/Triangular_expansion_visibility_2.h")
# Without optimising it is built in two thirds of the time, and a thousand scenes take seconds either way.
FLAGS = ["-std=c++17", "-O0", "-w"]

Answer = Fraction | str


def missing() -> str | None:
    """Return why CGAL cannot be asked here, or None when it can."""
    if shutil.which("g++") is None:
        return "no g++ here: apt-get install g++"
    return None if HEADER.exists() else "no CGAL here: apt-get install libcgal-dev"


def begin_build(program: Path) -> subprocess.Popen[str]:
    """Begin to build the program; `built` waits for it."""
    asked = ["g++", *FLAGS, "-o", str(program), str(SOURCE), "-lgmp", "-lmpfr"]
    return subprocess.Popen(asked, stderr=subprocess.PIPE, text=True)


def built(building: subprocess.Popen[str]) -> None:
    """Wait for the program, and raise with what the compiler said where it failed."""
    _, said = building.communicate(timeout=300)
    if building.returncode:
        raise RuntimeError(f"{SOURCE.name} was not built: {said[:2000]}")


def areas(program: Path, scenes: Sequence[Scene]) -> list[Answer]:
    """Return the exact area of each walled scene, or what CGAL said where it failed."""
    asked = "\n".join([str(len(scenes)), *map(_told, scenes)])
    done = subprocess.run([program], input=asked, check=True, capture_output=True, text=True)
    return [line if line.startswith("failed") else Fraction(line) for line in done.stdout.splitlines()]


def _told(scene: Scene) -> str:
    x, y = scene.eye
    return f"{x} {y} {len(scene.buildings)} " + " ".join(map(_building, scene.buildings))


def _building(building: Building) -> str:
    rings = (f"{len(ring)} " + " ".join(f"{x} {y}" for x, y in ring) for ring in building)
    return f"{len(building)} " + " ".join(rings)
