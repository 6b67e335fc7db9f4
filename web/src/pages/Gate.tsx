// One gate: criteria, evidence, sign-offs given and missing, and its dossier.
import { to } from "../address";
import { untilSure, useAnswer } from "../answers";
import { type GateShown, get } from "../ask";
import { day, Link, partyTitle, Title, useHere } from "../here";
import { DossierLinks } from "../parts/Dossier";
import { FoldedEvidence } from "../parts/Evidence";
import { Refusal } from "../parts/Problems";
import { SignOffs } from "../parts/SignOff";
import { Talk } from "../parts/Talk";
import { Progress } from "../parts/Verdicts";
import { JUDGED } from "../words/judged";

export function GatePage({ gate }: { gate: string }) {
  const { words, say, programme, party, revision, language, address } = useHere();
  const own = JUDGED[language];
  const name = programme.id;
  const held = useAnswer<GateShown>(
    JSON.stringify([name, gate, party, revision]),
    (signal, tell) =>
      untilSure(
        (wait_s) => get("/api/v1/programmes/{name}/gates/{gate}", party, { name, gate }, { wait_s }, signal),
        tell,
      ),
    JSON.stringify([name, gate, party]),
  );
  const shown = held.value;
  return (
    <>
      <Title of={say(programme.title)}>{shown ? say(shown.gate.title) : words.gates}</Title>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {shown === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {shown && (
        <>
          <Progress of={shown} />
          <Standing shown={shown} />
          <Talk about={`gate/${gate}`} title={say(shown.gate.title)} />
          <Asked shown={shown} />
          {shown.signatures.some((one) => one.asked && !one.counts && one.party === party) && <SignOffs gate={gate} />}
          <h2>
            {own.evidence} ({shown.evidence.length})
          </h2>
          <p className="soft">{own.evidenceTold}</p>
          <FoldedEvidence rows={shown.evidence} />
          <h2>{own.dossier}</h2>
          {say(shown.dossier) ? (
            <p>
              {own.dossierNone} {say(shown.dossier)}
            </p>
          ) : (
            <>
              <p>{own.dossierTold}</p>
              <DossierLinks kind="gate" subject={gate} />
            </>
          )}
        </>
      )}
      <p className="after">
        <Link to={to(address, "gates")}>{own.allGates}</Link>
      </p>
    </>
  );
}

export function Standing({ shown }: { shown: GateShown }) {
  const { words, say, language } = useHere();
  const own = JUDGED[language];
  const { gate } = shown;
  return (
    <>
      <p className={gate.open ? "state yes" : "state no"}>{gate.open ? `✓ ${words.passed}` : `✗ ${words.shut}`}</p>
      {gate.planned && (
        <p className="soft">
          {words.planned}: {gate.planned}
          {shown.late_days > 0 && <b className="not-met"> {own.late(shown.late_days)}</b>}
        </p>
      )}
      {shown.people && <p>{own.people}</p>}
      {gate.blocks.length > 0 && (
        <details open={gate.blocks.length <= 8}>
          <summary>
            {words.holds} ({gate.blocks.length})
          </summary>
          <ul>
            {gate.blocks.map((one) => (
              <li key={one.en}>{say(one)}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

export function Asked({ shown }: { shown: GateShown }) {
  const here = useHere();
  const { say, language } = here;
  const own = JUDGED[language];
  return (
    <>
      <h2>{own.criteria}</h2>
      {shown.criteria.length === 0 && <p>{own.noCriteria}</p>}
      <ul className="plain judged">
        {shown.criteria.map((one) => (
          <li key={one.id}>
            <b className={one.fulfilled ? "met" : "not-met"}>{one.fulfilled ? `✓ ${own.fulfilled}:` : "✗"}</b>{" "}
            {say(one.fulfilled ? one.title : one.lacking)} <code>{one.check}</code>
          </li>
        ))}
      </ul>
      <h2>{own.signatures}</h2>
      {shown.signatures.length === 0 && <p>{own.noSignatures}</p>}
      <ul className="plain judged">
        {shown.signatures.map((one) => (
          <li key={`${one.party} ${one.role} ${one.date}`}>
            <b className={one.counts ? "met" : one.asked ? "not-met" : "soft"}>
              {one.counts ? `✓ ${own.counts}` : one.given ? `✗ ${own.countsNot}` : `○ ${own.missing}`}
            </b>{" "}
            {say(one.who)}
            {!say(one.who).includes(partyTitle(here, one.party)) && (
              <span className="soft"> ({partyTitle(here, one.party)})</span>
            )}
            {one.given && (
              <>
                {" · "}
                {day(one.date, language)} · {say(one.reads)}
              </>
            )}
            {!one.asked && <span className="soft"> · {own.notAsked}</span>}
            {one.moved.length > 0 && (
              <span className="why">
                {own.moved}: {one.moved.map(say).join("; ")}
              </span>
            )}
          </li>
        ))}
      </ul>
      {shown.notes.length > 0 && (
        <>
          <h3>{own.notes}</h3>
          <ul>
            {shown.notes.map((one) => (
              <li key={one.en}>{say(one)}</li>
            ))}
          </ul>
        </>
      )}
      <p className="soft">
        {own.digest} <code>{shown.digest}</code>
      </p>
    </>
  );
}
