"""A month as the interface and the command line say it; times are whole seconds."""

from typing import Any

from data.rates import SUMMED
from video.rates import Figure
from web.reports import wording
from web.reports.assessment import Assessment


def as_json(found: Assessment, kind: str) -> dict[str, Any]:
    """Return a month with its groups of a kind."""
    return {
        "month": wording.month(found.turn.day),
        "area": found.area["code"] or None,
        "version": found.report.version if found.report else None,
        "counted_until": found.counted_until.isoformat() if found.counted_until else None,
        "made_up": found.made_up,
        "score": wording.rounded(found.whole.score.points),
        "reachable": found.whole.score.reachable,
        "rates": [_figure(one) for one in found.whole.figures],
        "sums": {name: getattr(found.whole.sums, name) for name in SUMMED},
        "by": kind,
        "groups": [
            {
                "key": one.key,
                "name": wording.group_label(kind, one.key, one.label),
                "score": wording.rounded(one.score.points),
                "rates": [_figure(rate) for rate in one.figures],
                "sums": {name: getattr(one.sums, name) for name in SUMMED},
            }
            for one in found.groups[kind]
        ],
        "outages": [dict(row) for row in found.outages],
        "links": [dict(row) for row in found.links],
    }


def _figure(one: Figure) -> dict[str, Any]:
    return {
        "measure": str(one.measure),
        "rate": None if one.share is None else float(one.share),
        "numerator": one.numerator,
        "denominator": one.denominator,
        "unchecked": one.unchecked,
        "unit": str(one.unit),
        "of": str(one.basis.of),
        "weight": one.basis.weight,
        "target": one.basis.target,
    }
