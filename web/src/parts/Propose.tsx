// The form in which a vehicle that is tried becomes a proposal.
import { type FormEvent, useEffect, useRef, useState } from "react";
import { addressOf, go, read, type Tried, to, withTried } from "../address";
import { post, Refused } from "../ask";
import { slotTitle, useHere } from "../here";
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
          legend={words.besideOf(`${slotTitle(here, one.slot)}, ${one.number}`)}
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
