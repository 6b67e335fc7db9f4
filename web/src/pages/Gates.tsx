// The board of gates, in their order.
import { to } from "../address";
import { Link, Title, useHere } from "../here";
import { useFeed } from "../parts/Events";
import { Explain } from "../parts/Explain";
import { useGates } from "../parts/Gate";
import { Refusal } from "../parts/Problems";
import { Progress } from "../parts/Verdicts";
import { WORDS } from "../words/conflicts";

export function GatesPage() {
  const { words, say, programme, language, address } = useHere();
  const held = useGates();
  return (
    <>
      <div className="named">
        <Title of={say(programme.title)}>{words.gates}</Title>
        <Explain of="gate" word={words.gates} />
      </div>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {held.value === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {held.value && <Progress of={held.value} />}
      {held.value?.gates.length === 0 && <p>{words.gatesNone}</p>}
      <ol className="gates">
        {held.value?.gates.map((one) => (
          <li key={one.id} className={one.open ? "yes" : "no"}>
            <h2>
              <Link to={to(address, "gates", one.id)}>{say(one.title)}</Link>
            </h2>
            <p className={one.open ? "state yes" : "state no"}>{one.open ? `✓ ${words.passed}` : `✗ ${words.shut}`}</p>
            <MovedLast gate={one.id} />
            {one.planned && (
              <p className="soft">
                {words.planned}: {one.planned}
              </p>
            )}
            {one.blocks.length > 0 && (
              <>
                <h3>
                  {words.holds} ({one.blocks.length})
                </h3>
                <ul>
                  {one.blocks.map((each) => (
                    <li key={each.en}>{say(each)}</li>
                  ))}
                </ul>
              </>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

// What the last merge that moved this gate moved of it.
function MovedLast({ gate }: { gate: string }) {
  const { address, language, say } = useHere();
  const words = WORDS[language];
  const events = useFeed().value?.events ?? [];
  const last = events.find((one) => one.gates?.some((each) => each.gate === gate));
  const moved = last?.gates?.find((each) => each.gate === gate);
  if (last === undefined || moved === undefined) return null;
  const [kind, number] = last.subject.split("/");
  return (
    <div className="note moved">
      <p>
        <b>{words.movedLast}</b> (
        {kind === "proposal" ? <Link to={to(address, "proposals", number)}>{say(last.said)}</Link> : say(last.said)})
      </p>
      <ul>
        {moved.said.map((each) => (
          <li key={each.en}>{say(each)}</li>
        ))}
      </ul>
    </div>
  );
}
