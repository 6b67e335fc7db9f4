"""Signatures under a gate: who signed it, by which key, and whether that stands; what of the parties' word is not signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from pydantic import computed_field
from pydantic.dataclasses import dataclass

from covolt.programme.documents import Programme
from covolt.programme.gate import Gate, KeyedSignOff, SignOff, SignOffWanted
from covolt.programme.key_coherence import demanded_order, demands, unsigned_offer
from covolt.programme.keys import in_groups, in_words
from covolt.programme.signing import old_key_of, signature_problem
from covolt.programme.standing import STATES, State
from covolt.programme.text import quoted, told
from covolt.study.gate.moved import listed, moved_since
from covolt.study.result import RESULT, Said
from covolt.words import Phrase, Words, day_said, joined, text

__all__ = [
    "NOT_YET",
    "SignatureRow",
    "demanded_at",
    "loosened",
    "open_to_all",
    "renamed",
    "signature_rows",
    "signer_said",
    "unsigned_blocks",
    "unsigned_yet",
    "who_signs",
]


UNHEARD = frozenset[State]({"invalid", "key not known here", "not checked here"})
"""How a signature stands that nobody known here has made."""


@dataclass(frozen=True, config=RESULT)
class SignatureRow:
    """One signature under a gate; `counts` says whether it opens its part of the gate. Without a key nobody has signed."""

    party: str
    role: str
    who: Said
    """By the names that nobody else can bear."""
    date: str = ""
    fingerprint: str = ""
    state: State | None = None
    why: Said = field(default_factory=Words)
    counts: bool = False
    remarks: str = ""
    digest: str = ""
    """What was signed: a paper that names it is bound to that state."""
    moved: tuple[Said, ...] = ()
    """What moved since, where the sign-off names the items that it covers."""
    signer: Said = field(default_factory=Words)
    """The same in the words of a language: what the gate calls the role, and the title of the party."""
    idle: bool = False
    """Whether it neither opens nor shuts anything: not asked for, and by nobody of the party whose name it bears."""

    @computed_field
    @property
    def fingerprint_words(self) -> str:
        """The fingerprint as people read it to each other."""
        return in_words(self.fingerprint) if self.fingerprint else ""

    @computed_field
    @property
    def fingerprint_groups(self) -> str:
        """The fingerprint in groups of four digits."""
        return in_groups(self.fingerprint) if self.fingerprint else ""

    @computed_field
    @property
    def standing(self) -> Said:
        """Its state for people."""
        return STATES[self.state] if self.state else Words()

    @computed_field
    @property
    def reads(self) -> Said:
        """How it stands, in one sentence: "stands, with remarks: only on closed ground"."""
        if self.state is None:
            return Words()
        said = STATES[self.state]
        if self.why and self.state == "stands":
            said = joined((said, self.why))
        elif self.why:
            said = text("{state} ({why})", state=said, why=self.why)
        if not self.remarks:
            return said
        remarks = Words(quoted(self.remarks, None), quoted(self.remarks, None, "ru"))
        return joined((said, text("with remarks: {remarks}", remarks=remarks)), ", ")

    @computed_field
    @property
    def label(self) -> Said:
        """What it is called: a signature that does not hold is none."""
        if self.state == "invalid":
            return text("no signature, though a file says so")
        return text("signed")

    @property
    def block(self) -> Phrase | None:
        """What it holds shut; None where it counts."""
        if self.counts or self.idle:
            return None
        who, why = self.who, self.why
        if self.state is None:
            return text("signature missing: {who}", who=who)
        day = day_said(self.date)
        said: dict[State, Phrase] = {
            "stale": text("signature stale: {who}, {day}: {why}", who=who, day=day, why=why)
            if why
            else text("signature stale: {who} signed another state on {day}", who=who, day=day),
            "invalid": text("signature invalid: {who}: {why}", who=who, why=why),
            "old form": text("signature of the old form: {who}: {why}", who=who, why=why),
        }
        if self.state in said:
            return said[self.state]
        return text("signature does not count: {state}: {who}: {why}", state=STATES[self.state], who=who, why=why)


def signature_rows(
    programme: Programme,
    gate: Gate,
    digest: str,
    was_digest: str,
    items: Mapping[str, str] | None = None,
    *,
    without_tables: str = "",
    before_words: str = "",
) -> list[SignatureRow]:
    """Every signature that a gate asks for; `was_digest` is what covolt 0.1.0 would have signed, `items` what is covered now.

    `without_tables` is the digest of the same state without its tables: as they were not covered, or not there yet;
    `before_words` the one before interests and whole verdicts were covered.
    """
    rows: list[SignatureRow] = []
    for wanted in gate.signoffs:
        who = who_signs(programme, wanted)
        found = programme.signoffs.get(f"{gate.id}/{wanted.party}/{wanted.role}")
        if found is None:
            rows.append(SignatureRow(wanted.party, wanted.role, who))
        elif isinstance(found, KeyedSignOff):
            row = _keyed(programme, found, who, digest)
            if row.state == "stale" and found.digest == without_tables:
                row = replace(
                    row,
                    why=text(
                        "it does not cover the tables ({names}): sign it anew", names=listed(sorted(programme.tables))
                    ),
                )
            elif row.state == "stale" and found.digest == before_words:
                row = replace(
                    row, why=text("it covers neither interests nor which texts are not checked: sign it anew")
                )
            covers = found.covers if row.state == "stale" else None
            moved = moved_since(covers, _told_of(programme, covers, items or {})) if covers else ()
            rows.append(replace(row, moved=moved))
        else:
            rows.append(_old(programme, found, who, fresh=found.digest == was_digest))
    wanted = {(one.party, one.role): one for one in gate.signoffs}
    return [
        replace(
            one,
            signer=signer_said(
                programme, wanted.get((one.party, one.role)) or SignOffWanted(party=one.party, role=one.role)
            ),
        )
        for one in (*rows, *_not_asked_for(programme, gate))
    ]


def _told_of(programme: Programme, covers: Mapping[str, str], items: Mapping[str, str]) -> Mapping[str, str]:
    """Items of today, but for what not everybody may see and the sign-off does not name: a workspace leaves that out of it."""
    hidden = programme.seen_by(None).hidden
    return {one: said for one, said in items.items() if one in covers or _names(one) not in hidden}


def _names(item: str) -> str:
    """The requirement that an item is about."""
    kind, _, name = item.partition(" ")
    return name.partition("/")[0] if kind in {"requirement", "verdict", "foreign"} else ""


def _not_asked_for(programme: Programme, gate: Gate) -> Iterator[SignatureRow]:
    """Signatures that the gate no longer asks for: it was another when they were made."""
    wanted = {(one.party, one.role) for one in gate.signoffs}
    for one in programme.signoffs.values():
        if one.gate == gate.id and (one.party, one.role) not in wanted:
            who = who_signs(programme, SignOffWanted(party=one.party, role=one.role))
            keyed = isinstance(one, KeyedSignOff)
            row = _keyed(programme, one, who, "") if keyed else _old(programme, one, who, fresh=False)
            # Of what is signed by nobody of that party nothing follows: anybody could have written it.
            idle = row.state == "invalid" or (keyed and not programme.consistent.of(one).counts)
            why = row.why if row.state not in {"stands", "stale"} else Words()
            yield replace(row, why=joined((NOT_ASKED, why), ": "), idle=idle)


NOT_ASKED = text("the gate does not ask for it")


def who_signs(programme: Programme, wanted: SignOffWanted) -> Phrase:
    """A party by its name in the programme, and its role there."""
    return joined((programme.parties[wanted.party].named, wanted.words), ", ")


ROLES: Mapping[str, Phrase] = {
    "type-approval-officer": text("type approval officer"),
    "chief-engineer": text("chief engineer"),
}
"""Usual roles in words, where a gate gives them no title."""


def signer_said(programme: Programme, wanted: SignOffWanted) -> Phrase:
    """Role and party in the words of a language; with the party's name where another is called like it."""
    party = programme.parties[wanted.party]
    bare = ROLES.get(wanted.role) or Words(told(wanted.role).replace("-", " "))
    role = wanted.title.words if wanted.title else bare
    titles = [one.title.words.said("en").casefold() for one in programme.parties.values()]
    alike = titles.count(party.title.words.said("en").casefold()) > 1
    return joined((role, party.named if alike else party.title.words), ", ")


