// Verdicts: a sign and a word, never colour alone; counts; what turns between two vehicles.
import { to } from "../address";
import type { Said, Turned, Verdict, Verdicts } from "../ask";
import { Link, useHere } from "../here";

export const ORDER = [
  "not met",
  "within uncertainty",
  "not verified",
  "stale",
  "met, text not checked",
  "met",
  "hidden",
] as const;

export function slug(verdict: string): string {
  return verdict.replaceAll(/[ ,]+/g, "-");
}

export function Standing({ standing }: { standing: Said }) {
  const { say } = useHere();
  return <span className={`v ${slug(standing.en)}`}>{say(standing)}</span>;
}

// A number with its unit, held together.
export function Quantity({ number, unit, unstated = false }: { number: Said; unit: Said; unstated?: boolean }) {
  const { say, words } = useHere();
  const said = say(number);
  if (!said) return <span className="soft">–</span>;
  const whole = <span className="q">{[said, say(unit)].filter(Boolean).join("\u00a0")}</span>;
  if (!unstated) return whole;
  return (
    <>
      {whole} <span className="soft">({words.unstated})</span>
    </>
  );
}

export function Counts({ verdicts }: { verdicts: readonly Verdict[] }) {
  const { address } = useHere();
  const found = ORDER.flatMap((verdict) => {
    const rows = verdicts.filter((one) => one.verdict === verdict);
    const [first] = rows;
    return first ? [{ verdict, count: rows.length, standing: first.standing }] : [];
  });
  return (
    <ul className="counts">
      {found.map((one) => (
        <li key={one.verdict}>
          <Link to={to(address, "requirements", "", { verdict: one.verdict })}>
            <b>{one.count}</b> <Standing standing={one.standing} />
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function Progress({ of }: { of: Pick<Verdicts, "surely"> & Partial<Pick<Verdicts, "failed">> }) {
  const { words, say } = useHere();
  if (of.failed?.length)
    return (
      <div className="note bad">
        {words.notComputed} {of.failed.map(say).join("; ")}
      </div>
    );
  return (
    <p className={of.surely ? "progress sure" : "progress"} data-surely={of.surely}>
      {of.surely ? words.computed : words.computing}
    </p>
  );
}

const NONE: ReadonlySet<string> = new Set();

// Whose bound moves is named by the changes: such a verdict turns by that, however its value moves.
export function boundsOf(changes: readonly { slot: string; number: string }[]): ReadonlySet<string> {
  return new Set(changes.filter((one) => one.slot === "").map((one) => one.number));
}

export function TurnedTable({ rows, bounds = NONE }: { rows: readonly Turned[]; bounds?: ReadonlySet<string> }) {
  const { words, say, address } = useHere();
  if (rows.length === 0) return <p>{words.nothingTurned}</p>;
  return (
    <table className="cards turned">
      <thead>
        <tr>
          <th scope="col">{words.requirement}</th>
          <th scope="col">{words.beforeToAfter}</th>
          <th scope="col" className="n">
            {words.margin}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.requirement} className={row.turned ? (row.worse ? "worse" : "better") : undefined}>
            <th scope="row">
              <Link to={to(address, "requirements", "", { row: row.requirement })}>{say(row.title)}</Link>
              <code>{row.requirement}</code>
            </th>
            <td data-of={words.beforeToAfter}>
              <span className="q">{say(row.value_before) || "–"} →</span>{" "}
              <b>
                <Quantity number={row.value_after} unit={row.unit} />
              </b>
              <span className="standings">
                {row.turned && (
                  <>
                    <Standing standing={row.before} /> →{" "}
                  </>
                )}
                <Standing standing={row.after} />
              </span>
            </td>
            <td className="n" data-of={words.margin}>
              <Quantity number={row.margin_after} unit={row.unit} unstated={row.unstated} />
              <span className="soft trend">
                {bounds.has(row.requirement)
                  ? words.boundMoves
                  : row.worse
                    ? `↓ ${words.worsens}`
                    : `↑ ${words.improves}`}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function TurnedTold({ rows, bounds = NONE }: { rows: readonly Turned[]; bounds?: ReadonlySet<string> }) {
  const { words } = useHere();
  const turned = rows.filter((one) => one.turned && !bounds.has(one.requirement));
  const bounded = rows.filter((one) => one.turned && bounds.has(one.requirement)).length;
  const worse = turned.filter((one) => one.worse).length;
  return (
    <>
      {turned.length > 0 && <b>{words.turnedTold(worse, turned.length - worse)}; </b>}
      {bounded > 0 && <b>{words.turnedByBound(bounded)}; </b>}
      {words.movedTold(rows.length)}
    </>
  );
}
