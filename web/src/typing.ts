// Typing a number that is tried: it goes into the address once the keystrokes have settled.
import { useCallback, useEffect, useRef } from "react";
import { addressOf, go, placeOf, read, triedIn, withTried } from "./address";

const SETTLES_ms = 250;

export function useTyping(): (address: string, value: string | null) => void {
  const pending = useRef(new Map<string, string | null>());
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback((number, value) => {
    pending.current.set(number, value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const here = read(new URL(location.href));
      const tried = new Map(triedIn(here.query).map((one) => [addressOf(one), one]));
      for (const [address, typed] of pending.current) {
        if (typed === null) tried.delete(address);
        else tried.set(address, { ...placeOf(address), value: typed });
      }
      pending.current.clear();
      go(withTried(here, [...tried.values()]), { replace: true });
    }, SETTLES_ms);
  }, []);
}
