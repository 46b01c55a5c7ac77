"""Settings: values that the program gives itself, and what is said of each."""

import pytest

from service.settings import Settings, SettingsError


def test_a_wrong_value_of_the_program_s_own_is_told_by_setting() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.model_validate({"drain": 0, "header": ["Authorization hunter2"]})
    assert [name for name, _ in caught.value.faults] == ["header", "drain"]
    assert "hunter2" not in str(caught.value)


def test_every_setting_has_a_description() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
