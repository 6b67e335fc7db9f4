// Coming in: the address that `covolt serve` opens bears a word, once; it becomes a cookie that no script reads.
import { post, Refused } from "./ask";

const BORNE = /^#(enter|invitation)=(.+)$/;
const KEPT = "covolt:invitation";

// Where scripts and Git ask: they do not find the name that a workspace of one person has for browsers.
export function forScripts(): string {
  const { protocol, hostname, port } = location;
  return hostname.endsWith(".localhost") ? `${protocol}//127.0.0.1:${port}` : location.origin;
}

export async function enter(word: string): Promise<boolean> {
  try {
    await post("/api/v1/session", "", {}, { word });
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

export async function entered(): Promise<void> {
  const [, kind, borne] = BORNE.exec(location.hash) ?? [];
  if (borne === undefined) return;
  // Neither the history nor a bookmark keeps it.
  history.replaceState(null, "", location.pathname + location.search);
  const word = decodeURIComponent(borne);
  if (kind === "enter") await enter(word);
  else sessionStorage.setItem(KEPT, word);
}

// An invitation waits in this window while one logs in elsewhere.
export function invitation(): string {
  return sessionStorage.getItem(KEPT) ?? "";
}

export function uninvited(): void {
  sessionStorage.removeItem(KEPT);
}

export async function leave(): Promise<void> {
  await post("/api/v1/session/end", "", {}, undefined);
}
