// The vehicle: what fills each slot, its numbers, and verdicts that follow the number one types.
import { useEffect, useId, useRef, useState } from "react";
import { addressOf, go, type Tried, to, withQuery } from "../address";
import type { NumberRow, Problem, Slot, Turned } from "../ask";
import { Link, partyTitle, printed, Title, useHere } from "../here";
import { asCurl, asPython, copied } from "../parts/Copy";
import { ProblemList, Refusal } from "../parts/Problems";
import { Propose } from "../parts/Propose";
import { Trying } from "../parts/Trying";
import { boundsOf, Counts, Progress, Quantity, Standing, TurnedTable, TurnedTold } from "../parts/Verdicts";
import { useTyping } from "../typing";
import { useTried, useVerdicts } from "../verdicts";
import { WORDS as CONFLICT_WORDS } from "../words/conflicts";

const WORST = 8;

export function VehiclePage() {
  const here = useHere();
  const { words, programme, say, language, party } = here;
  const tried = useTried();
  const held = useVerdicts(tried);
  const type = useTyping();
  // A slot's own page leads to its numbers here.
  useEffect(() => document.getElementById(location.hash.slice(1))?.scrollIntoView(), []);
  const proposing = here.address.query.has("propose") && tried.length > 0;
  const propose = (open: boolean) => go(withQuery(here.address, { propose: open ? "1" : null }));
  const problems = held.refused?.problems ?? [];
  const addresses = new Set(tried.map(addressOf));
  const fields = new Set(programme.slots.flatMap((slot) => slot.numbers.map((one) => one.address)));
  const elsewhere = problems.filter((one) => !(addresses.has(one.where) && fields.has(one.where)));
  const own = programme.slots.filter((one) => one.numbers.some((each) => each.mine));
  const others = programme.slots.filter((one) => !own.includes(one));
  const turned = held.value?.turned ?? [];
  return (
    <div className={tried.length > 0 ? "trying" : undefined}>
      <div className="top">
        <Title of={say(programme.title)}>{words.vehicle}</Title>
        <div className="actions">
          <button type="button" onClick={() => copied(asPython(here, tried), here)}>
            {words.copyPython}
          </button>
          <button type="button" onClick={() => copied(asCurl(here, tried), here)}>
            {words.copyCurl}
          </button>
        </div>
      </div>
      {tried.length > 0 && (
        <Trying
          told={
            <>
              {held.refused ? (
                words.notTried
              ) : held.old || (held.busy && turned.length === 0) ? (
                words.computing
              ) : (
                <>
                  <TurnedTold rows={turned} bounds={boundsOf(tried)} />.
                </>
              )}{" "}
              <a href="#verdicts">{words.turned}</a>
            </>
          }
        >
          <button type="button" className="main" onClick={() => propose(true)} disabled={held.refused !== undefined}>
            {words.propose}
          </button>
        </Trying>
      )}
      {proposing && <Propose tried={tried} done={() => propose(false)} />}
      {held.refused && (elsewhere.length > 0 || problems.length === 0) && (
        <Refusal refused={held.refused} language={language} />
      )}
      <div className="two">
        <div>
          <p className="soft">{party && own.length > 0 ? words.yourNumbers : words.noneYours}</p>
          {[...own, ...others].map((slot) => (
            <SlotPart key={`${slot.id} ${party}`} slot={slot} tried={tried} problems={problems} type={type} />
          ))}
        </div>
        <section id="verdicts" className="side" aria-busy={held.busy} aria-label={words.verdicts}>
          {held.value ? (
            <>
              <h2>{say(held.value.headline)}</h2>
              <Progress of={held.value} />
              {held.value.notices && held.value.notices.length > 0 && (
                <div className="note bad">
                  <b>{words.breaksContracts}</b>
                  <ul>
                    {held.value.notices.map((one) => (
                      <li key={one.en}>{say(one)}</li>
                    ))}
                  </ul>
                </div>
              )}
              <Counts verdicts={held.value.verdicts} />
              {tried.length > 0 && held.old && turned.length === 0 ? null : tried.length > 0 ? (
                <div className={held.old ? "old" : undefined}>
                  <Broken rows={turned} />
                  <h3>{words.turned}</h3>
                  <TurnedTable rows={turned} bounds={boundsOf(tried)} />
                </div>
              ) : (
                <>
                  <h3>{words.worstFirst}</h3>
                  <ul className="worst">
                    {held.value.verdicts.slice(0, WORST).map((one) => (
                      <li key={one.requirement}>
                        <Link to={to(here.address, "requirements", "", { row: one.requirement })}>
                          {say(one.title)}
                        </Link>
                        <span>
                          <Standing standing={one.standing} />{" "}
                          {say(one.value_text) && (
                            <>
                              <Quantity number={one.value_text} unit={one.unit} unstated={one.unstated} /> (
                              <Quantity number={one.bound_text} unit={one.unit} />)
                            </>
                          )}
                        </span>
                      </li>
                    ))}
                  </ul>
                  <Link to={to(here.address, "requirements")}>{words.allVerdicts}</Link>
                </>
              )}
            </>
          ) : (
            <p className="progress">{held.refused ? words.notTried : words.loading}</p>
          )}
        </section>
      </div>
    </div>
  );
}

