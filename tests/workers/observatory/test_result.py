from workers.observatory.result import worse

ORDER = ("good", "bad")


def test_the_first_result_stands() -> None:
    assert worse("good", None, ORDER) == "good"


def test_a_worse_result_replaces_a_better() -> None:
    assert worse("bad", "good", ORDER) == "bad"
    assert worse("good", "bad", ORDER) == "bad"


def test_a_result_out_of_order_replaces_none() -> None:
    assert worse("odd", "good", ORDER) == "good"
