// Verdicts on the locked vehicle, or on the one that is tried: nominal ones at once, then every ±.
import { type Tried, triedIn } from "./address";
import { type Held, untilSure, useAnswer } from "./answers";
import { get, post, type Verdicts } from "./ask";
import { useHere } from "./here";

export function useTried(): Tried[] {
  return triedIn(useHere().address.query);
}

export function useVerdicts(tried: readonly Tried[]): Held<Verdicts> {
  const { programme, party, revision } = useHere();
  const name = programme.id;
  const key = JSON.stringify([name, party, tried, revision]);
  const held = useAnswer<Verdicts>(
    key,
    (signal, tell) =>
      untilSure(
        (wait_s) =>
          tried.length === 0
            ? get("/api/v1/programmes/{name}/verdicts", party, { name }, { wait_s }, signal)
            : post("/api/v1/programmes/{name}/what-if", party, { name }, { changes: [...tried] }, { wait_s }, signal),
        tell,
      ),
    JSON.stringify([name, party]),
  );
  // Of what cannot be computed the verdicts before it say nothing; while the workspace is away they stay.
  const refused = held.refused !== undefined && held.refused.status >= 400 && held.refused.status < 500;
  if (refused) return { ...held, value: undefined };
  return held.old && held.value ? { ...held, value: { ...held.value, surely: false } } : held;
}
