"""What the help says of a setting's value."""

import click

from service.commands.options import ALL, setting_options
from service.settings import Settings


def test_only_what_is_in_seconds_is_shown_as_seconds() -> None:
    shown = {one.name: one.metavar for one in setting_options(ALL) if isinstance(one, click.Option)}
    seconds = {name for name, metavar in shown.items() if metavar == "SECONDS"}
    assert seconds == {
        name for name, field in Settings.model_fields.items() if field.description.startswith("seconds ")
    }
    assert shown["retention_age"] == "DAYS"
