"""Attaching: keys that covolt does not hold, brought in by the party's own, and what their holders sign with them elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from covolt.contract.document import validate
from covolt.errors import Conflict, Forbidden, InputError, Problem, refuse
from covolt.journal import Change, write_together
from covolt.programme.documents import Programme
from covolt.programme.external import NEEDS, Algorithm
from covolt.programme.gate import KeyedSignOff
from covolt.programme.keys import UNSIGNED, PartyKey, sealed, statement_bytes
from covolt.programme.placing import KEYS_FOLDER
from covolt.programme.pledging import SHORT, clock_problems, own_key, senior_problems, write_pledge
from covolt.programme.standing import STATES
from covolt.programme.walk import moved
from covolt.words import Phrase, text

__all__ = ["DETACHED", "STATEMENT", "attached", "bring_in_external", "prove_held", "read_statement", "state_gate"]

DETACHED = ".signature"
"""Ending of the file with a detached signature as its holder made it, beside what it signs."""
STATEMENT = ".statement"
"""Ending of a file with the bytes that are to be signed elsewhere; it stands beside the sign-off."""
_PREFIX = b"covolt signoff/2\n"


def bring_in_external(
    programme: Programme,
    key: tuple[Algorithm, str | None, bytes],
    party: str,
    roles: Sequence[str],
    by: Ed25519PrivateKey,
    where: str,
) -> PartyKey:
    """Write the document of a key that covolt does not hold, for which the party's key `by` vouches, and its registration.

    The registration is what its holder signs before it counts.
    """
    algorithm, parameters, public = key
    senior = own_key(programme, by)
    table = {
        "programme": programme.charter.id,
        "party": party,
        "roles": tuple(dict.fromkeys(roles)),
        "algorithm": algorithm,
        "parameters": parameters,
        "public": public.hex(),
        "on": programme.day,
        "follows": "0" * 64 if senior is None else senior.fingerprint,
        "signature": UNSIGNED,
    }
    draft = validate(table, PartyKey, where)
    taken, problems = clock_problems(programme), list[Problem]()
    if draft.fingerprint in programme.keys:
        what = text("this key is in the programme already")
        taken.append(Problem(what, programme.where("key", draft.fingerprint), text("covolt key list")))
    if senior is None or senior.party != party:
        what = text("{party} has no such key in this programme", party=party)
        problems.append(Problem(what, "--by", text("covolt key list")))
    else:
        problems += senior_problems(programme, senior, roles)
    refuse({Conflict: taken, Forbidden: problems})
    made = sealed(draft, by)
    path = programme.root / KEYS_FOLDER / party / f"{made.fingerprint[:SHORT]}.toml"
    file = Change(path.with_suffix(STATEMENT), statement_bytes(made))
    write_pledge(programme, path, made, beside=file)
    return made


def prove_held(programme: Programme, key: PartyKey, signature: bytes, raw: bytes, where: str) -> Path:
    """File its holder's detached signature of a key's registration, in the key's document and as it is (`raw`) beside it.

    Raises:
        InputError: the signature is not by this key over the registration, or cannot be checked here.
    """
    path = programme.root / programme.origin["key", key.fingerprint][0]
    made = validate(
        {**key.model_dump(by_alias=True, exclude_none=True), "possession": signature.hex()}, PartyKey, where
    )
    if made.held is not True:
        file = path.with_suffix(STATEMENT).name
        what = text("the signature is not by this key over {file}", file=file)
        hint = text("sign the bytes of {file} as they are, detached, with the key that they name", file=file)
        if made.held is None and key.algorithm is not None:
            what, hint = text("the signature cannot be checked here"), NEEDS[key.algorithm]
        raise Forbidden(Problem(what, where, hint))
    write_pledge(programme, path, made, beside=Change(path.with_suffix(DETACHED), raw))
    return path


def state_gate(programme: Programme, path: Path, draft: KeyedSignOff) -> tuple[Path, bytes]:
    """Write the bytes that are to be signed beside the place of a sign-off, as long as nothing has changed that they cover."""
    file, content = path.with_suffix(STATEMENT), statement_bytes(draft)
    root, digests = programme.root, programme.digests
    write_together(root, [Change(file, content)], lambda: moved(root, digests, "signoffs"))
    return file, content


def attached(programme: Programme, statement: bytes, signature: bytes, where: tuple[str, str]) -> KeyedSignOff:
    """The sign-off that a statement and a signature made elsewhere are; `where` are the files of both.

    Raises:
        InputError: the statement is none, or the signature is not by a key that counts, or cannot be checked here.
    """
    made = read_statement(
        statement, where[0], text("write it anew: covolt sign GATE --external --key FINGERPRINT"), signature
    )
    found = programme.consistent.of(made)
    if not found.counts:
        hint = text("sign the bytes of {file} as they are, detached, with the key that they name", file=where[0])
        if found.state == "not checked here":
            hint = text("attach it where it can be checked")
        what = text("the signature does not count: {state}: {why}", state=STATES[found.state], why=found.why)
        raise Forbidden(Problem(what, where[1], hint))
    return made


def read_statement(
    statement: bytes, where: str, hint: Phrase, signature: bytes = bytes.fromhex(UNSIGNED)
) -> KeyedSignOff:
    """A statement with a signature; raises where its bytes are not exactly those that are signed."""
    what = text("this is no statement of a gate to be signed, or was changed since it was written")
    try:
        table = json.loads(statement.removeprefix(_PREFIX))
        made = validate({**table, "signature": signature.hex()}, KeyedSignOff, where)
    except (ValueError, TypeError, InputError) as error:
        # Of a file that begins as a statement each field that is bent is told; another file lacks all of them.
        told = error.problems if isinstance(error, InputError) and statement.startswith(_PREFIX) else ()
        raise InputError([Problem(what, where, hint), *told]) from error
    if statement_bytes(made) != statement:
        raise InputError(Problem(what, where, hint))
    return made
