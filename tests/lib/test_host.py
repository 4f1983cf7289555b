"""The machine's promises: durable files, one process per folder, folders that are refused."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from permanence.lib import host

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:25 / /srv/nas rw - nfs4 server:/export rw
31 22 0:26 / /srv/nas\\040bis rw shared:9 - cifs //server/share rw
32 30 254:1 / /srv/nas/local rw - xfs /dev/vdb rw
33 22 0:30 / /srv/twice rw - ext4 /dev/vdc rw
34 22 0:31 / /srv/twice rw - fuse.sshfs me@host: rw
not a mount line
"""


def test_a_file_is_replaced_whole_and_only_its_owner_reads_it(tmp_path):
    file = tmp_path / "head"
    host.atomic_write(file, b"one")
    host.atomic_write(file, b"two")
    assert file.read_bytes() == b"two"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["head"]


def test_a_failed_replacement_leaves_the_old_file_alone(tmp_path, monkeypatch):
    file = tmp_path / "head"
    host.atomic_write(file, b"one")

    def fail(handle):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="space"):
        host.atomic_write(file, b"two")
    monkeypatch.undo()
    assert file.read_bytes() == b"one"
    assert [found.name for found in tmp_path.iterdir()] == ["head"]


def test_a_private_folder_is_closed_to_others(tmp_path):
    folder = host.private_folder(tmp_path / "seal")
    folder.chmod(0o755)
    assert host.private_folder(folder).stat().st_mode & 0o777 == 0o700


def test_a_second_process_is_refused_with_the_number_of_the_first(tmp_path):
    lock = host.exclusive_lock(tmp_path / "lock")
    code = ("import sys; from permanence.lib import host\n"
            "try: host.exclusive_lock(sys.argv[1])\n"
            "except host.Unsuitable as e: print(e.code, e.sentence.encode())")
    command = [sys.executable, "-c", code, str(tmp_path / "lock")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=_env()).stdout
    assert said.startswith("locked")
    assert str(os.getpid()) in said
    lock.release()
    assert subprocess.run(command, capture_output=True, text=True, check=True, env=_env()).stdout == ""
    with host.exclusive_lock(tmp_path / "lock"):
        pass


def test_who_is_patient_has_the_lock_once_the_former_holder_ended(tmp_path):
    former = host.exclusive_lock(tmp_path / "lock")
    ends = threading.Timer(0.2, former.release)
    ends.start()
    with host.exclusive_lock(tmp_path / "lock", patience=60), pytest.raises(host.Unsuitable, match=str(os.getpid())):
        host.exclusive_lock(tmp_path / "lock", patience=0.1)
    ends.join()


def test_a_lock_dies_with_its_process(tmp_path):
    code = ("import os, sys; from permanence.lib import host\n"
            "host.exclusive_lock(sys.argv[1]); os.kill(os.getpid(), 9)")
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "lock")], check=False, env=_env())
    with host.exclusive_lock(tmp_path / "lock"):
        pass


def _env():
    return {**os.environ, "PYTHONPATH": str(Path(host.__file__).parents[2])}


@pytest.mark.parametrize(("path", "kind"), [
    ("/home/me", "ext4"), ("/srv/nas/cabinet", "nfs4"), ("/srv/nas bis/cabinet", "cifs"), ("/srv/nas/local/x", "xfs"),
    ("/srv/nashville", "ext4"), ("/srv/twice", "fuse.sshfs")])
def test_the_longest_mount_names_the_file_system(path, kind):
    assert host.kind_in(MOUNTS, Path(path)) == kind


def test_a_network_file_system_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(host, "filesystem_kind", lambda path: "nfs4")
    with pytest.raises(host.Unsuitable, match="partage réseau") as refused:
        host.refuse_unsuitable_folder(tmp_path)
    assert refused.value.code == "network"


@pytest.mark.parametrize("mark", ["Dropbox/cabinet", "OneDrive - Cabinet/p", "nextcloud/p", "Google Drive/p",
                                  "Library/Mobile Documents/p", "Mon Drive/p"])
def test_a_synchronised_folder_is_refused_by_its_name(tmp_path, mark):
    with pytest.raises(host.Unsuitable, match="copié ailleurs"):
        host.refuse_unsuitable_folder(tmp_path / mark)


@pytest.mark.parametrize("mark", [".stfolder/", ".dropbox", ".sync_0f3a.db", ".owncloudsync.log", ".sync/ID"])
def test_a_synchronised_folder_is_refused_by_the_marks_left_in_a_parent(tmp_path, mark):
    (tmp_path / "files" / "cabinet").mkdir(parents=True)
    host.refuse_unsuitable_folder(tmp_path / "files" / "cabinet")
    left = tmp_path / "files" / mark
    if mark.endswith("/"):
        left.mkdir()
    else:
        left.parent.mkdir(exist_ok=True)
        left.touch()
    with pytest.raises(host.Unsuitable) as refused:
        host.refuse_unsuitable_folder(tmp_path / "files" / "cabinet")
    assert refused.value.code == "synchronised"


def test_the_settings_folder_of_a_program_is_not_a_mark(tmp_path):
    (tmp_path / ".dropbox").mkdir()
    (tmp_path / "cabinet").mkdir()
    host.refuse_unsuitable_folder(tmp_path / "cabinet")


def test_a_link_into_a_synchronised_folder_is_refused(tmp_path):
    (tmp_path / "Dropbox" / "p").mkdir(parents=True)
    (tmp_path / "cabinet").symlink_to(tmp_path / "Dropbox" / "p")
    assert host.synchronised_by(tmp_path / "cabinet") == "Dropbox"


def test_the_reserve_is_made_spent_once_and_made_again(tmp_path):
    reserve = host.Reserve(tmp_path, size=100_000)
    assert not reserve.intact
    assert reserve.ensure()
    assert reserve.intact
    assert reserve.path.stat().st_blocks * 512 >= 100_000  # real blocks, not a hole
    assert reserve.spend()
    assert not reserve.spend()
    assert not reserve.intact
    assert reserve.ensure()


def test_the_reserve_is_not_made_on_a_disk_that_is_nearly_full(tmp_path, monkeypatch):
    monkeypatch.setattr(host, "free_bytes", lambda path: 150_000)
    assert not host.Reserve(tmp_path, size=100_000).ensure()
    assert list(tmp_path.iterdir()) == []


def test_the_peer_of_a_local_socket_is_known():
    one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with one, two:
        assert host.peer_uid(one) == os.getuid()


def test_the_kernel_can_be_asked_whether_the_clock_is_kept():
    assert host.clock_synchronised() in (True, False)
