// What changes, before and after: numbers of parts, offers in slots, bounds of requirements.
import { addressOf } from "../address";
import type { Change } from "../ask";
import { slotTitle, useHere } from "../here";
import { WORDS } from "../words/conflicts";

export function ChangeList({ changes }: { changes: readonly Change[] }) {
  const here = useHere();
  const { say } = here;
  return (
    <ul className="plain">
      {changes.map((one) => (
        <li key={addressOf(one)}>
          {one.slot ? slotTitle(here, one.slot) : WORDS[here.language].bound}, {say(one.title)}:{" "}
          <span className="q">{say(one.before_text)}</span> → <b className="q">{say(one.after_text)}</b>
          {say(one.stated) && <span className="soft">, {say(one.stated)}</span>}
        </li>
      ))}
    </ul>
  );
}
