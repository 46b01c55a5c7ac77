"""What holds for every test: masthead's settings come from the test alone, not from who runs it, and no drawn
example fails for being slow, which is the machine's matter."""

import os
from collections.abc import Iterator

import hypothesis
import pytest

from service.configuration import variable_of
from service.settings import Settings

# An engine and its images take minutes: `make container-check` asks for them.
collect_ignore = [] if "MASTHEAD_CONTAINER_CHECK" in os.environ else ["container"]

hypothesis.settings.register_profile("masthead", deadline=None)
hypothesis.settings.load_profile("masthead")

SYSTEM_ROOTS = ("SSL_CERT_FILE", "SSL_CERT_DIR")  # OpenSSL reads these: a test names its own `ca_file`


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> Iterator[None]:
    """Takes the settings' variables out of the environment, from child processes' too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (*map(variable_of, Settings.model_fields), *SYSTEM_ROOTS):
            if name in os.environ:
                patch.delenv(name)
        yield
