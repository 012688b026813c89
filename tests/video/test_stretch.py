from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video.stretch import NO_RATES, Arrival, rates_of


def stream(
    frames: int, *, fps: float = 25.0, gop: int = 50, key_size: int = 40_000, size: int = 4_000
) -> list[Arrival]:
    """Return pictures of an even stream that begins with a key frame and arrives in one burst."""
    return [
        Arrival(n / fps, 100.0 + n / 1_000, key_size if n % gop == 0 else size, n % gop == 0) for n in range(frames)
    ]


def test_whole_groups_give_the_rates_of_the_encoder_however_they_arrive() -> None:
    rates = rates_of(stream(60))
    assert (rates.frame_rate, rates.gop_s) == (25.0, 2.0)
    assert rates.bit_rate_kbps == pytest.approx((40_000 + 49 * 4_000) * 8 / 1_000 / 2.0)


def test_the_first_picture_may_have_no_stamp_yet() -> None:
    first, *others = stream(60)
    assert rates_of([replace(first, stamp_s=None), *others]) == rates_of(stream(60))


def test_a_stretch_without_a_second_key_frame_leaves_the_group_open() -> None:
    rates = rates_of(stream(40))
    assert (rates.frame_rate, rates.gop_s) == (25.0, None)
    assert rates.bit_rate_kbps == pytest.approx(4_000 * 8 / 1_000 * 25, rel=0.01)


@pytest.mark.parametrize("broken", [None, 0.0])
def test_a_device_without_stamps_that_run_on_is_measured_by_the_clock(broken: float | None) -> None:
    frames = [replace(each, stamp_s=broken, came_s=5 + n / 10) for n, each in enumerate(stream(21, gop=10))]
    assert (rates_of(frames).frame_rate, rates_of(frames).gop_s) == (10.0, 1.0)


@given(frames=st.integers(1, 12), fps=st.sampled_from([25.0, 1_000.0]))
def test_too_little_says_nothing_and_breaks_nothing(frames: int, fps: float) -> None:
    rates = rates_of(stream(frames, fps=fps))
    assert rates == NO_RATES or frames / fps >= 0.4


@given(
    st.lists(st.tuples(st.floats(0, 9) | st.none(), st.floats(0, 9), st.integers(1, 9_000), st.booleans()), min_size=1)
)
def test_no_order_of_stamps_breaks_the_rates(rows: list[tuple[float | None, float, int, bool]]) -> None:
    rates = rates_of([Arrival(*row) for row in rows])
    assert rates.frame_rate is None or rates.frame_rate > 0
