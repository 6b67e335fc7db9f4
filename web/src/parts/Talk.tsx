// What parties say about one thing: read and written where that thing is shown.
import { type FormEvent, useId, useState } from "react";
import { to } from "../address";
import { useAnswer } from "../answers";
import { type Comment, get, post, Refused } from "../ask";
import { type Here, Link, moment, partyTitle, useHere } from "../here";
import { TALK } from "../words/talk";
import { Refusal } from "./Problems";

// Where a thing is shown, with its talk open; nowhere for what has no page.
export function placeOf({ address, programme }: Here, subject: string): string | null {
  const [kind = "", name = ""] = subject.split(/\/(.*)/s);
  const talk = { talk: subject };
  if (kind === "proposal") return to(address, "proposals", name, talk);
  if (kind === "requirement") return to(address, "requirements", "", { ...talk, row: name });
  if (kind === "gate") return to(address, "gates", name, talk);
  const slot = kind === "slot" ? name : kind;
  return programme.slots.some((one) => one.id === slot) ? to(address, "parts", slot, talk) : null;
}

type Counted = Record<string, number>;
let last: { key: string; answer: Promise<Counted> } = { key: "", answer: Promise.resolve({}) };

// How much is said about what: asked once for a page, however many things it shows.
function useCounts(round: number): Counted {
  const { programme, party, revision } = useHere();
  const name = programme.id;
  const key = JSON.stringify([name, party, revision, round]);
  const held = useAnswer(
    key,
    () => {
      if (last.key !== key)
        last = {
          key,
          answer: get("/api/v1/programmes/{name}/comments/counts", party, { name }).then((one) => one.comments),
        };
      return last.answer;
    },
    JSON.stringify([name, party]),
  );
  return held.value ?? {};
}

export function Talk({ about, title }: { about: string; title: string }) {
  const here = useHere();
  const { address, language, party } = here;
  const words = TALK[language];
  const [open, show] = useState(address.query.get("talk") === about);
  const [round, again] = useState(0);
  const count = useCounts(round)[about] ?? 0;
  const place = useId();
  return (
    <div className="talk">
      <button
        type="button"
        className="quiet"
        aria-expanded={open}
        aria-controls={open ? place : undefined}
        data-talk={about}
        onClick={() => show(!open)}
      >
        {words.talk(count)}
        <span className="unseen"> {title}</span>
      </button>
      {open && (
        <section id={place} aria-label={words.about(title)} className="said">
          {party === "" ? (
            <p className="soft">{words.needParty}</p>
          ) : (
            <Said about={about} round={round} done={() => again((before) => before + 1)} />
          )}
        </section>
      )}
    </div>
  );
}

function Said({ about, round, done }: { about: string; round: number; done: () => void }) {
  const here = useHere();
  const { programme, party, revision, language } = here;
  const words = TALK[language];
  const [answered, answer] = useState<Comment>();
  const name = programme.id;
  const held = useAnswer(
    JSON.stringify([name, party, revision, about, round]),
    (signal) => get("/api/v1/programmes/{name}/comments", party, { name }, { address: about }, signal),
    JSON.stringify([name, party, about]),
  );
  const all = held.value?.comments ?? [];
  const [refused, refuse] = useState<Refused>();
  const hide = async (comment: string) => {
    try {
      await post("/api/v1/programmes/{name}/comments/{comment}/hide", party, { name, comment }, undefined);
      done();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
    }
  };
  return (
    <>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {refused && <Refusal refused={refused} language={language} />}
      {held.value && all.length === 0 && <p className="soft">{words.none}</p>}
      <ol className="comments">
        {all.map((one) => (
          <li key={one.id} id={`comment-${one.id}`}>
            <p className="of">
              <b>{partyTitle(here, one.party)}</b>, <span className="own">{one.person}</span> ·{" "}
              <time dateTime={one.at}>{moment(one.at, language)}</time>
              {one.answers && <> · {words.inAnswerTo(writer(here, all, one.answers))}</>}
              {one.to.length > 0 && <> · {words.onlyFor(one.to.map((each) => partyTitle(here, each)).join(", "))}</>}
            </p>
            <p className="words own">{one.text}</p>
            <div className="actions">
              <button type="button" className="quiet" onClick={() => answer(one)}>
                {words.answer}
                <span className="unseen"> {partyTitle(here, one.party)}</span>
              </button>
              {one.mine && (
                <button
                  type="button"
                  className="quiet"
                  onClick={() => hide(one.id)}
                  aria-label={words.takeBackOf(one.text.slice(0, 60))}
                >
                  {words.takeBack}
                </button>
              )}
            </div>
          </li>
        ))}
      </ol>
      <Write
        key={answered?.id ?? ""}
        about={about}
        answered={answered}
        done={() => {
          answer(undefined);
          done();
        }}
        alone={() => answer(undefined)}
      />
    </>
  );
}

