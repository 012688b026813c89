"""What the measures of a picture mean under given thresholds. Pure, without pictures: the past is judged by it too.

A check that cannot be made says why; it does not pass.
"""

from collections.abc import Mapping

from data.looks import CheckState, PictureCheck
from data.thresholds import DEFAULTS, Thresholds
from data.types import Fault

Measures = Mapping[str, float]

# What is told only after these were looked for: a black picture is always soft.
_UNLIT = (Fault.SIGNAL_LOST, Fault.BLACK, Fault.TOO_DARK, Fault.TOO_BRIGHT)
_WIDE_PX = 1280
_BECAUSE: Mapping[Fault, str] = {
    Fault.SIGNAL_LOST: "the signal is lost",
    Fault.BLACK: "the picture is black",
    Fault.TOO_DARK: "it is too dark",
    Fault.TOO_BRIGHT: "it is too bright",
    Fault.COVERED: "the lens is covered",
    Fault.NOISE: "it is full of snow",
    Fault.STRIPES: "stripes run through it",
    Fault.BLURRED: "it is blurred",
    Fault.LOW_CONTRAST: "its contrast is too low",
}


def check(measures: Measures, limits: Thresholds = DEFAULTS) -> dict[Fault, PictureCheck]:
    """Return the outcome of every check the measures allow.

    Scores are 1 at the threshold and larger where it is worse. Measures stored before a check existed leave it
    not checkable.
    """
    told: dict[Fault, PictureCheck] = {}
    for fault, (needed, look, given_up) in _CHECKS.items():
        missing = [name for name in needed if name not in measures]
        before = next((one for one in given_up if one in told and told[one].state is CheckState.BAD), None)
        if missing:
            told[fault] = _unchecked(_WITHOUT.get(missing[0], "it was not measured"))
        elif before:
            told[fault] = _unchecked(_BECAUSE[before])
        else:
            told[fault] = look(measures, limits)
    return told


def all_good(checks: Mapping[Fault, PictureCheck]) -> bool:
    """Return whether nothing is wrong with a picture, so that it may serve as a reference."""
    return not any(one.state is CheckState.BAD for one in checks.values())


def _signal_lost(m: Measures, limits: Thresholds) -> PictureCheck:
    if m["bars"] >= limits.bars:
        return _outcome(m["bars"] / limits.bars, _say("a test picture of %(n)s colour bars", n=f"{m['bars']:.0f}"))
    plain = m["plain_share"] / limits.plain_share
    coloured = m["plain_saturation"] / limits.plain_saturation
    drawn = limits.plain_grain / max(m["plain_grain"], 0.01)
    message = m["message_share"] / limits.message_share
    # Burnt-out white with something dark left in it is a picture that is too bright.
    unburnt = 1.0 if m["plain_luma"] < 240 else 0.0
    score = max(min(plain, coloured), min(plain, drawn, message, unburnt))
    share = f"{m['plain_share']:.0%}"
    if min(drawn, message) >= 1:
        return _outcome(score, _say("a message on one colour, which fills %(share)s of the picture", share=share))
    return _outcome(score, _say("one colour fills %(share)s of the picture", share=share))


def _black(m: Measures, limits: Thresholds) -> PictureCheck:
    top = m["luma_p98"]
    return _outcome(
        limits.black_luma / max(top, 1.0), _say("hardly a pixel is brighter than %(n)s", n=f"{top:.0f}"), strict=True
    )


def _too_dark(m: Measures, limits: Thresholds) -> PictureCheck:
    score = min(limits.dark_highlight / max(m["luma_p98"], 1.0), limits.dark_mean / max(m["luma_mean"], 1.0))
    return _outcome(
        score,
        _say("mean luma %(mean)s, lights up to %(top)s", mean=f"{m['luma_mean']:.0f}", top=f"{m['luma_p98']:.0f}"),
        strict=True,
    )


def _too_bright(m: Measures, limits: Thresholds) -> PictureCheck:
    burnt = min(m["burnt_share"] / limits.burnt_share, m["luma_p05"] / limits.burnt_shadow)
    score = max(m["luma_mean"] / limits.bright_mean, burnt)
    return _outcome(
        score,
        _say("mean luma %(mean)s, %(share)s burnt out", mean=f"{m['luma_mean']:.0f}", share=f"{m['burnt_share']:.0%}"),
    )


