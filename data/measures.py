"""Measures of pictures at rest: which are kept with observations, and how coarsely. Standard library only.

Judging the past again from observations is exact to these steps; the measures beside a snapshot are exact.
"""

from collections.abc import Mapping, Sequence

# A measure that is kept is one line here; new ones go to the end, for what is stored counts on the order.
STEPS: Mapping[str, float] = {
    "luma_mean": 4.0,
    "luma_p05": 4.0,
    "luma_p50": 4.0,
    "luma_p95": 4.0,
    "luma_p98": 4.0,
    "burnt_share": 0.03,
    "plain_share": 0.03,
    "plain_saturation": 16.0,
    "plain_luma": 16.0,
    "plain_grain": 0.3,
    "message_share": 0.001,
    "bars": 1.0,
    "flat_share": 0.03,
    "faint_share": 0.04,
    "patch_share": 0.02,
    "patch_unevenness": 0.5,
    "patch_hangs": 1.0,
    "sharpness": 0.05,
    "edges": 12.0,
    "edge_balance": 0.05,
    "width": 160.0,
    "noise": 0.4,
    "weave": 0.15,
    "weave_levels": 0.5,
    "bands": 2.0,
    "band_levels": 1.0,
    "cast": 0.04,
    "colour_spread": 0.04,
    "neutral_share": 0.01,
    "cast_red": 0.08,
    "cast_blue": 0.08,
    "is_compared": 1.0,
    "same_as_before": 1.0,
    "changed_share": 0.0005,
    "jump_px": 0.5,
    "reference_match": 0.05,
    "reference_gain": 0.04,
    "reference_shift": 0.015625,
    "rest_match": 0.05,
    "lost_share": 0.05,
}
# Larger ones mean the same: far from every threshold.
_MOST = 255


def at_rest(measures: Mapping[str, float], before: Sequence[int | None] = ()) -> list[int | None]:
    """Return measures in whole steps, as the list that is stored.

    One that lies within a step of what was stored before stays as it was, or noise would make every look a new fact.
    """
    kept: list[int | None] = []
    for number, (name, step) in enumerate(STEPS.items()):
        last = before[number] if number < len(before) else None
        value = measures.get(name)
        steps = None if value is None else min(_MOST, value / step)
        if steps is None:
            kept.append(None)
        else:
            kept.append(last if last is not None and abs(steps - last) < 1 else round(steps))
    return kept


def from_rest(stored: Sequence[int | None]) -> dict[str, float]:
    """Return the measures of a stored list; those that were not measured are not among them."""
    pairs = zip(STEPS.items(), stored, strict=False)
    return {name: steps * step for (name, step), steps in pairs if steps is not None}
