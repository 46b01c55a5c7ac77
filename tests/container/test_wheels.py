"""The locked packages exist as wheels for the other architecture too; the image is built of this one's."""

from pathlib import Path

from tests.container.wheels import download


def test_the_lock_can_be_installed_on_arm64_without_a_compiler(tmp_path: Path) -> None:
    download("arm64", tmp_path)
    compiled = [path.name for path in tmp_path.iterdir() if not path.name.endswith("-any.whl")]
    assert any(name.startswith("cryptography-") for name in compiled)
    assert all(name.endswith("_aarch64.whl") for name in compiled)
