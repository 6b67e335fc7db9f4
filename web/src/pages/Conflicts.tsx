// Conflicts of the vehicle that is locked or tried: who stands against whom, ways out, all conflicts, and settlements.
import { useState } from "react";
import { go, read, to, triedIn, withTried } from "../address";
import { untilSure, useAnswer } from "../answers";
import { type BrokenRow, type Conflicts, type FoundConflicts, get, type Job, post, Refused } from "../ask";
import { Link, partyTitle, printed, slotTitle, Title, useHere } from "../here";
import { AskJob } from "../parts/Job";
import { Refusal } from "../parts/Problems";
import { SettlementCard } from "../parts/Settlement";
import { Trying } from "../parts/Trying";
import { Progress, Quantity } from "../parts/Verdicts";
import { useTried } from "../verdicts";
import { WORDS } from "../words/conflicts";

export function ConflictsPage() {
  const here = useHere();
  const { say, programme, party, revision, address, language } = here;
  const words = WORDS[language];
  const tried = useTried();
  const name = programme.id;
  const held = useAnswer<Conflicts>(
    JSON.stringify([name, party, tried, revision]),
    (signal, tell) =>
      untilSure(
        (wait_s) =>
          tried.length === 0
            ? get("/api/v1/programmes/{name}/conflicts", party, { name }, { wait_s }, signal)
            : post("/api/v1/programmes/{name}/conflicts", party, { name }, { changes: [...tried] }, { wait_s }, signal),
        tell,
      ),
    JSON.stringify([name, party]),
  );
  const found = held.value;
  const ask = { designs: found?.designs ?? 0, seconds: found?.seconds ?? null };
  return (
    <div className={tried.length > 0 ? "trying" : undefined}>
      <Title of={say(programme.title)}>{here.words.conflicts}</Title>
      <p className="lead">{words.lead}</p>
      {tried.length > 0 && (
        <Trying>
          <Link to={to(address, "vehicle")}>{here.words.vehicle}</Link>
        </Trying>
      )}
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {found === undefined && held.busy && <p className="progress">{here.words.loading}</p>}
      {found && (
        <>
          <Progress of={found} />
          <Excluding found={found} />
          <h2>{words.broken}</h2>
          {found.broken.length === 0 ? <p>{words.none}</p> : <Broken rows={found.broken} />}
          <AskJob
            kind="settlement"
            title={words.settle}
            told={words.settleTold}
            {...ask}
            seconds={found.settlement_seconds ?? null}
          >
            {(job) => <Settlements job={job} />}
          </AskJob>
          <AskJob kind="conflicts" title={words.look} told={words.lookTold} {...ask}>
            {(job) => <Found job={job} />}
          </AskJob>
          <Levers found={found} />
        </>
      )}
    </div>
  );
}

