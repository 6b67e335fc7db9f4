// Settings of a party: who acts for it, invitations, one's own tokens, where its repository lies, and all that it owns.
import { type FormEvent, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useAnswer } from "../answers";
import { door, get, post, Refused, type Session } from "../ask";
import { forScripts, leave } from "../entering";
import { type Here, moment, partyTitle, slotTitle, Title, useHere } from "../here";
import { copied, known } from "../parts/Copy";
import { Refusal } from "../parts/Problems";
import { SETTINGS_WORDS } from "../words/settings";

const SCOPES = ["read", "propose", "answer", "merge", "sign", "push", "run", "administer"] as const;
const INVITATION_DAYS = [1, 7, 30];
const TOKEN_DAYS = [7, 30, 90, 366];

export function SettingsPage() {
  const here = useHere();
  const { words, say, programme, party, language } = here;
  const own = SETTINGS_WORDS[language];
  const held = useAnswer("session", (signal) => get("/api/v1/session", "", {}, {}, signal));
  const session = held.value;
  return (
    <>
      <Title of={say(programme.title)}>{words.settings}</Title>
      <p>{own.told}</p>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {session === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {session && !session.together && <p className="note">{own.alone}</p>}
      {session?.together && <You session={session} />}
      {!party && <p>{own.choose}</p>}
      {session?.together && party && <Members session={session} />}
      {session?.together && party && <Invitations session={session} />}
      {session?.together && <Tokens />}
      {session && known(here) && <Own together={session.together} />}
    </>
  );
}

function governs({ administers, memberships }: Session, { programme, party }: Here): boolean {
  const whole = memberships.some((one) => one.programme === programme.id && one.party === party && !one.slots.length);
  return whole || administers;
}

function slotsTold(here: Here, slots: readonly string[]): string {
  return slots.map((one) => slotTitle(here, one)).join(", ") || SETTINGS_WORDS[here.language].allSlots;
}

// Something that is done, and why it is not where it is refused.
function useDoing(): { busy: boolean; refused: Refused | undefined; run: (what: () => Promise<void>) => void } {
  const [busy, work] = useState(false);
  const [refused, refuse] = useState<Refused>();
  const run = (what: () => Promise<void>) => {
    work(true);
    refuse(undefined);
    what()
      .catch((error: unknown) => refuse(error instanceof Refused ? error : new Refused(-1, [])))
      .finally(() => work(false));
  };
  return { busy, refused, run };
}

function You({ session }: { session: Session }) {
  const { language } = useHere();
  const own = SETTINGS_WORDS[language];
  const { busy, refused, run } = useDoing();
  const out = () =>
    run(async () => {
      await leave();
      location.assign(`/${language}/`);
    });
  return (
    <section>
      <h2>{own.you}</h2>
      <p>{own.youAre(session.name)}</p>
      {refused && <Refusal refused={refused} language={language} />}
      <div className="actions">
        <button type="button" onClick={out} disabled={busy}>
          {own.leave}
        </button>
      </div>
    </section>
  );
}

// What is not undone is pressed twice.
function Twice({ said, sure, of, run }: { said: string; sure: string; of: string; run: () => void }) {
  const [asked, ask] = useState(false);
  const shown = asked ? sure : said;
  return (
    <button
      type="button"
      aria-label={`${shown}: ${of}`}
      onBlur={() => ask(false)}
      onClick={() => {
        if (asked) run();
        ask(!asked);
      }}
    >
      {shown}
    </button>
  );
}

function Table({ heads, children }: { heads: readonly string[]; children: ReactNode }) {
  return (
    <table className="cards">
      <thead>
        <tr>
          {heads.map((one) => (
            <th key={one} scope="col">
              {one}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function Moment({ at }: { at: string }) {
  return <time dateTime={at}>{moment(at, useHere().language)}</time>;
}

// A word that is told once.
function Once({ told, word, done }: { told: string; word: string; done: () => void }) {
  const here = useHere();
  const own = SETTINGS_WORDS[here.language];
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <div className="note" role="status">
      <p>{told}</p>
      <p>
        <code className="target" data-once>
          {word}
        </code>
      </p>
      <div className="actions">
        <button ref={first} type="button" onClick={() => void copied(word, here)}>
          {own.copy}
        </button>
        <button type="button" className="main" onClick={done}>
          {own.kept}
        </button>
      </div>
    </div>
  );
}

function Choices({
  title,
  of,
  chosen,
  choose,
}: {
  title: string;
  of: readonly { id: string; title: string }[];
  chosen: readonly string[];
  choose: (chosen: string[]) => void;
}) {
  return (
    <fieldset className="choices">
      <legend>{title}</legend>
      {of.map((one) => (
        <label key={one.id}>
          <input
            type="checkbox"
            name={one.id}
            checked={chosen.includes(one.id)}
            onChange={(event) =>
              choose(event.target.checked ? [...chosen, one.id] : chosen.filter((each) => each !== one.id))
            }
          />
          {one.title}
        </label>
      ))}
    </fieldset>
  );
}

function Days({ of, chosen, choose }: { of: readonly number[]; chosen: number; choose: (days: number) => void }) {
  const own = SETTINGS_WORDS[useHere().language];
  return (
    <label>
      {own.counts}
      <select name="days" value={chosen} onChange={(event) => choose(Number(event.target.value))}>
        {of.map((one) => (
          <option key={one} value={one}>
            {own.days(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Members({ session }: { session: Session }) {
  const here = useHere();
  const { words, programme, party, language, revision, tell } = here;
  const own = SETTINGS_WORDS[language];
  const name = programme.id;
  const [round, again] = useState(0);
  const held = useAnswer(JSON.stringify([name, revision, round]), (signal) =>
    get("/api/v1/programmes/{name}/members", party, { name }, {}, signal),
  );
  const { refused, run } = useDoing();
  const rows = held.value?.members.filter((one) => one.party === party);
  const may = governs(session, here);
  const end = (number: number) =>
    run(async () => {
      await post("/api/v1/programmes/{name}/members/{number}/end", party, { name, number }, undefined);
      tell(own.ended);
      again((before) => before + 1);
    });
  return (
    <section>
      <h2>{own.members}</h2>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {refused && <Refusal refused={refused} language={language} />}
      {rows?.length === 0 && <p>{own.nobody}</p>}
      {rows && rows.length > 0 && (
        <Table heads={[own.person, own.slots, own.since, own.invitedBy, words.commands]}>
          {rows.map((one) => (
            <tr key={one.number}>
              <th scope="row">{one.name}</th>
              <td data-of={own.slots}>{slotsTold(here, one.slots)}</td>
              <td data-of={own.since}>
                <Moment at={one.made} />
              </td>
              <td data-of={own.invitedBy}>{one.invited_by}</td>
              <td data-of={words.commands}>
                {(may || one.person === session.person) && (
                  <Twice said={own.end} sure={own.sure} of={one.name} run={() => end(one.number)} />
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function Invitations({ session }: { session: Session }) {
  const here = useHere();
  const own = SETTINGS_WORDS[here.language];
  return (
    <section>
      <h2>{own.invitations}</h2>
      <p>{own.invitationsTold}</p>
      {governs(session, here) ? <OpenInvitations /> : <p>{own.wholeOnly}</p>}
    </section>
  );
}

function OpenInvitations() {
  const here = useHere();
  const { words, programme, party, language, revision, tell } = here;
  const own = SETTINGS_WORDS[language];
  const name = programme.id;
  const [round, again] = useState(0);
  const held = useAnswer(JSON.stringify([name, party, revision, round]), (signal) =>
    get("/api/v1/programmes/{name}/invitations", party, { name }, {}, signal),
  );
  const reload = useCallback(() => again((before) => before + 1), []);
  const { refused, run } = useDoing();
  const rows = held.value?.invitations.filter((one) => !one.used && Date.parse(one.expires) > Date.now());
  const revoke = (number: number) =>
    run(async () => {
      await post("/api/v1/programmes/{name}/invitations/{number}/revoke", party, { name, number }, undefined);
      tell(own.revoked);
      reload();
    });
  return (
    <>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {refused && <Refusal refused={refused} language={language} />}
      {rows?.length === 0 && <p>{own.invitationsNone}</p>}
      {rows && rows.length > 0 && (
        <Table heads={[own.number, own.slots, own.made, own.expires, words.commands]}>
          {rows.map((one) => (
            <tr key={one.number}>
              <th scope="row">{one.number}</th>
              <td data-of={own.slots}>{slotsTold(here, one.slots)}</td>
              <td data-of={own.made}>
                <Moment at={one.made} />
              </td>
              <td data-of={own.expires}>
                <Moment at={one.expires} />
              </td>
              <td data-of={words.commands}>
                <Twice said={own.revoke} sure={own.revokeSure} of={String(one.number)} run={() => revoke(one.number)} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <Invite done={reload} />
    </>
  );
}

function Invite({ done }: { done: () => void }) {
  const { words, say, programme, party, language } = useHere();
  const own = SETTINGS_WORDS[language];
  const [slots, choose] = useState<string[]>([]);
  const [days, last] = useState(7);
  const [link, show] = useState("");
  const { busy, refused, run } = useDoing();
  const send = (event: FormEvent) => {
    event.preventDefault();
    run(async () => {
      const wanted = { party, slots, days };
      const { word } = await post("/api/v1/programmes/{name}/invitations", party, { name: programme.id }, wanted);
      show(`${location.origin}/${language}/#invitation=${word}`);
      choose([]);
      done();
    });
  };
  if (link) return <Once told={own.linkOnce} word={link} done={() => show("")} />;
  return (
    <form className="form" onSubmit={send} aria-label={own.invite}>
      <h3>{own.invite}</h3>
      <Choices
        title={own.forSlots}
        of={programme.slots.map((one) => ({ id: one.id, title: say(one.title) }))}
        chosen={slots}
        choose={choose}
      />
      <Days of={INVITATION_DAYS} chosen={days} choose={last} />
      {refused && <Refusal refused={refused} language={language} />}
      <div className="actions">
        <button type="submit" className="main" disabled={busy}>
          {busy ? words.working : own.invite}
        </button>
      </div>
    </form>
  );
}

function Tokens() {
  const { words, language, tell } = useHere();
  const own = SETTINGS_WORDS[language];
  const [round, again] = useState(0);
  const held = useAnswer(String(round), (signal) => get("/api/v1/tokens", "", {}, {}, signal));
  const reload = useCallback(() => again((before) => before + 1), []);
  const { refused, run } = useDoing();
  const rows = held.value?.tokens.filter((one) => !one.ended && Date.parse(one.expires) > Date.now());
  const end = (number: number) =>
    run(async () => {
      await post("/api/v1/tokens/{number}/end", "", { number }, undefined);
      tell(own.ended);
      reload();
    });
  return (
    <section>
      <h2>{own.tokens}</h2>
      <p>{own.tokensTold}</p>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {refused && <Refusal refused={refused} language={language} />}
      {rows?.length === 0 && <p>{own.tokensNone}</p>}
      {rows && rows.length > 0 && (
        <Table heads={[own.title, own.scopes, own.where, own.expires, words.commands]}>
          {rows.map((one) => (
            <tr key={one.number}>
              <th scope="row">{one.title}</th>
              <td data-of={own.scopes}>{one.scopes.map((each) => own.scope[each] ?? each).join(", ")}</td>
              <td data-of={own.where}>
                {one.programme ? <code>{[one.programme, one.party].filter(Boolean).join("/")}</code> : own.everywhere}
              </td>
              <td data-of={own.expires}>
                <Moment at={one.expires} />
              </td>
              <td data-of={words.commands}>
                <Twice said={own.end} sure={own.sure} of={one.title} run={() => end(one.number)} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <MakeToken done={reload} />
    </section>
  );
}

function MakeToken({ done }: { done: () => void }) {
  const here = useHere();
  const { words, say, programme, party, language } = here;
  const own = SETTINGS_WORDS[language];
  const [title, write] = useState("");
  const [scopes, choose] = useState<string[]>(["read"]);
  const [where, bind] = useState<"" | "programme" | "party">("programme");
  const [days, last] = useState(90);
  const [word, show] = useState("");
  const { busy, refused, run } = useDoing();
  const send = (event: FormEvent) => {
    event.preventDefault();
    run(async () => {
      const bounds = { programme: where ? programme.id : "", party: where === "party" ? party : "" };
      const made = await post("/api/v1/tokens", "", {}, { title, scopes, days, ...bounds });
      show(made.word);
      write("");
      done();
    });
  };
  if (word) return <Once told={own.tokenOnce} word={word} done={() => show("")} />;
  return (
    <form className="form" onSubmit={send} aria-label={own.makeToken}>
      <h3>{own.makeToken}</h3>
      <label>
        {own.title}
        <input
          name="title"
          required
          maxLength={100}
          autoComplete="off"
          value={title}
          onChange={(event) => write(event.target.value)}
        />
      </label>
      <Choices
        title={own.scopes}
        of={SCOPES.map((one) => ({ id: one, title: own.scope[one] ?? one }))}
        chosen={scopes}
        choose={choose}
      />
      <label>
        {own.where}
        <select
          name="where"
          value={where}
          onChange={(event) => bind((["programme", "party"] as const).find((one) => one === event.target.value) ?? "")}
        >
          <option value="">{own.everywhere}</option>
          <option value="programme">{own.hereOnly(say(programme.title))}</option>
          {party && <option value="party">{own.partyOnly(partyTitle(here, party))}</option>}
        </select>
      </label>
      <Days of={TOKEN_DAYS} chosen={days} choose={last} />
      {refused && <Refusal refused={refused} language={language} />}
      <div className="actions">
        <button type="submit" className="main" disabled={busy}>
          {busy ? words.working : own.makeToken}
        </button>
      </div>
    </form>
  );
}

function RunnerStatus() {
  const here = useHere();
  const { programme, party, language, revision } = here;
  const own = SETTINGS_WORDS[language];
  const held = useAnswer(JSON.stringify([programme.id, party, revision]), (signal) =>
    get("/api/v1/programmes/{name}/runner", party, { name: programme.id }, {}, signal),
  );
  const found = held.value;
  const command = `covolt runner ${forScripts()}/${programme.id} --party ${party} --token-file runner.token`;
  return (
    <section>
      <h2>{own.runner}</h2>
      <p>{own.runnerTold}</p>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {found && (
        <p>
          {found.heard ? own.runnerHeard : own.runnerNever} {found.heard && <Moment at={found.heard} />}{" "}
          {found.waiting > 0 && own.runnerWaiting(found.waiting)}
        </p>
      )}
      <p>
        <code className="target">{command}</code>
      </p>
      <div className="actions">
        <button type="button" onClick={() => void copied(command, here)} aria-label={`${own.copy}: covolt runner`}>
          {own.copy}
        </button>
      </div>
    </section>
  );
}

function Own({ together }: { together: boolean }) {
  const here = useHere();
  const { programme, party, language } = here;
  const own = SETTINGS_WORDS[language];
  const at = `${forScripts().replace("//", `//${party}@`)}/git/${programme.id}/${party}.git`;
  const command = `git clone ${at}`;
  const names = { name: programme.id, which: party };
  const elsewhere = programme.parties.find((one) => one.id === party)?.repository;
  return (
    <>
      <RunnerStatus />
      <section>
        <h2>{own.repository}</h2>
        {elsewhere && (
          <p className="note">
            {own.elsewhere} <code className="target">{elsewhere}</code>
          </p>
        )}
        {elsewhere && <p>{own.elsewhereTold}</p>}
        <p>
          {own.repositoryTold} {together ? own.passwordToken : own.passwordKey}
        </p>
        <p>
          <code className="target" data-clone>
            {command}
          </code>
        </p>
        <div className="actions">
          <button type="button" onClick={() => void copied(command, here)} aria-label={`${own.copy}: git clone`}>
            {own.copy}
          </button>
        </div>
      </section>
      <section>
        <h2>{own.takeOut}</h2>
        <p>{own.takeOutTold}</p>
        <p>
          <a href={door("/api/v1/programmes/{name}/parties/{which}/export", names, { party })} download>
            {own.download}
          </a>
        </p>
      </section>
    </>
  );
}
