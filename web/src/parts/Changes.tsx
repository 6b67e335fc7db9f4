// Numbers that change, before and after.
import type { Change } from "../ask";
import { slotTitle, useHere } from "../here";

export function ChangeList({ changes }: { changes: readonly Change[] }) {
  const here = useHere();
  const { say } = here;
  return (
    <ul className="plain">
      {changes.map((one) => (
        <li key={`${one.slot}/${one.number}`}>
          {slotTitle(here, one.slot)}, {say(one.title)}: <span className="q">{say(one.before_text)}</span> →{" "}
          <b className="q">{say(one.after_text)}</b>
        </li>
      ))}
    </ul>
  );
}
