// Numbers that change, before and after, in the units in which they are written.
import type { Change } from "../ask";
import { slotTitle, useHere } from "../here";

// A written number as the language has it: "235.5 kg" is "235,5 кг" in Russian where the number's unit is known.
function useWritten() {
  const { language, programme, say } = useHere();
  return (one: Change, text: string) => {
    const [number = "", ...rest] = text.split(" ");
    const unit = rest.join(" ");
    const row = programme.slots.find((slot) => slot.id === one.slot)?.numbers.find((each) => each.name === one.number);
    const told = row && row.unit === unit ? say(row.printed_unit) : unit;
    return [language === "ru" ? number.replace(".", ",") : number, told].filter(Boolean).join("\u00a0");
  };
}

export function ChangeList({ changes }: { changes: readonly Change[] }) {
  const here = useHere();
  const written = useWritten();
  return (
    <ul className="plain">
      {changes.map((one) => (
        <li key={`${one.slot}/${one.number}`}>
          {slotTitle(here, one.slot)}, {here.say(one.title)}: <span className="q">{written(one, one.before)}</span> →{" "}
          <b className="q">{written(one, one.after)}</b>
        </li>
      ))}
    </ul>
  );
}
