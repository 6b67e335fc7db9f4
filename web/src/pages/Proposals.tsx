// All proposals of the programme, newest first.
import { to } from "../address";
import { useAnswer } from "../answers";
import { get } from "../ask";
import { Link, moment, partyTitle, Title, useHere } from "../here";
import { ChangeList } from "../parts/Changes";
import { Explain } from "../parts/Explain";
import { Refusal } from "../parts/Problems";

export function ProposalsPage() {
  const here = useHere();
  const { words, say, programme, party, revision, address, language } = here;
  const name = programme.id;
  const held = useAnswer(
    JSON.stringify([name, party, revision]),
    (signal) => get("/api/v1/programmes/{name}/proposals", party, { name }, {}, signal),
    JSON.stringify([name, party]),
  );
  return (
    <>
      <div className="named">
        <Title of={say(programme.title)}>{words.proposals}</Title>
        <Explain of="proposal" word={words.proposals} />
      </div>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {held.value === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {held.value?.proposals.length === 0 && (
        <p>
          {words.proposalsNone} <Link to={to(address, "vehicle")}>{words.vehicle}</Link>
        </p>
      )}
      {held.value && held.value.proposals.length > 0 && (
        <table className="cards">
          <thead>
            <tr>
              <th scope="col">{words.title}</th>
              <th scope="col">{words.state}</th>
              <th scope="col">{words.by}</th>
              <th scope="col">{words.at}</th>
              <th scope="col">{words.changes}</th>
            </tr>
          </thead>
          <tbody>
            {held.value.proposals.map((one) => (
              <tr key={one.number}>
                <th scope="row">
                  <Link to={to(address, "proposals", String(one.number))}>
                    {one.number}. {one.title}
                  </Link>
                </th>
                <td data-of={words.state}>
                  <span className={`state ${one.state}`}>
                    {one.overtaken ? words.overtaken : words.states[one.state]}
                  </span>
                </td>
                <td data-of={words.by}>{partyTitle(here, one.party)}</td>
                <td data-of={words.at}>
                  <time dateTime={one.at}>{moment(one.at, language)}</time>
                </td>
                <td data-of={words.changes}>
                  <ChangeList changes={one.changes} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
