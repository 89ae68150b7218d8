import contextlib
import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from crawlers.polite.decompression import Unreadable, unpack

MOST = 1_000_000
RAW = zlib.compressobj(wbits=-15)
PACK = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}


@pytest.mark.parametrize("encoding", PACK)
@given(data=st.binary(max_size=3000))
def test_what_was_packed_comes_back(encoding, data):
    assert unpack(PACK[encoding](data), encoding, MOST) == data


@pytest.mark.parametrize("encoding", PACK)
def test_more_than_a_page_may_hold_is_refused_and_exactly_as_much_is_not(encoding):
    assert len(unpack(PACK[encoding](b"x" * MOST), encoding, MOST)) == MOST
    with pytest.raises(Unreadable, match="more than"):
        unpack(PACK[encoding](b"x" * (MOST + 1)), encoding, MOST)


@pytest.mark.parametrize("encoding", PACK)
def test_data_that_end_too_early_are_no_page(encoding):
    whole = PACK[encoding](b"".join(b"%d " % number for number in range(9000)))
    for kept in (len(whole) // 2, len(whole) - 1):
        with pytest.raises(Unreadable):
            unpack(whole[:kept], encoding, MOST)
    assert unpack(whole[: len(whole) // 2], encoding, MOST, whole=False) or encoding == "zstd"


@pytest.mark.parametrize("encoding", PACK)
@given(data=st.binary(min_size=1, max_size=200))
def test_noise_is_refused_or_read_but_nothing_else_happens(encoding, data):
    with contextlib.suppress(Unreadable):
        unpack(data, encoding, MOST)


def test_members_and_frames_follow_each_other_and_padding_is_left():
    assert unpack(gzip.compress(b"a") + gzip.compress(b"b"), "gzip", MOST) == b"ab"
    assert unpack(gzip.compress(b"a") + b"\0" * 20, "gzip", MOST) == b"a"
    frame = zstandard.ZstdCompressor().compress
    assert unpack(frame(b"a") + frame(b"b"), "zstd", MOST) == b"ab"


def test_deflate_without_its_head_is_read_as_some_servers_send_it():
    assert unpack(RAW.compress(b"hello") + RAW.flush(), "deflate", MOST) == b"hello"


def test_a_frame_that_asks_for_much_memory_is_refused():
    params = zstandard.ZstdCompressionParameters(window_log=27, compression_level=1)
    packed = zstandard.ZstdCompressor(compression_params=params).compressobj()
    body = packed.compress(b"x" * 1000) + packed.flush()
    with pytest.raises(Unreadable):
        unpack(body, "zstd", MOST)
