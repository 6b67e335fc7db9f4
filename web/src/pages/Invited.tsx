// Where an invitation leads: who is known accepts as that person, who is not says how others call one.
import { type FormEvent, useState } from "react";
import { type Language, useAddress } from "../address";
import { useAnswer } from "../answers";
import { get, post, Refused } from "../ask";
import { invitation, uninvited } from "../entering";
import { Title } from "../here";
import { Languages } from "../parts/Head";
import { Refusal } from "../parts/Problems";
import { WORDS } from "../words";
import { SETTINGS_WORDS } from "../words/settings";

// The programme, opened for the party for which one was invited.
async function programmeOf(language: Language, programme: string): Promise<string> {
  const { memberships } = await get("/api/v1/session", "");
  const party = memberships.filter((one) => one.programme === programme).at(-1)?.party;
  return `/${language}/${encodeURIComponent(programme)}${party ? `?party=${encodeURIComponent(party)}` : ""}`;
}

export function InvitedPage() {
  const { language } = useAddress();
  const words = WORDS[language];
  const own = SETTINGS_WORDS[language];
  const session = useAnswer("session", (signal) => get("/api/v1/session", "", {}, {}, signal));
  const entrance = useAnswer("entrance", (signal) => get("/api/v1/entrance", "", {}, {}, signal));
  const [name, write] = useState("");
  const [busy, work] = useState(false);
  const [refused, refuse] = useState<Refused>();
  const accept = async (event: FormEvent) => {
    event.preventDefault();
    work(true);
    refuse(undefined);
    try {
      const { id } = await post("/api/v1/invitations/use", "", {}, { word: invitation(), name });
      uninvited();
      location.assign(await programmeOf(language, id));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
      work(false);
    }
  };
  const leave = () => {
    uninvited();
    location.assign(`/${language}/`);
  };
  const stranger = session.refused?.status === 401;
  return (
    <main id="content">
      <div className="top">
        <Title>{own.invited}</Title>
        <Languages />
      </div>
      {session.value && <p>{own.invitedAs(session.value.name)}</p>}
      {stranger && entrance.value && entrance.value.issuers.length > 0 && (
        <>
          <p>{own.invitedFirst}</p>
          {entrance.value.issuers.map((one) => (
            <p key={one.id}>
              <a href={`/api/v1/login/${encodeURIComponent(one.id)}`}>{own.invitedWith(one.title[language])}</a>
            </p>
          ))}
        </>
      )}
      {session.refused && !stranger && <Refusal refused={session.refused} language={language} />}
      {(session.value || stranger) && (
        <form className="stack" onSubmit={(event) => void accept(event)}>
          {stranger && (
            <label>
              {own.name}
              <input
                name="name"
                autoComplete="name"
                required
                maxLength={100}
                value={name}
                onChange={(event) => write(event.target.value)}
              />
            </label>
          )}
          {refused && <Refusal refused={refused} language={language} />}
          <div className="actions">
            <button type="submit" className="main" disabled={busy}>
              {busy ? words.working : own.accept}
            </button>
            <button type="button" onClick={leave}>
              {own.later}
            </button>
          </div>
        </form>
      )}
    </main>
  );
}
