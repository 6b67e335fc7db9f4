// One slot: its contract, every number with who changed it, what others see of it, and the offers for it.
import { Fragment } from "react";
import { go, to, withQuery } from "../address";
import { useAnswer } from "../answers";
import { get, type PartShown, type PartView } from "../ask";
import { forScripts } from "../entering";
import { Link, moment, partyTitle, printed, Title, useHere } from "../here";
import { copied, known } from "../parts/Copy";
import { Explain } from "../parts/Explain";
import { Refusal } from "../parts/Problems";
import { Talk } from "../parts/Talk";
import { PART } from "../words/part";

// No party is called so: ids begin with a letter or a digit.
const NOBODY = "-";

export function PartPage({ slot }: { slot: string }) {
  const here = useHere();
  const { words, say, programme, party, revision, language, address } = here;
  const name = programme.id;
  const as = address.query.get("beside");
  const asked = as === null ? {} : { beside: as === NOBODY ? "" : as };
  const held = useAnswer(
    JSON.stringify([name, slot, party, revision, as]),
    (signal) => get("/api/v1/programmes/{name}/slots/{slot}", party, { name, slot }, asked, signal),
    JSON.stringify([name, slot, party]),
  );
  const shown = held.value;
  const title = shown ? say(shown.title) : slot;
  const acting = known(here) ? `, party=${JSON.stringify(party)}` : "";
  const script = [
    "import covolt",
    "",
    `ws = covolt.connect(${JSON.stringify(forScripts())})`,
    `ws.programme(${JSON.stringify(name)}${acting}).slot(${JSON.stringify(slot)})`,
    "",
  ].join("\n");
  return (
    <>
      <div className="top">
        <Title of={say(programme.title)}>{title}</Title>
        <div className="actions">
          <button type="button" onClick={() => copied(script, here)}>
            {words.copyPython}
          </button>
          <button type="button" onClick={() => copied(`covolt offers . --slot ${slot}\n`, here)}>
            {words.copyCommand}
          </button>
        </div>
      </div>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {shown === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {shown && (
        <>
          <Facts shown={shown} />
          <Talk about={`slot/${slot}`} title={title} />
          <Numbers shown={shown} as={as} />
          <ContractPart view={shown.own} />
          <Offers view={shown.own} />
        </>
      )}
    </>
  );
}

function Facts({ shown }: { shown: PartShown }) {
  const here = useHere();
  const { say, address, language, words } = here;
  const own = PART[language];
  const { own: view } = shown;
  const rows: [string, React.ReactNode][] = [
    [own.owner, partyTitle(here, shown.owner)],
    [own.part, view.part ? <code key="part">{view.part}</code> : words.emptySlot],
    [own.digest, view.digest ? <code key="digest">{view.digest}</code> : ""],
    [own.readers, say(view.readers)],
    [own.model, view.model ? <code key="model">{view.model}</code> : ""],
    [own.chemistry, view.chemistry],
    [
      own.licence,
      view.licence ? (
        <span key="licence" className="own">
          {view.licence}
        </span>
      ) : (
        ""
      ),
    ],
    [own.commit, <code key="commit">{shown.commit.slice(0, 12)}</code>],
  ];
  return (
    <>
      <dl className="facts">
        {rows.map(([name, said]) =>
          said ? (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{said}</dd>
            </div>
          ) : null,
        )}
      </dl>
      <p>
        <Link to={`${to(address, "vehicle")}#${shown.slot}`}>{own.change}</Link>
      </p>
    </>
  );
}

function Numbers({ shown, as }: { shown: PartShown; as: string | null }) {
  const here = useHere();
  const { words, say, address, language, programme, party } = here;
  const own = PART[language];
  const { own: view, other } = shown;
  const who = as === NOBODY ? own.nobodyActs : partyTitle(here, as ?? "");
  const theirs = new Map(other?.numbers.map((one) => [one.number.address, one.number]));
  return (
    <section aria-labelledby="numbers">
      <h2 id="numbers">{own.numbers}</h2>
      <label className="beside">
        {own.beside}
        <select
          name="beside"
          value={as ?? ""}
          onChange={(event) => go(withQuery(address, { beside: event.target.value || null }), { replace: true })}
        >
          <option value="">{own.nobodyElse}</option>
          {programme.parties
            .filter((one) => one.id !== party)
            .map((one) => (
              <option key={one.id} value={one.id}>
                {say(one.title)}
              </option>
            ))}
          <option value={NOBODY}>{own.nobody}</option>
        </select>
      </label>
      {other && (
        <p className="note" role="status">
          {other.hidden ? own.seesNone(who) : own.seesNumbers(who)}{" "}
          {own.seesOffers(other.offers.length, view.offers.length)}
        </p>
      )}
      {view.hidden && <p>{words.hiddenPart}</p>}
      {view.numbers.length > 0 && (
        <table className="cards numbers traced">
          <thead>
            <tr>
              <th scope="col">{words.number}</th>
              <th scope="col" className="n">
                {words.value}
              </th>
              {other && (
                <th scope="col" className="n">
                  {own.sees(who)}
                </th>
              )}
              <th scope="col" className="n">
                {words.u}
              </th>
              <th scope="col">{words.basis}</th>
              <th scope="col">{own.changed}</th>
            </tr>
          </thead>
          <tbody>
            {view.numbers.map(({ number, changes }) => {
              const unit = say(number.printed_unit);
              const value = (one: number | null) =>
                one === null ? "–" : [printed(one, language, 10), unit].filter(Boolean).join("\u00a0");
              const theirsHere = theirs.get(number.address);
              return (
                <Fragment key={number.address}>
                  <tr id={number.name}>
                    <th scope="row">
                      {say(number.title)} <code>{number.address}</code>
                    </th>
                    <td className="n" data-of={words.value}>
                      <span className="q">{value(number.value)}</span>
                    </td>
                    {other && (
                      <td className="n" data-of={own.sees(who)}>
                        {theirsHere ? <span className="q">{value(theirsHere.value)}</span> : `◌ ${own.hiddenHere}`}
                      </td>
                    )}
                    <td className="n" data-of={words.u}>
                      {number.u === null ? (
                        <span className="soft">{words.notStated}</span>
                      ) : (
                        <span className="q">
                          {[printed(number.u, language, 3), unit].filter(Boolean).join("\u00a0")}
                        </span>
                      )}
                    </td>
                    <td data-of={words.basis}>
                      {words.bases[number.basis] ?? number.basis}
                      {number.source && <span className="why own">{number.source}</span>}
                    </td>
                    <td data-of={own.changed}>
                      <Traced changes={changes} />
                    </td>
                  </tr>
                  <tr className="talked">
                    <td colSpan={other ? 6 : 5}>
                      <Talk about={number.address} title={say(number.title)} />
                    </td>
                  </tr>
                </Fragment>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Traced({ changes }: { changes: PartView["numbers"][number]["changes"] }) {
  const here = useHere();
  const { say, address, language } = here;
  const own = PART[language];
  const [last] = changes;
  if (last === undefined) return <span className="soft">–</span>;
  return (
    <>
      <time dateTime={last.at}>{moment(last.at, language)}</time>{" "}
      {last.proposal > 0 ? (
        <>
          <Link to={to(address, "proposals", String(last.proposal))}>{own.byProposal(String(last.proposal))}</Link>,{" "}
          {partyTitle(here, last.party)}, <span className="q">{say(last.before)}</span> →{" "}
          <b className="q">{say(last.after)}</b>
        </>
      ) : (
        <span className="soft">{own.came}</span>
      )}{" "}
      <code title={last.commit}>{last.commit.slice(0, 8)}</code>
      {changes.length > 2 && <span className="why">{own.earlier(changes.length - 1)}</span>}
    </>
  );
}

function ContractPart({ view }: { view: PartView }) {
  const here = useHere();
  const { say, language, words } = here;
  const own = PART[language];
  const { contract } = view;
  return (
    <section aria-labelledby="contract">
      <h2 id="contract">
        {own.contract} <Explain of="contract" word={own.contract} />
      </h2>
      {!contract && <p>{own.noContract}</p>}
      {contract && (
        <>
          <p>
            <code>{contract.reference}</code> {say(contract.title)} · {own.interfaceOf}{" "}
            <code>{contract.interface}</code> · {own.between}:{" "}
            {contract.between.map((one) => partyTitle(here, one)).join(", ")} ·{" "}
            <b className={contract.state === "broken" ? "not-met" : undefined}>{own.states[contract.state]}</b>
          </p>
          <h3>{own.limits}</h3>
          {contract.limits.length === 0 && <p className="soft">{own.noLimits}</p>}
          {contract.limits.length > 0 && (
            <table className="cards">
              <thead>
                <tr>
                  <th scope="col">{words.number}</th>
                  <th scope="col">{own.limit}</th>
                  <th scope="col">{own.declared}</th>
                  <th scope="col">{own.keeps}</th>
                </tr>
              </thead>
              <tbody>
                {contract.limits.map((one) => (
                  <tr key={one.number}>
                    <th scope="row">{say(one.title)}</th>
                    <td data-of={own.limit}>{say(one.limit)}</td>
                    <td data-of={own.declared}>
                      {one.holds === null ? `◌ ${own.hiddenHere}` : say(one.offered) || "–"}
                    </td>
                    <td data-of={own.keeps}>
                      {one.holds !== null && (
                        <b className={one.holds ? "met" : "not-met"}>{one.holds ? own.yes : own.no}</b>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          <details>
            <summary>
              {own.ports} ({contract.ports.length}), {own.promises.toLocaleLowerCase(language)} (
              {contract.promises.length})
            </summary>
            <table className="cards">
              <thead>
                <tr>
                  <th scope="col">{own.port}</th>
                  <th scope="col">{own.quantity}</th>
                  <th scope="col">{own.unit}</th>
                  <th scope="col">{own.direction}</th>
                  <th scope="col">{own.range}</th>
                </tr>
              </thead>
              <tbody>
                {contract.ports.map((one) => (
                  <tr key={one.path}>
                    <th scope="row">
                      <code>{one.path}</code>
                      {one.optional && <span className="soft"> {own.optional}</span>}
                      {one.meaning && (
                        <span className="why" lang="en">
                          {one.meaning}
                        </span>
                      )}
                    </th>
                    <td data-of={own.quantity}>{own.quantities[one.quantity] ?? one.quantity}</td>
                    <td data-of={own.unit}>{say(one.unit)}</td>
                    <td data-of={own.direction}>{own.directions[one.direction]}</td>
                    <td data-of={own.range}>{say(one.range)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <h3>{own.promises}</h3>
            <ul>
              {contract.promises.map((one) => (
                <li key={one.name}>
                  <code>{one.name}</code> <span lang="en">{one.sentence}</span>
                </li>
              ))}
            </ul>
          </details>
        </>
      )}
    </section>
  );
}

function Offers({ view }: { view: PartView }) {
  const here = useHere();
  const { say, language } = here;
  const own = PART[language];
  const { offers, lines } = view;
  return (
    <section aria-labelledby="offers">
      <h2 id="offers">
        {own.offers} <Explain of="offer" word={own.offers} />
      </h2>
      {offers.length === 0 && <p>{own.noOffers}</p>}
      {offers.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways is scrolled by keyboard, too.
        <section className="wide-table" aria-label={own.sideBySide} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{own.offer}</th>
                {offers.map((one) => (
                  <th scope="col" key={one.offer}>
                    <code title={one.digest}>{one.offer}</code>
                    <span className="why">
                      {partyTitle(here, one.party)},{" "}
                      {one.locked
                        ? own.locked
                        : one.older
                          ? own.older
                          : one.reasons.length === 0
                            ? own.waits
                            : own.stands}
                    </span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <tr key={line.name.en}>
                  <th scope="row">{say(line.name)}</th>
                  {line.values.map((one, at) => (
                    <td key={offers[at]?.offer}>{say(one) || "–"}</td>
                  ))}
                </tr>
              ))}
              {offers.some((one) => one.reasons.length > 0) && (
                <tr>
                  <th scope="row">{own.stands}</th>
                  {offers.map((one) => (
                    <td key={one.offer}>
                      <ul className="plain">
                        {one.reasons.map((each) => (
                          <li key={each.en}>{say(each)}</li>
                        ))}
                      </ul>
                    </td>
                  ))}
                </tr>
              )}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}
