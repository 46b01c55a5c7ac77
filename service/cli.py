"""Where `masthead` begins. Every process that it starts imports its main module again: so nothing is imported
here before it is called."""


def main() -> None:
    """The entry point of `masthead` and of `python -m service`."""
    from workers.memory import collect_rarely

    collect_rarely()
    from service.commands.group import masthead

    masthead(prog_name="masthead")
