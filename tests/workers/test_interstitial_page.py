"""Pages that are not the site's, recognised from what they say."""

import pytest

from tests.workers.growth import is_linear
from workers.interstitial_page import recognise_page


@pytest.mark.parametrize(
    ("status", "page", "reason"),
    [
        (
            200,
            "<title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x'></script>",
            "Cloudflare answered with a challenge",
        ),
        (403, "<TITLE>Attention Required! | Cloudflare</TITLE>", "Cloudflare refused the request"),
        (200, "<title> Welcome to nginx!</title>", "a server's default page came"),
        (200, "<title>Apache2 Ubuntu Default Page: It works</title>", "a server's default page came"),
        (200, "<html><body><h1>It works!</h1></body></html>", "a server's default page came"),
        (200, "<script src='/_Incapsula_Resource?x'></script> incident ID: 1", "Imperva answered"),
        (200, "<script>window.gokuProps = {}</script><script src='//t.awswaf.com/x'></script>", "AWS WAF"),
        (200, "<title>Making sure you&#39;re not a bot!</title>", "Anubis answered"),
        (403, "<script src='https://geo.captcha-delivery.com/x'></script>", "DataDome answered"),
        (403, "<div id='px-captcha'></div>", "HUMAN (PerimeterX) answered"),
        (403, "Reference https://errors.edgesuite.net/18.1", "Akamai refused"),
        (200, "<script>window.location.href=\"/lander\"</script>", "the domain is parked"),
        (200, "<img src='https://img.sedoparking.com/x'>", "the domain is parked"),
    ],
)  # fmt: skip
def test_what_is_not_the_sites_is_told(status: int, page: str, reason: str) -> None:
    assert (recognise_page(status, page) or "").startswith(reason)


@pytest.mark.parametrize(
    ("status", "page"),
    [
        (200, ""),
        (200, "<title>Just a moment...</title> a film"),
        (200, "<title>How to get past 'Welcome to nginx!'</title>"),
        (200, "<title>Shop</title><script src='/cdn-cgi/challenge-platform/x.js'></script> Just a moment..."),
        (200, "<script src='https://js.captcha-delivery.com/x'></script>"),
        (200, "we use px-captcha"),
        (404, "<title>Not Found</title>"),
    ],
)
def test_what_is_the_sites_own_is_left_alone(status: int, page: str) -> None:
    assert recognise_page(status, page) is None


@pytest.mark.parametrize("unit", ["<title", "<title>", "a", "<", "just a moment..."])
def test_a_hostile_page_takes_linear_time(unit: str) -> None:
    assert is_linear(lambda size: recognise_page(403, unit * size), 100_000)
