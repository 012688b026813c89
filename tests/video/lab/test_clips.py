import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video.lab.camera import LabCamera
from video.lab.clips import GRAINS, Clip, ClipKey, Clips, nal_type
from video.lab.encoder import SLICES
from video.lab.faults import Treatment
from video.lab.spec import CameraSpec, Codec, Scene

KEY = ClipKey(
    scene=Scene(), title="", treatment=Treatment.CLEAR, codec=Codec.H264, width=320, height=180, fps=12, gop=12
)


def made(key: ClipKey, folder: Path | None = None) -> Clip:
    async def make() -> Clip:
        clips = Clips(folder)
        try:
            return await clips.get(key)
        finally:
            await clips.close()

    return asyncio.run(make())


@pytest.mark.parametrize(("codec", "sets"), [(Codec.H264, [7, 8]), (Codec.H265, [32, 33, 34])])
def test_a_clip_has_a_key_frame_at_every_gop_and_its_parameter_sets(codec: Codec, sets: list[int]) -> None:
    clip = made(replace(KEY, codec=codec))
    assert len(clip.frames) == 72
    assert [number for number, frame in enumerate(clip.frames) if frame.is_key] == [0, 12, 24, 36, 48, 60]
    assert [nal_type(nal, codec) for nal in clip.parameter_sets] == sets


def test_a_long_gop_still_gives_two_of_them() -> None:
    assert replace(KEY, gop=100).frame_count == 200


def test_a_living_camera_never_repeats_a_key_frame_and_a_frozen_one_always_does() -> None:
    alive, frozen = made(KEY), made(replace(KEY, treatment=Treatment.FROZEN))
    assert len({frame.nals[-1] for frame in alive.frames if frame.is_key}) == 6
    # The slice header alternates idr_pic_id, as H.264 asks of key pictures; the picture itself is the same.
    assert len({len(frame.nals[-1]) for frame in frozen.frames if frame.is_key}) <= 2


def test_a_clip_kept_in_a_folder_is_not_encoded_again(tmp_path: Path) -> None:
    first = made(KEY, tmp_path)
    kept = tmp_path / KEY.file_name
    assert len(list(tmp_path.iterdir())) == 2
    kept.write_bytes(kept.read_bytes().replace(first.frames[5].nals[-1], b"\x41mark"))
    assert made(KEY, tmp_path).frames[5].nals[-1] == b"\x41mark"


@pytest.mark.parametrize("codec", list(Codec))
def test_no_two_key_frames_of_a_living_camera_are_the_same_for_a_long_time(codec: Codec) -> None:
    clip = made(replace(KEY, codec=codec))
    laps = GRAINS**SLICES
    shown = {clip.key_frame(group, lap).nals for group in range(clip.key.groups) for lap in range(laps)}
    assert len(shown) == clip.key.groups * laps
    assert clip.key_frame(0, laps) == clip.key_frame(0, 0)


@given(seconds=st.floats(0, 4e9), looks=st.lists(st.floats(0, 20), min_size=1, max_size=9), fps=st.integers(1, 60))
def test_the_loop_follows_the_time_of_day_and_laps_only_rise(seconds: float, looks: list[float], fps: int) -> None:
    before = None
    camera, at = LabCamera(CameraSpec(name="gate", fps=fps, gop=25)), datetime.fromtimestamp(seconds, UTC)
    for pause in looks:
        at += timedelta(seconds=pause)
        lap, frame = camera.place_at(at, 4)
        again = LabCamera(camera.spec).place_at(at, 4)
        # A lab that has just started shows what one that ran on would show, unless that one was asked too often.
        assert again[1] == frame
        assert again[0] <= lap
        assert before is None or lap > before
        before = lap


def test_many_who_ask_for_a_clip_at_once_get_the_same_one() -> None:
    async def ask() -> list[Clip]:
        clips = Clips()
        try:
            return await asyncio.gather(*(clips.get(KEY) for _ in range(20)))
        finally:
            await clips.close()

    assert len({id(clip) for clip in asyncio.run(ask())}) == 1
