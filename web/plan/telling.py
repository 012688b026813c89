"""The words and tables of a scenario that is handed out: one set of rows for the workbook, the paper and the map."""

from collections.abc import Sequence
from typing import Any

from data.scenarios import Row
from gis.coverage import View
from web.coverage import FLAGS
from web.plan.sheet import Sheet
from web.words import _, clock, mark

Table = list[list[Any]]

ORIGINS = {
    "drawn": mark("Drawn on the map"),
    "place": mark("Pole or place"),
    "crossing": mark("Crossing"),
    "corner": mark("Corner of a building"),
}
KINDS = {
    "fixed": mark("Fixed camera"),
    "ptz": mark("Camera that turns"),
    "dome": mark("Dome camera"),
    "panorama": mark("Panorama camera"),
}
REASONS = {
    "lodging_room": mark("Room for lodging or dining"),
    "dormitory_room": mark("Dormitory or rest room"),
    "bathing_room": mark("Public bath"),
    "toilet": mark("Toilet"),
    "changing_room": mark("Changing room"),
    "nursing_room": mark("Nursing room"),
    "fitting_room": mark("Fitting room"),
    "medical_room": mark("Room of treatment"),
    "privacy": mark("Private life of people"),
    "secret_unit": mark("Near a secret unit, consent needed"),
    "other": mark("Other reason"),
}
MATTERS = {
    "roads": mark("Roads m"),
    "crossings": mark("Road crossings"),
    "buildings": mark("Buildings"),
    "places": mark("Key places"),
    "incidents": mark("Incidents"),
}
# What a computation may be asked to see, in the unit its amounts are in.
DEMAND = MATTERS | {"gaps": mark("Open ground m²"), "drawn": mark("Drawn points")}
CAMERA_HEADS = (
    mark("No."), mark("Name"), mark("Pole"), mark("Longitude"), mark("Latitude"), mark("Bearing °"),
    mark("Angle of view °"), mark("Tilt °"), mark("Height m"), mark("Width px"), mark("Lens"), mark("Kind"),
    mark("Origin"), mark("Sees m²"), mark("Plain sector m²"), mark("Cost"),
)  # fmt: skip
CELL_HEADS = (
    mark("Cell"), mark("Code"), mark("Area m²"), mark("Open ground m²"), mark("Seen before m²"), mark("Seen after m²"),
    mark("Share before"), mark("Share after"), mark("At least"), mark("At most"), mark("By at least two"),
    mark("Lost with the worst camera"), mark("Plain sectors would say"),
)  # fmt: skip


def title(of: Sheet) -> str:
    """Return what the paper is called."""
    return _("Scenario %(name)s", name=of.scenario["name"])


def about(of: Sheet) -> list[str]:
    """Return what must be known of all figures, a sentence each."""
    told = [
        _("Area: %(area)s", area=of.scenario["area_name"] or _("the cells that it reaches into")),
        _("Made at %(at)s", at=clock(of.at)),
        _("Counted at %(n)s pixels to a metre, with all cameras in use working.", n=f"{of.px_per_m:g}"),
    ]
    told += [of.scenario["note"]] if of.scenario["note"] else []
    return told + [_(FLAGS[flag]) for flag in of.flags if flag in FLAGS]


def key_figures(of: Sheet) -> Table:
    """Return rows of what, before, after and change."""
    before, after = of.sums["before"], of.sums["after"]
    shares = (
        (mark("Share of the area seen"), "share"),
        (mark("Share of the open ground seen"), "share_of_open"),
        (mark("Seen by at least two"), "by_two_share"),
        (mark("Plain sectors would say"), "sectors_share"),
    )
    rows: Table = [
        [_(words), *(told_share(side, name) for side in (before, after)), points(after[name] - before[name])]
        for words, name in shares
    ]
    rows.append(
        [_("Seen m²"), f"{before['seen_m2']:,.0f}", f"{after['seen_m2']:,.0f}", f"{of.gain_m2:+,.0f}"],
    )
    for name, both in _matters(before, after).items():
        rows.append([_(MATTERS[name]), *(f"{side['seen']:,.0f} / {side['of']:,.0f}" for side in both), _more(both)])
    rows.append([_("Cameras"), f"{before['cameras']:,}", f"{after['cameras']:,}", f"{len(of.cameras):+,}"])
    rows.append([_("Cost"), "", f"{of.cost:,.0f}", ""])
    return rows


