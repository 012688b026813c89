import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from video.lab.clips import Clip, ClipKey, Clips, nal_type
from video.lab.faults import Treatment
from video.lab.spec import Codec, Scene

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
    [kept] = tmp_path.iterdir()
    assert kept.name == KEY.file_name
    kept.write_bytes(kept.read_bytes().replace(first.frames[5].nals[-1], b"\x41mark"))
    assert made(KEY, tmp_path).frames[5].nals[-1] == b"\x41mark"


def test_many_who_ask_for_a_clip_at_once_get_the_same_one() -> None:
    async def ask() -> list[Clip]:
        clips = Clips()
        try:
            return await asyncio.gather(*(clips.get(KEY) for _ in range(20)))
        finally:
            await clips.close()

    assert len({id(clip) for clip in asyncio.run(ask())}) == 1
