"""`sharpeyes judge`: what picture files show of the health of their cameras, without a database.

Files are opened in a decoder process that can be killed, so a hostile one costs itself and nothing else.
"""

import asyncio
import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from data.looks import CheckState, Picture, PictureCheck
from data.types import Fault
from video.decoders import Decoders
from video.errors import CameraError
from video.judge import bad_faults

_SAME_AS_NEXT = PictureCheck(
    state=CheckState.BAD, score=1.0, reason="the same as the next picture of this camera, bit for bit"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture file to be judged: where it lies, how it is named to us, and of a series its camera and time."""

    path: Path
    name: str
    camera: str = ""
    # Series are read with one; files named one by one have none.
    at: datetime = datetime.min  # noqa: DTZ901


@click.command("judge")
@click.argument("images", nargs=-1, type=click.Path(path_type=Path), metavar="IMAGE…")
@click.option(
    "--series",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV with the columns file, camera, at: pictures are compared with others of the same camera.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def judge_command(images: tuple[Path, ...], series: Path | None, as_json: bool) -> None:
    """Say what pictures show of the health of their cameras; no database needed."""
    if bool(images) == bool(series):
        raise click.UsageError("Name pictures, or --series with a CSV of them; one of the two.")
    wanted = _series(series) if series else [Wanted(image, str(image)) for image in images]
    pictures, problems = asyncio.run(_judged(wanted))
    shown = [_judgement(one.name, picture) for one, picture in _with_hindsight(pictures)]
    click.echo(json.dumps({"pictures": shown}, ensure_ascii=False, indent=2) if as_json else _listed(shown))
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)


def shown_checks(picture: Picture) -> dict[str, Any]:
    """Return the checks of a picture as JSON shows them: state, score and reason by fault."""
    return {fault.value: asdict(check) for fault, check in picture.checks.items()}


def _series(file: Path) -> list[Wanted]:
    """Return the rows of a series, in the order of time per camera."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    except (UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(f"{file.name} is no CSV in UTF-8: {error}.") from error
    missing = {"file", "camera", "at"} - set(rows[0] if rows else {})
    if missing:
        raise click.ClickException(f"{file.name} needs the columns file, camera and at.")
    try:
        return sorted((_row(file, row) for row in rows), key=lambda one: (one.camera, one.at))
    except (ValueError, TypeError) as error:
        raise click.ClickException(f"{file.name}: a time in the column at cannot be read: {error}.") from error


def _row(file: Path, row: Mapping[str, str]) -> Wanted:
    return Wanted(file.parent / row["file"], row["file"], row["camera"], datetime.fromisoformat(row["at"]))


async def _judged(wanted: Iterable[Wanted]) -> tuple[list[tuple[Wanted, Picture]], list[str]]:
    """Return what the files show, and a sentence for each that cannot be judged."""
    pictures: list[tuple[Wanted, Picture]] = []
    problems: list[str] = []
    before: dict[str, str] = {}
    async with Decoders(1) as decoders:
        for one in wanted:
            try:
                image = await asyncio.to_thread(one.path.read_bytes)
                picture = await decoders.judge(image, previous_sha256=before.get(one.camera))
            except CameraError as error:
                problems.append(f"{one.name} cannot be judged: {error.detail}.")
            except OSError as error:
                problems.append(f"{one.name} cannot be read: {error.strerror or error}.")
            else:
                before |= {one.camera: picture.sha256} if one.camera else {}
                pictures.append((one, replace(picture, jpeg=b"", thumbnail=b"")))
    return pictures, problems


def _with_hindsight(pictures: Sequence[tuple[Wanted, Picture]]) -> list[tuple[Wanted, Picture]]:
    """Return the pictures, the first of those that are the same called frozen too: a series knows what came next."""
    told: list[tuple[Wanted, Picture]] = []
    for (one, picture), (after, next_picture) in zip(pictures, [*pictures[1:], (None, None)], strict=False):
        repeats = (
            after is not None
            and next_picture is not None
            and (after.camera, next_picture.sha256) == (one.camera, picture.sha256)
            and bool(one.camera)
            and after.at != one.at
        )
        # What is not live cannot freeze: a lost signal looks the same at every time.
        if repeats and not picture.checks[Fault.FROZEN].reason.startswith("the signal is lost"):
            picture = replace(picture, checks={**picture.checks, Fault.FROZEN: _SAME_AS_NEXT})
        told.append((one, picture))
    return told


def _judgement(name: str, picture: Picture) -> dict[str, Any]:
    return {"file": name, "faults": list(bad_faults(picture)), "checks": shown_checks(picture)}


def _listed(shown: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(_told(one) for one in shown)


def _told(one: Mapping[str, Any]) -> str:
    said = "; ".join(f"{fault} ({one['checks'][fault]['reason']})" for fault in one["faults"])
    return f"{one['file']}: {said or 'good'}"
