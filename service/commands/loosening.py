"""What of a run's settings is looser than the default: named once, on stderr, before anything is fetched."""

from service.commands.command import complain
from service.configuration import option_of
from service.settings import LOOSENING, Settings


def tell_loosening(settings: Settings) -> None:
    """One line where there is anything, wherever it was set. Records tell none of it."""
    loosened: list[str] = []
    for name in LOOSENING:
        value, option = getattr(settings, name), option_of(name)
        loosened += [option] if value is True else [f"{option} {one}" for one in value or ()]
    if loosened:
        complain(f"loosened: {', '.join(loosened)}")