def _keyed(programme: Programme, found: KeyedSignOff, who: Phrase, digest: str) -> SignatureRow:
    standing = programme.standings.of(found)
    state = "stale" if standing.counts and found.digest != digest else standing.state
    # What nobody is known to have signed is nobody's word: its remarks are not told in the name of a party.
    remarks = "" if state in UNHEARD else found.remarks
    key = "" if state == "invalid" else found.key
    return SignatureRow(
        found.party, found.role, who, found.date, key, state, standing.why, state == "stands", remarks, found.digest
    )


def _old(programme: Programme, found: SignOff, who: Phrase, *, fresh: bool) -> SignatureRow:
    """A sign-off as covolt 0.1.0 wrote it: it opens nothing, since its key is known by the party's file alone."""
    party = programme.parties[found.party]
    key, why = old_key_of(found, party), signature_problem(found, party)
    if why:
        return SignatureRow(found.party, found.role, who, found.date, key, "invalid", why, digest=found.digest)
    anew = not_trusted(programme) if programme.trust.form == 1 else text("sign it anew, by a key that is known here")
    covered = text(
        "genuine by the party's file alone; it covered the verdicts of covolt 0.1.0 and this gate, none before it; {anew}",
        anew=anew,
    )
    state = "old form" if fresh else "stale"
    return SignatureRow(
        found.party, found.role, who, found.date, key, state, covered, remarks=found.remarks, digest=found.digest
    )


