"""No request of the workspace reaches an inner network, however its address is spelled and whatever a name says next."""

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import httpcore2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from covolt.errors import InputError
from covolt.workspace.outgoing.reach import InnerAddress, Reach, address_problems, inner
from covolt.workspace.outgoing.settings import OutgoingSettings, settings_of
from tests.workspace.receiver import Listener, Receiver

REFUSED = (
    InnerAddress,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
    OSError,
    UnicodeError,
)
SECOND = "127.0.0.2"


def can_listen_at(host):
    try:
        Listener(host).close()
    except OSError:
        return False
    return True


needs_two = pytest.mark.skipif(not can_listen_at(SECOND), reason="this system has one loopback address")


@pytest.fixture
def listener():
    made = Listener()
    yield made
    made.close()


def settings(*ports, networks=(), plain_http=True):
    return OutgoingSettings(
        plain_http=plain_http, ports=frozenset(ports), networks=tuple(ip_network(one) for one in networks)
    )


INNER = (
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:db8::1",
    "3fff::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "4000::1", "100::1",
)  # fmt: skip
OUTER = ("1.1.1.1", "8.8.8.8", "192.0.1.1", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8")


@pytest.mark.parametrize("address", INNER)
def test_addresses_of_no_host_of_the_world_are_inner(address):
    assert inner(ip_address(address))


@pytest.mark.parametrize("address", OUTER)
def test_addresses_of_the_world_are_not(address):
    assert not inner(ip_address(address))


def test_an_operator_lets_an_inner_network_through_and_no_other():
    allowed = settings(networks=("10.20.0.0/16", "fd00:20::/32")).networks
    for address in ("10.20.1.1", "::ffff:10.20.1.1", "64:ff9b::a14:101", "fd00:20::1"):
        assert not inner(ip_address(address), allowed)
    for address in ("10.21.1.1", "127.0.0.1", "fd00:21::1", "::1"):
        assert inner(ip_address(address), allowed)


SPELLINGS = (
    "127.0.0.1", "127.1", "0x7f000001", "0x7f.1", "2130706433", "0177.0.0.1", "017700000001", "127.0.0.1.", "localhost",
    "localhost.", "LOCALHOST", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[::1%25lo]", "0.0.0.0", "0", "somebody@127.0.0.1", "good.example.org:1@127.0.0.1",
    "good.example.org\\@127.0.0.1", "１２７.０.０.１", "127。0。0。1", "ⓛocalhost", "127.0.0.1\t", "127.0.0.1#@good.example.org",
    "hooks.example.org", "hooks.example.org.", "xn--e1afmkfd.xn--p1ai",
)  # fmt: skip


@pytest.mark.parametrize("host", SPELLINGS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nothing_arrives_however_an_address_is_spelled(listener, scheme, host):
    """Names are resolved as the system does it; those of the world lead, here, to this machine."""
    own = settings(listener.port)

    def resolve(name, port):
        if name.rstrip(".").endswith(("example.org", "xn--p1ai")):
            return ["127.0.0.1"]
        return [one[4][0] for one in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]

    address = f"{scheme}://{host}:{listener.port}/hook"
    with pytest.raises(REFUSED):
        Reach(own, resolve).post(address, {}, b"{}", 2.0)
    assert listener.count == 0


def test_what_counts_the_connections_would_see_one(listener):
    own = settings(listener.port, networks=("127.0.0.0/8",))
    with pytest.raises((httpcore2.ProtocolError, httpcore2.ReadError)):  # it hangs up, at once or once it has read
        Reach(own).post(f"http://127.0.0.1:{listener.port}/hook", {}, b"{}", 2.0)
    assert listener.count == 1


@pytest.mark.parametrize(
    "address",
    [
        "ftp://hooks.example.org/", "//hooks.example.org/", "hooks.example.org", "https://", "https://hooks.example.org:22/",
        "https://a:b@hooks.example.org/", "https://@hooks.example.org/", "https://hooks.example.org./", "https://10.0.0.1/",
        "https://[::1]/", "https://intranet/", "https://hooks.example.org:99999/", "https://hooks.example.org/\r\nHost: a",
        "https://[::1/", "https://hooks.example.org/" + "a" * 2000, "http://hooks.example.org:443/", "https://2130706433/",
        "https://0x7f.0.0.1/", "https://пример.рф/", "file:///etc/passwd", "",
    ],
)  # fmt: skip
def test_an_address_is_refused_by_its_spelling_where_somebody_gives_it(address):
    assert address_problems(address, OutgoingSettings(), "target")


@pytest.mark.parametrize(
    "address", ["https://hooks.example.org/a?b=c", "https://xn--e1afmkfd.xn--p1ai:8443/", "https://1.1.1.1/"]
)
def test_an_address_of_the_world_is_taken(address):
    assert address_problems(address, OutgoingSettings(), "target") == []


@needs_two
@pytest.mark.parametrize("order", ["first allowed", "first inner", "both"])
def test_a_name_that_changes_between_check_and_use_reaches_nothing(order):
    """It is asked once, and what it said then is where the connection goes."""
    receiver = Receiver(SECOND)
    hidden = Listener("127.0.0.1", receiver.port)
    try:
        answers = {
            "first allowed": [[SECOND], ["127.0.0.1"], ["127.0.0.1"]],
            "first inner": [["127.0.0.1"], [SECOND], [SECOND]],
            "both": [[SECOND, "127.0.0.1"], [SECOND], [SECOND]],
        }[order]
        asked = []

        def resolve(name, port):
            asked.append(name)
            return answers[len(asked) - 1]

        reach = Reach(settings(receiver.port, networks=(f"{SECOND}/32",)), resolve)
        address = f"http://hooks.example.org:{receiver.port}/hook"
        if order == "first allowed":
            assert reach.post(address, {}, b"{}").status == 204
        else:
            with pytest.raises(InnerAddress):
                reach.post(address, {}, b"{}")
        assert asked == ["hooks.example.org"]
        assert (len(receiver.requests), hidden.count) == ((1, 0) if order == "first allowed" else (0, 0))
    finally:
        receiver.close()
        hidden.close()


@needs_two
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status, listener):
    receiver = Receiver(SECOND)
    try:
        receiver.otherwise = (status, {"Location": f"http://127.0.0.1:{listener.port}/"}, b"")
        own = settings(receiver.port, listener.port, networks=("127.0.0.0/8",))
        assert Reach(own).post(f"http://{SECOND}:{receiver.port}/", {}, b"{}").status == status
        assert (len(receiver.requests), listener.count) == (1, 0)
    finally:
        receiver.close()


def test_no_proxy_of_the_environment_has_a_say(listener, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{listener.port}")
    receiver = Receiver()
    try:
        own = settings(receiver.port, networks=("127.0.0.0/8",))
        assert Reach(own).post(f"http://127.0.0.1:{receiver.port}/", {}, b"{}").status == 204
        assert listener.count == 0
    finally:
        receiver.close()


@pytest.mark.parametrize("slow", ["heading", "content"])
def test_whoever_answers_without_end_is_left(slow):
    """A sign now and then keeps no attempt alive, and of an endless answer no more than a bound is read."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    left = threading.Event()

    def answer():
        connection, _ = listening.accept()
        connection.recv(65536)
        try:
            if slow == "heading":
                connection.sendall(b"HTTP/1.1 200 OK\r\nA: ")
                while not left.wait(0.02):
                    connection.sendall(b"a")
            else:
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while True:
                    connection.sendall(b"a" * 4096)
        except OSError:
            pass
        connection.close()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    reach = Reach(settings(port, networks=("127.0.0.0/8",)))
    if slow == "heading":
        with pytest.raises(httpcore2.TimeoutException):
            reach.post(f"http://127.0.0.1:{port}/", {}, b"{}", 0.3)
    else:
        assert reach.post(f"http://127.0.0.1:{port}/", {}, b"{}", 30.0).status == 200
    left.set()
    thread.join(5)
    listening.close()
    assert not thread.is_alive()


def certificate(folder, name):
    """A certificate that vouches for itself, for one name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.fromtimestamp(time.time(), UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(("asked", "taken"), [("hooks.example.org", True), ("other.example.org", False)])
def test_a_certificate_is_held_against_the_name_and_not_against_the_address(tmp_path, asked, taken):
    path = certificate(tmp_path, "hooks.example.org")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(path)
    receiver = Receiver(trust=serving)
    trust = ssl.create_default_context(cafile=path)
    own = settings(receiver.port, networks=("127.0.0.0/8",), plain_http=False)
    reach = Reach(own, lambda *_: ["127.0.0.1"], trust)
    try:
        if taken:
            assert reach.post(f"https://{asked}:{receiver.port}/", {}, b"{}").status == 204
        else:
            with pytest.raises((ssl.SSLError, httpcore2.ConnectError)):
                reach.post(f"https://{asked}:{receiver.port}/", {}, b"{}")
        assert len(receiver.requests) == taken
    finally:
        receiver.close()


def test_settings_are_read_and_every_wrong_one_is_told():
    found = settings_of(
        {"COVOLT_HOOKS_PORTS": "443, 9443", "COVOLT_HOOKS_NETWORKS": "10.0.0.0/8", "COVOLT_HOOKS_HTTP": "1"}
    )
    assert (found.ports, found.plain_http, found.networks) == ({443, 9443}, True, (ip_network("10.0.0.0/8"),))
    assert settings_of({}) == OutgoingSettings()
    wrong = {
        "COVOLT_HOOKS_PORTS": "0", "COVOLT_HOOKS_NETWORKS": "10.0.0.1/8", "COVOLT_HOOKS_HTTP": "yes", "COVOLT_ADDRESS": "x",
        "COVOLT_MAIL_SERVER": "mail", "COVOLT_MAIL_SECURITY": "ssl", "COVOLT_MAIL_PASSWORD_FILE": "/nowhere/at/all",
        "COVOLT_OUTGOING_DAYS": "1000",
    }  # fmt: skip
    with pytest.raises(InputError) as refused:
        settings_of(wrong)
    assert {one.where for one in refused.value.problems} == set(wrong)