function writer(here: Here, all: readonly Comment[], id: string): string {
  const found = all.find((one) => one.id === id);
  return found ? partyTitle(here, found.party) : "";
}

type Writing = { about: string; answered: Comment | undefined; done: () => void; alone: () => void };

function Write({ about, answered, done, alone }: Writing) {
  const here = useHere();
  const { programme, party, language } = here;
  const words = TALK[language];
  const [text, write] = useState("");
  const [readers, read] = useState<"all" | "own" | "some">(answered && answered.to.length > 0 ? "some" : "all");
  const [some, choose] = useState<readonly string[]>(answered?.to ?? []);
  const [refused, refuse] = useState<Refused>();
  const [busy, work] = useState(false);
  const hint = useId();
  const send = async (event: FormEvent) => {
    event.preventDefault();
    work(true);
    refuse(undefined);
    const to = readers === "all" ? [] : readers === "own" ? [party] : [...new Set([...some, party])];
    try {
      const wanted = { address: about, text, to, answers: answered?.id ?? "" };
      await post("/api/v1/programmes/{name}/comments", party, { name: programme.id }, wanted);
      write("");
      done();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
    }
    work(false);
  };
  return (
    <form onSubmit={send} aria-label={words.write}>
      {answered && (
        <p>
          {words.answerTo(partyTitle(here, answered.party))}{" "}
          <button type="button" className="quiet" onClick={alone}>
            {words.noAnswer}
          </button>
        </p>
      )}
      <label>
        {words.write}
        <textarea
          name="comment"
          value={text}
          rows={3}
          required
          maxLength={10000}
          aria-describedby={hint}
          onChange={(event) => write(event.target.value)}
        />
        <span className="soft" id={hint}>
          {words.writeHint}
        </span>
      </label>
      <div className="actions">
        <label className="beside">
          {words.readers}
          <select name="readers" value={readers} onChange={(event) => read(event.target.value as typeof readers)}>
            <option value="all">{words.everybody}</option>
            <option value="own">{words.own}</option>
            <option value="some">{words.some}</option>
          </select>
        </label>
        <button type="submit" className="main" disabled={busy}>
          {words.send}
        </button>
      </div>
      {readers === "some" && (
        <fieldset>
          <legend>{words.some}</legend>
          {programme.parties
            .filter((one) => one.id !== party)
            .map((one) => (
              <label key={one.id} className="beside">
                <input
                  type="checkbox"
                  checked={some.includes(one.id)}
                  onChange={(event) =>
                    choose(event.target.checked ? [...some, one.id] : some.filter((each) => each !== one.id))
                  }
                />
                {here.say(one.title)}
              </label>
            ))}
        </fieldset>
      )}
      {refused && <Refusal refused={refused} language={language} />}
    </form>
  );
}

// On the desk: what was said to one's party and has no answer yet.
export function SaidToYou() {
  const here = useHere();
  const { programme, party, revision, language } = here;
  const words = TALK[language];
  const name = programme.id;
  const held = useAnswer(
    JSON.stringify([name, party, revision]),
    (signal) => get("/api/v1/programmes/{name}/comments/waiting", party, { name }, {}, signal),
    JSON.stringify([name, party]),
  );
  if (!held.value || held.value.comments.length === 0) return null;
  return (
    <>
      <h3>{words.waits}</h3>
      <ul className="plain">
        {held.value.comments.map((one) => (
          <li key={one.id}>
            <Link to={placeOf(here, one.address) ?? ""}>
              {partyTitle(here, one.party)}: <span className="own">{one.text.split("\n")[0]?.slice(0, 120)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
