"""What the egress guard must refuse and what it must let through, by category, as URLs.

The blocks are read off IANA's special-purpose registries for IPv4 and IPv6 (as of 2026-11), the ports off
the Fetch standard: none of it comes from the guard, which is judged by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import quote

from tests.integration.name_server import Reply, hosts

PUBLIC, OTHER_PUBLIC, PUBLIC_6 = "93.184.216.34", "151.101.1.69", "2606:2800:220:1::1"
PRIVATE, PRIVATE_6 = "10.0.0.1", "fd00::1"
OWN = ("9.9.9.10/32", "2620:fe::10/128")  # public addresses that the test's network has on its interface
PROXY_PORT = 3_128
PROXY = f"http://198.51.100.66:{PROXY_PORT}"
REDIRECTS = (301, 302, 303, 307, 308)


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# https://fetch.spec.whatwg.org/#port-blocking
_PORTS = words(
    "0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 "
    "117 119 123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 "
    "587 601 636 989 990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 "
    "6668 6669 6679 6697 10080"
)
BAD_PORTS = frozenset(map(int, _PORTS))

# Those that the registry calls globally reachable (AS112, AMT) are refused too: they serve no web site.
_BLOCKS = words(
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 "
    "192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 "
    "198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 64:ff9b:1::/48 100::/64 "
    "100:0:0:1::/64 2001:1::/32 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 "
    "2001:30::/28 2001:db8::/32 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 "
    "ff00::/8"
)
BLOCKS = tuple(map(ip_network, _BLOCKS))
# No special block has them, and they are global unicast: the addresses beside the edges, written out.
NEIGHBOURS = words(
    "1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 "
    "169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.1.255 192.0.3.0 192.31.195.255 "
    "192.31.197.0 192.52.192.255 192.52.194.0 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 "
    "192.175.47.255 192.175.49.0 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 "
    "203.0.114.0 223.255.255.255 168.63.129.15 168.63.129.17 9.9.9.9 9.9.9.11 2001:200:: "
    "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9:: 2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2003:: "
    "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff 2620:4f:8001:: 3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
    "3fff:1000:: 3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2000:: 2620:fe::f 2620:fe::11"
)


@dataclass(frozen=True, slots=True)
class Refused:
    """URLs that must end with the code; `is_led` where a public server leads there, and alone is asked."""

    code: str
    urls: tuple[str, ...]
    is_led: bool = False


@dataclass(frozen=True, slots=True)
class Tempting:
    """What a response can hold that browsers would follow, and masthead must not."""

    fields: tuple[str, ...]
    page: str


TEMPTING = Tempting(
    (
        'Alt-Svc: h3="198.51.100.1:443"; ma=60, h2="1.2.3.4:443", http/1.1="10.0.0.5:80"',
        "Link: <http://1.2.3.5/style.css>; rel=preload; as=style, <//10.0.0.6>; rel=preconnect",
        "Refresh: 0; url=http://1.2.3.6/",
        "Location: http://1.2.3.7/",
        "Content-Location: http://1.2.3.8/",
        'Reporting-Endpoints: all="https://1.2.3.9/"',
        'NEL: {"report_to":"all","max_age":60}',
    ),
    "<!doctype html><title>x</title><base href=http://1.2.4.1/>"
    '<meta http-equiv=refresh content="0; url=http://1.2.4.2/"><link rel=stylesheet href=http://1.2.4.3/>'
    "<script src=http://1.2.4.4/></script><img src=http://10.0.0.7/><iframe src=http://1.2.4.5/></iframe>",
)


def url_of(address: object, port: int | None = None) -> str:
    host = f"[{address}]" if ":" in str(address) else str(address)
    return f"http://{host}/" if port is None else f"http://{host}:{port}/"


def led(location: str, status: int = 302, by: str = PUBLIC) -> str:
    """A URL of a public server that redirects to the location."""
    return f"http://{by}/to/{status}?{quote(location, safe='')}"


def lines(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.splitlines()))


HOST_FORMS = lines(
    """
