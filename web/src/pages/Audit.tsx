// The log: who did what, each entry bound to the one before by its hash; filters stand in the address.
import { useState } from "react";
import { go, withQuery } from "../address";
import { useAnswer } from "../answers";
import { type Chain, door, get, post, Refused } from "../ask";
import { Link, moment, partyTitle, Title, useHere } from "../here";
import { copied } from "../parts/Copy";
import { Refusal } from "../parts/Problems";
import { HandIn } from "../parts/SignOff";
import { placeOf } from "../parts/Talk";
import { JUDGED } from "../words/judged";
import { TRUST } from "../words/trust";

const FILTERS = ["of", "verb", "text"] as const;

export function AuditPage() {
  const here = useHere();
  const { words, say, programme, party, revision, language, address } = here;
  const own = TRUST[language];
  const name = programme.id;
  const held = useAnswer(
    JSON.stringify([name, party, revision]),
    (signal) => get("/api/v1/programmes/{name}/log", party, { name }, {}, signal),
    JSON.stringify([name, party]),
  );
  const all = held.value?.events ?? [];
  const [of = "", verb = "", text = ""] = FILTERS.map((one) => address.query.get(one) ?? "");
  const sought = text.trim().toLocaleLowerCase();
  const found = all.filter(
    (one) =>
      (!of || one.party === of) &&
      (!verb || one.verb === verb) &&
      (!sought ||
        [say(one.said), say(one.person_said), one.person, one.hash, one.subject]
          .join(" ")
          .toLocaleLowerCase()
          .includes(sought)),
  );
  const set = (which: string, value: string) => go(withQuery(address, { [which]: value || null }), { replace: true });
  return (
    <>
      <Title of={say(programme.title)}>{own.audit}</Title>
      <p className="soft">{own.auditTold}</p>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {held.value === undefined && held.busy && <p className="progress">{words.loading}</p>}
      <Check />
      {party && held.value?.checkpoint && <Countersign {...held.value.checkpoint} />}
      <search className="filter">
        <label>
          {own.find}
          <input type="search" name="text" value={text} onChange={(event) => set("text", event.target.value)} />
        </label>
        <label>
          {words.party}
          <select name="of" value={of} onChange={(event) => set("of", event.target.value)}>
            <option value="">{words.all}</option>
            {[...new Set(all.map((one) => one.party))].filter(Boolean).map((one) => (
              <option key={one} value={one}>
                {partyTitle(here, one)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {own.verb}
          <select name="verb" value={verb} onChange={(event) => set("verb", event.target.value)}>
            <option value="">{words.all}</option>
            {(held.value?.kinds ?? [])
              .filter(({ kind }) => all.some((one) => one.verb === kind))
              .map((one) => (
                <option key={one.kind} value={one.kind}>
                  {say(one.title)}
                </option>
              ))}
          </select>
        </label>
        <output>{own.shown(found.length, all.length)}</output>
      </search>
      {held.value && found.length === 0 && <p>{own.none}</p>}
      {found.length > 0 && (
        <table className="cards logged">
          <thead>
            <tr>
              <th scope="col">{own.entry}</th>
              <th scope="col">{own.when}</th>
              <th scope="col">{own.who}</th>
              <th scope="col">{own.what}</th>
              <th scope="col">{own.hash}</th>
            </tr>
          </thead>
          <tbody>
            {found.map((one) => (
              <tr key={one.sequence} id={String(one.sequence)}>
                <th scope="row">{one.sequence}</th>
                <td data-of={own.when}>
                  <time dateTime={one.at}>{moment(one.at, language)}</time>
                </td>
                <td data-of={own.who}>
                  {one.party && `${partyTitle(here, one.party)}, `}
                  <span className="own">{say(one.person_said)}</span>
                </td>
                <td data-of={own.what}>
                  <Placed subject={one.subject}>{say(one.said)}</Placed>
                </td>
                <td data-of={own.hash}>
                  <code title={one.hash}>{one.hash.replace("sha256:", "").slice(0, 16)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function Placed({ subject, children }: { subject: string; children: string }) {
  const place = placeOf(useHere(), subject);
  return place ? <Link to={place}>{children}</Link> : children;
}

function Check() {
  const { programme, party, language } = useHere();
  const own = TRUST[language];
  const [chain, hold] = useState<Chain>();
  const [refused, refuse] = useState<Refused>();
  const check = async () => {
    refuse(undefined);
    try {
      hold(await get("/api/v1/programmes/{name}/log/chain", party, { name: programme.id }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
    }
  };
  return (
    <div>
      <button type="button" onClick={check}>
        {own.check}
      </button>
      <div role="status">
        {chain && (
          <div className={chain.whole ? "note" : "note bad"}>
            <p>
              <b className={chain.whole ? "met" : "not-met"}>
                {chain.whole ? `✓ ${own.whole(chain.entry_count)}` : `✗ ${own.broken}`}
              </b>
            </p>
            {!chain.whole && (
              <p>{chain.broken.length > 0 ? own.brokenAt(chain.broken.join(", ")) : own.brokenElsewhere}</p>
            )}
            <p>
              {own.keep} <code>{chain.last}</code>
            </p>
          </div>
        )}
      </div>
      {refused && <Refusal refused={refused} language={language} />}
    </div>
  );
}

// What the workspace has signed of where everything stands is signed by a party, too, on its own machine.
function Countersign({ number, file }: { number: number; file: string }) {
  const here = useHere();
  const { programme, party, language, tell } = here;
  const own = TRUST[language];
  const signing = JUDGED[language];
  const name = programme.id;
  const command = `covolt sign --statement ${file} --key KEYFILE`;
  return (
    <details className="countersign">
      <summary>{own.countersign}</summary>
      <p>{own.countersignTold}</p>
      <ol>
        <li>
          <a href={door("/api/v1/programmes/{name}/checkpoint", { name }, { party, number })} download>
            {signing.signFetch}
          </a>
        </li>
        <li>
          {signing.signRun} <code>{command}</code>{" "}
          <button type="button" className="quiet" onClick={() => copied(`${command}\n`, here)}>
            {signing.signCopy}
          </button>
        </li>
        <li>{signing.signThen}</li>
      </ol>
      <HandIn
        send={async (file) => {
          const door = "/api/v1/programmes/{name}/checkpoint/countersignatures";
          tell(own.countersigned((await post(door, party, { name }, { file })).id));
        }}
      />
    </details>
  );
}
