"""Pages that are not the site's, by what they say of themselves: `interstitial`, at full depth."""

import re
from typing import Final

from workers.interstitial import BLOCK, CHALLENGE, PARKED, PROXY_ERROR

TEXT_LIMIT: Final = 65_536  # characters: what these pages say of themselves stands at the beginning

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_DEFAULT: Final = "a server's default page came: no site is set up under this name"

# Titles that nothing else has, from their first letter on, and what they mean.
_TITLES: Final[tuple[tuple[str, str], ...]] = (
    ("attention required! | cloudflare", BLOCK.format(maker="Cloudflare")),
    ("sucuri website firewall - access denied", BLOCK.format(maker="Sucuri")),
    ("making sure you're not a bot!", CHALLENGE.format(maker="Anubis")),
    ("making sure you&#39;re not a bot!", CHALLENGE.format(maker="Anubis")),
    ("ddos-guard", CHALLENGE.format(maker="DDoS-Guard")),
    ("apache2 ubuntu default page: it works", _DEFAULT),
    ("apache2 debian default page: it works", _DEFAULT),
    ("apache http server test page powered by", _DEFAULT),
    ("http server test page powered by", _DEFAULT),
    ("test page for the apache http server", _DEFAULT),
    ("test page for the nginx http server", _DEFAULT),
)
_IIS: Final = "go.microsoft.com/fwlink/?linkid=66138&amp;"  # where the picture leads, from IIS 7 on
# What servers and frameworks serve until there is a site: the whole title, which a page about them might have
# as well, and a mark that it would not. Read from Debian's packages where these have the page.
_DEFAULT_PAGES: Final[dict[str, str]] = {
    "apache tomcat": "<h1>it works !</h1>",  # Debian's own
    "caddy works!": "the caddy project is not responsible for the content",
    "default parallels plesk panel page": "plesk",
    "default web site page": "cpanel",
    "domain default page": "plesk",
    "iis windows": _IIS,
    "iis windows server": _IIS,
    "iis7": _IIS,
    "iis8": _IIS,
    "it works! apache httpd": "<p>it works!</p>",
    "microsoft internet information services 8": _IIS,
    "web server's default page": "plesk",
    "welcome page": 'packages.debian.org/lighttpd">lighttpd server package',  # Debian's own
    "welcome to nginx!": "<h1>welcome to nginx!</h1>",
    "welcome to openresty!": "<h1>welcome to openresty!</h1>",
    "welcome to tengine!": "<h1>welcome to tengine!</h1>",
}
# Apache's, which is nothing but these words.
_IT_WORKS: Final = re.compile(r"\s*+<html>\s*+<body>\s*+<h1>it works!</h1>\s*+</body>\s*+</html>\s*+")
# Words that only these pages hold, all of them together …
_WORDS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (
        ("/cdn-cgi/challenge-platform/", "<title>just a moment...</title>"),
        CHALLENGE.format(maker="Cloudflare"),
    ),
    (("_incapsula_resource", "incident"), CHALLENGE.format(maker="Imperva")),
    (("window.gokuprops", "awswaf.com"), CHALLENGE.format(maker="AWS WAF")),
    (("<title>apache tomcat/", "you've successfully installed tomcat. congratulations!</h2>"), _DEFAULT),
    # Django's: its title is in the site's language, and these links are in all of them.
    (
        ('/ref/settings/#debug" target="_blank" rel="noopener">debug=true</a>', "/intro/tutorial01/"),
        _DEFAULT,
    ),
    (("img.sedoparking.com",), PARKED.format(mark="the page shows Sedo's advertisements")),
    (("window.park =", "bodis"), PARKED.format(mark="the page shows Bodis's advertisements")),
    (("parkingcrew.net",), PARKED.format(mark="the page shows ParkingCrew's advertisements")),
    (('window.location.href="/lander"',), PARKED.format(mark="the page leads to GoDaddy's lander")),
)
# … and those that a site's own pages hold as well, unless the request was refused.
_REFUSED_WORDS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("captcha-delivery.com",), CHALLENGE.format(maker="DataDome")),
    (("px-captcha",), CHALLENGE.format(maker="HUMAN (PerimeterX)")),
    (("errors.edgesuite.net",), BLOCK.format(maker="Akamai")),
    (("guru meditation", "varnish"), PROXY_ERROR.format(maker="Varnish")),
)
_REFUSED_FROM: Final = 400


def recognise_page(status: int, text: str) -> str | None:
    """Why the page is nothing to grade the site by, from its HTML; None where it is."""
    text = text[:TEXT_LIMIT].lower()
    match = _TITLE.search(text)
    if match is not None:
        title = match[1].strip()
        for beginning, reason in _TITLES:
            if title.startswith(beginning):
                return reason
        mark = _DEFAULT_PAGES.get(title)
        if mark is not None and mark in text:
            return _DEFAULT
    if _IT_WORKS.fullmatch(text):
        return _DEFAULT
    for words, reason in (*_WORDS, *(_REFUSED_WORDS if status >= _REFUSED_FROM else ())):
        if all(word in text for word in words):
            return reason
    return None
