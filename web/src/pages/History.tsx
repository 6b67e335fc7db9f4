// How the programme came to be what it is: gates, verdicts and margins over time, baselines, old failures, levels.
import { to } from "../address";
import { untilSure, useAnswer } from "../answers";
import { get, type History, type Said } from "../ask";
import { day, gateTitle, Link, moment, partyTitle, printed, Title, useHere } from "../here";
import { Explain } from "../parts/Explain";
import { Refusal } from "../parts/Problems";
import { ORDER, Progress } from "../parts/Verdicts";
import { JUDGED } from "../words/judged";

export function HistoryPage() {
  const { words, say, programme, party, revision, language } = useHere();
  const own = JUDGED[language];
  const name = programme.id;
  const held = useAnswer<History>(
    JSON.stringify([name, party, revision]),
    (signal, tell) =>
      untilSure((wait_s) => get("/api/v1/programmes/{name}/history", party, { name }, { wait_s }, signal), tell),
    JSON.stringify([name, party]),
  );
  const shown = held.value;
  return (
    <>
      <Title of={say(programme.title)}>{own.history}</Title>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {shown === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {shown && (
        <>
          <Progress of={shown} />
          <OverTime shown={shown} />
          <Margins shown={shown} />
          <Baselines shown={shown} />
          <Negatives shown={shown} />
          <Levels shown={shown} />
        </>
      )}
    </>
  );
}

function OverTime({ shown }: { shown: History }) {
  const here = useHere();
  const { say, address, language, programme } = here;
  const own = JUDGED[language];
  return (
    <section aria-labelledby="over-time">
      <h2 id="over-time">{own.overTime}</h2>
      <p className="soft">{own.overTimeTold}</p>
      <table className="cards">
        <thead>
          <tr>
            <th scope="col">{own.state}</th>
            <th scope="col">{here.words.verdicts}</th>
            {programme.gates.map((one) => (
              <th scope="col" key={one.id}>
                {say(one.title)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.states.map(({ state, counts, gates, surely }) => (
            <tr key={state.id}>
              <th scope="row">
                <Link to={to(address, "compare", "", { before: state.id, after: "now" })}>{say(state.said)}</Link>
                <span className="why">{moment(state.at, language)}</span>
              </th>
              <td data-of={here.words.verdicts}>
                {ORDER.filter((one) => counts[one]).map((one) => (
                  <span key={one} className={`q v ${one.replaceAll(/[ ,]+/g, "-")}`}>
                    {counts[one]}{" "}
                  </span>
                ))}
              </td>
              {programme.gates.map(({ id }) => {
                const gate = gates.find((one) => one.id === id);
                return (
                  <td key={id} data-of={gateTitle(here, id)}>
                    {!surely ? (
                      <span className="soft">{own.notJudged}</span>
                    ) : gate === undefined ? (
                      "–"
                    ) : gate.open ? (
                      <b className="met">✓ {own.openGate}</b>
                    ) : (
                      <span className="not-met">✗ {own.shutGate(gate.blocks_count)}</span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.pending > 0 && <p className="progress">{own.pending(shown.pending)}</p>}
    </section>
  );
}

const WIDE = 160;
const HIGH = 34;

function Margins({ shown }: { shown: History }) {
  const { say, address, language, words } = useHere();
  const own = JUDGED[language];
  const moved = shown.margins.filter((one) => new Set(one.margins).size > 1).slice(0, 20);
  if (moved.length === 0) return null;
  return (
    <section aria-labelledby="margins">
      <h2 id="margins">{own.margins}</h2>
      <p className="soft">{own.marginsTold}</p>
      <table className="cards">
        <thead>
          <tr>
            <th scope="col">{words.requirement}</th>
            <th scope="col">{own.margins}</th>
            <th scope="col" className="n">
              {own.before}
            </th>
            <th scope="col" className="n">
              {own.after}
            </th>
          </tr>
        </thead>
        <tbody>
          {moved.map((one) => {
            const known = one.margins.filter((each): each is number => each !== null);
            const said = (value: number | undefined) =>
              value === undefined ? "–" : `${value > 0 ? "+" : ""}${printed(value, language, 4)}\u00a0${say(one.unit)}`;
            return (
              <tr key={one.requirement}>
                <th scope="row">
                  <Link to={to(address, "requirements", "", { row: one.requirement })}>{say(one.title)}</Link>{" "}
                  <code>{one.requirement}</code>
                </th>
                <td data-of={own.margins}>
                  <Line margins={one.margins} />
                </td>
                <td className="n" data-of={own.before}>
                  <span className="q">{said(known[0])}</span>
                </td>
                <td className="n" data-of={own.after}>
                  <span className={(known.at(-1) ?? 0) < 0 ? "q not-met" : "q"}>{said(known.at(-1))}</span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Line({ margins }: { margins: readonly (number | null)[] }) {
  const known = margins.filter((one): one is number => one !== null);
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)];
  const x = (at: number) => 4 + (at * (WIDE - 8)) / Math.max(1, margins.length - 1);
  const y = (value: number) => HIGH - 4 - ((value - low) * (HIGH - 8)) / (high - low || 1);
  const points = margins.flatMap((one, at) => (one === null ? [] : [{ x: x(at), y: y(one) }]));
  const last = points.at(-1);
  return (
    <svg className="spark" width={WIDE} height={HIGH} aria-hidden="true">
      <line x1={0} x2={WIDE} y1={y(0)} y2={y(0)} />
      <polyline points={points.map((one) => `${one.x},${one.y}`).join(" ")} />
      {last && <circle cx={last.x} cy={last.y} r={3} />}
    </svg>
  );
}

function Baselines({ shown }: { shown: History }) {
  const { say, address, language } = useHere();
  const own = JUDGED[language];
  return (
    <section aria-labelledby="baselines">
      <h2 id="baselines">
        {own.baselines} <Explain of="baseline" word={own.baselines} />
      </h2>
      {shown.baselines.length === 0 && <p>{own.noBaselines}</p>}
      <ul className="plain">
        {shown.baselines.map((one) => (
          <li key={one.id}>
            {say(one.said)}, {own.keptOn} {day(one.at, language)}:{" "}
            <Link to={to(address, "compare", "", { before: one.id, after: "now" })}>{own.compareWithNow}</Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Negatives({ shown }: { shown: History }) {
  const here = useHere();
  const { say, language, address } = here;
  const own = JUDGED[language];
  return (
    <section aria-labelledby="negatives">
      <h2 id="negatives">
        {own.negatives} <Explain of="negative" word={own.negatives} />
      </h2>
      {shown.negatives.length === 0 && <p>{own.noNegatives}</p>}
      {shown.negatives.map((one) => (
        <details key={one.id}>
          <summary>
            <b className={one.met ? "met" : "not-met"}>
              {one.met ? "✓ " : "✗ "}
              {say(one.state)}
            </b>{" "}
            <span className="own">{say(one.title)}</span> <code>{one.id}</code>{" "}
            <span className="soft">{partyTitle(here, one.party)}</span>
          </summary>
          <dl className="facts">
            <div>
              <dt>{own.when}</dt>
              <dd className="own">{say(one.when)}</dd>
            </div>
            <div>
              <dt>{own.promised}</dt>
              <dd className="own">{say(one.promise)}</dd>
            </div>
            <div>
              <dt>{own.happened}</dt>
              <dd className="own">{say(one.happened)}</dd>
            </div>
            <div>
              <dt>{own.guards}</dt>
              <dd>
                {one.guards.map((each) => (
                  <span key={each.name} className="why">
                    <b className={each.state === "met" ? "met" : "not-met"}>{each.state === "met" ? "✓" : "✗"}</b>{" "}
                    {(each.watchers ?? []).map((by) => (
                      <Link key={by.requirement} to={to(address, "requirements", "", { row: by.requirement })}>
                        {by.requirement}
                      </Link>
                    ))}{" "}
                    {(each.watchers ?? []).length === 0 && <code>{each.name}</code>} {say(each.why)}
                  </span>
                ))}
                {say(one.why)}
              </dd>
            </div>
          </dl>
        </details>
      ))}
    </section>
  );
}

// A measure of a level by what covolt calls it, else by the name that its party gave it.
function Measured({ name, title }: { name: string; title: Said | undefined }) {
  const { say } = useHere();
  return title ? say(title) : <span className="own">{name.replaceAll("_", " ")}</span>;
}

// The year of a measure stands beside it.
function inYear(unit: string): string {
  return unit.replace(/\/yr$/, "");
}

function Levels({ shown }: { shown: History }) {
  const here = useHere();
  const { say, language } = here;
  const own = JUDGED[language];
  const { levels } = shown;
  const parties = levels.parties.filter((one) => one.level || one.measures.length > 0);
  return (
    <section aria-labelledby="levels">
      <h2 id="levels">
        {own.levels} <Explain of="level" word={own.levels} />
      </h2>
      {parties.length === 0 && <p>{own.noLevels}</p>}
      {parties.length > 0 && (
        <table className="cards">
          <thead>
            <tr>
              <th scope="col">{here.words.party}</th>
              <th scope="col">{own.level}</th>
              <th scope="col">{own.measures}</th>
            </tr>
          </thead>
          <tbody>
            {parties.map((one) => (
              <tr key={one.id}>
                <th scope="row">
                  {say(one.title)}
                  {one.belongs_to.length > 0 && (
                    <span className="why">↑ {one.belongs_to.map((each) => partyTitle(here, each)).join(", ")}</span>
                  )}
                </th>
                <td data-of={own.level}>{own.levelWords[one.level] ?? one.level.replaceAll("-", " ")}</td>
                <td data-of={own.measures}>
                  <ul className="plain">
                    {one.measures.map((each) => (
                      <li key={`${each.name} ${each.unit} ${each.year}`}>
                        <Measured name={each.name} title={shown.measures?.[each.name]} />, {each.year}:{" "}
                        <b className="q">
                          {each.value === null ? "–" : printed(each.value, language)}
                          {"\u00a0"}
                          {own.units[inYear(each.unit)] ?? inYear(each.unit)}
                        </b>
                        {each.expanded != null && <> ± {printed(each.expanded, language, 2)}</>}{" "}
                        <span className="soft">
                          {!(each.standing === "computed" && say(each.source)) && own.standings[each.standing]}
                          {say(each.source) && (
                            <>
                              {each.standing === "computed" ? "" : ": "}
                              <span className={each.standing === "computed" ? undefined : "own"}>
                                {say(each.source)}
                              </span>
                            </>
                          )}
                        </span>
                      </li>
                    ))}
                  </ul>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