http://2130706433/
http://0x7f000001/
http://0X7F000001/
http://017700000001/
http://0177.0.0.1/
http://00000177.0.0.1/
http://0x7f.0x0.0x0.0x1/
http://127.1/
http://127.0.1/
http://0/
http://0x/
http://1/
http://10.1/
http://0xa000001/
http://0xa9fea9fe/
http://2852039166/
http://169.254.43518/
http://0251.0376.0251.0376/
http://0xA9.254.0251.254/
http://127.0.0.1./
http://2130706433./
http://１２７.０.０.１/
http://１２７。０。０。１/
http://127｡0｡0｡1/
http://①②⑦.⓪.⓪.①/
http://%31%32%37.%30.%30.%31/
http://127%2e0%2e0%2e1/
http://%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1/
\thttp://127.0.0.1/
  http://127.0.0.1/
http:\\\\127.0.0.1\\
http:/\\127.0.0.1/
http:/127.0.0.1/
http:127.0.0.1/
http:////127.0.0.1/
\\\\127.0.0.1/
http://127.0.0.1\\@93.184.216.34/
http://93.184.216.34@127.0.0.1/
http://user:pass@127.0.0.1/
http://93.184.216.34:80@127.0.0.1/
http://93.184.216.34%2f@127.0.0.1/
http://a@b@127.0.0.1/
http://127.0.0.1#@93.184.216.34/
http://127.0.0.1?@93.184.216.34/
http://127.0.0.1;@127.0.0.1/
HTTP://127.0.0.1/
HtTpS://127.0.0.1/
https://2130706433/
http://LOCALHOST/
http://LocalHost./
http://x.localhost/
http://ｌｏｃａｌｈｏｓｔ/
http://loc%61lhost/
http://lo\u00adcalhost/
http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/
http://[::1]/
http://[0:0:0:0:0:0:0:1]/
http://[0000:0000:0000:0000:0000:0000:0000:0001]/
http://[::]/
http://[::FFFF:127.0.0.1]/
127.0.0.1
127.0.0.1/path
127.1
2130706433
//127.0.0.1/
[::1]
[::1]:8080
user@127.0.0.1
localhost
""".replace("\\t", "\t")
)
NEWLINES = tuple(
    f"http://{host}/"
    for host in ("127.0\n.0.1", "127.0.0\r\n.1", "\n10.0.0.1", "169.254\r.169.254", "lo\ncalhost")
)

CARRIERS = (
    *("::ffff:10.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:0.0.0.0", "::ffff:192.168.1.1"),
    *("::10.0.0.1", "::127.0.0.1", "::a9fe:a9fe", "::ffff:0:10.0.0.1", "::ffff:0:8.8.8.8"),
    *("64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::8.8.8.8"),
    *("2002:a00:1::", "2002:7f00:1::1", "2002:a9fe:a9fe::1", "2002:c0a8:101::1", "2002:e000:1::1"),
    *("2001:0:808:808::f5ff:fffe", "2001:0:808:808:0:0:80ff:fffe", "2001:0:a00:1::f7f7:f7f7"),
    *("2a00:1450::5efe:10.0.0.1", "2a00:1450::200:5efe:127.0.0.1", "2a00:1450::5efe:a9fe:a9fe"),
    *("fe80::5efe:8.8.8.8", "fd00::5efe:8.8.8.8", "fd00::200:5efe:808:808", "2001:db8::5efe:8.8.8.8"),
    *("2002:808:808::5efe:10.0.0.1", "2002:a00:1::5efe:8.8.8.8", "::ffff:9.9.9.10"),
)
METADATA = (
    *("169.254.169.254", "169.254.170.2", "169.254.169.253", "168.63.129.16", "100.100.100.200"),
    *("192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fe80::a9fe:a9fe", "::ffff:a83f:8110"),
)

NAMES: dict[str, tuple[Reply, ...]] = {
    "public.test": (hosts(PUBLIC, PUBLIC_6),),
    "public4.test": (hosts(PUBLIC),),
    "public6.test": (hosts(PUBLIC_6),),
    "many.test": (hosts(*(f"93.184.216.{n}" for n in range(1, 9))),),
    "alias.test": (Reply((("CNAME", "b.test"), ("CNAME", "c.test"), ("A", PUBLIC))),),
    "xn--bcher-kva.test": (hosts(PUBLIC),),
    "other.test": (hosts(OTHER_PUBLIC),),
    "sub.public4.test": (hosts(OTHER_PUBLIC),),
    "private.test": (hosts(PRIVATE),),
    "xn--mnchen-3ya.test": (hosts(PRIVATE),),
    "private6.test": (hosts(PRIVATE_6),),
    "loopback.test": (hosts("127.0.0.1"),),
    "loopback6.test": (hosts("::1"),),
    "unspecified.test": (hosts("0.0.0.0"),),
    "metadata.test": (hosts("169.254.169.254"),),
    "own.test": (hosts("9.9.9.10"),),
    "own6.test": (hosts("2620:fe::10"),),
    "mapped.test": (hosts("::ffff:10.0.0.1"),),
    "nat64.test": (hosts("64:ff9b::a00:1"),),
    "mixed-first.test": (hosts(PRIVATE, PUBLIC),),
    "mixed-last.test": (hosts(PUBLIC, PRIVATE),),
    "mixed-late.test": (hosts(*(f"93.184.216.{n}" for n in range(1, 25)), PRIVATE),),
    "mixed-6.test": (hosts(PUBLIC_6, PRIVATE_6),),
    "mixed-families.test": (hosts(PUBLIC_6, PRIVATE),),
    "mixed-families-6.test": (hosts(PUBLIC, PRIVATE_6),),
    "alias-private.test": (Reply((("CNAME", "private.test"), ("A", PRIVATE))),),
    "alias-loopback.test": (Reply((("CNAME", "localhost"), ("A", "127.0.0.1"))),),
    "alias-chain.test": (Reply((*(("CNAME", f"hop{n}.test") for n in range(8)), ("A", "192.168.0.1"))),),
    "alias-mixed.test": (Reply((("CNAME", "mixed-last.test"), ("A", PUBLIC), ("A", PRIVATE))),),
    "alias-6.test": (Reply((("CNAME", "private6.test"), ("AAAA", PRIVATE_6))),),
    # Rebinding: each name is for one test alone, since what it answers depends on how often it was asked.
    **{
        f"rebinding-{use}.test": (hosts(PUBLIC, ttl_s=0), hosts(PRIVATE, ttl_s=0))
        for use in ("redirect", "list", "fallback", "entry", "https-entry", "preflight")
    },
    "flux.test": (hosts(PUBLIC, ttl_s=0), hosts(PRIVATE, ttl_s=0)) * 50,
}
_REFUSED_PREFIXES = ("private", "loopback", "mixed", "alias-", "own", "xn--mnchen")
REFUSED_NAMES = (
    *(name for name in NAMES if name.startswith(_REFUSED_PREFIXES)),
    *("unspecified.test", "metadata.test", "mapped.test", "nat64.test"),
)

DESTINATIONS = (
    *("http://10.0.0.1/", "http://127.0.0.1:8080/", "http://169.254.169.254/latest/meta-data/"),
    *("http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://2130706433/", "http://0x7f.1/"),
    *("http://private.test/", "http://mixed-last.test/", "http://alias-chain.test/", "http://9.9.9.10/"),
    *("https://192.168.0.1/", "//10.0.0.1/", "\\\\10.0.0.1\\", "/\\10.0.0.1/", "https:10.0.0.1"),
    *("http://user:secret@10.0.0.1/", "http://１０.0.0.1/", "http://1\t0.0.0.1/"),
    *(led("http://10.0.0.1/", 307, OTHER_PUBLIC), led(led("http://[fd00::1]/", 301), 308, "public.test")),
)


def _edges() -> Iterable[str]:
    for block in BLOCKS:
        yield from (url_of(block[0]), url_of(block[-1]))


REFUSED = {
    "forms of a host": Refused("blocked_address", HOST_FORMS),
    "edges of special blocks": Refused("blocked_address", tuple(_edges())),
    "outside global unicast": Refused(
        "blocked_address",
        tuple(map(url_of, ("1fff:ffff::1", "4000::", "8000::1", "e000::1", "200::1", "::2", "1::1"))),
    ),
    "IPv4 inside IPv6": Refused("blocked_address", tuple(map(url_of, CARRIERS))),
    "metadata": Refused("blocked_address", tuple(map(url_of, METADATA))),
    "multicast": Refused(
        "blocked_address",
        tuple(map(url_of, ("224.0.0.251", "239.255.255.250", "ff02::1", "ff0e::1", "ff05::2"))),
    ),
    "own addresses": Refused(
        "blocked_address",
        tuple(map(url_of, ("9.9.9.10", "2620:fe::10", "2002:909:90a::1", "64:ff9b::909:90a"))),
    ),
    "names": Refused("blocked_address", tuple(f"http://{name}/" for name in REFUSED_NAMES)),
    "forms of a name": Refused(
        "blocked_address",
        (
            *("http://PRIVATE.test/", "http://private.test./", "private.test", "http://münchen.test/"),
            *("http://MÜNCHEN。test/", "http://priv%61te.test:8080/", "https://private.test/"),
        ),
    ),
    "ports": Refused("blocked_port", tuple(url_of(PUBLIC, port) for port in sorted(BAD_PORTS))),
    "ports of names": Refused(
        "blocked_port", tuple(f"http://public.test:{port}/" for port in (21, 22, 25, 6667, 10080))
    ),
    "no URLs": Refused(
        "invalid_url",
        lines(
            """
