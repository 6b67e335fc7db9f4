// Where one is: /LANGUAGE/PROGRAMME/PAGE/ITEM?party=…&try=…; every state that can be sent to somebody stands in it.
import { useSyncExternalStore } from "react";

export const LANGUAGES = ["en", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];
export const PAGES = [
  "desk",
  "vehicle",
  "architecture",
  "requirements",
  "measuring",
  "conflicts",
  "proposals",
  "gates",
  "feed",
  "notifications",
  "study",
  "agency",
  "history",
  "compare",
  "audit",
  "settings",
  "help",
  "parts",
] as const;
// Pages that are shown of one thing, which leads there.
export const OF_ONE: readonly Page[] = ["parts"];
// Pages that stand at the foot, for they are not opened every day.
export const RARE: readonly Page[] = [
  "study",
  "notifications",
  "agency",
  "history",
  "compare",
  "audit",
  "settings",
  "help",
];
export type Page = (typeof PAGES)[number];

export type Address = {
  language: Language;
  programme: string;
  page: Page | "unknown";
  item: string;
  query: URLSearchParams;
};

const MOVED = "covolt:moved";

function preferred(): Language {
  const known = navigator.languages.map((one) => one.slice(0, 2)).find((one) => LANGUAGES.some((own) => own === one));
  return known === "ru" ? "ru" : "en";
}

export function read(url: URL): Address {
  const [first = "", programme = "", page = "desk", item = ""] = url.pathname.split("/").filter(Boolean).map(decoded);
  const language = LANGUAGES.find((one) => one === first) ?? preferred();
  return {
    language,
    programme,
    page: PAGES.find((one) => one === page) ?? "unknown",
    item,
    query: url.searchParams,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function written(address: Address): string {
  const parts = [address.language, address.programme, address.page === "desk" ? "" : address.page, address.item];
  const path = parts.filter(Boolean).map(encodeURIComponent).join("/");
  const query = address.query.toString().replaceAll("%2F", "/").replaceAll("%3A", ":");
  return `/${path}${query ? `?${query}` : ""}`;
}

export function go(to: string, how: { replace?: boolean } = {}): void {
  if (to === location.pathname + location.search) return;
  history[how.replace ? "replaceState" : "pushState"](null, "", to);
  dispatchEvent(new Event(MOVED));
}

function subscribe(moved: () => void): () => void {
  addEventListener(MOVED, moved);
  addEventListener("popstate", moved);
  return () => {
    removeEventListener(MOVED, moved);
    removeEventListener("popstate", moved);
  };
}

let last = { href: "", address: read(new URL(location.href)) };

function now(): Address {
  if (last.href !== location.href) last = { href: location.href, address: read(new URL(location.href)) };
  return last.address;
}

export function useAddress(): Address {
  return useSyncExternalStore(subscribe, now);
}

// What goes along from page to page: for whom one acts, and the vehicle that one tries.
const LASTING = ["party", "try"];

export function lasting(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].filter(([name]) => LASTING.includes(name)));
}

export function to(address: Address, page: Page, item = "", more: Record<string, string> = {}): string {
  const query = lasting(address.query);
  for (const [name, value] of Object.entries(more)) query.set(name, value);
  return written({ ...address, page, item, query });
}

export function withQuery(address: Address, changes: Record<string, string | null>): string {
  const query = new URLSearchParams(address.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  return written({ ...address, query });
}

// What is tried: `try=battery/mass:260 kg`, a requirement's bound as `try=I-MASS:1175 kg`; once for each.
export type Tried = { slot: string; number: string; value: string };

export function addressOf(one: { slot: string; number: string }): string {
  return one.slot ? `${one.slot}/${one.number}` : one.number;
}

export function placeOf(address: string): { slot: string; number: string } {
  const [first = "", second] = address.split("/");
  return second === undefined ? { slot: "", number: first } : { slot: first, number: second };
}

export function triedIn(query: URLSearchParams): Tried[] {
  return query.getAll("try").flatMap((one) => {
    const [, slot = "", number, value] = /^(?:([^/:]+)\/)?([^/:]+):(.*)$/s.exec(one) ?? [];
    return number && value !== undefined ? [{ slot, number, value }] : [];
  });
}

export function withTried(address: Address, tried: readonly Tried[]): string {
  const query = new URLSearchParams(address.query);
  query.delete("try");
  if (tried.length === 0) query.delete("of"); // of which proposal it was the values
  for (const one of tried) query.append("try", `${addressOf(one)}:${one.value}`);
  return written({ ...address, query });
}