def not_trusted(programme: Programme) -> Phrase:
    """That nobody has said here whom of a programme he trusts."""
    name = programme.charter.id
    return text("this programme, '{name}', is not trusted here: covolt key trust", name=name)


def renamed(programme: Programme) -> Sequence[Phrase]:
    """That the programme was called otherwise where it lies: what is trusted and demanded of it goes by its name."""
    before, now = programme.trust.renamed, programme.charter.id
    if not before:
        return ()
    return (
        text(
            "this folder was trusted as the programme '{before}', and calls itself '{now}' now", before=before, now=now
        ),
    )


def demanded_at(programme: Programme, gate: Gate) -> bool:
    """Whether this gate opens by what is signed alone."""
    order = demanded_order(programme)
    return demands(programme) and (order is None or gate.order >= order)


def unsigned_blocks(programme: Programme, gate: Gate) -> list[Phrase]:
    """What is not signed where it must be, and what the programme demands less than it did when it was trusted."""
    if not demanded_at(programme, gate):
        return [*renamed(programme)]
    return [
        *renamed(programme),
        *loosened(programme),
        *([] if gate.signoffs or gate.people else [NOBODY_ASKED]),
        *_offers(programme),
    ]


NOBODY_ASKED = text("only what is signed counts from here on, and this gate asks for nobody's signature")


OPEN_TO_ALL = text("this gate asks for nobody's signature: whoever can write here can open it")


def open_to_all(programme: Programme, gate: Gate) -> Phrase | None:
    """That a gate between several parties opens by its criteria alone; None where somebody must sign, or one works alone."""
    signed = gate.signoffs or gate.people or demanded_at(programme, gate)
    return None if signed or len(programme.parties) < 2 else OPEN_TO_ALL


def unsigned_yet(gate: Gate, rows: Sequence[SignatureRow], *, demanded: bool) -> Phrase | None:
    """That what a gate would cover is nobody's signed word yet; None where all have signed it, or nobody need."""
    if not demanded or not gate.signoffs or all(one.counts or one.idle for one in rows):
        return None
    return NOT_YET


NOT_YET = text(
    "its requirements, papers, criteria and whom it asks are not signed by themselves: until this "
    "gate is signed as it stands, whoever can write here can change them"
)


def loosened(programme: Programme) -> Sequence[Phrase]:
    """That a programme demands signatures no longer, or later, than it did when it was trusted."""
    trust, demanding = programme.trust, programme.charter.signatures_from
    if trust.signatures_from is None:
        return ()
    own = programme.gates.get(demanding or "")
    if own is not None and trust.order is not None and own.order <= trust.order:
        return ()
    return (
        text(
            "when you trusted this programme, only what is signed counted from the gate {signatures_from} "
            "on; now it asks for less (signatures_from in programme.toml)",
            signatures_from=trust.signatures_from,
        ),
    )


def _offers(programme: Programme) -> list[Phrase]:
    """Locked offers whose party's signature does not count here, by party and reason."""
    found: dict[tuple[str, Phrase], None] = {}
    for pin in programme.lock.slots.values() if programme.lock else ():
        why = unsigned_offer(programme, pin.offer, trusted=True)
        if why is not None:
            found[programme.offers[pin.offer].datasheet.party, why] = None
    return [text("offers of {party} do not count: {why}", party=party, why=why) for party, why in found]
