"""README's commands are run as they stand: `example.com` is resolved, served and trusted for the test."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.integration.ports import OWN_ADDRESS
from tests.service.inspection.certificates import make_authority
from tests.service.inspection.dns_server import Zone, serve_names
from tests.service.inspection.servers import serve

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nStrict-Transport-Security: max-age=300\r\n\r\n"
URLS = "# a list\nexample.com\n\nhttp://example.com/a\nhttps://example.com/b\nno such url\n"


@pytest.fixture
async def environment(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """The names and roots that make README's `example.com` a site on loopback, on the ports that it has."""
    authority = make_authority(tmp_path)
    (tmp_path / "urls.txt").write_text(URLS)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(serve(PAGE, OWN_ADDRESS, port=80))
            await stack.enter_async_context(
                serve(PAGE, OWN_ADDRESS, port=443, tls=authority.server_context("example.com"))
            )
        except OSError as error:
            pytest.skip(f"README's commands need the ports 80 and 443 of loopback: {error}")
        resolver = await stack.enter_async_context(serve_names(Zone({"example.com": [OWN_ADDRESS]})))
        yield {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "MASTHEAD_ALLOW_NET": "127.0.0.0/8",
            "MASTHEAD_RESOLVER": resolver,
            "MASTHEAD_CA_FILE": str(authority.ca_file),
        }


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0][:60])
async def test_a_block_of_commands_runs_as_it_stands(
    block: str, environment: dict[str, str], tmp_path: Path
) -> None:
    shell = await asyncio.create_subprocess_exec(
        *("bash", "-e", "-m", "-c", block),
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(shell.communicate(), 60)
    assert shell.returncode == 0, errors.decode()
    assert output or (tmp_path / "records.jsonl").read_bytes()


def test_the_headers_that_readme_shows_are_those_that_come() -> None:
    shown = re.search(r"^```text\n(HTTP header>.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    assert shown is not None
    lines = PAGE.decode().rstrip("\r\n").split("\r\n")
    assert shown[1] == "".join(f"HTTP header> {line}\n" for line in lines)