type Typing = {
  tried: readonly Tried[];
  problems: readonly Problem[];
  type: (address: string, value: string | null) => void;
};

function SlotPart({ slot, tried, problems, type }: { slot: Slot } & Typing) {
  const here = useHere();
  const { words, say } = here;
  const title = useId();
  const touched = tried.some((one) => one.slot === slot.id);
  return (
    <section className={touched ? "slot touched" : "slot"} aria-labelledby={title} id={slot.id}>
      <h2 id={title}>
        <Link to={to(here.address, "parts", slot.id)}>{say(slot.title)}</Link>
      </h2>
      <p className="soft of">
        {slot.party ? partyTitle(here, slot.party) : partyTitle(here, slot.owner)}
        {slot.part && (
          <>
            {" · "}
            <code>{slot.part}</code> <code title={slot.digest}>{slot.digest.replace("sha256:", "").slice(0, 8)}</code>
          </>
        )}
      </p>
      {slot.hidden && <p>{words.hiddenPart}</p>}
      {slot.offers && slot.offers.length > 1 && <Offers slot={slot} tried={tried} type={type} />}
      {!slot.hidden && slot.numbers.length === 0 && <p>{words.emptySlot}</p>}
      {slot.numbers.length > 0 && (
        <table className="cards numbers">
          <thead>
            <tr>
              <th scope="col">{words.number}</th>
              <th scope="col">{words.value}</th>
              <th scope="col" className="n">
                {words.u}
              </th>
              <th scope="col">{words.basis}</th>
            </tr>
          </thead>
          <tbody>
            {slot.numbers.map((one) => (
              <NumberLine key={one.address} row={one} tried={tried} problems={problems} type={type} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function NumberLine({ row, tried, problems, type }: { row: NumberRow } & Typing) {
  const { words, say, language } = useHere();
  const typed = tried.find((one) => addressOf(one) === row.address)?.value;
  const wrong = problems.filter((one) => one.where === row.address);
  const unit = say(row.printed_unit);
  const locked = row.value === null ? "" : printed(row.value, language, 10);
  return (
    <tr className={typed === undefined ? undefined : "touched"}>
      <th scope="row">{say(row.title)}</th>
      <td data-of={words.value}>
        {row.mine || typed !== undefined ? (
          <NumberInput row={row} typed={typed} locked={locked} unit={unit} wrong={wrong} type={type} />
        ) : (
          <>
            <span className="q">{[locked, unit].filter(Boolean).join("\u00a0")}</span>{" "}
            <button type="button" className="quiet" onClick={() => type(row.address, locked)}>
              {words.tryIt}
              <span className="unseen"> {say(row.title)}</span>
            </button>
          </>
        )}
      </td>
      <td className="n" data-of={words.u}>
        {row.u === null ? (
          <span className="soft">{words.notStated}</span>
        ) : (
          <span className="q">{[printed(row.u, language, 3), unit].filter(Boolean).join("\u00a0")}</span>
        )}
      </td>
      <td data-of={words.basis}>
        {words.bases[row.basis] ?? row.basis}
        {row.source && <span className="why own">{row.source}</span>}
      </td>
    </tr>
  );
}

// Another offer that is there already may be tried in a slot.
function Offers({ slot, tried, type }: { slot: Slot } & Omit<Typing, "problems">) {
  const { language, say } = useHere();
  const words = CONFLICT_WORDS[language];
  const address = `${slot.id}/offer`;
  const chosen = tried.find((one) => addressOf(one) === address)?.value ?? slot.part;
  return (
    <p>
      <label>
        {words.offer}
        <span className="unseen"> {say(slot.title)}</span>{" "}
        <select
          value={chosen}
          name={address}
          onChange={(event) => type(address, event.target.value === slot.part ? null : event.target.value)}
        >
          {[...new Set([...(slot.offers ?? []), chosen])].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
    </p>
  );
}

// Requirements that what is tried breaks: the conflict, and the way to what resolves it.
function Broken({ rows }: { rows: readonly Turned[] }) {
  const here = useHere();
  const words = CONFLICT_WORDS[here.language];
  const broken = rows.filter((one) => one.breaks);
  if (broken.length === 0) return null;
  return (
    <div className="note bad conflict">
      <b>{words.breaks(broken.length)}</b>
      <ul>
        {broken.map((one) => (
          <li key={one.requirement}>
            {here.say(one.title)} ({partyTitle(here, one.party)}):{" "}
            <Quantity number={one.margin_after} unit={one.unit} unstated={one.unstated} />
          </li>
        ))}
      </ul>
      <Link to={to(here.address, "conflicts")}>{words.resolve}</Link>
    </div>
  );
}

type Input = {
  row: NumberRow;
  typed: string | undefined;
  locked: string;
  unit: string;
  wrong: readonly Problem[];
  type: (address: string, value: string | null) => void;
};

function NumberInput({ row, typed, locked, unit, wrong, type }: Input) {
  const { words, say, language } = useHere();
  const [text, write] = useState(typed ?? locked);
  const sent = useRef(typed ?? locked);
  const told = useId();
  useEffect(() => {
    const given = typed ?? locked;
    if (given === sent.current) return;
    sent.current = given;
    write(given);
  }, [typed, locked]);
  const changed = (value: string) => {
    write(value);
    const own = value.trim();
    const same = own === "" || own === locked;
    sent.current = same ? locked : own;
    type(row.address, same ? null : own);
  };
  return (
    <>
      <span className="field">
        <input
          value={text}
          onChange={(event) => changed(event.target.value)}
          onBlur={() => text.trim() === "" && write(locked)}
          // biome-ignore lint/a11y/noAutofocus: a number of somebody else's has just been asked for by its button.
          autoFocus={!row.mine && typed === locked}
          inputMode="decimal"
          autoComplete="off"
          spellCheck={false}
          data-number={row.address}
          aria-label={[say(row.title), unit].filter(Boolean).join(", ")}
          aria-invalid={wrong.length > 0}
          aria-describedby={wrong.length > 0 || typed !== undefined ? told : undefined}
        />
        <span aria-hidden="true">{unit}</span>
      </span>
      {(wrong.length > 0 || typed !== undefined) && (
        <span id={told} className="told">
          {wrong.length > 0 && (
            <span className="wrong">
              <ProblemList problems={wrong.map((one) => ({ ...one, where: "" }))} language={language} />
            </span>
          )}
          {typed !== undefined && (
            <>
              <span className="soft">{words.lockedAt([locked, unit].filter(Boolean).join("\u00a0"))}</span>{" "}
              <button type="button" className="quiet" onClick={() => changed(locked)} aria-label={words.resetOne}>
                ↺
              </button>
            </>
          )}
        </span>
      )}
    </>
  );
}
