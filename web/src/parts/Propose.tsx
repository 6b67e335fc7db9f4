// The form in which a vehicle that is tried becomes a proposal.
import { type FormEvent, useEffect, useRef, useState } from "react";
import { go, read, type Tried, to, withTried } from "../address";
import { post, Refused } from "../ask";
import { useHere } from "../here";
import { Refusal } from "./Problems";

export function Propose({ tried, done }: { tried: readonly Tried[]; done: () => void }) {
  const { words, programme, party, language, address } = useHere();
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
          changes: [...tried],
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
