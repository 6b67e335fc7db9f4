// Studies: the designs of one, two measures of them beside each other with bounds and front, and a table of all.
import { go, to, withQuery } from "../address";
import { useAnswer } from "../answers";
import { get, type Job } from "../ask";
import { forScripts } from "../entering";
import { Link, moment, partyTitle, printed, slotTitle, Title, useHere } from "../here";
import { copied, known } from "../parts/Copy";
import { AskJob } from "../parts/Job";
import { Refusal } from "../parts/Problems";
import { type Point, Scatter } from "../parts/Scatter";
import { Trying } from "../parts/Trying";
import { useTried } from "../verdicts";
import { STUDY } from "../words/study";

const DESIGNS = 64;
const MOST_ROWS = 100;
type Study = NonNullable<Job["study"]>;
type Design = Study["designs"][number];

export function StudyPage() {
  const here = useHere();
  const { words, say, programme, party, language, address } = here;
  const own = STUDY[language];
  const acting = known(here);
  const tried = useTried();
  const number = Number(address.query.get("study") ?? 0);
  const asked = number ? `job(${number})` : "study()";
  const script = [
    "import covolt",
    "",
    `ws = covolt.connect(${JSON.stringify(forScripts())})`,
    `ws.programme(${JSON.stringify(programme.id)}, party=${JSON.stringify(acting)}).${asked}.study`,
    "",
  ].join("\n");
  return (
    <>
      <div className="top">
        <Title of={say(programme.title)}>{words.study}</Title>
        {acting && (
          <div className="actions">
            <button type="button" onClick={() => copied(script, here)}>
              {words.copyPython}
            </button>
            <button
              type="button"
              onClick={() => copied(`covolt study run . --output study --designs ${DESIGNS} --party ${acting}\n`, here)}
            >
              {words.copyCommand}
            </button>
          </div>
        )}
      </div>
      <p className="lead">{own.lead}</p>
      {tried.length > 0 && (
        <Trying>
          <Link to={to(address, "vehicle")}>{words.vehicle}</Link>
        </Trying>
      )}
      <AskJob kind="study" title={own.ask} told={own.askTold} designs={DESIGNS} seconds={null}>
        {(job) => job.study && <Shown study={job.study} />}
      </AskJob>
      {party && <Earlier />}
    </>
  );
}

