// Where nobody is logged in: how to get in.
import { type FormEvent, useEffect, useState } from "react";
import { useAddress } from "../address";
import { useAnswer } from "../answers";
import { get } from "../ask";
import { enter } from "../entering";
import { Title } from "../here";
import { Languages } from "../parts/Head";
import { ENTRANCE_WORDS } from "../words/entrance";

export function EntrancePage() {
  const { language } = useAddress();
  const words = ENTRANCE_WORDS[language];
  const held = useAnswer("entrance", (signal) => get("/api/v1/entrance", "", {}, {}, signal));
  const alone = held.value?.together === false;
  // Who has come in beside it finds this page where it was left.
  useEffect(() => {
    const looked = () => {
      if (alone && !document.hidden) location.reload();
    };
    document.addEventListener("visibilitychange", looked);
    return () => document.removeEventListener("visibilitychange", looked);
  }, [alone]);
  return (
    <main id="content">
      <div className="top">
        <Title>{words.title}</Title>
        <Languages />
      </div>
      {held.value && !held.value.together && (
        <>
          <p>{words.alone}</p>
          <p>{words.again}</p>
          <pre>covolt serve</pre>
        </>
      )}
      {held.value?.together && (
        <>
          <p>{words.together}</p>
          {held.value.issuers.map((one) => (
            <p key={one.id}>
              <a href={`/api/v1/login/${encodeURIComponent(one.id)}`}>{words.with(one.title[language])}</a>
            </p>
          ))}
          <ByToken />
        </>
      )}
    </main>
  );
}

function ByToken() {
  const { language } = useAddress();
  const words = ENTRANCE_WORDS[language];
  const [word, write] = useState("");
  const [refused, refuse] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await enter(word.trim())) location.reload();
    else refuse(true);
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <label>
        {words.token}
        <input
          type="password"
          name="token"
          autoComplete="current-password"
          required
          value={word}
          onChange={(event) => write(event.target.value)}
          aria-describedby="token-hint"
        />
      </label>
      <p id="token-hint">{words.tokenHint}</p>
      {refused && (
        <p role="alert" className="note bad">
          {words.refused}
        </p>
      )}
      <button type="submit">{words.enter}</button>
    </form>
  );
}
