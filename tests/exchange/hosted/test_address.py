"""Addresses of hubs are judged where they are written, and a hub that nobody could trust or reach does not listen."""

import socket

import pytest

from covolt.errors import Forbidden, InputError, Unavailable
from covolt.exchange.hosted import Hub
from covolt.exchange.hosted.address import demand_address, demand_named
from covolt.exchange.hosted.certificates import addresses_of
from tests.exchange.hosted.world import world

GOOD = ["127.0.0.1:7443", "hub.example.org:1", "localhost:65535", "[::1]:7443", "my_host.:80"]
BAD = [
    "",
    "127.0.0.1",
    "127.0.0.1:",
    ":7443",
    "a:0",
    "a:65536",
    "a:abc",
    "a:-1",
    "a:１",
    "::1:7443",
    "h b:1",
    "http://a:1",
]


@pytest.fixture
def here(tmp_path):
    with world(tmp_path) as made:
        yield made


@pytest.mark.parametrize("address", GOOD)
def test_addresses_that_are_some(address):
    assert demand_address(address, "--to") == address


@pytest.mark.parametrize("address", BAD)
def test_addresses_that_are_none(address):
    with pytest.raises(
        InputError, match=r"--to: .*is no address of a hub\n.*write HOST:PORT, the port from 1 to 65535"
    ):
        demand_address(address, "--to")


def test_a_host_that_the_certificate_does_not_name_is_told_with_those_that_it_does(here):
    named = addresses_of(here.hub_identity.certificate)
    assert named == ("127.0.0.1", "localhost")
    for one in ("127.0.0.1:7443", "LOCALHOST:1"):
        demand_named(one, named, "--hub")
    with pytest.raises(InputError, match=r"not made for other\.host: it names 127\.0\.0\.1, localhost") as told:
        demand_named("other.host:7443", named, "--hub")
    assert "--renew --address 127.0.0.1 --address localhost --address other.host" in told.value.problems[0].hint


def test_a_hub_whose_own_certificate_does_not_count_does_not_listen(here):
    good = here.hub_identity
    here.hub_identity = here.identity("hub", at=here.now().replace(year=2001), addresses=("127.0.0.1",))
    with pytest.raises(Forbidden, match=r"its certificate has expired\n.*--renew --address 127\.0\.0\.1"):
        here.hub()
    here.hub_identity = good
    here.revoked[serial(good.certificate)] = here.now()
    with pytest.raises(Forbidden, match="cannot be trusted: its certificate was revoked"):
        here.hub()


def serial(certificate):
    from covolt.exchange.hosted.certificates import certificate_from

    return certificate_from(certificate, "").serial_number


def test_why_nobody_can_listen_there(here):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for address, says in (
            (f"127.0.0.1:{taken.getsockname()[1]}", "cannot listen there\n.*free the address"),
            ("192.0.2.7:7443", "this machine has no address 192.0.2.7"),
            ("no-such-host.invalid:7443", "nobody knows the host no-such-host.invalid"),
        ):
            with pytest.raises(Unavailable, match=says):
                Hub(address, here.hub_identity, here.trust, here.now)