function Excluding({ found }: { found: Conflicts }) {
  const here = useHere();
  const words = WORDS[here.language];
  if (found.contradictions.length === 0) return null;
  return (
    <section className="note bad" aria-labelledby="excluding">
      <h2 id="excluding">{words.excluding}</h2>
      <ul>
        {found.contradictions.map((one) => (
          <li key={`${one.at_least} ${one.at_most}`}>
            {[one.at_least, one.at_most].map((id, at) => (
              <span key={id}>
                {at > 0 && " ↔ "}
                <Link to={to(here.address, "requirements", "", { row: id })}>{id}</Link> (
                {partyTitle(here, one.parties[at] ?? "")})
              </span>
            ))}
            : {here.words.contradiction(here.say(one.gap_text))}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Broken({ rows }: { rows: readonly BrokenRow[] }) {
  const here = useHere();
  const { say, address, language } = here;
  const words = WORDS[language];
  const tryBound = (row: BrokenRow) => {
    const now = read(new URL(location.href));
    const kept = triedIn(now.query).filter((one) => one.slot !== "" || one.number !== row.requirement);
    go(withTried(now, [...kept, { slot: "", number: row.requirement, value: row.way }]));
  };
  return (
    <table className="cards broken">
      <thead>
        <tr>
          <th scope="col">{words.requirement}</th>
          <th scope="col">{here.words.party}</th>
          <th scope="col">{here.words.value}</th>
          <th scope="col">{here.words.bound}</th>
          <th scope="col">{words.gap}</th>
          <th scope="col">{words.ways}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.requirement} className={row.new ? "worse" : undefined}>
            <th scope="row">
              <Link to={to(address, "requirements", "", { row: row.requirement })}>{say(row.title)}</Link>{" "}
              <code>{row.requirement}</code>
              {row.new && <span className="why">{words.isNew}</span>}
            </th>
            <td data-of={here.words.party}>
              {partyTitle(here, row.party)} <span className="soft">{words.asks}</span>
              {row.against.map((one) => (
                <span key={one} className="why">
                  {partyTitle(here, one)} <span className="soft">{words.against}</span>
                </span>
              ))}
            </td>
            <td data-of={here.words.value}>
              <Quantity number={row.value_text} unit={row.unit} unstated={row.unstated} />
            </td>
            <td data-of={here.words.bound}>
              <Quantity number={row.bound_text} unit={row.unit} />
            </td>
            <td data-of={words.gap}>
              <Quantity number={row.gap_text} unit={row.unit} />
            </td>
            <td data-of={words.ways}>
              {row.way ? (
                <button type="button" onClick={() => tryBound(row)}>
                  {words.tryBound(wayText(row, language, say(row.unit)))}
                  <span className="unseen"> {say(row.title)}</span>
                </button>
              ) : (
                <span className="soft">{row.kind === "law" ? words.lawStays : words.fixedStays}</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function wayText(row: BrokenRow, language: "en" | "ru", unit: string): string {
  const value = Number(row.way.split(" ")[0]);
  return [Number.isFinite(value) ? printed(value, language) : row.way, unit].filter(Boolean).join("\u00a0");
}

function Levers({ found }: { found: Conflicts }) {
  const here = useHere();
  const { say, language } = here;
  const words = WORDS[language];
  return (
    <section aria-labelledby="levers">
      <h2 id="levers">{words.levers}</h2>
      {found.levers.length === 0 && <p>{words.noLevers}</p>}
      <ul className="plain">
        {found.levers.map((one) => (
          <li key={one.id}>
            {say(one.title)} ({partyTitle(here, one.party)}, {slotTitle(here, one.slot)}): {words.from}{" "}
            <span className="q">{say(one.lowest)}</span> {words.until} <span className="q">{say(one.highest)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Settlements({ job }: { job: Job }) {
  const { language, say } = useHere();
  const words = WORDS[language];
  const found = job.settlements;
  if (!found) return null;
  return (
    <>
      {found.excluding.length > 0 && (
        <div className="note">
          <p>{words.noneLeft}</p>
          <ul>
            {found.excluding.map((one) => (
              <li key={one.en}>{say(one)}</li>
            ))}
          </ul>
          {found.options.length === 0 && <p>{words.noneAtAll}</p>}
        </div>
      )}
      {found.options.map((one, at) => (
        <article key={one.rules.join()} className="settlement">
          <SettlementCard one={one} heading={words.settlement(at + 1)} />
          {one.against.length === 0 && <ProposeSettlement job={job.number} option={at} />}
        </article>
      ))}
    </>
  );
}

function ProposeSettlement({ job, option }: { job: number; option: number }) {
  const { programme, party, address, language } = useHere();
  const words = WORDS[language];
  const [refused, refuse] = useState<Refused>();
  const [busy, work] = useState(false);
  const propose = async () => {
    work(true);
    refuse(undefined);
    try {
      const made = await post(
        "/api/v1/programmes/{name}/proposals",
        party,
        { name: programme.id },
        { changes: [], reason: "", title: words.title(option + 1), settlement: { job, option } },
      );
      go(to(read(new URL(withTried(address, []), location.href)), "proposals", String(made.number)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
      work(false);
    }
  };
  return (
    <>
      {refused && <Refusal refused={refused} language={language} />}
      <button type="button" className="main" disabled={busy} onClick={propose}>
        {words.propose}
        <span className="unseen"> {words.settlement(option + 1)}</span>
      </button>
    </>
  );
}

type Found = FoundConflicts["conflicts"][number];
type Eased = Found["eased"][number];

function Found({ job }: { job: Job }) {
  const { language } = useHere();
  const words = WORDS[language];
  const found = job.conflicts;
  if (!found) return null;
  return (
    <>
      {found.designs && <p className="soft">{words.lookedAt(found.designs.count, found.designs.meet)}</p>}
      <p>{found.conflicts.length > 0 ? words.conflictsFound(found.conflicts.length) : words.conflictsNone}</p>
      {found.everything.length > 0 && (
        <>
          <h3>{words.everything}</h3>
          <EasedList rows={found.everything} job={job} />
        </>
      )}
      <ol>
        {found.conflicts.map((one) => (
          <li key={one.demands.map((each) => `${each.requirement} ${each.party}`).join()}>
            <OneConflict one={one} job={job} />
          </li>
        ))}
      </ol>
      {found.left > 0 && <p>{words.more(found.left)}</p>}
    </>
  );
}

function useQuantity(job: Job): (value: number | null | undefined, unit: string) => string {
  const { language, say } = useHere();
  return (value, unit) => {
    const known = job.words?.[unit];
    const told = unit === "1" ? "" : known ? say(known) : unit;
    return value === null || value === undefined
      ? "–"
      : [printed(value, language), told].filter(Boolean).join("\u00a0");
  };
}

function OneConflict({ one, job }: { one: Found; job: Job }) {
  const here = useHere();
  const words = WORDS[here.language];
  const quantity = useQuantity(job);
  return (
    <>
      <ul className="plain">
        {one.demands.map((each) => (
          <li key={`${each.requirement} ${each.party}`}>
            {each.requirement ? here.say(each.title) : words.hiddenDemand} ({partyTitle(here, each.party)})
            {each.side && (
              <>
                : {each.side === "at_least" ? "≥" : "≤"} <span className="q">{quantity(each.bound, each.unit)}</span>
              </>
            )}
          </li>
        ))}
      </ul>
      <p>
        <b>{one.demands.length > 1 ? words.together : words.alone}</b> ({words.sure[one.sure] ?? one.sure})
      </p>
      {one.eased.length > 0 && (
        <>
          <p>{words.least}:</p>
          <EasedList rows={one.eased} job={job} />
        </>
      )}
    </>
  );
}

function EasedList({ rows, job }: { rows: readonly Eased[]; job: Job }) {
  const here = useHere();
  const words = WORDS[here.language];
  const quantity = useQuantity(job);
  return (
    <ul>
      {rows.map((one) => (
        <li key={one.moves.map((each) => `${each.requirement}${each.relaxed}`).join()}>
          {one.moves
            .map(
              (each) =>
                `${partyTitle(here, each.party)}, ${each.requirement} ${words.move(quantity(each.bound, each.unit), quantity(each.relaxed, each.unit))}`,
            )
            .join("; ")}
        </li>
      ))}
    </ul>
  );
}
