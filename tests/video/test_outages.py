from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.types import Health, OutageKind
from data.upstreams import Hanging, Lost, OpenOutage, Sizes, Upstream, branches, subnets
from video.outages import Rules, gather, has_come_back, is_over

START = datetime(2026, 1, 1, tzinfo=UTC)
RULES = Rules(least=5, share=0.8, together_s=240)
COUNTY, TOWN, LINK = "1", "2", "county line"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def camera(number: int, **hangs: object) -> tuple[int, Hanging]:
    return number, Hanging(**hangs)  # type: ignore[arg-type]


def village(name: str, numbers: Iterable[int], *, town: str = TOWN, **more: object) -> list[tuple[int, Hanging]]:
    return [camera(n, areas=(name, town, COUNTY), **more) for n in numbers]


def sizes(cameras: Sequence[tuple[int, Hanging]]) -> Sizes:
    found: dict[Upstream, Counter[str]] = defaultdict(Counter)
    for _, hanging in cameras:
        for branch in branches(hanging):
            found[branch.upstream][branch.via] += 1
    return found


def lost(cameras: Sequence[tuple[int, Hanging]], *, since: float = 0, **more: object) -> list[Lost]:
    """Return these cameras as lost, a second apart within one minute."""
    return [
        Lost(camera_id=n, path="", since=at(since + n % 60), behind=branches(hanging), **more)  # type: ignore[arg-type]
        for n, hanging in cameras
    ]


def raised(found: Sequence[Lost], cameras: Sequence[tuple[int, Hanging]], *, outages: Sequence[OpenOutage] = (),
           after: float = 300) -> list[tuple[str, str, int]]:  # fmt: skip
    claims = gather(found, sizes(cameras), outages, RULES, now=at(after))
    return [(claim.upstream.kind, claim.upstream.key, len(claim.lost)) for claim in claims]


