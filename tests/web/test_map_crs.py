"""The browser moves places exactly as gis/coords.py does."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from gis.coords import convert

SCRIPT = Path(__file__).resolve().parents[2] / "web" / "static" / "js" / "map" / "crs.js"
ASK = """
const { fromWgs84 } = await import(process.argv[1]);
const { crs, places } = JSON.parse(process.argv[2]);
console.log(JSON.stringify(places.map(([lng, lat]) => fromWgs84(crs, lng, lat))));
"""


@pytest.mark.parametrize("crs", ["gcj02", "bd09", "cgcs2000"])
def test_the_browser_draws_places_where_the_server_would(crs: str) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed here")
    rng = np.random.default_rng(5)
    lng, lat = rng.uniform(60, 145, 400), rng.uniform(-5, 60, 400)
    asked = json.dumps({"crs": crs, "places": np.column_stack([lng, lat]).tolist()})
    words = [node, "--input-type=module", "-e", ASK, str(SCRIPT), asked]
    drawn = np.array(json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout))
    wanted = np.column_stack(convert(lng, lat, source="wgs84", target=crs))
    assert np.abs(drawn - wanted).max() < 1e-10
