// The desk: how the programme stands, what waits for one's answer, the next gate, what happened last.
import { to } from "../address";
import { untilSure, useAnswer } from "../answers";
import { get, type Proposal } from "../ask";
import { Link, Title, useHere } from "../here";
import { Events, useFeed } from "../parts/Events";
import { useGates } from "../parts/Gate";
import { Refusal } from "../parts/Problems";
import { SaidToYou } from "../parts/Talk";
import { Trying } from "../parts/Trying";
import { Counts, Progress } from "../parts/Verdicts";
import { useTried, useVerdicts } from "../verdicts";

const MOST_BLOCKS = 5;
const MOST_EVENTS = 5;
const MOST_ASKED = 20;

export function DeskPage() {
  const { words, say, programme, address, language } = useHere();
  const held = useVerdicts([]);
  return (
    <>
      <Title>{say(programme.title)}</Title>
      <p className="lead">{say(programme.summary)}</p>
      {useTried().length > 0 && (
        <Trying>
          <Link to={to(address, "vehicle")}>{words.vehicle}</Link>
        </Trying>
      )}
      {held.refused && <Refusal refused={held.refused} language={language} />}
      <div className="desk">
        <section aria-label={words.headline} className="wide">
          {held.value ? (
            <>
              <h2 className="big">{say(held.value.headline)}</h2>
              <Counts verdicts={held.value.verdicts} />
              <Progress of={held.value} />
            </>
          ) : (
            <p className="progress">{words.loading}</p>
          )}
        </section>
        <Waiting />
        <NextGate />
        <Newest />
      </div>
    </>
  );
}

// Open proposals that need an answer of this party, or have one that counts no longer.
function waitsFor(one: Proposal, party: string): boolean {
  return one.must_agree.includes(party) && !one.answers.some((each) => each.party === party && each.counts);
}

function Waiting() {
  const { words, say, party, programme, revision, address, language } = useHere();
  const name = programme.id;
  const gates = useGates().value;
  const signing = party === "" ? [] : (gates?.gates.filter((one) => (one.asks ?? []).includes(party)) ?? []);
  const held = useAnswer(
    JSON.stringify([name, party, revision]),
    async (signal) => {
      if (party === "") return [];
      const all = await get("/api/v1/programmes/{name}/proposals", party, { name }, {}, signal);
      const open = all.proposals.filter((one) => one.state === "open" && !one.overtaken).slice(0, MOST_ASKED);
      const waiting: Proposal[] = [];
      // One after the other: a browser keeps few connections, and the page needs some.
      for (const { number } of open) {
        const names = { name, number };
        const one = await untilSure<Proposal>(
          (wait_s) => get("/api/v1/programmes/{name}/proposals/{number}", party, names, { wait_s }, signal),
          () => undefined,
        );
        if (waitsFor(one, party)) waiting.push(one);
      }
      return waiting;
    },
    party,
  );
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting">{words.waitsForYou}</h2>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {party === "" ? (
        <p className="soft">{words.choosePartyToAnswer}</p>
      ) : held.value === undefined || !gates?.surely ? (
        (held.busy || gates) && <p className="progress">{words.waitsLater}</p>
      ) : held.value.length + signing.length === 0 ? (
        <p className="soft">{words.waitsForNobody}</p>
      ) : (
        <ul className="plain">
          {signing.map((one) => (
            <li key={`gate ${one.id}`}>
              <Link to={to(address, "gates", one.id)}>{words.waitsSignOff(say(one.title))}</Link>
            </li>
          ))}
          {held.value.map(({ proposal }) => (
            <li key={proposal.number}>
              <Link to={to(address, "proposals", String(proposal.number))}>
                {words.proposal(proposal.number)}: {proposal.title}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {party && <SaidToYou />}
    </section>
  );
}

function NextGate() {
  const { words, say, address, language } = useHere();
  const held = useGates();
  const next = held.value?.gates.find((one) => !one.open);
  return (
    <section aria-labelledby="next-gate">
      <h2 id="next-gate">{words.nextGate}</h2>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {held.value === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {held.value && next === undefined && <p>{words.allGatesPassed}</p>}
      {next && (
        <>
          <p>
            <b>{say(next.title)}</b> <span className="state no">✗ {words.shut}</span>
          </p>
          <ul>
            {next.blocks.slice(0, MOST_BLOCKS).map((one) => (
              <li key={one.en}>{say(one)}</li>
            ))}
          </ul>
          {next.blocks.length > MOST_BLOCKS && (
            <Link to={to(address, "gates")}>{words.moreBlocks(next.blocks.length - MOST_BLOCKS)}</Link>
          )}
        </>
      )}
    </section>
  );
}

function Newest() {
  const { words, address, language } = useHere();
  const held = useFeed();
  return (
    <section aria-labelledby="newest">
      <h2 id="newest">{words.newest}</h2>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {held.value && <Events events={held.value.events.slice(0, MOST_EVENTS)} />}
      <Link to={to(address, "feed")}>{words.allEvents}</Link>
    </section>
  );
}