http://[fe80::1%25eth0]/
http://[fe80::1%lo]/
http://[::1%251]/
http://256.0.0.1/
http://1.2.3.4.5/
http://0x100000000/
http://127.0.0.1:99999/
http://127.0.0.1%00.example/
http://[::1
http://[::127.0.0.1.]/
http://10.0.0.1 .example/
http://exa<mple/
http://a%0d%0ab/
http://1\t27.0.\t0.1/
ht\ttp://127.0.0.1/
"""
        ),
    ),
    "schemes": Refused(
        "unsupported_scheme",
        (
            *("file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO", "ftp://10.0.0.1/", "ws://127.0.0.1/"),
            *("dict://127.0.0.1:11211/", "data:,x", "javascript:alert(1)", "view-source:http://127.0.0.1/"),
        ),
    ),
    "redirects": Refused(
        "blocked_address",
        tuple(led(location, status) for location in DESTINATIONS for status in REDIRECTS),
        is_led=True,
    ),
    "redirects to ports": Refused(
        "blocked_port", tuple(led(url_of(PUBLIC, port)) for port in (22, 25, 6000)), is_led=True
    ),
    "redirects to nothing": Refused(
        "redirect_invalid",
        tuple(
            map(led, ("file:///etc/passwd", "gopher://10.0.0.1/", "http://[fe80::1%25lo]/", "http://[::1"))
        ),
        is_led=True,
    ),
}

ALLOWED = {
    "public addresses": (
        *("1.1.1.1", "8.8.8.8", PUBLIC, "198.41.0.4", "2606:4700:4700::1111", "2001:4860:4860::8888"),
        *("2a00:1450:4001:80b::200e", "2400:cb00::1", "2600::", "2c0f:fb50::1"),
    ),
    "beside the edges": NEIGHBOURS,
    "public IPv4 inside IPv6": ("64:ff9b::8.8.8.8", "2002:808:808::1", "2a00:1450::5efe:808:808"),
}
# A URL, and the address that must be connected to for it.
ALLOWED_FORMS = (
    ("http://1572395042/", PUBLIC),
    ("http://0x5db8d822/", PUBLIC),
    ("http://0135.0270.0330.042/", PUBLIC),
    ("http://93.12113954/", PUBLIC),
    ("http://９３.184.216.34/", PUBLIC),
    ("http://93%2e184.216.34/", PUBLIC),
    ("http://93.184.216.34./", PUBLIC),
    ("http://10.0.0.1@93.184.216.34/", PUBLIC),
    ("http://93.184.216.34\\@10.0.0.1/", PUBLIC),
    ("http://93.184.216.34#@10.0.0.1/", PUBLIC),
    ("http://93.184.216.34/?http://10.0.0.1/", PUBLIC),
    ("http:\\\\93.184.216.34\\", PUBLIC),
    ("http://[::ffff:93.184.216.34]/", "::ffff:5db8:d822"),
    ("93.184.216.34:8080", PUBLIC),
    ("http://93.184.216.34:8080/", PUBLIC),
    ("https://93.184.216.34:8443/", PUBLIC),
    ("93.184.216.34", PUBLIC),
    ("http://public4.test/", PUBLIC),
    ("http://PUBLIC4.TEST./", PUBLIC),
    ("http://public6.test/", PUBLIC_6),
    ("https://public4.test/", PUBLIC),
    ("http://alias.test/", PUBLIC),
    ("http://bücher.test/", PUBLIC),
    ("http://BÜCHER。test/", PUBLIC),
    (led("http://other.test/"), OTHER_PUBLIC),
    (led("//other.test/", 308), OTHER_PUBLIC),
    (led("/10.0.0.1", 307), PUBLIC),
)

# Options, a URL, and the code that it must end with, None for an answer.
LOOSENED = ("--allow-net", "10.0.0.0/8", "--deny-net", "10.1.0.0/16", "--deny-net", "8.8.8.0/24")
OPTIONS: tuple[tuple[tuple[str, ...], str, str | None], ...] = (
    (LOOSENED, "http://10.0.0.1/", None),
    (LOOSENED, "http://private.test/", None),
    (LOOSENED, "http://10.255.255.255/", None),
    (LOOSENED, "http://[::ffff:10.0.0.1]/", None),
    (LOOSENED, led("http://10.2.0.1/"), None),
    (LOOSENED, "http://10.1.0.0/", "blocked_address"),
    (LOOSENED, "http://10.1.255.255/", "blocked_address"),
    (LOOSENED, "http://[::ffff:10.1.2.3]/", "blocked_address"),
    (LOOSENED, led("http://10.1.2.3/"), "blocked_address"),
    (LOOSENED, "http://8.8.8.8/", "blocked_address"),
    (LOOSENED, "http://8.8.9.0/", None),
    (LOOSENED, "http://192.168.0.1/", "blocked_address"),
    (LOOSENED, "http://11.0.0.0/", None),
    (LOOSENED, f"http://{PUBLIC}:25/", "blocked_port"),
    (("--allow-net", "9.9.9.10/32"), "http://own.test/", None),
    (("--allow-net", "fd00::/8"), "http://private6.test/", None),
    (("--allow-net", "fd00::/8"), "http://[fe80::1]/", "blocked_address"),
    (("--allow-port", "25", "--allow-port", "6000"), f"http://{PUBLIC}:25/", None),
    (("--allow-port", "25", "--allow-port", "6000"), "http://public4.test:6000/", None),
    (("--allow-port", "25", "--allow-port", "6000"), f"http://{PUBLIC}:22/", "blocked_port"),
    (("--allow-port", "25", "--allow-port", "6000"), "http://10.0.0.1:25/", "blocked_address"),
    (("--deny-net", "2606:2800::/32"), "http://public6.test/", "blocked_address"),
    (("--deny-net", "0.0.0.0/0"), f"http://{PUBLIC}/", "blocked_address"),
)


def is_sent_by_tcp(url: str) -> bool:
    """Whether Linux sends anything there: to groups and broadcasts it opens no connection, nor to a
    link-local address without a zone."""
    host = url.removeprefix("http://").removesuffix("/").strip("[]")
    address = ip_address(host)
    is_of_a_link = address.version == 6 and address.is_link_local
    return not (address.is_multicast or is_of_a_link or host in {"255.255.255.255", "127.255.255.255"})
