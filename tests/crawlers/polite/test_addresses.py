import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.polite.addresses import Named, is_public
from tests.crawlers.families.pages import source

NOT_PUBLIC = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "203.0.113.5", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::1", "2001:db8::1", "", "x", "127.1", "0x7f000001",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_inside_are_not_public_in_any_spelling(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "223.5.5.5", "114.114.114.114", "2400:3200::1", "2001:4860:4860::8888", "64:ff9b::101:101"]
)
def test_addresses_of_the_internet_are(address):
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_within_an_ipv6_one_is_judged_as_itself(address):
    inside = is_public(str(address))
    assert is_public(str(ipaddress.IPv6Address(0x0064_FF9B << 96 | int(address)))) is inside
    carried = (f"::ffff:{address}", f"::{address}", str(ipaddress.IPv6Address(0x2002 << 112 | int(address) << 80)))
    assert inside or not any(is_public(one) for one in carried)


def test_only_the_source_that_names_an_inner_address_may_reach_it():
    named = Named(
        [
            source("feed", "http://10.0.3.4/feed"),
            source("feed", "http://intranet.example/feed"),
            source("feed", "http://localhost:8080/"),
        ]
    )
    assert named.allows("10.0.3.4", "10.0.3.4")
    assert named.allows("localhost", "127.0.0.1")
    assert not named.allows("intranet.example", "10.0.3.4")  # a name that leads inside, whatever another file says
    assert not named.allows("10.0.3.4", "10.0.3.5")
    assert named.allows("anything.example", "1.1.1.1")
    assert Named([], proxies=["proxy.local"]).allows("proxy.local", "10.1.1.1")
