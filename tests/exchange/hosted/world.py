"""A programme's authority, a hub, and parties in processes of their own, for the tests of this room."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from covolt.exchange.hosted import Hub, Identity, Trust
from covolt.exchange.hosted.certificates import issued, new_authority, new_key, requested, revocation_list

NOW = datetime.now(UTC)
ROOT = Path(__file__).resolve().parents[3]


class World:
    def __init__(self, folder):
        self.folder = folder
        self.authority_key = new_key()
        self.authority = new_authority("city-car", self.authority_key, NOW)
        self.revoked = {}
        self.own, self.issued = {}, ()
        self.hub_identity = self.identity("hub", addresses=("127.0.0.1", "localhost"))
        self.processes = []

    def identity(self, name, at=NOW, days=90, addresses=(), authority=None):
        key_of, certificate_of = authority or (self.authority_key, self.authority)
        key = new_key()
        made = issued(key_of, certificate_of, requested(name, key), name, at, days=days, addresses=addresses)
        return Identity(key, made, self.authority)

    def foreign(self, name):
        key = new_key()
        return self.identity(name, authority=(key, new_authority("another", key, NOW)))

    def expired(self, name):
        return self.identity(name, at=NOW - timedelta(days=100))

    def trust(self):
        listed = revocation_list(self.authority_key, self.authority, self.revoked, NOW)
        return Trust(self.authority, self.own, (listed,), self.issued)

    @staticmethod
    def now():
        return datetime.now(UTC)

    def hub(self):
        return Hub("127.0.0.1:0", self.hub_identity, self.trust, self.now)

    def party(self, hub, identity=None, *, network=(), **setup):
        """A party's process; `network` is what it is started by."""
        identity = identity or self.identity("battery-works")
        at = self.folder / f"party-{len(self.processes)}"
        at.mkdir()
        for name in ("key", "certificate", "authorities"):
            (at / name).write_bytes(getattr(identity, name))
            setup[name] = str(at / name)
        kept = self.folder / "kept"
        kept.mkdir(exist_ok=True)
        whole = {"kind": "lag", "address": f"127.0.0.1:{hub.port}", "folder": str(kept), **setup}
        (at / "setup.json").write_text(json.dumps(whole))
        command = [*network, sys.executable, str(Path(__file__).with_name("parts.py")), str(at / "setup.json")]
        started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.processes.append(started)
        return started

    def close(self):
        for one in self.processes:
            one.kill()
            one.communicate()


@contextmanager
def world(folder):
    made = World(folder)
    try:
        yield made
    finally:
        made.close()
