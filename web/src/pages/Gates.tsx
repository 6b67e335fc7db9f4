// The board of gates, in their order.
import { to } from "../address";
import { Link, Title, useHere } from "../here";
import { Explain } from "../parts/Explain";
import { useGates } from "../parts/Gate";
import { Refusal } from "../parts/Problems";
import { Progress } from "../parts/Verdicts";

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
