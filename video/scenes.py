"""What pictures are compared with and judged by, camera by camera: read before a look, applied to it, kept after it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from data import picture_references, picture_thresholds, pictures
from data.health import Due, Outcome
from data.looks import Observation, Picture, PictureCheck
from data.thresholds import DEFAULTS, Thresholds
from data.types import Fault
from video.picture_checks import all_good, check

# Below this middle luma, or without any colour, a picture is one of the night.
_NIGHT_LUMA = 60.0


def equipped(session: Session, dues: Sequence[Due], takes_picture: Callable[[Due], bool]) -> list[Due]:
    """Return looks with the references and thresholds of those cameras whose picture will be taken."""
    ids = {due.camera_id for due in dues if takes_picture(due)}
    if not ids:
        return list(dues)
    scenes = picture_references.of_cameras(session, sorted(ids))
    own = picture_thresholds.of_cameras(session, sorted(ids))
    return [
        replace(
            due,
            target=replace(due.target, references=scenes.get(due.camera_id, ())),
            thresholds=own.get(due.camera_id),
        )
        if due.camera_id in ids
        else due
        for due in dues
    ]


def judged_by(thresholds: Thresholds | None, seen: Observation) -> Observation:
    """Return a look whose picture is judged by the thresholds of its camera; None means the defaults."""
    if thresholds is None or seen.picture is None:
        return seen
    return replace(seen, picture=replace(seen.picture, checks=judged(seen.picture, thresholds)))


def judged(picture: Picture, thresholds: Thresholds = DEFAULTS) -> dict[Fault, PictureCheck]:
    """Return the checks of a picture under thresholds; whether it is frozen was counted from look to look."""
    return {**check(picture.measures, thresholds), **_counted(picture.checks)}


def light_of(measures: Mapping[str, float]) -> str:
    """Return whether a picture is one of the day or of the night, by its luma and its colours."""
    return "night" if measures.get("luma_p50", 0.0) < _NIGHT_LUMA or "cast" not in measures else "day"


def keep(session: Session, outcomes: Iterable[Outcome]) -> None:
    """Keep the pictures of looks; the first good one by day and by night says what its camera should show."""
    for outcome in outcomes:
        picture, due = outcome.seen.picture, outcome.due
        if picture is None:
            continue
        pictures.store(session, due.camera_id, path=due.path, picture=picture, at=outcome.seen.at)
        if picture.scene and all_good(picture.checks) and len(due.target.references) < 2:
            light = light_of(picture.measures)
            picture_references.adopt(
                session, due.camera_id, path=due.path, light=light, scene=picture.scene, at=outcome.seen.at
            )


def _counted(checks: Mapping[Fault, Any]) -> dict[Fault, PictureCheck]:
    return {fault: checks[fault] for fault in (Fault.FROZEN,) if fault in checks}
