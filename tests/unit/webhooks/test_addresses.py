"""Which callbacks may be called."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.errors import InvalidCallback
from service.webhooks.addresses import callback_target, check_callback, refusal

PRIVATE_HOSTS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "2852039166",
    "172.31.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[2001:db8::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[4000::1]",
    "localhost",
    "LOCALHOST",
    "api.localhost",
    "printer.local",
    "metadata.google.internal",
    "redis",
]


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_a_host_of_the_own_network_is_refused(host: str) -> None:
    with pytest.raises(InvalidCallback, match="public"):
        check_callback(f"https://{host}:8443/hooks", allow_private=False)


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_a_host_of_the_own_network_is_allowed_by_the_setting(host: str) -> None:
    assert check_callback(f"http://{host}:8443/hooks", allow_private=True).endswith(":8443/hooks")


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://example.com", "https://example.com/"),
        ("https://EXAMPLE.com:443/Hooks?a=1&b=%20", "https://example.com/Hooks?a=1&b=%20"),
        ("https://example.com:8443/x", "https://example.com:8443/x"),
        ("https://8.8.8.8/x", "https://8.8.8.8/x"),
        ("https://[2606:4700::1111]:444/x", "https://[2606:4700::1111]:444/x"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://no-such-name.invalid/x", "https://no-such-name.invalid/x"),
    ],
)
def test_a_public_url_is_kept_in_its_plain_form(url: str, plain: str) -> None:
    assert check_callback(url, allow_private=False) == plain
    assert check_callback(plain, allow_private=False) == plain


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/", "https://"),
        ("ftp://example.com/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("javascript:alert(1)", "https://"),
        ("example.com/hooks", "https://"),
        ("//example.com/hooks", "https://"),
        ("", "https://"),
        ("https:", "no name"),
        ("https:example.com", "no name"),
        ("https:///hooks", "no name"),
        ("https://user:secret@example.com/", "password"),
        ("https://example.com\\@10.0.0.1/", "password"),
        ("https://user@example.com/", "password"),
        ("https://example.com/#top", "fragment"),
        ("https://example.com/#", "fragment"),
        ("https://example.com:0/", "port"),
        ("https://example.com:65536/", "port"),
        ("https://example.com:http/", "URL"),
        ("https://exa mple.com/", "URL|no name"),
        ("https://exa%6dple.com/", "no name"),
        ("https://example..com/", "no name"),
        ("https://example.com./", "no name"),
        ("https://127.0.0.1./", "no name"),
        ("https://-example.com/", "no name"),
        ("https://" + "a" * 64 + ".com/", "no name"),
        ("https://" + "a." * 130 + "com/", "no name"),
        ("https://１２７.0.0.1/", "URL|public"),
        ("https://0177.0.0.1/", "URL|public"),
        ("https://[fe80::1%25eth0]/", "interface"),
        ("https://[::1/", "URL"),
        ("https://example.com/\r\nHost: x", "URL"),
        ("https://example.com/\udc80", "URL"),
        ("https://example.com/" + "a" * 2048, "2048"),
        ("https://example.com/" + "ä" * 1000, "2048"),
    ],
)
def test_a_url_that_can_not_be_called_is_refused_with_its_reason(url: str, why: str) -> None:
    with pytest.raises(InvalidCallback, match=why):
        check_callback(url, allow_private=False)


def test_the_password_in_a_refused_url_is_not_repeated() -> None:
    with pytest.raises(InvalidCallback) as caught:
        check_callback("https://user:hunter2@example.com/", allow_private=False)
    assert "hunter2" not in str(caught.value)


def test_a_decimal_address_is_called_by_its_plain_form() -> None:
    target = callback_target("http://2130706433:8080/x", allow_private=True)
    assert (target.host, target.authority) == ("127.0.0.1", "127.0.0.1:8080")


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(), st.text().map("https://{}".format), st.text().map("https://example.com{}".format)))
def test_whatever_is_given_is_kept_or_refused_and_nothing_worse(url: str) -> None:
    try:
        plain = check_callback(url, allow_private=False)
    except InvalidCallback:
        return
    assert plain.isascii()
    assert check_callback(plain, allow_private=False) == plain


@settings(max_examples=300, deadline=None)
@given(st.ip_addresses(v=4))
def test_no_ipv4_address_is_public_here_and_private_to_python(address: ipaddress.IPv4Address) -> None:
    if not address.is_global or address.is_multicast:
        assert refusal(address)


@settings(max_examples=300, deadline=None)
@given(st.ip_addresses(v=6))
def test_no_ipv6_address_is_public_here_and_private_to_python(address: ipaddress.IPv6Address) -> None:
    carries_ipv4 = address.ipv4_mapped or address.sixtofour or address.teredo
    if not address.is_global or address.is_multicast or carries_ipv4:
        assert refusal(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "100.128.0.1", "2606:4700::1111", "2001:4860:4860::8888"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert refusal(ipaddress.ip_address(address)) is None
