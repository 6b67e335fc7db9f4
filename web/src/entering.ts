// Coming in: the address that `covolt serve` opens bears a word, once; it becomes a cookie that no script reads.
import { post, Refused } from "./ask";

const BORNE = /^#enter=(.+)$/;

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
  const word = BORNE.exec(location.hash)?.[1];
  if (word === undefined) return;
  // Neither the history nor a bookmark keeps it.
  history.replaceState(null, "", location.pathname + location.search);
  await enter(decodeURIComponent(word));
}
