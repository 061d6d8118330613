"""Where a profile may lie: on this machine, and in no folder that is copied to another."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from app.cli import run
from app.place import copied_by, require_own_place
from indexer.errors import IndexerError

Part = namedtuple("Part", "mountpoint fstype opts")


@pytest.mark.parametrize(
    ("mark", "service"),
    [
        (".dropbox.cache/", "Dropbox"), (".stfolder", "Syncthing"), (".stfolder/", "Syncthing"),
        ("._sync_a1b2.db", "Nextcloud"), (".sync_a1b2.db", "Nextcloud"),
        (".tmp.drivedownload/", "Google Drive"), (".nextcloudsync.log", "Nextcloud"),
    ],
)  # fmt: skip
def test_what_a_service_leaves_gives_its_folder_away(
    tmp_path: Path, mark: str, service: str
) -> None:
    """However deep the profile lies in it."""
    folder = tmp_path / "own" / "inner" / "profile"
    assert copied_by(folder, {}) == ""
    if mark.endswith("/"):
        (tmp_path / mark).mkdir()
    else:
        (tmp_path / mark).touch()
    assert copied_by(folder, {}) == service


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("OneDrive", "OneDrive"), ("OneDrive - Contoso", "OneDrive"), ("Dropbox", "Dropbox"),
        ("Dropbox (Personal)", "Dropbox"), ("Google Drive", "Google Drive"),
        ("GoogleDrive-me@example.org", "Google Drive"), ("iCloud Drive", "iCloud"),
        ("iCloudDrive", "iCloud"), ("Mobile Documents", "iCloud"),
        ("CloudStorage", "a cloud drive"),
        ("Dropbox notes", ""), ("Nextclouds", ""), ("drive", ""),
    ],
)  # fmt: skip
def test_some_folders_are_known_by_their_names(name: str, service: str) -> None:
    """As each service calls its own; what only sounds like it is not."""
    assert copied_by(Path("/home/owner") / name / "profile", {}) == service


def test_windows_says_where_onedrive_is(tmp_path: Path) -> None:
    """By a variable, whatever its folder is called."""
    variables = {"OneDriveCommercial": str(tmp_path / "Work")}
    assert copied_by(tmp_path / "Work" / "profile", variables) == "OneDrive"
    assert copied_by(tmp_path / "profile", variables) == ""


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "SMB3", "smbfs"])
def test_a_drive_of_the_network_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The innermost mount counts; a local one inside of it is allowed."""
    parts = [
        Part("/", "ext4", ""), Part(str(tmp_path / "far"), kind, ""),
        Part(str(tmp_path / "far" / "near"), "ext4", ""),
    ]  # fmt: skip
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: parts)
    with pytest.raises(IndexerError, match="drive of the network"):
        require_own_place(tmp_path / "far" / "profile", any_place=False)
    require_own_place(tmp_path / "far" / "profile", any_place=True)
    require_own_place(tmp_path / "far" / "near" / "profile", any_place=False)
    require_own_place(tmp_path / "profile", any_place=False)


def test_a_command_refuses_and_can_be_told_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is made before it refuses."""
    profile = tmp_path / "Dropbox" / "profile"
    assert run(["--profile", str(profile), "status"]) == 1
    assert "Dropbox copies" in capsys.readouterr().err
    assert not profile.parent.exists()
    assert run(["--profile", str(profile), "--any-place", "status"]) == 0