def _covered(m: Measures, limits: Thresholds) -> PictureCheck:
    # A camera that looks elsewhere lost its detail too, but what is left of it matches no more.
    same_scene = "lost_share" in m and (
        m["rest_match"] >= limits.reference_match or m["flat_share"] >= limits.flat_share
    )
    if same_scene and m["lost_share"] >= limits.lost_share:
        return _outcome(
            m["lost_share"] / limits.lost_share,
            _say("%(share)s of the detail of its reference is gone", share=f"{m['lost_share']:.0%}"),
        )
    whole = m["flat_share"] / limits.flat_share
    if whole >= 1 and m["faint_share"] < limits.faint_share:
        return _outcome(whole, _say("%(share)s of the picture is without detail", share=f"{m['flat_share']:.0%}"))
    even = limits.patch_unevenness / max(m["patch_unevenness"], 0.05)
    told = float(m["luma_p95"] - m["luma_p05"] >= limits.patch_contrast or m["patch_share"] > 0.5)
    told *= float(m.get("noise", 0.0) < _most_noise(m, limits))
    part = min(m["patch_share"] / limits.patch_share, even, told)
    if part >= 1 and same_scene and m["lost_share"] < limits.lost_share:
        return _outcome(m["lost_share"] / limits.lost_share, "even where its reference is even too")
    if part >= 1 and m["patch_hangs"] and m["patch_share"] < limits.sky_share:
        return _unchecked("something even fills the upper edge; a reference would tell whether it is the sky")
    return _outcome(
        max(min(whole, 0.99), part),
        _say("the largest even patch fills %(share)s of the picture", share=f"{m['patch_share']:.0%}"),
    )


def _low_contrast(m: Measures, limits: Thresholds) -> PictureCheck:
    spread = m["luma_p95"] - m["luma_p05"]
    return _outcome(
        limits.contrast / max(spread, 1.0), _say("luma within %(n)s levels", n=f"{spread:.0f}"), strict=True
    )


def _noise(m: Measures, limits: Thresholds) -> PictureCheck:
    return _outcome(m["noise"] / _most_noise(m, limits), _say("noise of %(n)s levels", n=f"{m['noise']:.1f}"))


def _most_noise(m: Measures, limits: Thresholds) -> float:
    return limits.noise_night if m["luma_p50"] < limits.lamp_luma else limits.noise


def _stripes(m: Measures, limits: Thresholds) -> PictureCheck:
    weave = min(m["weave"] / limits.weave, m["weave_levels"] / limits.weave_levels)
    bands = min(m["bands"] / limits.bands, m["band_levels"] / limits.band_levels)
    if bands > weave:
        return _outcome(
            bands, _say("%(n)s bands of %(levels)s levels", n=f"{m['bands']:.0f}", levels=f"{m['band_levels']:.0f}")
        )
    return _outcome(weave, _say("the strongest pattern has %(n)s levels", n=f"{m['weave_levels']:.0f}"))


def _blurred(m: Measures, limits: Thresholds) -> PictureCheck:
    smeared = limits.edge_balance / max(m["edge_balance"], 0.001)
    if m["edges"] < limits.edges_needed or not m["sharpness"]:
        return _unchecked("too few edges to see whether it is sharp")
    if smeared >= 1:
        return _outcome(smeared, "edges of one direction are smeared")
    least = limits.sharpness_wide if m["width"] >= _WIDE_PX else limits.sharpness
    return _outcome(least / m["sharpness"], _say("sharpness %(n)s", n=f"{m['sharpness']:.2f}"), strict=True)


def _colour_cast(m: Measures, limits: Thresholds) -> PictureCheck:
    score = min(
        m["cast"] / limits.cast,
        m["cast"] / max(limits.cast_to_spread * m["colour_spread"], 0.01),
        limits.neutral_share / max(m["neutral_share"], 0.001),
    )
    if score >= 1 and m["luma_p50"] < limits.lamp_luma:
        return _unchecked("lamps may colour a dark picture")
    return _outcome(score, _say("colours lie %(n)s from grey, towards %(hue)s", n=f"{m['cast']:.2f}", hue=_hue(m)))


def _frozen(m: Measures, limits: Thresholds) -> PictureCheck:
    if m.get("same_as_before"):
        return _outcome(1.0, "the same as the picture before, bit for bit")
    if "changed_share" in m:
        score = limits.still_share / max(m["changed_share"], limits.still_share / 10)
        return _outcome(score, _say("%(share)s of the pixels change between frames", share=f"{m['changed_share']:.1%}"))
    return _outcome(0.0, "differs from the picture before")


def _shaking(m: Measures, limits: Thresholds) -> PictureCheck:
    return _outcome(m["jump_px"] / limits.shake_px, _say("jumps %(n)s px to and fro", n=f"{m['jump_px']:.1f}"))


