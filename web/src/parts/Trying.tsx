// A vehicle that is tried is told apart from the locked one wherever it is shown.
import type { ReactNode } from "react";
import { addressOf, go, type Tried, withTried } from "../address";
import type { NumberRow, Slot } from "../ask";
import { useHere } from "../here";
import { useTried } from "../verdicts";

// A number is printed with fewer digits than it has.
const SAME = 1e-9;

export function Trying({ told, children }: { told?: ReactNode; children?: ReactNode }) {
  const { words, address, programme } = useHere();
  const differing = useTried().filter((one) => differs(one, programme.slots));
  return (
    <aside className="banner" aria-label={words.trying}>
      <div>
        <b>{words.trying}.</b> <span className="whole">{words.tryingTold(differing.length)}</span>
        {told && <p role="status">{told}</p>}
      </div>
      <div className="actions">
        {children}
        <button type="button" onClick={() => go(withTried(address, []))}>
          {words.reset}
        </button>
      </div>
    </aside>
  );
}

// Whether it is another than the locked one; what is not known here, such as what its party keeps, counts as another.
function differs(one: Tried, slots: readonly Slot[]): boolean {
  const slot = slots.find((each) => each.id === one.slot);
  if (slot?.part && one.number === "offer") return one.value !== slot.part;
  const row = slot?.numbers.find((each) => each.address === addressOf(one));
  return row === undefined || !isLocked(one.value, row);
}

// As it is written, or the same number, in the same unit or in none.
function isLocked(value: string, row: NumberRow): boolean {
  const own = value.trim();
  if (own === row.written) return true;
  const [, number = "", unit = ""] = /^([+−-]?[\d.,]+(?:e[+−-]?\d+)?)\s*(.*)$/i.exec(own) ?? [];
  if (number === "" || row.value === null) return false;
  const units = ["", row.unit, ...Object.values(row.printed_unit)];
  const told = Number(number.replace(",", ".").replaceAll("−", "-"));
  return units.includes(unit) && Math.abs(told - row.value) <= SAME * Math.abs(row.value);
}
