"""Which URLs and which addresses may be called. A customer chooses the URL, so it must not reach into our own network.

The same reading of a URL serves the check when it is set and every send: no second parser can see another host in it.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

import httpx

from service.domain.errors import InvalidCallback

MAX_URL = 2048
PORTS = {"http": 80, "https": 443}

Address = IPv4Address | IPv6Address

LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
OUR_OWN_NAMES = ("localhost", "local", "internal")
"""Last labels that only ever name machines of the own network (RFC 6761, RFC 6762, ICANN 2024-07-29)."""

# https://www.iana.org/assignments/iana-ipv4-special-registry and …-ipv6-special-registry. Our own tables rather than
# `is_private` and `is_global`, whose answers changed between patch releases of Python (CVE-2024-4032). The first match
# counts.
IPV4_REFUSED = (
    ("0.0.0.0/8", "an unspecified address"),
    ("10.0.0.0/8", "a private address"),
    ("100.64.0.0/10", "an address of a provider's inner network"),
    ("127.0.0.0/8", "a loopback address"),
    ("168.63.129.16/32", "a cloud's metadata address"),
    ("169.254.0.0/16", "a link-local address"),
    ("172.16.0.0/12", "a private address"),
    ("192.0.0.0/24", "a reserved address"),
    ("192.0.2.0/24", "a documentation address"),
    ("192.88.99.0/24", "a 6to4 relay"),
    ("192.168.0.0/16", "a private address"),
    ("198.18.0.0/15", "a benchmark address"),
    ("198.51.100.0/24", "a documentation address"),
    ("203.0.113.0/24", "a documentation address"),
    ("224.0.0.0/4", "a multicast address"),
    ("240.0.0.0/4", "a reserved address"),
)
IPV6_REFUSED = (
    ("::/128", "an unspecified address"),
    ("::1/128", "a loopback address"),
    ("::ffff:0:0/96", "an IPv4 address in IPv6 form"),
    ("64:ff9b::/96", "an IPv4 address behind NAT64"),
    ("64:ff9b:1::/48", "an IPv4 address behind NAT64"),
    ("2001::/23", "a reserved address"),  # Teredo, which carries IPv4 addresses, among them
    ("2001:db8::/32", "a documentation address"),
    ("2002::/16", "an IPv4 address in 6to4 form"),
    ("3fff::/20", "a documentation address"),
    ("fc00::/7", "a private address"),
    ("fe80::/10", "a link-local address"),
    ("ff00::/8", "a multicast address"),
)
IPV6_PUBLIC = ipaddress.IPv6Network("2000::/3")
"""All that IANA has given out for global unicast; the rest of the space is reserved."""

_IPV4_REFUSED = tuple((ipaddress.IPv4Network(network), kind) for network, kind in IPV4_REFUSED)
_IPV6_REFUSED = tuple((ipaddress.IPv6Network(network), kind) for network, kind in IPV6_REFUSED)


@dataclass(frozen=True)
class Target:
    """Where a URL points: `host` is a name in ASCII or an address without brackets, `path` goes on the request line."""

    scheme: str
    host: str
    port: int
    path: bytes

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def check_callback(url: str, allow_private: bool) -> str:
    """The callback URL in its plain form (ASCII, lower-case host), when it may be called. Looks no name up.

    Public hosts need https; http, addresses of the own network and names such as `localhost` need `allow_private`.

    Raises: InvalidCallback, whose message says what would be right.
    """
    target = callback_target(url, allow_private)
    return f"{target.scheme}://{target.authority}{target.path.decode('ascii')}"


def callback_target(url: str, allow_private: bool) -> Target:
    """Where this callback URL points.

    Raises: InvalidCallback, as `check_callback` does.
    """
    target = _parse(url)
    if allow_private:
        return target
    address = literal(target.host)
    if address is not None:
        if kind := refusal(address):
            raise InvalidCallback(f"{target.host} is {kind}: give a public address")
    elif "." not in target.host or target.host.rsplit(".", 1)[1] in OUR_OWN_NAMES:
        raise InvalidCallback(f"{target.host} is a name of the own network: give a public one")
    if target.scheme != "https":
        raise InvalidCallback("The callback URL must begin with https://")
    return target


def refusal(address: Address) -> str | None:
    """What kind of address this is when it must not be called, such as "a loopback address"; None when it is public."""
    if isinstance(address, IPv4Address):
        return next((kind for network, kind in _IPV4_REFUSED if address in network), None)
    kind = next((kind for network, kind in _IPV6_REFUSED if address in network), None)
    return kind or (None if address in IPV6_PUBLIC else "a reserved address")


def literal(host: str) -> Address | None:
    """The address that a host is written as; None for a name.

    Decimal, octal, hexadecimal and shortened forms (`2130706433`, `0x7f.1`) count, as the C library resolves them too.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _parse(url: str) -> Target:
    if len(url) > MAX_URL:
        raise InvalidCallback(f"The callback URL is longer than {MAX_URL} characters")
    try:
        parsed = httpx.URL(url)
        path = parsed.raw_path
    except (httpx.InvalidURL, ValueError):
        raise InvalidCallback("This is no URL: give one such as https://example.com/hooks/saring") from None
    if parsed.scheme not in PORTS:
        raise InvalidCallback("The callback URL must begin with https:// (or http:// inside the own network)")
    if parsed.userinfo:
        raise InvalidCallback("The callback URL must not carry a user name or a password: requests are signed instead")
    if "#" in url:
        raise InvalidCallback("The callback URL must not have a fragment (the part from #)")
    port = PORTS[parsed.scheme] if parsed.port is None else parsed.port
    if not 1 <= port <= 65_535:
        raise InvalidCallback("The callback URL's port must lie between 1 and 65535")
    target = Target(parsed.scheme, _host(parsed.raw_host.decode("ascii")), port, path)
    # percent-encoding makes a URL longer; what is kept must fit as well
    if len(target.authority) + len(path) + len("https://") > MAX_URL:
        raise InvalidCallback(f"The callback URL is longer than {MAX_URL} characters once encoded")
    return target


def _host(host: str) -> str:
    """The host in its one plain form.

    Raises: InvalidCallback, when it is neither an address nor a name that could be looked up.
    """
    address = literal(host)
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise InvalidCallback("The callback URL's address must not name a network interface")
    if address is not None:
        return str(address)
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in host.split(".")):
        raise InvalidCallback("The callback URL's host is no name that could be looked up")
    return host
