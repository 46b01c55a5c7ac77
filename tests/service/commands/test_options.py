"""What the help, and completion, say of a setting's value."""

import click

from service.commands.options import ALL, setting_options
from service.settings import Settings


def option(name: str, *formats: str) -> click.Option:
    (made,) = setting_options([name], formats)
    assert isinstance(made, click.Option)
    return made


def test_only_what_is_in_seconds_is_shown_as_seconds() -> None:
    shown = {one.name: one.metavar for one in setting_options(ALL) if isinstance(one, click.Option)}
    seconds = {name for name, metavar in shown.items() if metavar == "SECONDS"}
    assert seconds == {
        name for name, field in Settings.model_fields.items() if field.description.startswith("seconds ")
    }
    assert shown["retention_age"] == "DAYS"


def test_a_command_offers_the_formats_that_it_has() -> None:
    made = option("format", "csv", "jsonl")
    assert made.metavar == "csv|jsonl"
    assert made.help == "csv: the main columns; jsonl: the records as JSON lines [default: csv]"


def test_what_a_choice_may_be_is_completed() -> None:
    context = click.Context(click.Command("x"))
    completed = [
        item.value for item in option("format", "jsonl", "junit", "csv").shell_complete(context, "j")
    ]
    assert completed == ["jsonl", "junit"]
    assert [item.value for item in option("method").shell_complete(context, "H")] == ["head"]
    assert option("timeout").shell_complete(context, "") == []
