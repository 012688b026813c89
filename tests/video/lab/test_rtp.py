import pytest
from hypothesis import given
from hypothesis import strategies as st

from video.lab.rtp import MAX_PAYLOAD, Packer, interleaved, payloads
from video.lab.spec import Codec

SIZES = st.integers(3, 5 * MAX_PAYLOAD)


def joined_h264(pieces: tuple[bytes, ...]) -> bytes:
    """Put a NAL unit together again as RFC 6184, 5.8 says."""
    if len(pieces) == 1:
        return pieces[0]
    header = (pieces[0][0] & 0xE0) | (pieces[0][1] & 0x1F)
    return bytes((header,)) + b"".join(piece[2:] for piece in pieces)


def joined_h265(pieces: tuple[bytes, ...]) -> bytes:
    """Put a NAL unit together again as RFC 7798, 4.4.3 says."""
    if len(pieces) == 1:
        return pieces[0]
    first = (pieces[0][0] & 0x81) | ((pieces[0][2] & 0x3F) << 1)
    return bytes((first, pieces[0][1])) + b"".join(piece[3:] for piece in pieces)


@given(SIZES, st.sampled_from([0x65, 0x41, 0x67]))
def test_an_h264_unit_comes_out_as_it_went_in(size: int, header: int) -> None:
    nal = bytes((header,)) + bytes(number % 251 for number in range(size))
    pieces = payloads([nal], Codec.H264)
    assert joined_h264(pieces) == nal
    assert max(map(len, pieces)) <= MAX_PAYLOAD


@given(SIZES, st.sampled_from([0x26, 0x02, 0x40]))
def test_an_h265_unit_comes_out_as_it_went_in(size: int, header: int) -> None:
    nal = bytes((header, 1)) + bytes(number % 251 for number in range(size))
    pieces = payloads([nal], Codec.H265)
    assert joined_h265(pieces) == nal
    assert max(map(len, pieces)) <= MAX_PAYLOAD


@pytest.mark.parametrize(("codec", "at"), [(Codec.H264, 1), (Codec.H265, 2)])
def test_only_the_first_piece_starts_a_unit_and_only_the_last_ends_it(codec: Codec, at: int) -> None:
    edges = [piece[at] & 0xC0 for piece in payloads([b"\x65" * 4_000], codec)]
    assert edges == [0x80, 0x00, 0x40]


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(1, 40))
def test_packets_are_numbered_stamped_and_the_last_is_marked(first: int, began: int, count: int) -> None:
    packer = Packer(ssrc=7, sequence=first, timestamp=began)
    packets = list(packer.packets([b"x"] * count, 2.5))
    assert [int.from_bytes(packet[2:4]) for packet in packets] == [(first + n) % 65_536 for n in range(count)]
    assert {int.from_bytes(packet[4:8]) for packet in packets} == {(began + 225_000) % 2**32}
    assert [packet[1] >> 7 for packet in packets] == [0] * (count - 1) + [1]


def test_a_packet_inside_the_connection_says_its_channel_and_length() -> None:
    assert interleaved(b"abc", 2) == b"$\x02\x00\x03abc"
