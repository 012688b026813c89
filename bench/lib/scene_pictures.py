"""Pictures of what cameras see, in the colours of the product: buildings, views, what plain sectors add, a legend."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from PIL import Image, ImageDraw, ImageFont

SIZE, PANEL, FINE = (1600, 1000), 380, 2
FONT, BOLD = ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf")
# The tokens of the style sheet.
GROUND, SURFACE, RAISED, LINE = "#0e1318", "#151c23", "#1c252e", "#2a3540"
TEXT, MUTED, FAINT, SEEN, GAP, DOUBTFUL, EYE = (
    "#e1e7ed", "#93a1af", "#5d6b79", "#2f6f8f", "#c05a3a", "#a99cd6", "#ffd75e",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Surfaces to be filled in one colour, and the words for them in the legend ("" for none)."""

    shapes: Sequence[shapely.Geometry]
    colour: str
    strength: float
    words: str = ""


class Picture:
    """A dark map of a window in metres around its middle, with a panel of words on the right."""

    def __init__(self, middle: tuple[float, float], width_m: float) -> None:
        self.scale = (SIZE[0] - PANEL) * FINE / width_m
        self.middle = middle
        self.image = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), GROUND)

    @property
    def window(self) -> shapely.Geometry:
        """What lies in the picture, in metres."""
        half = np.array([(SIZE[0] - PANEL) * FINE, SIZE[1] * FINE]) / self.scale / 2
        return shapely.box(*(self.middle - half), *(self.middle + half))

    def fill(self, layer: Layer) -> None:
        """Lay surfaces over the picture, all at the same strength however they overlap."""
        mask = Image.new("L", self.image.size, 0)
        draw = ImageDraw.Draw(mask)
        inside = [shape for shape in layer.shapes if shapely.intersects(shape, self.window)]
        parts = shapely.get_parts(shapely.get_parts(shapely.intersection(inside, self.window))) if inside else []
        # A large part goes first, for what lies in its holes must not be cut out with them.
        for part in sorted((one for one in parts if one.geom_type == "Polygon"), key=lambda one: -one.area):
            draw.polygon(self._pixels(part.exterior), fill=round(255 * layer.strength))
            for hole in part.interiors:
                draw.polygon(self._pixels(hole), fill=0)
        self.image.paste(Image.new("RGB", self.image.size, layer.colour), mask=mask)

    def lines(self, shapes: Iterable[shapely.Geometry], colour: str, width: int) -> None:
        """Draw lines, such as roads and the outlines of buildings."""
        draw = ImageDraw.Draw(self.image)
        for shape in shapes:
            if shapely.intersects(shape, self.window):
                for part in shapely.get_parts(shape):
                    draw.line(self._pixels(part), fill=colour, width=width * FINE, joint="curve")

    def eyes(self, places: Iterable[tuple[float, float]]) -> None:
        """Mark where cameras stand."""
        draw = ImageDraw.Draw(self.image)
        for x, y in self._pixels(shapely.LineString([*places, *places])) if places else ():
            draw.ellipse((x - 4 * FINE, y - 4 * FINE, x + 4 * FINE, y + 4 * FINE), fill=GROUND)
            draw.ellipse((x - 3 * FINE, y - 3 * FINE, x + 3 * FINE, y + 3 * FINE), fill=EYE)

    def save(self, path: Path, *, title: str, lines: Sequence[str], legend: Sequence[Layer], source: str) -> None:
        """Add title, figures, legend, scale and source, and write the picture with few colours."""
        small = self.image.resize(SIZE, Image.Resampling.LANCZOS)
        draw = ImageDraw.Draw(small, "RGBA")
        left = SIZE[0] - PANEL
        draw.rectangle((left, 0, *SIZE), fill=SURFACE)
        draw.line((left, 0, left, SIZE[1]), fill=LINE)
        y = _words(draw, left + 24, 28, [title], BOLD, 24, TEXT)
        y = _words(draw, left + 24, y + 10, lines, FONT, 14, TEXT)
        y = _legend(draw, left + 24, y + 26, legend)
        _words(draw, left + 24, SIZE[1] - 24 - 19 * len(_wrapped(source, 44)), _wrapped(source, 44), FONT, 12, MUTED)
        self._scale_bar(draw)
        small.quantize(160, dither=Image.Dither.NONE).save(path, optimize=True)

    def _scale_bar(self, draw: ImageDraw.ImageDraw) -> None:
        metres = 100 if self.scale / FINE * 100 > 60 else 200
        length = metres * self.scale / FINE
        draw.rectangle((20, SIZE[1] - 58, 44 + length, SIZE[1] - 16), fill=(14, 19, 24, 200))
        draw.line((32, SIZE[1] - 26, 32 + length, SIZE[1] - 26), fill=TEXT, width=3)
        draw.text((32, SIZE[1] - 52), f"{metres} m", font=ImageFont.truetype(FONT, 14), fill=TEXT)

    def _pixels(self, line: shapely.Geometry) -> list[tuple[float, float]]:
        at = (shapely.get_coordinates(line) - np.array(self.middle)) * self.scale
        half = np.array([(SIZE[0] - PANEL) * FINE, SIZE[1] * FINE]) / 2
        return [(half[0] + x, half[1] - y) for x, y in at]


def _legend(draw: ImageDraw.ImageDraw, x: int, y: int, layers: Sequence[Layer]) -> int:
    for layer in layers:
        if layer.words:
            draw.rectangle((x, y + 2, x + 18, y + 16), fill=_over_ground(layer))
            y = _words(draw, x + 28, y, _wrapped(layer.words, 38), FONT, 14, TEXT) + 8
    draw.ellipse((x + 5, y + 5, x + 12, y + 12), fill=EYE)
    return _words(draw, x + 28, y, ["camera"], FONT, 14, TEXT)


def _over_ground(layer: Layer) -> tuple[int, int, int]:
    below, above = (np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) for colour in (GROUND, layer.colour))
    red, green, blue = (below + (above - below) * layer.strength).round().astype(int).tolist()
    return red, green, blue


def _words(draw: ImageDraw.ImageDraw, x: int, y: int, lines: Sequence[str], font: str, size: int, colour: str) -> int:
    face = ImageFont.truetype(font, size)
    for line in lines:
        for part in _wrapped(line, 46 if size < 20 else 24):
            draw.text((x, y), part, font=face, fill=colour)
            y += round(size * 1.45)
    return y


def _wrapped(text: str, most: int) -> list[str]:
    lines = [""]
    for word in text.split():
        lines = [*lines[:-1], f"{lines[-1]} {word}".strip()] if len(lines[-1]) + len(word) < most else [*lines, word]
    return lines
