// What a party that signs for an agency looks at: laws, acts, and its gates. No designs.
import { to } from "../address";
import { untilSure, useAnswer } from "../answers";
import { type AgencyShown, get } from "../ask";
import { Link, Title, useHere } from "../here";
import { DossierLinks } from "../parts/Dossier";
import { Evidence } from "../parts/Evidence";
import { Refusal } from "../parts/Problems";
import { Counts, Progress } from "../parts/Verdicts";
import { JUDGED } from "../words/judged";
import { Asked, Standing } from "./Gate";

export function AgencyPage() {
  const { words, say, programme, party, revision, language, address } = useHere();
  const own = JUDGED[language];
  const name = programme.id;
  const held = useAnswer<AgencyShown>(
    JSON.stringify([name, party, revision]),
    (signal, tell) =>
      untilSure((wait_s) => get("/api/v1/programmes/{name}/agency", party, { name }, { wait_s }, signal), tell),
    JSON.stringify([name, party]),
  );
  const shown = held.value;
  const acts = shown?.acts ?? [];
  return (
    <>
      <Title of={say(programme.title)}>{own.agency}</Title>
      <p className="soft">{own.agencyTold}</p>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {shown === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {shown && (
        <>
          <Progress of={shown} />
          <h2>{own.asked}</h2>
          {shown.gates.length === 0 && <p>{party ? own.noneAsked : own.agencyParty}</p>}
          {shown.gates.map((one) => (
            <section key={one.gate.id} className="asked" aria-label={say(one.gate.title)}>
              <h3>
                <Link to={to(address, "gates", one.gate.id)}>{say(one.gate.title)}</Link>
              </h3>
              <Standing shown={one} />
              <details>
                <summary>
                  {own.criteria}, {own.signatures.toLocaleLowerCase(language)}
                </summary>
                <Asked shown={one} />
              </details>
              {!say(one.dossier) && <DossierLinks kind="gate" subject={one.gate.id} />}
            </section>
          ))}
          <h2>
            {own.laws} ({shown.laws.length})
          </h2>
          {shown.laws.length === 0 ? <p>{own.noLaws}</p> : <Counts verdicts={shown.laws} />}
          {shown.laws.length > 0 && <Evidence rows={shown.laws} />}
          <h2>
            {own.acts}: {own.actsShown(acts.filter((one) => one.shown).length, acts.filter((one) => one.holds).length)}
          </h2>
          <p>{say(shown.acts_said)}</p>
          {shown.caveats.map((one) => (
            <p key={one.en} className="soft">
              {say(one)}
            </p>
          ))}
          <table className="cards">
            <thead>
              <tr>
                <th scope="col">{own.act}</th>
                <th scope="col">{own.stands}</th>
                <th scope="col">{own.shownBy}</th>
              </tr>
            </thead>
            <tbody>
              {acts.map((one) => (
                <tr key={one.act}>
                  <th scope="row">
                    {say(one.title)} <code>{one.act}</code>
                    {!one.checked && <span className="why">◊ {own.unchecked}</span>}
                  </th>
                  <td data-of={own.stands}>
                    {one.holds ? (
                      <b className={one.fulfilled ? "met" : "not-verified"}>
                        {one.shown ? "✓ " : one.fulfilled ? "~ " : "? "}
                        {say(one.reads)}
                      </b>
                    ) : (
                      <span className="soft">– {say(one.reads)}</span>
                    )}
                    {say(one.why) && <span className="why">{say(one.why)}</span>}
                  </td>
                  <td data-of={own.shownBy}>
                    {one.requirements.map((each) => (
                      <span key={each}>
                        <Link to={to(address, "requirements", "", { row: each })}>{each}</Link>{" "}
                      </span>
                    ))}
                    {one.evidence.map((each) => (
                      <code key={each}>{each} </code>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  );
}
