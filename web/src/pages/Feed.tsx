// The feed, live.
import { door } from "../ask";
import { Title, useHere } from "../here";
import { Events, useFeed } from "../parts/Events";
import { Refusal } from "../parts/Problems";

export function FeedPage() {
  const { words, say, programme, party, language, live } = useHere();
  const held = useFeed();
  const asked = { language, ...(party ? { party } : {}) };
  return (
    <>
      <div className="top">
        <Title of={say(programme.title)}>{words.feed}</Title>
        <a href={door("/api/v1/programmes/{name}/feed.atom", { name: programme.id }, asked)}>{words.atom}</a>
      </div>
      <p className={live ? "progress sure" : "progress"}>{live ? words.live : words.notLive}</p>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      <div aria-live="polite">{held.value && <Events events={held.value.events} />}</div>
    </>
  );
}
