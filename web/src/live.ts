// What happens in the programme, as it happens; a page that nobody looks at keeps no connection.
import { useEffect, useState } from "react";
import { door, type FeedEvent, get } from "./ask";

const AGAIN_ms = 3_000;
const MOST_AGAIN_ms = 60_000;

export function useLive(name: string, party: string): { revision: number; live: boolean } {
  const [revision, setRevision] = useState(0);
  const [live, setLive] = useState(false);
  useEffect(() => {
    let stream: EventSource | null = null;
    let after = -1;
    let closed = false;
    let lost = false;
    let again = AGAIN_ms;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = async () => {
      if (stream !== null || document.hidden) return;
      if (after < 0) {
        const found = await get("/api/v1/programmes/{name}/feed", party, { name }).catch(() => null);
        after = found?.events[0]?.sequence ?? 0;
      }
      if (closed || stream !== null || document.hidden) return;
      const asked = { after, ...(party ? { party } : {}) };
      stream = new EventSource(door("/api/v1/programmes/{name}/feed/stream", { name }, asked));
      stream.onopen = () => {
        setLive(true);
        // What could not be asked while the workspace was away is asked anew.
        if (lost) setRevision((before) => before + 1);
        lost = false;
        again = AGAIN_ms;
      };
      stream.onerror = () => {
        setLive(false);
        lost = true;
        // A workspace that was started anew lets nobody in that came before: no browser asks it again by itself.
        if (stream?.readyState !== EventSource.CLOSED) return;
        stream = null;
        setRevision((before) => before + 1);
        timer = setTimeout(() => void open(), again);
        again = Math.min(2 * again, MOST_AGAIN_ms);
      };
      stream.onmessage = (message) => {
        const event = JSON.parse(message.data) as FeedEvent;
        if (event.sequence <= after) return;
        after = event.sequence;
        setRevision((before) => before + 1);
      };
    };
    const close = () => {
      clearTimeout(timer);
      stream?.close();
      stream = null;
      setLive(false);
    };
    const looked = () => (document.hidden ? close() : void open());
    document.addEventListener("visibilitychange", looked);
    void open();
    return () => {
      closed = true;
      document.removeEventListener("visibilitychange", looked);
      close();
    };
  }, [name, party]);
  return { revision, live };
}