function Earlier() {
  const { programme, party, language, address, revision, words } = useHere();
  const own = STUDY[language];
  const name = programme.id;
  const chosen = address.query.get("study") ?? "";
  const held = useAnswer(
    JSON.stringify([name, party, revision, chosen]),
    (signal) => get("/api/v1/programmes/{name}/jobs", party, { name }, {}, signal),
    JSON.stringify([name, party]),
  );
  const studies = held.value?.jobs.filter((one) => one.kind === "study");
  return (
    <section aria-labelledby="earlier">
      <h2 id="earlier">{own.earlier}</h2>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {studies === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {studies?.length === 0 && <p>{own.noEarlier}</p>}
      <ul className="plain">
        {studies?.map((one) => (
          <li key={one.number}>
            <Link to={to(address, "study", "", { study: String(one.number) })}>{own.study(one.number)}</Link>{" "}
            <span className="soft">
              {moment(one.made, language)}, {one.person}, {own.designs(Number(one.asked.designs ?? DESIGNS))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

// Of points the ones that no other is better than in both.
export function frontOf(points: readonly Point[], right: boolean, above: boolean): Point[] {
  const better = (a: number, b: number, more: boolean) => (more ? a > b : a < b);
  const sorted = [...points].sort((a, b) =>
    a.x === b.x ? (better(a.y, b.y, above) ? -1 : 1) : better(a.x, b.x, right) ? -1 : 1,
  );
  const front: Point[] = [];
  for (const one of sorted) {
    const last = front.at(-1);
    if (last === undefined || better(one.y, last.y, above)) front.push(one);
  }
  return front;
}

function Shown({ study }: { study: Study }) {
  const here = useHere();
  const { say, address, language } = here;
  const own = STUDY[language];
  const { measures, designs } = study;
  const wanted = (name: string, other: number) => {
    const at = measures.findIndex((one) => one.requirement === address.query.get(name));
    return at < 0 ? Math.min(other, measures.length - 1) : at;
  };
  const [x, y] = [wanted("x", 0), wanted("y", 1)];
  const [across, up] = [measures[x], measures[y]];
  const meetsAll = (one: Design) => one.meets === measures.length && !one.leaves;
  const only = address.query.get("only") ?? "";
  const points = designs.flatMap((one): Point[] => {
    const [px, py] = [one.found[x], one.found[y]];
    if (typeof px !== "number" || typeof py !== "number") return [];
    return [{ design: one.design, x: px, y: py, meets: meetsAll(one), today: one.design === 0 }];
  });
  const within = points.filter((one) => !designs.find((each) => each.design === one.design)?.leaves);
  const front = across && up ? frontOf(within, across.at_least, up.at_least) : [];
  const onFront = new Set(front.map((one) => one.design));
  const shows = (one: Design) =>
    only === "feasible" ? meetsAll(one) : only === "front" ? onFront.has(one.design) : true;
  const chosen = designs.filter(shows);
  const drawn = new Set(chosen.map((one) => one.design));
  const set = (name: string, value: string) => go(withQuery(address, { [name]: value || null }), { replace: true });
  const named = (at: number) => {
    const one = measures[at];
    return one ? [say(one.title), say(one.printed_unit)].filter(Boolean).join(", ") : "";
  };
  const choices: [string, string, number][] = [
    ["x", own.across, x],
    ["y", own.up, y],
  ];
  return (
    <>
      <p>{own.meeting(study.meeting, designs.length)}</p>
      <div className="filter">
        {choices.map(([name, label, at]) => (
          <label key={name}>
            {label}
            <select name={name} value={measures[at]?.requirement} onChange={(event) => set(name, event.target.value)}>
              {measures.map((one) => (
                <option key={one.requirement} value={one.requirement}>
                  {say(one.title)}
                </option>
              ))}
            </select>
          </label>
        ))}
        <label>
          {own.only}
          <select name="only" value={only} onChange={(event) => set("only", event.target.value)}>
            <option value="">{own.all}</option>
            <option value="feasible">{own.feasible}</option>
            <option value="front">{own.front}</option>
          </select>
        </label>
      </div>
      {across && up && (
        <Scatter
          points={points.filter((one) => drawn.has(one.design))}
          front={front}
          across={named(x)}
          up={named(y)}
          bounds={[across.bound, up.bound]}
          label={own.chart(named(x), named(y), chosen.length, front.length)}
          legend={own.legend}
        />
      )}
      <Designs study={study} chosen={chosen} onFront={onFront} at={[x, y]} named={named} />
      <Readers study={study} />
    </>
  );
}

type Listed = {
  study: Study;
  chosen: readonly Design[];
  onFront: ReadonlySet<number>;
  at: readonly number[];
  named: (at: number) => string;
};

function Designs({ study, chosen, onFront, at, named }: Listed) {
  const { say, language } = useHere();
  const own = STUDY[language];
  const { measures, variables } = study;
  const number = (one: number | string | null | undefined) =>
    typeof one === "number" ? printed(one, language, 5) : (one ?? "–");
  // The front first, then what meets most.
  const rows = [...chosen].sort(
    (a, b) => Number(onFront.has(b.design)) - Number(onFront.has(a.design)) || b.meets - a.meets || a.design - b.design,
  );
  return (
    <section>
      <h3 id="designs">{own.table}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways is scrolled by keyboard, too. */}
      <section className="wide-table" aria-label={own.table} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{own.design}</th>
              <th scope="col">{own.meets}</th>
              {at.map((one, place) => (
                <th scope="col" key={place === 0 ? "x" : "y"} className="n">
                  {named(one)}
                </th>
              ))}
              {variables.map((one) => (
                <th scope="col" key={one.id} className="n">
                  {[say(one.title), say(one.printed_unit)].filter(Boolean).join(", ")}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map((one) => (
              <tr key={one.design}>
                <th scope="row">
                  {one.design} {one.design === 0 && <span className="soft">{own.today}</span>}{" "}
                  {onFront.has(one.design) && <b>{own.onFront}</b>}
                </th>
                <td>
                  {one.lost ? own.lost : own.of(one.meets, measures.length)}
                  {one.leaves && <span className="why">{own.leaves}</span>}
                </td>
                {at.map((each, place) => (
                  <td className="n" key={place === 0 ? "x" : "y"}>
                    {number(one.found[each])}
                  </td>
                ))}
                {variables.map((each, place) => (
                  <td className="n" key={each.id}>
                    {number(one.values[place])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > MOST_ROWS && <p className="soft">{own.more(rows.length - MOST_ROWS)}</p>}
    </section>
  );
}

function Readers({ study }: { study: Study }) {
  const here = useHere();
  const { say, address, language } = here;
  const own = STUDY[language];
  return (
    <>
      <h3>{own.moves}</h3>
      <ul className="plain">
        {study.variables.map((one) => (
          <li key={one.id}>
            {one.slot ? <Link to={to(address, "parts", one.slot)}>{slotTitle(here, one.slot)}</Link> : null}{" "}
            {say(one.title)} ({partyTitle(here, one.party)}) <span className="soft">{say(one.readers)}</span>
          </li>
        ))}
      </ul>
      <h3>{own.asks}</h3>
      <table className="cards">
        <thead>
          <tr>
            <th scope="col">{here.words.requirement}</th>
            <th scope="col">{own.who}</th>
            <th scope="col">{own.bound}</th>
            <th scope="col">{own.metBy}</th>
            <th scope="col">{own.readers}</th>
          </tr>
        </thead>
        <tbody>
          {study.measures.map((one) => (
            <tr key={one.requirement}>
              <th scope="row">
                <Link to={to(address, "requirements", "", { row: one.requirement })}>{say(one.title)}</Link>
              </th>
              <td data-of={own.who}>{partyTitle(here, one.party)}</td>
              <td data-of={own.bound}>
                <span className="q">
                  {one.at_least ? "≥" : "≤"} {printed(one.bound ?? 0, language, 5)} {say(one.printed_unit)}
                </span>
              </td>
              <td data-of={own.metBy}>{own.of(one.met, study.designs.length)}</td>
              <td data-of={own.readers}>{say(one.readers)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