def proof(of: Sheet) -> list[str]:
    """Return what the last computation proved: its worth, the bound and the gap between them."""
    found = of.result
    if not found:
        return []
    worth = _(
        "The last computation covers %(covered)s of %(total)s weighted demand (%(share)s); before it were %(before)s.",
        covered=f"{found['covered']:,.1f}",
        total=f"{found['total']:,.1f}",
        share=percent(found["share"]),
        before=f"{found['covered_before']:,.1f}",
    )
    bound = _(
        "No choice of as many cameras covers more than %(bound)s (%(share)s): at most %(gap)s are missing.",
        bound=f"{found['bound']:,.1f}",
        share=percent(found["bound_share"]),
        gap=f"{100 * found['gap']:.2f} %",
    )
    counts = found["counts"]
    chosen_from = _(
        "Chosen from %(poses)s poses at %(places)s places; %(excluded)s more lie in forbidden ground (%(forbidden)s).",
        poses=f"{counts['poses']:,}",
        places=f"{counts['places']:,}",
        excluded=f"{counts['excluded']:,}",
        forbidden=f"{counts['forbidden']:,}",
    )
    return [worth, bound, *_seen_of_each(found["kinds"]), chosen_from]


def _seen_of_each(kinds: dict[str, dict[str, float]]) -> list[str]:
    """Return how much of each kind of demand is seen, before and after, of how much."""
    told = []
    for name, one in kinds.items():
        before, after, whole = (f"{one[side]:,.0f}" for side in ("before", "after", "of"))
        what = _(DEMAND[name])
        told.append(
            _("%(what)s: seen %(after)s of %(of)s, before %(before)s.", what=what, after=after, of=whole, before=before)
        )
    return told


def cameras(of: Sheet) -> Table:
    """Return a row for each camera under CAMERA_HEADS, numbers as numbers."""
    return [
        _camera(place, row, seen) for place, (row, seen) in enumerate(zip(of.cameras, of.views, strict=True), start=1)
    ]


def _camera(place: int, row: Row, seen: View) -> list[Any]:
    kind, origin = KINDS[row["kind"]], ORIGINS[row["origin"]]
    return [
        place, row["name"], row["pole"], row["lng"], row["lat"], row["bearing_deg"], row["hfov_deg"], row["tilt_deg"],
        row["height_m"], row["width_px"], row["lens"], _(kind), _(origin), round(seen.area_m2, 1),
        round(seen.sector_m2, 1), row["cost"],
    ]  # fmt: skip


def cells(of: Sheet) -> Table:
    """Return a row for each cell under CELL_HEADS, numbers as numbers; shares are of the whole cell."""
    rows: Table = []
    for cell, before, after in zip(of.cells, of.before, of.after, strict=True):
        whole = after.area_m2 or 1.0
        rows.append(
            [
                cell.name, cell.code, after.area_m2, after.open_m2, before.seen_m2, after.seen_m2, before.share,
                after.share, after.least_m2 / whole, after.most_m2 / whole, after.seen_by_2_m2 / whole,
                after.worst_m2 / whole, (after.sectors_m2 or 0.0) / whole,
            ]
        )  # fmt: skip
    return rows


def told_share(side: dict[str, Any], name: str) -> str:
    """Return a share in per cent, with its doubt where it has one: 58.2 % (51.0 – 63.4)."""
    if name != "share" or side["high"] - side["low"] < 5e-4:
        return percent(side[name])
    return f"{percent(side[name])} ({100 * side['low']:.1f} – {100 * side['high']:.1f})"


def percent(share: float) -> str:
    """Return a share in per cent."""
    return f"{100 * share:.1f} %"


def points(change: float) -> str:
    """Return a change of a share in percentage points."""
    return f"{100 * change:+.1f}"


def _matters(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[dict[str, float], dict[str, float]]]:
    nothing = {"of": 0.0, "seen": 0.0}
    return {name: (before["matters"].get(name, nothing), one) for name, one in after["matters"].items()}


def _more(both: Sequence[dict[str, float]]) -> str:
    return f"{both[1]['seen'] - both[0]['seen']:+,.0f}"
