// Requirements as evidence: verdict, value, bound and the documents that they cite, each leading to its row.
import { to } from "../address";
import type { Verdict } from "../ask";
import { gateTitle, Link, partyTitle, useHere } from "../here";
import { Quantity, Standing } from "./Verdicts";

// What is met is folded, so that what is not stands at once.
export function FoldedEvidence({ rows }: { rows: readonly Verdict[] }) {
  const met = rows.filter((one) => one.standing.en === "met");
  return (
    <>
      {met.length < rows.length && <Evidence rows={rows.filter((one) => !met.includes(one))} />}
      {met[0] && (
        <details>
          <summary>
            <Standing standing={met[0].standing} /> ({met.length})
          </summary>
          <Evidence rows={met} />
        </details>
      )}
    </>
  );
}

export function Evidence({ rows }: { rows: readonly Verdict[] }) {
  const here = useHere();
  const { words, say, address } = here;
  return (
    <table className="cards evidence">
      <thead>
        <tr>
          <th scope="col">{words.requirement}</th>
          <th scope="col">{words.verdict}</th>
          <th scope="col" className="n">
            {words.value}
          </th>
          <th scope="col" className="n">
            {words.bound}
          </th>
          <th scope="col">{words.evidence}</th>
          <th scope="col">{words.party}</th>
          <th scope="col">{words.gate}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={one.requirement}>
            <th scope="row">
              <Link to={to(address, "requirements", "", { row: one.requirement })}>{say(one.title)}</Link>{" "}
              <code>{one.requirement}</code>
            </th>
            <td data-of={words.verdict}>
              <Standing standing={one.standing} />
            </td>
            <td className="n" data-of={words.value}>
              <Quantity number={one.value_text} unit={one.unit} unstated={one.unstated} />
            </td>
            <td className="n" data-of={words.bound}>
              <Quantity number={one.bound_text} unit={one.unit} />
            </td>
            <td data-of={words.evidence}>
              {one.level !== null && (words.levels[one.level] ?? String(one.level))}
              {one.level === null && !one.papers?.length && "–"}
              {one.papers && one.papers.length > 0 && (
                <ul className="plain papers">
                  {one.papers.map((each) => (
                    <li key={each.en}>{say(each)}</li>
                  ))}
                </ul>
              )}
            </td>
            <td data-of={words.party}>{partyTitle(here, one.party)}</td>
            <td data-of={words.gate}>{gateTitle(here, one.gate)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
