// The form in which a vehicle that is tried becomes a proposal.
import { type FormEvent, useEffect, useRef, useState } from "react";
import { addressOf, go, read, type Tried, to, withTried } from "../address";
import { get, post, Refused } from "../ask";
import { type Here, slotTitle, useHere } from "../here";
import { Refusal } from "./Problems";

const BASES = ["estimate", "simulated", "supplier", "measured"] as const;
type Basis = (typeof BASES)[number];
type Stated = { u?: string; basis?: Basis; source?: string };

export function Propose({ tried, done }: { tried: readonly Tried[]; done: () => void }) {
  const here = useHere();
  const { words, programme, party, language, address } = here;
  const [stated, state] = useState<Record<string, Stated>>({});
  const [title, setTitle] = useState("");
  const [reason, setReason] = useState("");
  const [refused, refuse] = useState<Refused>();
  const [busy, work] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const of = Number(address.query.get("of") ?? 0);
  const name = programme.id;
  // What another proposal says beside its values, where this is that one anew.
  useEffect(() => {
    if (!of) return;
    const given = new AbortController();
    const names = { name, number: of };
    get("/api/v1/programmes/{name}/proposals/{number}", party, names, { wait_s: 0 }, given.signal)
      .then(({ proposal, reason: why }) => {
        setTitle((known) => known || proposal.title);
        setReason((known) => known || why);
        const before = proposal.changes.map((one) => [addressOf(one), statedOf(one)] as const);
        state((known) => ({ ...Object.fromEntries(before), ...known }));
      })
      .catch(() => undefined); // one that is not there any more says nothing
    return () => given.abort();
  }, [of, name, party]);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    work(true);
    refuse(undefined);
    try {
      const made = await post(
        "/api/v1/programmes/{name}/proposals",
        party,
        { name: programme.id },
        {
          changes: tried.map((one) => ({ ...one, ...stated[addressOf(one)] })),
          title,
          reason,
        },
      );
      const bare = read(new URL(withTried(address, []), location.href));
      bare.query.delete("of");
      go(to(bare, "proposals", String(made.number)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
      work(false);
    }
  };
  return (
    <form className="form" onSubmit={send} aria-label={words.proposeTitle}>
      <h2>{words.proposeTitle}</h2>
      {party === "" && <p className="note bad">{words.needParty}</p>}
      <label>
        {words.title}
        <input
          ref={first}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          required
          maxLength={200}
          name="title"
        />
        <span className="soft">{words.titleHint}</span>
      </label>
      <label>
        {words.reason}
        <textarea
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          rows={3}
          maxLength={10000}
          name="reason"
        />
        <span className="soft">{words.reasonHint}</span>
      </label>
      {tried.filter(isOfPart).map((one) => (
        <Beside
          key={addressOf(one)}
          legend={words.besideOf(`${slotTitle(here, one.slot)}, ${numberTitle(here, one)}`)}
          stated={stated[addressOf(one)] ?? {}}
          write={(said) => state({ ...stated, [addressOf(one)]: said })}
        />
      ))}
      {refused && <Refusal refused={refused} language={language} />}
      <div className="actions">
        <button type="submit" className="main" disabled={busy || party === ""}>
          {busy ? words.working : words.makeProposal}
        </button>
        <button type="button" onClick={done}>
          {words.cancel}
        </button>
      </div>
    </form>
  );
}

function numberTitle(here: Here, one: Tried): string {
  const numbers = here.programme.slots.find((each) => each.id === one.slot)?.numbers ?? [];
  const known = numbers.find((each) => each.name === one.number);
  return known ? here.say(known.title) : one.number;
}

function statedOf(one: { u?: string; basis?: string; source?: string }): Stated {
  return without({ u: one.u ?? "", basis: BASES.find((each) => each === one.basis), source: one.source ?? "" });
}

// An offer and a price have neither u nor basis, and a bound none of all this.
function isOfPart(one: Tried): boolean {
  return one.slot !== "" && one.number !== "offer" && one.number !== "price";
}

type Written = { legend: string; stated: Stated; write: (said: Stated) => void };

function Beside({ legend, stated, write }: Written) {
  const { words } = useHere();
  const texts: [string, "u" | "source", number][] = [
    [words.u, "u", 200],
    [words.source, "source", 500],
  ];
  return (
    <details>
      <summary>{legend}</summary>
      <label>
        {words.basis}
        <select
          value={stated.basis ?? ""}
          onChange={(event) => write(without({ ...stated, basis: BASES.find((one) => one === event.target.value) }))}
        >
          <option value="">{words.asItStood}</option>
          {BASES.map((one) => (
            <option key={one} value={one}>
              {words.bases[one]}
            </option>
          ))}
        </select>
      </label>
      {texts.map(([label, key, most]) => (
        <label key={key}>
          {label}
          <input
            value={stated[key] ?? ""}
            maxLength={most}
            onChange={(event) => write(without({ ...stated, [key]: event.target.value }))}
          />
        </label>
      ))}
    </details>
  );
}

function without(stated: { u?: string; basis?: Basis | undefined; source?: string }): Stated {
  return Object.fromEntries(Object.entries(stated).filter(([, said]) => said)) as Stated;
}
