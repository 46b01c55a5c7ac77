"""Where `masthead` begins. Every process that it starts imports its main module again: so nothing is imported
here before it is called."""


def main() -> None:
    """The entry point of `masthead` and of `python -m service`."""
    import os

    # Its processes are begun by `python -c`, which would look for all modules in the current folder first: a
    # project's own `workers` or `multiprocessing.py` is not to be run in place of ours or Python's.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    from workers.memory import collect_rarely

    collect_rarely()
    from service.commands.group import masthead

    masthead(prog_name="masthead")
