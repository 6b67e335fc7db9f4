"""Keys and signatures for `check_dossier.py`: which follow from a trusted first key, and whether a statement is by one."""

import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

MOST_KEYS = 1000
FIELD, EIGHTH = 2**255 - 19, 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
SMALL = {0, 1, FIELD - 1, EIGHTH, FIELD - EIGHTH}  # y of the points of Ed25519 of small order: with them anybody signs


def canonical(content, *without):
    kept = {name: one for name, one in content.items() if name not in without}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def statement(said):
    return b"covolt " + said["schema"].encode() + b"\n" + canonical(said, "signature", "possession")


def signs(key, signature, message, on=""):
    """Whether the holder of a key signed a message on a day, or on that of the key; None where nothing here can tell."""
    try:
        if key.get("algorithm"):
            return __import__("check_dossier_tokens").signs(key, signature, message, on or key["on"])
        public, raw = bytes.fromhex(key["public"]), bytes.fromhex(signature)
        ys = [int.from_bytes(one[:32], "little") % 2**255 for one in (public, raw)]
        if any(y in SMALL or y >= FIELD for y in ys):
            return False
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(raw, message)
    except (InvalidSignature, ValueError, ImportError) as error:
        return None if isinstance(error, ImportError) else False
    return signature == signature.lower()


class Keys:
    """What a dossier says of keys, by the documents in it."""

    def find_keys(self, trusted):
        """Keys that descend from a trusted first key, each signed by the one that it follows; and which are revoked."""
        left = {**self.of["key"]}
        if len(left) > MOST_KEYS:
            raise ValueError(f"it has {len(left)} keys, and {MOST_KEYS} at most are looked at")
        while more := [one for one in left if (left[one]["follows"] or "-") in self.keys or one in trusted]:
            now = {one: left.pop(one) for one in more}
            self.keys |= {one: key for one, key in now.items() if self.links(one, key, trusted)}
        for one in self.of["revocation"].values():
            by, key = self.keys.get(one["by"]), self.keys.get(one["key"])
            if by and key and by["party"] == key["party"] and signs(by, one["signature"], statement(one)):
                heir = by["follows"] == one["key"] and one["reason"] != "compromised"
                stand = {*one["stands"], *([sha(statement(by))] if heir else [])}
                self.revoked.setdefault(one["key"], stand).intersection_update(stand)
        for name, key in [*self.keys.items()]:  # those that a revoked key brought in do not count
            link, by = sha(statement(key)), key["follows"]
            if by and (by not in self.keys or link not in self.revoked.get(by, {link})):
                del self.keys[name]

    def links(self, name, key, trusted):
        named = "" if key.get("algorithm", "x509") == "x509" else f"{key['algorithm']}/{key['parameters']}\n"
        right = f"{sha(named.encode() + bytes.fromhex(key['public']))} of {self.said['programme']}"
        if right != f"sha256:{name} of {key['programme']}":
            return False
        senior = self.keys.get(key["follows"])
        if senior is None:
            return not key["follows"] and name in trusted and signs(key, key["possession"], statement(key))
        wide = not senior["follows"] or "recovery" in senior["roles"] or set(key["roles"]) <= set(senior["roles"])
        if not (
            wide and senior["party"] == key["party"] and signs(senior, key["signature"], statement(key), key["on"])
        ):
            return False
        own = signs(key, key["possession"], statement(key))
        self.unheld |= set() if own else {name}
        return own is not False

    def stands(self, said):
        """Whether a statement is by a key that counts, in its role, on a day on which it could; None where nobody can tell."""
        key, on = self.keys.get(said["key"], {"party": None}), said.get("on") or said["date"]
        if key["party"] != said["party"] or said["programme"] != self.said["programme"]:
            return False
        offers = said["schema"] == "signature/1" and said["subject"] == "offer"
        may = said["role"] in key["roles"] and said["role"] != "recovery" and (said["role"] == "offers") == offers
        gone = said["key"] in self.revoked and sha(statement(said)) not in self.revoked[said["key"]]
        left = self.of["party"][said["party"]].get("left", "9999")
        if not may or gone or not key["on"] <= on <= min(self.said["date"], left):
            return False
        return signs(key, said["signature"], statement(said), on) and (None if said["key"] in self.unheld else True)
