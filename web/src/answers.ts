// Answers as pages hold them: asked anew when what they hang on changes, the last one kept meanwhile.
import { useEffect, useRef, useState } from "react";
import { Refused } from "./ask";

// `old` says that the value is that of another key, kept until the one of this key is there.
export type Held<T> = { value: T | undefined; refused: Refused | undefined; busy: boolean; old: boolean };

// `ask` may tell a first answer before the last: nominal verdicts before every ± is there.
export function useAnswer<T>(
  key: string,
  ask: (signal: AbortSignal, tell: (value: T) => void) => Promise<T>,
  subject = "",
): Held<T> {
  const [held, hold] = useState<Omit<Held<T>, "old"> & { subject: string; of: string }>({
    value: undefined,
    refused: undefined,
    busy: true,
    subject,
    of: key,
  });
  const asking = useRef(ask);
  asking.current = ask;
  useEffect(() => {
    const given = new AbortController();
    const { signal } = given;
    hold((before) => ({
      ...before,
      busy: true,
      value: before.subject === subject ? before.value : undefined,
      subject,
    }));
    const tell = (value: T) => {
      if (!signal.aborted) hold({ value, refused: undefined, busy: true, subject, of: key });
    };
    asking
      .current(signal, tell)
      .then((value) => {
        if (!signal.aborted) hold({ value, refused: undefined, busy: false, subject, of: key });
      })
      .catch((error: unknown) => {
        if (signal.aborted) return;
        const refused = error instanceof Refused ? error : new Refused(-1, []);
        if (!(error instanceof Refused)) console.error(error);
        hold((before) => ({ ...before, refused, busy: false }));
      });
    return () => given.abort();
  }, [key, subject]);
  return held.subject === subject
    ? { ...held, old: held.of !== key }
    : { value: undefined, refused: undefined, busy: true, old: false };
}

const WAIT_s = 20;
const MOST_ROUNDS = 30;

// Asks at once, then waits for the whole.
export async function untilSure<T extends { surely: boolean; failed?: readonly unknown[]; pending?: number }>(
  ask: (wait_s: number) => Promise<T>,
  tell: (value: T) => void,
): Promise<T> {
  let found = await ask(0);
  for (let round = 0; round < MOST_ROUNDS && (!found.surely || found.pending) && !found.failed?.length; round++) {
    tell(found);
    found = await ask(WAIT_s);
  }
  return found;
}
