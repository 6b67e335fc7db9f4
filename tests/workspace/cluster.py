"""A PostgreSQL of a test's own: a cluster in a temporary folder that listens on a socket there, and nowhere else."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

OWNER, APP = "covolt_owner", "covolt"
MISSING = "PostgreSQL's initdb and pg_ctl are not on this machine"
PATIENCE_s = 60.0
FILLING = "filling"


def missing() -> str:
    """Why there can be no cluster; empty where there can."""
    if not all(map(shutil.which, ("initdb", "pg_ctl"))):
        return MISSING
    return "PostgreSQL refuses to run as root, and there is no other user" if os.getuid() == 0 and not _other() else ""


def _other() -> str:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    return ""


def _mounted(folder, size_MB):
    """Whether there is a disk of this size in a folder now."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_MB}m", "tmpfs", str(folder)]
    return os.getuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0


class Cluster:
    """One cluster; `address` gives that of one of its databases.

    Where `disk_MB` is given it lies on a disk of its own of that size, if this user may mount one: `small` says whether.
    That disk can be filled to its last byte.
    """

    def __init__(self, disk_MB=0):
        # A socket's path has 107 bytes at most, so it lies in no folder of a test.
        self.folder = Path(tempfile.mkdtemp(prefix="covolt-pg-"))
        self.small = bool(disk_MB) and _mounted(self.folder, disk_MB)
        self._user = _other() if os.getuid() == 0 else None
        if self._user:
            shutil.chown(self.folder, self._user)
        self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync")
        # It is killed, and what it answered must stand then: so it syncs, as one that matters does.
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\nmax_connections = 120\n")
            settings.write("timezone = 'UTC'\n")
            if self.small:
                settings.write("min_wal_size = '32MB'\nmax_wal_size = '64MB'\n")
        self.start()
        self.sql(f"CREATE ROLE {OWNER} LOGIN; CREATE ROLE {APP} LOGIN NOSUPERUSER NOBYPASSRLS")

    def _run(self, *words):
        subprocess.run(
            [shutil.which(words[0]), "-D", str(self.folder / "data"), *words[1:]],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE_s,
            user=self._user, cwd=self.folder,
        )  # fmt: skip

    def start(self):
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "start")

    def kill(self):
        """End its postmaster as a power cut would, and start it as whoever looks after it does."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        # Its processes notice, and let go of the memory that the next one needs.
        deadline_s = time.monotonic() + PATIENCE_s
        while True:
            try:
                return self.start()
            except subprocess.CalledProcessError:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(0.1)

    def fill(self):
        """Leave not a byte of its disk."""
        with (self.folder / FILLING).open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(64 * 1024)):
                pass
        with (self.folder / FILLING).open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"x"):
                pass

    def clear(self):
        """Make room again, and start it where it has ended for want of that, as whoever looks after it does."""
        (self.folder / FILLING).unlink(missing_ok=True)
        deadline_s = time.monotonic() + PATIENCE_s
        while not self._runs():
            with contextlib.suppress(subprocess.CalledProcessError):
                self.start()
            if time.monotonic() > deadline_s:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.1)

    def _runs(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "status")
            return True
        return False

    def stop(self):
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def sql(self, said, database="postgres", role="postgres"):
        import psycopg

        with psycopg.connect(host=str(self.folder), user=role, dbname=database, autocommit=True) as connection:
            return connection.execute(said)

    def database(self, name):
        """A new database, laid out as docs/how-to/keep-a-workspace-in-postgresql.md says."""
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.sql(f'CREATE DATABASE "{name}" OWNER {OWNER}')
        self.sql(f"ALTER SCHEMA public OWNER TO {OWNER}", name)
        for kind, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE")):
            self.sql(f"ALTER DEFAULT PRIVILEGES GRANT {rights} ON {kind} TO {APP}", name, OWNER)

    def address(self, name, role=OWNER):
        return f"postgresql://{role}@/{name}?host={self.folder}"

    def end(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop()
        if self.small:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
