"""Where a picture stops being good: every threshold of the picture checks by name, with a sentence. Nothing else.

Luma and levels run from 0 to 255, shares from 0 to 1, px are of a picture 640 px wide.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace


def _threshold(default: float, sentence: str) -> float:
    value: float = field(default=default, metadata={"sentence": sentence})
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The thresholds of one camera. Tried on road cameras by day, by night and in haze; see docs/benchmarks."""

    plain_share: float = _threshold(0.85, "From this share of one colour on, a picture is a plain screen.")
    plain_saturation: float = _threshold(90.0, "A plain screen this far from grey is no scene, but a lost signal.")
    plain_grain: float = _threshold(0.8, "A plain screen with less grain than this was drawn, not seen by a sensor.")
    message_share: float = _threshold(0.002, "From this share of the middle on, a plain screen bears a message.")
    bars: float = _threshold(5.0, "This many upright bars of saturated colour are a test picture.")
    black_luma: float = _threshold(25.0, "Below this, the luma that 98 of 100 pixels stay under, a picture is black.")
    dark_highlight: float = _threshold(90.0, "A night has lamps: with no luma above this a picture may be too dark.")
    dark_mean: float = _threshold(40.0, "Without lamps and below this mean luma a picture is too dark.")
    bright_mean: float = _threshold(205.0, "From this mean luma on a picture is too bright.")
    burnt_share: float = _threshold(0.15, "From this burnt-out share on, and without shadows, a picture is too bright.")
    burnt_shadow: float = _threshold(75.0, "Shadows, the darkest twentieth, are left below this luma.")
    contrast: float = _threshold(22.0, "Below this range of luma, without its extremes, contrast is too low.")
    sharpness: float = _threshold(1.40, "Below this steepness of the steepest quarter of edges a picture is blurred.")
    sharpness_wide: float = _threshold(1.52, "The same for pictures from 1280 px on, which have detail to spare.")
    edge_balance: float = _threshold(0.2, "Edges of one direction this rare beside the other were smeared by motion.")
    edges_needed: float = _threshold(24.0, "With fewer edges than this, sharpness cannot be judged.")
    flat_share: float = _threshold(0.85, "From this share without detail on, the whole lens is covered.")
    faint_share: float = _threshold(0.25, "This share of faint detail in a flat picture is haze or low contrast.")
    patch_share: float = _threshold(0.15, "From this size on, an even patch covers a part of the lens.")
    sky_share: float = _threshold(0.45, "An even patch at the upper edge may be the sky up to this size.")
    patch_contrast: float = _threshold(40.0, "With luma in a smaller range than this, everything looks even.")
    patch_unevenness: float = _threshold(2.0, "Sea, sky and road vary more than this; what covers a lens does not.")
    lost_share: float = _threshold(0.20, "A lens that lost this share of the detail of its reference is covered.")
    cast: float = _threshold(0.20, "From this distance from grey on (log of the ratio of channels) colours are cast.")
    cast_to_spread: float = _threshold(1.3, "A cast is this many times larger than the colours of the scene differ.")
    neutral_share: float = _threshold(0.05, "With this share of grey things in it, a picture has no cast.")
    lamp_luma: float = _threshold(
        60.0, "Below this middle luma it is dark: lamps colour the scene and sensors are noisy."
    )
    noise: float = _threshold(3.8, "From this noise on, in levels, in the calmest tenth, a picture is full of snow.")
    noise_night: float = _threshold(9.0, "The same for a dark picture, whose sensor amplifies what little it sees.")
    weave: float = _threshold(1.45, "A pattern this far above its surroundings (log) runs through the whole picture.")
    weave_levels: float = _threshold(1.5, "A pattern of fewer levels than this does not disturb.")
    bands: float = _threshold(10.0, "From this many bands across the whole picture on there are stripes.")
    band_levels: float = _threshold(5.0, "Bands of fewer levels than this do not disturb.")
    shake_px: float = _threshold(3.0, "From this jump between frames on, to and fro, a picture shakes.")
    still_share: float = _threshold(0.001, "A sensor moves more pixels than this share from frame to frame.")
    moved_share: float = _threshold(0.03, "From this shift on, as a share of the width, the camera has moved.")
    shift_gain: float = _threshold(0.08, "A shift must match the reference better than no shift by this.")
    reference_match: float = _threshold(0.40, "Below this match with its reference the scene is another one.")


DEFAULTS = Thresholds()
NAMES: tuple[str, ...] = tuple(one.name for one in fields(Thresholds))


def sentence(name: str) -> str:
    """Return what a threshold says, in English; pages translate it."""
    return str(next(one for one in fields(Thresholds) if one.name == name).metadata["sentence"])


def with_changes(changes: Mapping[str, float], base: Thresholds = DEFAULTS) -> Thresholds:
    """Return thresholds with some of them changed; names that are not known any more are left out."""
    return replace(base, **{name: float(value) for name, value in changes.items() if name in NAMES})
