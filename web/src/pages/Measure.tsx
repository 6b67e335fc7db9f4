// What to measure next: whose numbers decide most verdicts once they are known better, and what carries each open ±.
import { go, to, withQuery } from "../address";
import { untilSure, useAnswer } from "../answers";
import { get, type Measure } from "../ask";
import { forScripts } from "../entering";
import { Link, partyTitle, printed, slotTitle, Title, useHere } from "../here";
import { copied, known } from "../parts/Copy";
import { Explain } from "../parts/Explain";
import { Refusal } from "../parts/Problems";
import { Progress, Quantity, Standing } from "../parts/Verdicts";
import { MEASURE } from "../words/measure";

type Asked = Measure["asked"][number];
type Opened = Measure["open"][number];

export function MeasurePage() {
  const here = useHere();
  const { words, say, programme, party, revision, language } = here;
  const own = MEASURE[language];
  const name = programme.id;
  const held = useAnswer<Measure>(
    JSON.stringify([name, party, revision]),
    (signal, tell) =>
      untilSure((wait_s) => get("/api/v1/programmes/{name}/measure", party, { name }, { wait_s }, signal), tell),
    JSON.stringify([name, party]),
  );
  const found = held.value;
  const acting = known(here);
  const script = [
    "import covolt",
    "",
    `ws = covolt.connect(${JSON.stringify(forScripts())})`,
    `ws.programme(${JSON.stringify(name)}${acting ? `, party=${JSON.stringify(acting)}` : ""}).measure()`,
    "",
  ].join("\n");
  const command = `covolt verify . --next${acting ? ` --party ${acting}` : ""}\n`;
  return (
    <>
      <div className="top">
        <div className="named">
          <Title of={say(programme.title)}>{words.measureNext}</Title>
          <Explain of="u" word={words.u} />
        </div>
        <div className="actions">
          <button type="button" onClick={() => copied(script, here)}>
            {words.copyPython}
          </button>
          <button type="button" onClick={() => copied(command, here)}>
            {words.copyCommand}
          </button>
        </div>
      </div>
      <p className="lead">{own.lead}</p>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {found === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {found && <Progress of={found} />}
      {found?.surely && (
        <>
          {found.open.length === 0 ? <p>{own.none}</p> : <AskedFor found={found} />}
          {found.open.length > 0 && <OpenVerdicts found={found} />}
          {found.unstated.length > 0 && <Unstated found={found} />}
        </>
      )}
    </>
  );
}

// A number by its slot and name; it leads to the page of its slot.
function NumberName({ one }: { one: Asked }) {
  const here = useHere();
  const { say, address } = here;
  if (!one.slot) return <>{say(one.title)}</>;
  return (
    <Link to={to(address, "parts", one.slot)}>
      {slotTitle(here, one.slot)}: {say(one.title)}
    </Link>
  );
}

function AskedFor({ found }: { found: Measure }) {
  const { language } = useHere();
  const own = MEASURE[language];
  const deciding = found.asked.filter((one) => one.decides.length > 0);
  const others = found.asked.filter((one) => one.decides.length === 0);
  return (
    <section aria-labelledby="asked">
      <h2 id="asked">{own.asked}</h2>
      {deciding.length > 0 && <AskedTable rows={deciding} />}
      {others.length > 0 && (
        <details open={deciding.length === 0}>
          <summary>{own.onlyCarry(others.length)}</summary>
          <AskedTable rows={others} />
        </details>
      )}
    </section>
  );
}

function AskedTable({ rows }: { rows: readonly Asked[] }) {
  const here = useHere();
  const { say, address, language } = here;
  const own = MEASURE[language];
  return (
    <table className="cards asked">
      <thead>
        <tr>
          <th scope="col">{own.number}</th>
          <th scope="col">{own.whose}</th>
          <th scope="col">{own.uNow}</th>
          <th scope="col">{own.decides}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={one.key} className={one.mine ? "mine" : undefined}>
            <th scope="row">
              <NumberName one={one} />
              {one.generic && (
                <span className="why">
                  {own.generic}
                  {say(one.instead) && `: ${say(one.instead)}`}
                </span>
              )}
              {one.address && (
                <Link className="small" to={to(address, "parts", one.slot, { talk: one.address })}>
                  {own.comment}
                  <span className="unseen"> {say(one.title)}</span>
                </Link>
              )}
            </th>
            <td data-of={own.whose}>{one.party ? partyTitle(here, one.party) : "covolt"}</td>
            <td data-of={own.uNow}>
              {say(one.u) ? (
                <span className="q">
                  {say(one.u)} → {say(one.half)}
                </span>
              ) : (
                <span className="soft">–</span>
              )}
            </td>
            <td data-of={own.decides}>
              {one.decides.length === 0 && <span className="soft">{own.decidesNone}</span>}
              <ul className="plain">
                {one.decides.map((each) => (
                  <li key={each.requirement}>
                    <Link to={to(address, "requirements", "", { row: each.requirement })}>{say(each.title)}</Link>{" "}
                    <Standing standing={each.standing} />
                  </li>
                ))}
              </ul>
              <span className="soft">{own.carries(one.carries)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function OpenVerdicts({ found }: { found: Measure }) {
  const { language } = useHere();
  const own = MEASURE[language];
  const asked = new Map(found.asked.map((one) => [one.key, one]));
  return (
    <section aria-labelledby="open">
      <h2 id="open">{own.open}</h2>
      <p className="soft">{own.openTold}</p>
      {found.open.map((one) => (
        <OneOpen key={one.verdict.requirement} one={one} asked={asked} />
      ))}
    </section>
  );
}

function OneOpen({ one, asked }: { one: Opened; asked: ReadonlyMap<string, Asked> }) {
  const here = useHere();
  const { say, address, language, words } = here;
  const own = MEASURE[language];
  const { requirement, title, margin_text, unit, party, unstated } = one.verdict;
  const open = address.query.get("row") === requirement;
  const [first] = one.carried;
  const most = first && asked.get(first.key);
  return (
    <article className="carried">
      <h3>
        <button
          type="button"
          className="row"
          aria-expanded={open}
          onClick={() => go(withQuery(address, { row: open ? null : requirement }), { replace: true })}
        >
          {say(title)}
        </button>
      </h3>
      <p>
        <code>{requirement}</code> <span className="soft">{partyTitle(here, party)}</span>{" "}
        <Quantity number={margin_text} unit={unit} unstated={unstated} />
        {most && first && (
          <span className="soft">
            {"; "}
            {own.most} {most.slot && `${slotTitle(here, most.slot)}: `}
            {say(most.title)}, {say(first.share_text)}
          </span>
        )}
      </p>
      {open && (
        <>
          <table className="cards">
            <thead>
              <tr>
                <th scope="col">{own.number}</th>
                <th scope="col">{own.share}</th>
                <th scope="col">{own.marginThen}</th>
                <th scope="col">{own.verdictThen}</th>
                <th scope="col">{own.needed}</th>
              </tr>
            </thead>
            <tbody>
              {one.carried.map((each) => {
                const number = asked.get(each.key);
                return (
                  <tr key={each.key}>
                    <th scope="row">{number ? <NumberName one={number} /> : each.key}</th>
                    <td data-of={own.share}>
                      <meter aria-hidden="true" min={0} max={1} value={each.share ?? 0} />{" "}
                      <span className="q">{say(each.share_text)}</span>
                    </td>
                    <td data-of={own.marginThen} className="q">
                      {say(each.margin_text)}
                    </td>
                    <td data-of={own.verdictThen}>
                      <Standing standing={each.standing} /> <span className="soft">{say(each.probability_text)}</span>
                    </td>
                    <td data-of={own.needed}>
                      {each.needed_share === null ? (
                        <span className="soft">{own.neverAlone}</span>
                      ) : (
                        <>
                          <span className="q">{say(each.needed)}</span>{" "}
                          <span className="soft">
                            {own.neededOf(`${printed(Math.floor(100 * each.needed_share), language)} %`)}
                          </span>
                        </>
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          {one.together.length > 0 && (
            <p>
              {own.together}{" "}
              {one.together
                .map((key) => asked.get(key))
                .map(
                  (each) =>
                    each && [each.slot && slotTitle(here, each.slot), say(each.title)].filter(Boolean).join(": "),
                )
                .join("; ")}{" "}
              → <Standing standing={one.together_standing} />
            </p>
          )}
          {say(one.move) && <p>{say(one.move)}</p>}
          <p>
            <Link to={to(address, "requirements", "", { row: requirement })}>
              {words.requirement}: {say(title)}
            </Link>
          </p>
        </>
      )}
    </article>
  );
}

function Unstated({ found }: { found: Measure }) {
  const here = useHere();
  const { say, address, language } = here;
  const own = MEASURE[language];
  return (
    <section aria-labelledby="unstated">
      <h2 id="unstated">{own.unstated}</h2>
      <p className="soft">{own.unstatedTold}</p>
      <table className="cards">
        <thead>
          <tr>
            <th scope="col">{own.number}</th>
            <th scope="col">{own.whose}</th>
            <th scope="col">{own.writes}</th>
            <th scope="col">{own.requirements}</th>
          </tr>
        </thead>
        <tbody>
          {found.unstated.map((one) => (
            <tr key={`${one.party} ${one.slot} ${say(one.title)}`}>
              <th scope="row">
                {one.hidden ? (
                  own.hiddenNumbers
                ) : (
                  <Link to={to(address, "parts", one.slot)}>
                    {slotTitle(here, one.slot)}: {say(one.title)}
                  </Link>
                )}
              </th>
              <td data-of={own.whose}>{partyTitle(here, one.party)}</td>
              <td data-of={own.writes}>{one.spelling && <code>{one.spelling}</code>}</td>
              <td data-of={own.requirements}>
                {one.requirements.map((each) => (
                  <span key={each}>
                    <Link to={to(address, "requirements", "", { row: each })}>{each}</Link>{" "}
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
