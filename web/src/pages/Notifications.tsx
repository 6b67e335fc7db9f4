// Who is told outside what happens: subscriptions made, tried and ended.
import { type FormEvent, useCallback, useEffect, useRef, useState } from "react";
import { LANGUAGES } from "../address";
import { useAnswer } from "../answers";
import { get, post, Refused, type Subscription, type Subscriptions } from "../ask";
import { moment, Title, useHere } from "../here";
import { Refusal } from "../parts/Problems";
import { LANGUAGE_NAMES } from "../words";
import { NOTIFICATION_WORDS } from "../words/notifications";

const RHYTHMS = ["at once", "daily", "weekly"] as const;
const SCOPES = ["touched", "all"] as const;
const ASKED_ms = 1000;

export function NotificationsPage() {
  const { words, say, programme, party, language, revision } = useHere();
  const own = NOTIFICATION_WORDS[language];
  const name = programme.id;
  const [round, again] = useState(0);
  const held = useAnswer(
    JSON.stringify([name, party, revision, round]),
    (signal) => get("/api/v1/programmes/{name}/subscriptions", party, { name }, {}, signal),
    JSON.stringify([name, party]),
  );
  const reload = useCallback(() => again((before) => before + 1), []);
  const underWay = held.value?.subscriptions.some(({ deliveries: [last] }) => last?.state === "waiting" && !last.said);
  // What came of a message on its way stands in no feed: it is asked for until it is known.
  useEffect(() => {
    if (!underWay) return;
    const timer = setInterval(reload, ASKED_ms);
    return () => clearInterval(timer);
  }, [underWay, reload]);
  return (
    <>
      <Title of={say(programme.title)}>{words.notifications}</Title>
      <p>
        {own.told} {own.needSeen}
      </p>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {held.value === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {held.value?.subscriptions.length === 0 && <p>{own.none}</p>}
      {held.value && held.value.subscriptions.length > 0 && (
        <Table rows={held.value.subscriptions} of={held.value} done={reload} />
      )}
      {held.value && <Subscribe key={party} of={held.value} done={reload} />}
    </>
  );
}

function Table({ rows, of, done }: { rows: readonly Subscription[]; of: Subscriptions; done: () => void }) {
  const { words, say, programme, party, language, tell } = useHere();
  const own = NOTIFICATION_WORDS[language];
  const kindSaid = (kind: string) => {
    const found = of.kinds.find((one) => one.kind === kind);
    return found ? say(found.title) : kind;
  };
  const [refused, refuse] = useState<Refused>();
  const ask = async (one: Subscription, what: "try" | "end") => {
    refuse(undefined);
    const names = { name: programme.id, number: one.id };
    try {
      if (what === "try") await post("/api/v1/programmes/{name}/subscriptions/{number}/try", party, names, undefined);
      else await post("/api/v1/programmes/{name}/subscriptions/{number}/end", party, names, undefined);
      tell(what === "try" ? own.trying : own.ended);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
    }
    done();
  };
  return (
    <>
      {refused && <Refusal refused={refused} language={language} />}
      <table className="cards">
        <thead>
          <tr>
            <th scope="col">{own.way}</th>
            <th scope="col">{own.what}</th>
            <th scope="col">{own.when}</th>
            <th scope="col">{own.last}</th>
            <th scope="col">{words.commands}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => {
            const way = of.ways.find((each) => each.kind === one.kind);
            const last = one.deliveries[0];
            const called = `${way ? say(way.title) : one.kind} ${one.target}`;
            return (
              <tr key={one.id}>
                <th scope="row">
                  {way ? say(way.title) : one.kind} <code className="target">{one.target}</code>
                </th>
                <td data-of={own.what}>
                  {own.scopes[one.scope]}
                  {one.verbs.length > 0 && `: ${one.verbs.map((each) => kindSaid(each)).join(", ")}`}
                </td>
                <td data-of={own.when}>{own.rhythms[one.rhythm]}</td>
                <td data-of={own.last}>
                  {last === undefined && own.lastNone}
                  {last && (
                    <>
                      {own.states[last.state]}, <time dateTime={last.made}>{moment(last.made, language)}</time>
                      {last.said && `: ${say(last.said)}`}
                      {last.attempts > 1 && ` (${own.attempts(last.attempts)})`}
                    </>
                  )}
                </td>
                <td data-of={words.commands}>
                  {!one.active && own.wasEnded}
                  {one.active && (
                    <div className="actions">
                      <button
                        type="button"
                        onClick={() => void ask(one, "try")}
                        aria-label={`${own.attempt}: ${called}`}
                      >
                        {own.attempt}
                      </button>
                      <button type="button" onClick={() => void ask(one, "end")} aria-label={`${own.end}: ${called}`}>
                        {own.end}
                      </button>
                    </div>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}

function Subscribe({ of, done }: { of: Subscriptions; done: () => void }) {
  const { words, say, programme, party, language, tell } = useHere();
  const own = NOTIFICATION_WORDS[language];
  const [kind, setKind] = useState((of.ways.find((one) => one.kind === "webhook") ?? of.ways[0])?.kind ?? "");
  const [target, setTarget] = useState("");
  const [secret, setSecret] = useState("");
  const [scope, setScope] = useState<(typeof SCOPES)[number]>(party ? "touched" : "all");
  const [verb, setVerb] = useState("");
  const [spoken, speak] = useState<string>(language);
  const [rhythm, setRhythm] = useState<(typeof RHYTHMS)[number]>("at once");
  const [busy, work] = useState(false);
  const [refused, refuse] = useState<Refused>();
  const [made, show] = useState("");
  const [kept, keep] = useState(false);
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => {
    if (kept) first.current?.focus();
  }, [kept]);
  const way = of.ways.find((one) => one.kind === kind);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    work(true);
    refuse(undefined);
    keep(false);
    const verbs = verb ? [verb] : [];
    const wanted = { kind, target, secret: way?.secret ? secret : "", scope, verbs, language: spoken, rhythm };
    try {
      const answer = await post("/api/v1/programmes/{name}/subscriptions", party, { name: programme.id }, wanted);
      setTarget("");
      setSecret("");
      show(answer.secret);
      tell(own.subscribed);
      done();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
    }
    work(false);
  };
  if (made)
    return (
      <div className="note" role="status">
        <p>{own.secretOnce}</p>
        <p>
          <code className="target">{made}</code>
        </p>
        <div className="actions">
          <button type="button" onClick={() => void navigator.clipboard.writeText(made).then(() => tell(own.copied))}>
            {own.copy}
          </button>
          <button
            type="button"
            className="main"
            onClick={() => {
              show("");
              keep(true);
            }}
          >
            {own.hide}
          </button>
        </div>
      </div>
    );
  return (
    <form className="form" onSubmit={send} aria-label={own.subscribe}>
      <h2>{own.subscribe}</h2>
      {of.not_offered.map((one) => (
        <p key={one.en} className="soft">
          {say(one)}
        </p>
      ))}
      <label>
        {own.way}
        <select ref={first} name="kind" value={kind} onChange={(event) => setKind(event.target.value)}>
          {of.ways.map((one) => (
            <option key={one.kind} value={one.kind}>
              {say(one.title)}
            </option>
          ))}
        </select>
      </label>
      {way && (
        <label>
          {say(way.target)}
          <input
            name="target"
            value={target}
            onChange={(event) => setTarget(event.target.value)}
            required
            maxLength={2000}
            autoComplete="off"
            spellCheck={false}
          />
        </label>
      )}
      {way?.secret && (
        <label>
          {say(way.secret)}
          <input
            name="secret"
            type="password"
            value={secret}
            onChange={(event) => setSecret(event.target.value)}
            required
            maxLength={500}
            autoComplete="off"
          />
        </label>
      )}
      <label>
        {own.what}
        <select
          name="scope"
          value={scope}
          onChange={(event) => setScope(event.target.value === "all" ? "all" : "touched")}
        >
          {SCOPES.filter((one) => one === "all" || party).map((one) => (
            <option key={one} value={one}>
              {own.scopes[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {own.onlyWhen}
        <select name="verb" value={verb} onChange={(event) => setVerb(event.target.value)}>
          <option value="">{own.anyVerb}</option>
          {of.kinds.map((one) => (
            <option key={one.kind} value={one.kind}>
              {say(one.title)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {own.when}
        <select
          name="rhythm"
          value={rhythm}
          onChange={(event) => setRhythm(RHYTHMS.find((one) => one === event.target.value) ?? "at once")}
        >
          {RHYTHMS.map((one) => (
            <option key={one} value={one}>
              {own.rhythms[one]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {own.language}
        <select name="spoken" value={spoken} onChange={(event) => speak(event.target.value)}>
          {LANGUAGES.map((one) => (
            <option key={one} value={one}>
              {LANGUAGE_NAMES[one]}
            </option>
          ))}
        </select>
      </label>
      {refused && <Refusal refused={refused} language={language} />}
      <div className="actions">
        <button type="submit" className="main" disabled={busy}>
          {busy ? words.working : own.subscribe}
        </button>
      </div>
    </form>
  );
}
