// Entries of the feed: who did what, and what came of it.
import { useAnswer } from "../answers";
import { type FeedEvent, get, type Said } from "../ask";
import { Link, moment, partyTitle, useHere } from "../here";
import { placeOf } from "./Talk";

export function useFeed() {
  const { programme, party, revision } = useHere();
  const name = programme.id;
  return useAnswer(
    JSON.stringify([name, party, revision]),
    (signal) => get("/api/v1/programmes/{name}/feed", party, { name }, {}, signal),
    JSON.stringify([name, party]),
  );
}

function gatesOf(one: FeedEvent): Said[] {
  return (one.gates ?? []).flatMap((gate) => gate.said);
}

export function Events({ events }: { events: readonly FeedEvent[] }) {
  const here = useHere();
  const { say, language, words } = here;
  if (events.length === 0) return <p className="soft">{words.eventsNone}</p>;
  return (
    <ol className="events">
      {events.map((one) => {
        const place = placeOf(here, one.subject);
        const who = one.party ? partyTitle(here, one.party) : say(one.person_said);
        return (
          <li key={one.sequence}>
            <p className="of">
              <time dateTime={one.at}>{moment(one.at, language)}</time> · {who}
            </p>
            <p>{place ? <Link to={place}>{say(one.said)}</Link> : say(one.said)}</p>
            {(one.effects.length > 0 || gatesOf(one).length > 0) && (
              <ul>
                {one.effects.map((each) => (
                  <li key={each.en} className={one.verb === "commented" ? "own" : undefined}>
                    {say(each)}
                  </li>
                ))}
                {gatesOf(one).map((each) => (
                  <li key={each.en} className="gate">
                    {say(each)}
                  </li>
                ))}
              </ul>
            )}
          </li>
        );
      })}
    </ol>
  );
}
