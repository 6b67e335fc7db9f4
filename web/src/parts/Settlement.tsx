// A settlement: what each party gives and gets, which numbers, offers and bounds move, with ± or "nominal".
import type { Settlement } from "../ask";
import { partyTitle, printed, useHere } from "../here";
import { WORDS } from "../words/conflicts";
import { ChangeList } from "./Changes";

type Card = Settlement["card"];
type Stake = Card["interests"][number];
type Judged = Card["requirements"][number];

export function SettlementCard({ one, heading }: { one: Settlement; heading: string }) {
  const { language, say } = useHere();
  const words = WORDS[language];
  const read = useRead(one);
  return (
    <>
      <h3>{heading}</h3>
      {one.runner && <p className="note">{words.computedByRunner(read.party(one.runner))}</p>}
      <p className="soft">
        {words.fairBy}: {one.rules.map(read.word).join("; ")}
      </p>
      {one.given_way.length > 0 && (
        <div className="note">
          <p>{words.givesWay}</p>
          <ul>
            {one.given_way.map((each) => (
              <li key={`${each.party} ${each.interest}`}>
                {read.party(each.party)}, {say(each.title)}:{" "}
                {words.givesWayTold(
                  read.quantity(each.worst_acceptable, each.unit),
                  read.quantity(each.needed, each.unit),
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
      <h4>{words.changes}</h4>
      <ChangeList changes={one.changes} />
      <h4>{words.parties}</h4>
      <Parties one={one} />
      <p className="soft">{words.gainTold}</p>
      <details>
        <summary>{words.moved}</summary>
        <Moved rows={one.card.requirements} read={read} />
      </details>
      {one.notices.length > 0 && (
        <details>
          <summary>{words.notices}</summary>
          <ul>
            {one.notices.map((each) => (
              <li key={each.en}>{say(each)}</li>
            ))}
          </ul>
        </details>
      )}
      {one.against.length > 0 && (
        <div className="note bad">
          {words.cannot} {one.against.map(say).join("; ")}
        </div>
      )}
    </>
  );
}

function useRead(one: Settlement) {
  const here = useHere();
  const words = WORDS[here.language];
  const word = (name: string) => {
    const known = one.words?.[name];
    return known ? here.say(known) : name;
  };
  const quantity = (value: number | null, unit: string) =>
    value === null
      ? "–"
      : [printed(value, here.language, 5), unit && unit !== "1" ? word(unit) : ""].filter(Boolean).join("\u00a0");
  const sure = (value: number | null, unit: string, found: Stake["sure_after"]) => {
    if (!found || !here.say(found.said)) return value === null ? "–" : `${quantity(value, unit)} (${words.nominal})`;
    return [here.say(found.said), unit && unit !== "1" ? word(unit) : ""].filter(Boolean).join("\u00a0");
  };
  return { word, quantity, sure, party: (id: string) => partyTitle(here, id) };
}

type Read = ReturnType<typeof useRead>;

function Parties({ one }: { one: Settlement }) {
  const { language, say, programme } = useHere();
  const words = WORDS[language];
  const read = useRead(one);
  const { card } = one;
  const mine = (party: string) => {
    const bounds = card.requirements.filter((row) => row.owner === party && row.moves).map((row) => row.requirement);
    const slots = new Set(programme.slots.filter((each) => each.party === party).map((each) => each.id));
    return one.changes.filter((each) => (each.slot ? slots.has(each.slot) : bounds.includes(each.number)));
  };
  return (
    <table className="cards">
      <thead>
        <tr>
          <th scope="col">{words.party}</th>
          <th scope="col">{words.gives}</th>
          <th scope="col">{words.gets}</th>
          <th scope="col" className="n">
            {words.gain}
          </th>
        </tr>
      </thead>
      <tbody>
        {card.parties.map((row) => (
          <tr key={row.party}>
            <th scope="row">
              {read.party(row.party)} <span className="soft">{read.word(row.agreement)}</span>
              {say(row.why) && <span className="why">{say(row.why)}</span>}
            </th>
            <td data-of={words.gives}>{mine(row.party).length > 0 ? <ChangeList changes={mine(row.party)} /> : "–"}</td>
            <td data-of={words.gets}>
              <ul className="plain">
                {card.interests
                  .filter((each) => each.party === row.party)
                  .map((each) => (
                    <li key={each.interest}>
                      {say(each.title)}:{" "}
                      <span className="q">{read.sure(each.before, each.unit, each.sure_before)}</span> →{" "}
                      <b className="q">{read.sure(each.after, each.unit, each.sure_after)}</b>
                    </li>
                  ))}
              </ul>
            </td>
            <td className="n" data-of={words.gain}>
              {row.gain === null ? "–" : printed(row.gain, language, 2)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Moved({ rows, read }: { rows: readonly Judged[]; read: Read }) {
  const { language, say } = useHere();
  const words = WORDS[language];
  return (
    <table className="cards">
      <thead>
        <tr>
          <th scope="col">{words.requirement}</th>
          <th scope="col">{words.verdictFrom}</th>
          <th scope="col">{words.verdictTo}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.requirement}>
            <th scope="row">
              {say(row.title)} <span className="soft">{read.party(row.owner)}</span>
              {row.needed !== null && row.needed !== undefined && (
                <span className="why">{words.boundMoves(read.quantity(row.needed, row.unit))}</span>
              )}
            </th>
            <td data-of={words.verdictFrom}>
              {read.sure(row.value_before, row.unit, row.sure_before)}{" "}
              {read.word(row.sure_before?.verdict ?? row.verdict_before)}
            </td>
            <td data-of={words.verdictTo}>
              {read.sure(row.value_after, row.unit, row.sure_after)}{" "}
              {read.word(row.sure_after?.verdict ?? row.verdict_after)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
