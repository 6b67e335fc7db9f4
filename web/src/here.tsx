// What every page knows: where one is, in which language, for whom one acts, and the programme as that party sees it.
import { createContext, type MouseEvent, type ReactNode, useContext, useEffect, useRef } from "react";
import { type Address, go, type Language } from "./address";
import type { Programme, Said } from "./ask";
import type { Words } from "./words";

export type Here = {
  address: Address;
  language: Language;
  words: Words;
  party: string;
  programme: Programme;
  // Rises whenever something happens in the programme: what was asked is asked anew.
  revision: number;
  live: boolean;
  say: (said: Said) => string;
  tell: (message: string) => void;
};

const Context = createContext<Here | null>(null);
export const HereIs = Context.Provider;

export function useHere(): Here {
  const here = useContext(Context);
  if (here === null) throw new Error("no programme is open");
  return here;
}

export function partyTitle(here: Here, id: string): string {
  const party = here.programme.parties.find((one) => one.id === id);
  return party ? here.say(party.title) : id;
}

export function slotTitle(here: Here, id: string): string {
  const slot = here.programme.slots.find((one) => one.id === id);
  return slot ? here.say(slot.title) : id;
}

export function gateTitle(here: Here, id: string): string {
  const gate = here.programme.gates.find((one) => one.id === id);
  return gate ? here.say(gate.title) : id;
}

export function Link({ to, children, ...more }: { to: string; children: ReactNode; className?: string }) {
  const current = to.split("?")[0] === location.pathname;
  const follow = (event: MouseEvent) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to} onClick={follow} aria-current={current ? "page" : undefined} {...more}>
      {children}
    </a>
  );
}

// The heading of a page: names the window, and takes the focus when one comes from another page.
export function Title({ children, of = "" }: { children: string; of?: string }) {
  const place = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = [children, of, "covolt"].filter(Boolean).join(" · ");
  }, [children, of]);
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement?.closest("nav")) place.current?.focus();
  }, []);
  return (
    <h1 ref={place} tabIndex={-1}>
      {children}
    </h1>
  );
}

// Parties type "-20 degC" in their titles.
export function degrees(said: string): string {
  return said.replaceAll(/(?<![\w.])-(?=\d+ degC)/g, "−").replaceAll(/(?<=\d) degC/g, "\u00a0°C");
}

export function printed(value: number, language: Language, digits = 6): string {
  const said = new Intl.NumberFormat(language, { maximumSignificantDigits: digits, useGrouping: false }).format(value);
  return said.replace("-", "−");
}

// A day as texts have it.
export function day(at: string, language: Language): string {
  return language === "ru" ? at.replace(/^(\d{4})-(\d\d)-(\d\d)$/, "$3.$2.$1") : at;
}

export function moment(at: string, language: Language): string {
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : "ru", {
    dateStyle: "medium",
    timeStyle: "short",
  }).format(new Date(at));
}
