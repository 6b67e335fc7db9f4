// A vehicle that is tried is told apart from the locked one wherever it is shown.
import type { ReactNode } from "react";
import { go, withTried } from "../address";
import { useHere } from "../here";
import { useTried } from "../verdicts";

export function Trying({ told, children }: { told?: ReactNode; children?: ReactNode }) {
  const { words, address } = useHere();
  const tried = useTried();
  return (
    <aside className="banner" aria-label={words.trying}>
      <div>
        <b>{words.trying}.</b> <span className="whole">{words.tryingTold(tried.length)}</span>
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
