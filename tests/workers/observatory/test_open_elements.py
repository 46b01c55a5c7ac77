import pytest

from workers.observatory.open_elements import OpenElements


def opened(*tags: str) -> OpenElements:
    elements = OpenElements()
    for tag in tags:
        elements.open(tag)
    return elements


@pytest.mark.parametrize(
    ("tags", "foreign"),
    [
        ((), False),
        (("svg",), True),
        (("math", "mi"), False),
        (("svg", "g"), True),
        (("svg", "foreignobject"), False),
        (("svg", "foreignobject", "svg"), True),
        (("foreignobject", "svg"), True),
    ],
)
def test_foreign_content(tags: tuple[str, ...], foreign: bool) -> None:
    assert opened(*tags).in_foreign_content is foreign


def test_an_end_tag_closes_what_is_inside() -> None:
    elements = opened("div", "svg", "g")
    elements.close("div")
    assert not elements.in_foreign_content


def test_an_end_tag_of_nothing_closes_nothing() -> None:
    elements = opened("svg")
    elements.close("div")
    assert elements.in_foreign_content


def test_the_end_of_an_integration_point_is_back_in_svg() -> None:
    elements = opened("svg", "foreignobject", "p")
    elements.close("foreignobject")
    assert elements.in_foreign_content


def test_a_start_tag_closes_what_it_may_not_be_inside() -> None:
    elements = opened("p", "div")
    elements.close("p")  # closed by the div already
    elements.close("div")
    assert not elements.in_foreign_content


def test_an_element_closes_itself_in_foreign_content() -> None:
    elements = opened("svg")
    elements.close_itself("svg")
    assert not elements.in_foreign_content


def test_a_form_in_a_form_is_no_element() -> None:
    assert opened("form").open("form") == ""


def test_image_is_another_name_of_img_but_in_svg() -> None:
    assert opened().open("image") == "img"
    assert opened("svg").open("image") == "image"