def _moved(m: Measures, limits: Thresholds) -> PictureCheck:
    shifted = min(m["reference_shift"] / limits.moved_share, m["reference_gain"] / limits.shift_gain)
    other = limits.reference_match / max(m["reference_match"], 0.01)
    if other > shifted:
        return _outcome(other, _say("matches its reference by %(n)s", n=f"{m['reference_match']:.2f}"), strict=True)
    return _outcome(shifted, _say("shifted by %(share)s of the width", share=f"{m['reference_shift']:.0%}"))


def _hue(m: Measures) -> str:
    red, blue = m["cast_red"], m["cast_blue"]
    if red < 0 and blue < 0:
        return "green"
    if red > 0 and blue > 0:
        return "purple"
    return "red" if red > blue else "blue"


def _say(words: str, **values: str) -> str:
    return words % values


def _outcome(score: float, reason: str, *, strict: bool = False) -> PictureCheck:
    bad = score > 1 if strict else score >= 1
    return PictureCheck(state=CheckState.BAD if bad else CheckState.GOOD, score=round(score, 3), reason=reason)


def _unchecked(reason: str) -> PictureCheck:
    return PictureCheck(state=CheckState.NOT_CHECKABLE, score=None, reason=reason)


_LIGHT = ("luma_mean", "luma_p05", "luma_p50", "luma_p95", "luma_p98", "burnt_share")
_DISTURBED = (*_UNLIT, Fault.COVERED)
# Each check with the measures it needs and the faults that leave nothing to be checked; told in this order.
_CHECKS = {
    Fault.SIGNAL_LOST: (("plain_share", "plain_luma", "bars"), _signal_lost, ()),
    Fault.BLACK: (_LIGHT, _black, (Fault.SIGNAL_LOST,)),
    Fault.TOO_DARK: (_LIGHT, _too_dark, _UNLIT[:2]),
    Fault.TOO_BRIGHT: (_LIGHT, _too_bright, _UNLIT[:1]),
    Fault.COVERED: (("flat_share", "patch_share", *_LIGHT), _covered, _UNLIT),
    Fault.STRIPES: (("weave", "bands"), _stripes, _DISTURBED),
    Fault.NOISE: (("noise", *_LIGHT), _noise, (*_UNLIT, Fault.STRIPES)),
    Fault.LOW_CONTRAST: (_LIGHT, _low_contrast, _DISTURBED),
    Fault.BLURRED: (("sharpness", "edges", "width"), _blurred, (*_DISTURBED, Fault.NOISE, Fault.STRIPES)),
    Fault.COLOUR_CAST: (("cast",), _colour_cast, _DISTURBED),
    Fault.FROZEN: (("is_compared",), _frozen, _UNLIT[:2]),
    Fault.SHAKING: (("jump_px",), _shaking, _DISTURBED),
    Fault.MOVED: (
        ("reference_match",),
        _moved,
        (*_DISTURBED, Fault.BLURRED, Fault.NOISE, Fault.STRIPES, Fault.LOW_CONTRAST),
    ),
}
_WITHOUT: Mapping[str, str] = {
    "is_compared": "there is no earlier picture",
    "jump_px": "there is only one frame",
    "reference_match": "there is no reference picture for this light, or the preset is not known",
    "cast": "there is no colour in it",
    "sharpness": "it is too small",
}

_ALONE = (
    "even where its reference is even too",
    "something even fills the upper edge; a reference would tell whether it is the sky",
    "too few edges to see whether it is sharp",
    "edges of one direction are smeared",
    "lamps may colour a dark picture",
    "the same as the picture before, bit for bit",
    "the same as the next picture of this camera, bit for bit",
    "differs from the picture before",
    "the same as the picture before; the next one decides",
    "it was not measured",
)
_WITH_NUMBERS = (
    "%(n)s bands of %(levels)s levels",
    "%(share)s of the detail of its reference is gone",
    "%(share)s of the picture is without detail",
    "%(share)s of the pixels change between frames",
    "a message on one colour, which fills %(share)s of the picture",
    "a test picture of %(n)s colour bars",
    "colours lie %(n)s from grey, towards %(hue)s",
    "hardly a pixel is brighter than %(n)s",
    "jumps %(n)s px to and fro",
    "luma within %(n)s levels",
    "matches its reference by %(n)s",
    "mean luma %(mean)s, %(share)s burnt out",
    "mean luma %(mean)s, lights up to %(top)s",
    "noise of %(n)s levels",
    "one colour fills %(share)s of the picture",
    "sharpness %(n)s",
    "shifted by %(share)s of the width",
    "the largest even patch fills %(share)s of the picture",
    "the strongest pattern has %(n)s levels",
)
# Every reason a check may give, for pages that translate them; those with numbers last.
REASONS: tuple[str, ...] = (*_ALONE, *_BECAUSE.values(), *_WITHOUT.values(), *_WITH_NUMBERS)
HUES = ("red", "green", "blue", "purple")
