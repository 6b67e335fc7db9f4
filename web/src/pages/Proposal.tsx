// One proposal: what it changes, what turns by it, who has agreed, and what stands against the merge.
import { useState } from "react";
import { addressOf, to, written } from "../address";
import { untilSure, useAnswer } from "../answers";
import { type Change, get, type Proposal, post, Refused } from "../ask";
import { type Here, Link, moment, partyTitle, Title, useHere } from "../here";
import { ChangeList } from "../parts/Changes";
import { Refusal } from "../parts/Problems";
import { SettlementCard } from "../parts/Settlement";
import { Talk } from "../parts/Talk";
import { boundsOf, Progress, TurnedTable, TurnedTold } from "../parts/Verdicts";
import { WORDS } from "../words/conflicts";

// What it changes, tried on the vehicle as it stands now.
// The form takes what it proposes beside the values from the proposal that `of` names.
function anew(here: Here, number: number, changes: readonly Change[]): string {
  const tried = changes.filter((one) => one.after).map((one) => `${addressOf(one)}:${one.after}`);
  const query = new URLSearchParams(here.address.query);
  for (const one of tried) query.append("try", one);
  query.set("of", String(number));
  return written({ ...here.address, page: "vehicle", item: "", query });
}

export function ProposalPage({ number }: { number: number }) {
  const here = useHere();
  const { words, say, programme, party, revision, language } = here;
  const name = programme.id;
  const [done, count] = useState(0);
  const held = useAnswer<Proposal>(
    JSON.stringify([name, number, party, revision, done]),
    (signal, tell) =>
      untilSure(
        (wait_s) => get("/api/v1/programmes/{name}/proposals/{number}", party, { name, number }, { wait_s }, signal),
        tell,
      ),
    JSON.stringify([name, number, party]),
  );
  const shown = held.value;
  const one = shown?.proposal;
  return (
    <>
      <Title of={one?.title ?? ""}>{words.proposal(number)}</Title>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {shown === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {shown && one && (
        <>
          <p className="big">{one.title}</p>
          <p className="soft">
            <span className={`state ${one.state}`}>{one.overtaken ? words.overtaken : words.states[one.state]}</span> ·{" "}
            {partyTitle(here, one.party)} ({one.person}) · <time dateTime={one.at}>{moment(one.at, language)}</time>
          </p>
          {shown.reason && <p className="reason">{shown.reason}</p>}
          {one.overtaken && (
            <p className="note">
              {words.overtakenTold} <Link to={anew(here, number, one.changes)}>{words.tryAnew}</Link>
            </p>
          )}
          <div className="two">
            <div>
              <h2>{words.changes}</h2>
              <ChangeList changes={one.changes} />
              <h2>{words.beforeAfter}</h2>
              <Progress of={shown} />
              {shown.turned.length > 0 && (
                <p>
                  <TurnedTold rows={shown.turned} bounds={boundsOf(one.changes)} />
                </p>
              )}
              <TurnedTable rows={shown.turned} bounds={boundsOf(one.changes)} />
              {shown.settled && <SettledBy number={number} />}
              <p>
                <Link
                  to={to(here.address, "compare", "", {
                    before: `before:${one.number}`,
                    after: `proposal:${one.number}`,
                  })}
                >
                  {words.compare}
                </Link>
              </p>
              <Talk about={`proposal/${one.number}`} title={words.proposal(one.number)} />
            </div>
            <div className="side">
              <Agreement shown={shown} />
              {one.state === "open" && <Signed shown={shown} />}
              {one.state === "open" && <Deciding shown={shown} done={() => count((before) => before + 1)} />}
              {one.state === "merged" && (
                <>
                  <p className="state yes">✓ {words.mergedTold}</p>
                  <ul className="plain commits">
                    {Object.entries(shown.commits ?? {}).map(([of, commit]) => (
                      <li key={of}>
                        {of ? partyTitle(here, of) : words.programmeItself}: <code>{commit.slice(0, 12)}</code>
                      </li>
                    ))}
                  </ul>
                </>
              )}
            </div>
          </div>
          <p className="soft">{say(programme.title)}</p>
        </>
      )}
    </>
  );
}

// What each party gives and gets by the settlement from which a proposal was made.
function SettledBy({ number }: { number: number }) {
  const { programme, party, language } = useHere();
  const name = programme.id;
  const held = useAnswer(
    JSON.stringify([name, party, number]),
    (signal) => get("/api/v1/programmes/{name}/proposals/{number}/settlement", party, { name, number }, {}, signal),
    JSON.stringify([name, party, number]),
  );
  if (held.refused) return <Refusal refused={held.refused} language={language} />;
  return held.value ? <SettlementCard one={held.value} heading={WORDS[language].fromSettlement} /> : null;
}

function Agreement({ shown }: { shown: Proposal }) {
  const here = useHere();
  const { words } = here;
  // Nominal verdicts alone may concern others than those with their ± do.
  const known = shown.surely || shown.proposal.state !== "open";
  const asked = [...new Set([...(known ? shown.must_agree : []), ...shown.answers.map((one) => one.party)])];
  return (
    <section aria-labelledby="agree">
      <h2 id="agree">{words.mustAgree}</h2>
      {!known && <p className="progress">{words.mustAgreeLater}</p>}
      {known && asked.length === 0 && <p>{words.nobodyMust}</p>}
      <ul className="plain answers">
        {asked.map((party) => {
          const given = shown.answers.find((one) => one.party === party);
          const [sign, word, way] =
            given === undefined
              ? ["…", words.silent, ""]
              : !given.counts && shown.proposal.state === "open"
                ? ["↻", words.outdated, "stale"]
                : given.answer === "accept"
                  ? ["✓", words.accepts, "met"]
                  : ["✗", words.refuses, "not-met"];
          return (
            <li key={party}>
              {partyTitle(here, party)}: <b className={way}>{`${sign} ${word}`}</b>
              {given?.reason && <span className="why">{given.reason}</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

// What the merge would do to sign-offs and gates.
function Signed({ shown }: { shown: Proposal }) {
  const { words, say, address } = useHere();
  const gates = shown.gates ?? [];
  return (
    <section aria-labelledby="signed">
      <h2 id="signed">{words.gatesAfter}</h2>
      {!shown.surely ? (
        <p className="progress">{words.gatesAfterLater}</p>
      ) : gates.length === 0 ? (
        <p>{words.gatesAfterNone}</p>
      ) : (
        <ul className="plain">
          {gates.flatMap((one) =>
            (one.said ?? []).map((said) => (
              <li key={`${one.gate} ${said.en}`}>
                <b className={one.open ? "met" : "not-met"}>{one.open ? "↻ " : "✗ "}</b>
                <Link to={to(address, "gates", one.gate)}>{say(said)}</Link>
              </li>
            )),
          )}
        </ul>
      )}
    </section>
  );
}

function Deciding({ shown, done }: { shown: Proposal; done: () => void }) {
  const here = useHere();
  const { words, say, party, programme, language } = here;
  const [reason, write] = useState("");
  const [refused, refuse] = useState<Refused>();
  const [busy, work] = useState(false);
  const names = { name: programme.id, number: shown.proposal.number };
  const doing = async (what: () => Promise<unknown>) => {
    work(true);
    refuse(undefined);
    try {
      await what();
      write("");
      done();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
    }
    work(false);
  };
  const answer = (given: "accept" | "refuse") =>
    doing(() =>
      post("/api/v1/programmes/{name}/proposals/{number}/answers", party, names, {
        answer: given,
        content: shown.content,
        reason,
      }),
    );
  const mine = party === shown.proposal.party;
  return (
    <>
      {party === "" ? (
        <p className="soft">{words.needParty}</p>
      ) : mine ? (
        <div className="form">
          <p>{words.yourProposal}</p>
          <button
            type="button"
            disabled={busy}
            onClick={() =>
              doing(() => post("/api/v1/programmes/{name}/proposals/{number}/withdraw", party, names, undefined))
            }
          >
            {words.withdraw}
          </button>
        </div>
      ) : (
        <form
          className="form"
          onSubmit={(event) => event.preventDefault()}
          aria-label={words.answerFor(partyTitle(here, party))}
        >
          <h2>{words.answerFor(partyTitle(here, party))}</h2>
          {shown.surely && !shown.must_agree.includes(party) && <p className="soft">{words.notAsked}</p>}
          <label>
            {words.reason}
            <textarea
              value={reason}
              rows={2}
              maxLength={10000}
              name="reason"
              onChange={(event) => write(event.target.value)}
            />
          </label>
          <div className="actions">
            <button type="button" className="main" disabled={busy} onClick={() => answer("accept")}>
              ✓ {words.accept}
            </button>
            <button type="button" disabled={busy} onClick={() => answer("refuse")}>
              ✗ {words.refuse}
            </button>
          </div>
        </form>
      )}
      {refused && <Refusal refused={refused} language={language} />}
      <section aria-labelledby="merging">
        <h2 id="merging">{words.merge}</h2>
        {!shown.surely ? (
          <p className="progress">{words.computing}</p>
        ) : shown.stands_against.length === 0 ? (
          <p>{words.nothingAgainst}</p>
        ) : (
          <>
            <p>{words.against}:</p>
            <ul>
              {shown.stands_against.map((one) => (
                <li key={one.en}>{say(one)}</li>
              ))}
            </ul>
          </>
        )}
        <button
          type="button"
          className="main"
          disabled={busy || party === "" || !shown.surely || shown.stands_against.length > 0}
          onClick={() =>
            doing(() => post("/api/v1/programmes/{name}/proposals/{number}/merge", party, names, undefined))
          }
        >
          {busy ? words.working : words.merge}
        </button>
      </section>
    </>
  );
}
