"""A decoder has everything in memory before it gives up its rights."""

import subprocess
import sys
from pathlib import Path

import av
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
LOOK = """
import sys
import video.decoder
import av
from video.picture import picture_of
known = set(sys.modules)
with av.open(sys.argv[1]) as opened:
    frame = next(opened.decode(video=0)).to_ndarray(format="bgr24")
assert picture_of(frame).jpeg
print(sorted(set(sys.modules) - known))
"""


def test_a_look_loads_no_further_module(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    with av.open(clip, "w") as made:
        stream = made.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        picture = np.random.default_rng(1).integers(0, 255, (240, 320, 3), dtype=np.uint8)
        made.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        made.mux(stream.encode(None))
    command = [sys.executable, "-c", LOOK, str(clip)]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert loaded == "[]\n"
