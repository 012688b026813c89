"""The Chinese font of the PDFs made here; it is put into each, so that every reader and printer has it."""

from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from data.errors import Refusal
from web.words import mark

CHINESE = "WenQuanYi"
# Debian's fonts-wqy-microhei; the first face is the proportional one.
_FILE = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")


@cache
def register() -> None:
    """Make the font known to PDFs, once. Raises Refusal when the package of the font is missing."""
    try:
        pdfmetrics.registerFont(TTFont(CHINESE, str(_FILE), subfontIndex=0))
    except (TTFError, OSError) as error:
        raise Refusal(
            mark("The Chinese font is missing, so no PDF can be made. Install the package fonts-wqy-microhei.")
        ) from error
