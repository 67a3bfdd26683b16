"""Which files a plan may have its secrets in, and how they are read."""

from __future__ import annotations

import os

import pytest

from wedload.plan.confinement import Folders
from wedload.plan.secrets.files import SecretFileError, read_secret_file

KEY = "s3cret-of-a-file"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "plan"
    path.mkdir()
    return path


def write(path, content=KEY, mode=0o600):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def refusal(file, folder, environ=None, allowed=()):
    with pytest.raises(SecretFileError) as raised:
        read_secret_file(file, Folders.of(folder, allowed), environ or {})
    assert KEY not in f"{raised.value} {raised.value.hint}"
    return str(raised.value), raised.value.hint


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (KEY, KEY), (f"{KEY}\n", KEY), (f"{KEY}\r\n", KEY), (f" {KEY} \n", f" {KEY} "),
        ("-----BEGIN X-----\nabc\n-----END X-----\n", "-----BEGIN X-----\nabc\n-----END X-----"),
        ("schlüssel\n", "schlüssel"), (b"\xef\xbb\xbfkey\n", "key"), ("x" * 64_000, "x" * 64_000),
    ],
)  # fmt: skip
def test_secret_is_what_is_in_its_file_without_the_end_of_the_last_line(folder, content, secret):
    write(folder / "key", content)

    assert read_secret_file("key", Folders.of(folder), {}) == secret


def test_files_lie_in_the_folder_of_the_plan_or_where_credentials_are_put(folder, tmp_path):
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (folder / "below").mkdir()
    write(folder / "below" / "key")
    placed = write(credentials / "key")
    environ = {"CREDENTIALS_DIRECTORY": str(credentials)}

    assert read_secret_file("below/key", Folders.of(folder), {}) == KEY
    assert read_secret_file("below/../below/key", Folders.of(folder), {}) == KEY
    assert read_secret_file(str(placed), Folders.of(folder), environ) == KEY
    assert read_secret_file("../credentials/key", Folders.of(folder, [credentials]), {}) == KEY


def test_files_elsewhere_are_refused_also_behind_a_link(folder, tmp_path):
    outside = write(tmp_path / "key")
    (folder / "link").symlink_to(outside)
    (folder / "out").symlink_to(tmp_path)

    for file in (str(outside), "../key", "link", "out/key"):
        message, hint = refusal(file, folder)
        assert message.startswith(f'the secret file "{file}" lies outside of the plan\'s folder')
        assert f"--allow-files {tmp_path}" in hint


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602, 0o601])
def test_file_that_others_can_read_is_refused_with_the_remedy(folder, mode):
    place = write(folder / "key", mode=mode)

    message, hint = refusal("key", folder)

    assert f"is open to everybody on this machine (mode 0{mode:o})" in message
    assert hint == f"chmod 600 {place}"


def test_mode_of_a_file_that_the_service_manager_put_there_is_its_own_business(folder, tmp_path):
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    placed = write(credentials / "key", mode=0o444)

    assert (
        read_secret_file(
            str(placed), Folders.of(folder), {"CREDENTIALS_DIRECTORY": str(credentials)}
        )
        == KEY
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "is empty"), ("\n", "is empty"), (" \n", "is empty"), (b"\xff\xfe", "is not UTF-8 text"),
     ("x" * 70_000, "has 70 kB, and 64 kB are the most that is read")],
)  # fmt: skip
def test_what_is_no_secret_is_refused(folder, content, said):
    write(folder / "key", content)

    assert refusal("key", folder)[0] == f'the secret file "key" {said}'


def test_file_that_grows_while_it_is_read_is_refused_and_not_cut(folder, monkeypatch):
    place = write(folder / "key")
    fstat = os.fstat

    def grows(descriptor):
        found = fstat(descriptor)
        place.write_bytes(b"x" * 70_000)
        return found

    monkeypatch.setattr(os, "fstat", grows)

    said = 'the secret file "key" has 64 kB, and 64 kB are the most that is read'
    assert refusal("key", folder)[0] == said


def test_what_is_no_file_is_refused_without_waiting_for_it(folder):
    (folder / "folder").mkdir(mode=0o700)
    os.mkfifo(folder / "pipe", 0o600)

    said = {"folder": "cannot be read: Is a directory", "pipe": "is a pipe, and not a file"}
    for file, what in said.items():
        assert refusal(file, folder)[0] == f'the secret file "{file}" {what}'


def test_missing_file_is_said_with_where_it_was_looked_for(folder):
    message, hint = refusal("key", folder)

    assert message == 'the secret file "key" cannot be read: No such file or directory'
    assert str(folder / "key") in hint
