import pytest

from workers.syntax.hosts import host_of, place_of

PLACES = {
    "https://a.example/": ("a.example", False, True),
    "http://a-b.c_d.example/x/": ("a-b.c_d.example", False, False),
    "https://a.example/?": ("a.example", False, False),
    "https://a.example/#x/": ("a.example", False, False),
    "https://a.example:8443/": ("a.example", False, True),
    "https://a.example:8443/x": ("a.example", False, False),
    "https://u:p@a.example/": ("a.example", False, True),
    "https://u@a.example/?/": ("a.example", False, False),
    "https://192.0.2.1/": ("192.0.2.1", True, True),
    "https://[2001:db8::1]/": ("[2001:db8::1]", True, True),
    "https://[2001:db8::1]:8443/x": ("[2001:db8::1]", True, False),
    "https://192.0.2.1:8443/x": ("192.0.2.1", True, False),
    "https://192.0.2.1.example2/": ("192.0.2.1.example2", False, True),
    "": ("", False, False),
}


@pytest.mark.parametrize(("url", "place"), PLACES.items())
def test_a_url_is_its_hosts_root_or_not(url: str, place: tuple[str, bool, bool]) -> None:
    assert place_of(url) == place
    assert host_of(url) == place[0]
