"""Codes: divisions (12 digits), cells (15, a setting) and devices (20), and codes for places that came without one.

Rules: GB/T 2260 and its 12-digit extension; GB/T 28181 annex D. Every refusal is a sentence with its reason.
"""

import base64
import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from data.types import Level
from gis.errors import BadCode

CELL_DIGITS = 15
# Codes made by `generated_codes` begin so; no authority's code does.
GENERATED_MARK = "G-"

_LEVELS = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN, 12: Level.VILLAGE}
_PROVINCES = frozenset(
    map(
        str,
        (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82),
    )
)

DEVICE_KINDS = {
    111: "DVR", 112: "video server", 113: "encoder", 114: "decoder", 115: "video matrix", 116: "audio matrix",
    117: "alarm controller", 118: "NVR", 131: "camera", 132: "network camera", 133: "display", 134: "alarm input",
    135: "alarm output", 136: "voice input", 137: "voice output", 200: "signalling centre", 215: "business group",
    216: "virtual organisation",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A division code in its full 12 digits, its level, and the code it hangs under (None for a province)."""

    code: str
    level: Level
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCode:
    """A cell code: the village or community it hangs under, and its number inside it."""

    code: str
    village: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """The parts of a 20-digit device code."""

    centre: str
    industry: str
    kind: int
    network: int
    serial: int

    @property
    def code(self) -> str:
        """The 20 digits."""
        return f"{self.centre}{self.industry}{self.kind:03d}{self.network}{self.serial:06d}"

    @property
    def kind_name(self) -> str:
        """What the type number means, in words."""
        return DEVICE_KINDS.get(self.kind, "other device")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nameless:
    """A row that came without a code. `rest` is any text that tells it from another of the same name and place."""

    name: str
    lng: float
    lat: float
    rest: str = ""


def division(code: str) -> Division:
    """Return what a division code says; 2, 4, 6, 9 or 12 digits are filled up with zeros. Raises BadCode."""
    digits = _digits(code, "A division code")
    if len(digits) not in _LEVELS:
        raise BadCode(f"{code!r} has {len(digits)} digits; a division code has 12 (or 2, 4, 6 or 9 of them).")
    full = digits.ljust(12, "0")
    if full[:2] not in _PROVINCES:
        raise BadCode(f"{code!r} begins with {full[:2]}, which is no province. Compare it with the official list.")
    parts = (full[:2], full[2:4], full[4:6], full[6:9], full[9:])
    deepest = max(place for place, part in enumerate(parts) if int(part))
    # A city without counties has towns directly below it (Dongguan, Zhongshan, Danzhou, Jiayuguan), so a zero
    # county is right in front of a town; a zero town or city never is.
    if deepest == 4 and not int(parts[3]):
        raise BadCode(f"{code!r} names a village {parts[4]} but no town. Digits 7 to 9 must not be 000.")
    if deepest >= 2 and not int(parts[1]):
        raise BadCode(f"{code!r} names a place below a city but no city. Digits 3 and 4 must not be 00.")
    return Division(code=full, level=list(_LEVELS.values())[deepest], parent=_parent(parts[: deepest + 1]))


def cell(code: str, *, digits: int = CELL_DIGITS) -> CellCode:
    """Return the parts of a cell code of a deployment that uses `digits` digits. Raises BadCode."""
    text = _digits(code, "A cell code")
    if len(text) != digits:
        raise BadCode(f"{code!r} has {len(text)} digits; cell codes here have {digits}.")
    village = division(text[:12])
    if village.level is not Level.VILLAGE:
        raise BadCode(
            f"{code!r} hangs under {village.code}, a {village.level}. A cell hangs under a village or community."
        )
    sequence = int(text[12:])
    if sequence == 0:
        raise BadCode(f"{code!r} ends in {text[12:]}; cells of a village are numbered from 1.")
    return CellCode(code=text, village=village.code, sequence=sequence)


def cell_code(village: str, sequence: int, *, digits: int = CELL_DIGITS) -> str:
    """Return the code of cell number `sequence` of a village. Raises BadCode when it does not fit."""
    width = digits - 12
    if width < 1:
        raise BadCode(f"Cell codes of {digits} digits leave no room for a number after the 12 of the village.")
    if not 1 <= sequence < 10**width:
        raise BadCode(f"Cell number {sequence} does not fit: {width} digits hold 1 to {10**width - 1}.")
    return cell(f"{division(village).code}{sequence:0{width}d}", digits=digits).code


def device(code: str) -> DeviceCode:
    """Return the parts of a 20-digit device code. Raises BadCode."""
    text = _digits(code, "A device code")
    if len(text) != 20:
        raise BadCode(f"{code!r} has {len(text)} digits; a device code has 20.")
    return device_code(
        centre=text[:8], industry=text[8:10], kind=int(text[10:13]), network=int(text[13]), serial=int(text[14:])
    )


def device_code(*, centre: str, industry: str, kind: int, network: int, serial: int) -> DeviceCode:
    """Return a device code put together from its parts. Raises BadCode for a part that breaks its rule."""
    if len(_digits(centre, "The centre")) != 8:
        raise BadCode(f"The centre {centre!r} must have 8 digits: 6 of the division and 2 of the grass-roots unit.")
    division(centre[:6])
    if len(_digits(industry, "The industry")) != 2:
        raise BadCode(f"The industry {industry!r} must have 2 digits, such as 00 for roads or 01 for communities.")
    if 300 <= kind <= 399:
        raise BadCode(f"Type {kind} stands for a user account, not a device. A network camera is 132.")
    if not 111 <= kind <= 999:
        raise BadCode(f"Type {kind} is no device type; they run from 111. A network camera is 132, a button 134.")
    if not 0 <= network <= 8:
        raise BadCode(f"Network {network} is not in use; write 0 to 8.")
    if not 0 <= serial <= 999_999:
        raise BadCode(f"Serial number {serial} does not fit: 6 digits hold 0 to 999999.")
    return DeviceCode(centre=centre, industry=industry, kind=kind, network=network, serial=serial)


def generated_codes(rows: Sequence[Nameless]) -> list[str]:
    """Return one code per row from its name and place (to 1e-6 degrees); the same rows give the same codes.

    The order of rows does not matter. Rows of one name and place are told apart by `rest`, in its alphabetical
    order: the first keeps the plain code, the others add -2, -3, … Codes begin with G-, as no authority's do.
    """
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        groups[_hash(row)].append(at)
    codes = [""] * len(rows)
    for code, members in groups.items():
        members.sort(key=lambda at: (_identity(rows[at]), rows[at].rest))
        for turn, at in enumerate(members, start=1):
            codes[at] = code if turn == 1 else f"{code}-{turn}"
    return codes


def is_generated(code: str) -> bool:
    """Say whether a code was made by `generated_codes`."""
    return code.startswith(GENERATED_MARK)


def _identity(row: Nameless) -> str:
    # Adding 0.0 makes -0.0 and 0.0 one place.
    name = " ".join(unicodedata.normalize("NFKC", row.name).split())
    return f"{name}\n{round(row.lng, 6) + 0.0:.6f}\n{round(row.lat, 6) + 0.0:.6f}"


def _hash(row: Nameless) -> str:
    digest = hashlib.sha256(_identity(row).encode("utf-8", "surrogatepass")).digest()
    return GENERATED_MARK + base64.b32encode(digest)[:12].decode("ascii")


def _digits(text: str, what: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise BadCode(f"{what} has digits only; {text!r} has something else.")
    return text


def _parent(parts: tuple[str, ...]) -> str | None:
    above = parts[:-1]
    while above and not int(above[-1]):
        above = above[:-1]
    return "".join(above).ljust(12, "0") if above else None
