import pytest

from workers.syntax.hosts import host_of, place_of

PLACES = {
    "https://a.example/": ("a.example", True),
    "http://a-b.c_d.example/x/": ("a-b.c_d.example", False),
    "https://a.example/?": ("a.example", False),
    "https://a.example/#x/": ("a.example", False),
    "https://a.example:8443/": ("a.example", True),
    "https://a.example:8443/x": ("a.example", False),
    "https://u:p@a.example/": ("a.example", True),
    "https://u@a.example/?/": ("a.example", False),
    "https://192.0.2.1/": ("192.0.2.1", True),
    "https://[2001:db8::1]/": ("[2001:db8::1]", True),
    "https://[2001:db8::1]:8443/x": ("[2001:db8::1]", False),
    "": ("", False),
}


@pytest.mark.parametrize(("url", "place"), PLACES.items())
def test_a_url_has_a_host_and_is_its_root_or_not(url: str, place: tuple[str, bool]) -> None:
    assert place_of(url) == place
    assert host_of(url) == place[0]