def open_outage(kind: OutageKind, key: str, members: Iterable[int], *, number: int = 1, **more: object) -> OpenOutage:
    there = frozenset(members)
    return OpenOutage(
        outage_id=number, upstream=Upstream(kind=kind, key=key), opened_at=START, members=there,
        **({"ever": len(there)} | more),  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_whole_village_is_one_outage_and_a_few_of_it_are_none() -> None:
    county = village("10", range(20)) + village("11", range(20, 60))
    assert raised(lost(county[:20]), county) == [("area", "10", 20)]
    assert raised(lost(county[:4]), county) == []
    assert raised(lost(county[:12]), county) == []


def test_two_villages_of_a_town_are_the_town_and_one_is_not() -> None:
    other = village("20", range(100, 200), town="3")
    county = village("10", range(20)) + village("11", range(20, 22)) + other
    # Twenty of the town's twenty-two are lost, but all of them in one village.
    assert raised(lost(county[:20]), county) == [("area", "10", 20)]
    assert raised(lost(county[:22]), county) == [("area", TOWN, 22)]


def test_thousands_behind_one_link_are_one_outage_of_that_link() -> None:
    behind = [
        camera(n, areas=(f"cell{n % 300}", f"village{n % 60}", TOWN, COUNTY), links=(f"branch{n % 9}", LINK),
               recorder=f"nvr{n // 16}", ipv4=f"10.1.{n // 250}.{n % 250}")
        for n in range(3230)
    ]  # fmt: skip
    assert raised(lost(behind), behind) == [("link", LINK, 3230)]


def test_a_recorder_is_named_before_the_village_that_holds_only_its_channels() -> None:
    county = village("10", range(8), recorder="nvr") + village("11", range(20, 60))
    assert raised(lost(county[:8]), county) == [("recorder", "nvr", 8)]


def test_without_topology_a_subnet_tells_what_belongs_together() -> None:
    county = [camera(n, ipv4=f"10.1.{1 + n // 100}.{n % 100 + 1}") for n in range(200)]
    assert raised(lost(county[:100]), county) == [("correlated", "10.1.1.0/24", 100)]
    assert raised(lost(county), county) == [("correlated", "10.1.0.0/16", 200)]


def test_cameras_that_died_one_by_one_are_no_outage() -> None:
    county = village("10", range(10))
    one_by_one = [replace(found, since=at(3600 * n)) for n, found in enumerate(lost(county))]
    assert raised(one_by_one, county, after=40_000) == []


def test_what_was_dead_before_neither_counts_against_an_outage_nor_joins_it() -> None:
    county = village("10", range(20))
    before, now = lost(county[:10]), lost(county[10:], since=90_000)
    assert raised(before[:4] + now, county[:4] + county[10:], after=91_000) == [("area", "10", 10)]


def test_a_part_waits_while_the_whole_is_still_growing() -> None:
    county = village("10", range(8), recorder="nvr") + village("11", range(20, 60))
    early = lost(county[:8]) + lost(county[8:24], confirmed=False)
    assert raised(early, county, after=60) == []
    assert raised(lost(county[:8]) + lost(county[8:24]), county, after=200) == [("recorder", "nvr", 8)]
    assert raised(lost(county), county, after=90) == [("area", TOWN, 48)]


def test_doubtful_cameras_count_but_are_no_members() -> None:
    county = village("10", range(20))
    found = lost(county[:6]) + lost(county[6:], confirmed=False)
    assert raised(found, county) == [("area", "10", 6)]
    assert raised(lost(county, confirmed=False), county) == []


def test_a_late_one_joins_and_nothing_is_raised_twice() -> None:
    county = village("10", range(20))
    known = open_outage(OutageKind.AREA, "10", range(18))
    members = lost(county[:18], outage_id=1)
    assert raised(members, county, outages=[known]) == []
    assert raised(members + lost(county[18:19], since=4000), county, outages=[known], after=5000) == [("area", "10", 1)]


def test_a_narrow_outage_goes_into_the_wider_one_that_takes_all_of_it() -> None:
    county = village("10", range(8), recorder="nvr") + village("11", range(20, 60))
    known = open_outage(OutageKind.RECORDER, "nvr", range(8))
    found = lost(county[:8], outage_id=1) + lost(county[8:])
    (claim,) = gather(found, sizes(county), [known], RULES, now=at(300))
    assert (claim.upstream.key, claim.absorbed, len(claim.lost)) == (TOWN, (1,), 48)


def test_an_outage_that_is_half_over_is_not_told_again_as_its_parts() -> None:
    county = village("10", range(8), recorder="nvr") + village("11", range(20, 60))
    known = open_outage(OutageKind.AREA, TOWN, range(8), ever=48)
    assert raised(lost(county[:8], outage_id=1), county, outages=[known]) == []


@pytest.mark.parametrize(
    ("left", "back_at", "now", "over"),
    [(0, 0, 0, True), (2, 0, 299, False), (2, 0, 301, True), (9, 0, 9000, False), (20, None, 9000, False)],
)
def test_an_outage_is_over_when_nearly_all_are_back_and_no_more_follow(
    left: int, back_at: float | None, now: float, over: bool
) -> None:
    known = open_outage(
        OutageKind.AREA, "10", range(left), ever=20, came_back_at=None if back_at is None else at(back_at)
    )
    assert is_over(known, now=at(now), rules=RULES) is over


def test_silence_is_not_a_return() -> None:
    assert [has_come_back(health) for health in Health] == [True, True, False, None]


@pytest.mark.parametrize(
    ("address", "found"), [(None, ()), ("nonsense", ()), ("10.1.2.3", ("10.1.2.0/24", "10.1.0.0/16"))]
)
def test_an_address_has_two_subnets(address: str | None, found: tuple[str, ...]) -> None:
    assert subnets(address) == found


HANGING = st.builds(
    Hanging,
    recorder=st.sampled_from([None, "a", "b"]),
    links=st.sampled_from([(), ("l1",), ("l1", "l0"), ("l2", "l0")]),
    areas=st.sampled_from([(), ("v1", "t1"), ("v2", "t1"), ("v3", "t2")]),
    ipv4=st.sampled_from([None, "10.0.0.1", "10.0.1.1"]),
)


@given(st.lists(st.tuples(HANGING, st.booleans(), st.integers(0, 900)), max_size=60))
def test_a_camera_is_claimed_once_and_only_if_it_is_surely_lost(made: list[tuple[Hanging, bool, int]]) -> None:
    cameras = [(n, hanging) for n, (hanging, _, _) in enumerate(made)]
    found = [
        Lost(camera_id=n, path="", since=at(since), behind=branches(hanging), confirmed=sure)
        for n, (hanging, sure, since) in enumerate(made)
    ]
    claims = gather(found, sizes(cameras), [], RULES, now=at(2000))
    claimed = [one for claim in claims for one in claim.lost]
    assert len({one.camera_id for one in claimed}) == len(claimed)
    assert all(one.confirmed for one in claimed)
