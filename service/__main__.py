"""`python -m service` is `masthead`."""

from service.cli import main

if __name__ == "__main__":
    main()
