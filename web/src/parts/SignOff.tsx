// Signing a gate: what it passes is shown and fetched, signed elsewhere by a command, and what comes back is handed in.
import { type FormEvent, type ReactNode, useState } from "react";
import { untilSure, useAnswer } from "../answers";
import { door, get, post, Refused, type Signing, type Signings } from "../ask";
import { forScripts } from "../entering";
import { useHere } from "../here";
import { JUDGED } from "../words/judged";
import { copied } from "./Copy";
import { Refusal } from "./Problems";

// As many as the door takes.
const MOST_SIGNS = 2000;

export function SignOffs({ gate }: { gate: string }) {
  const { words, programme, party, revision, language } = useHere();
  const own = JUDGED[language];
  const name = programme.id;
  const held = useAnswer<Signings>(
    JSON.stringify([name, gate, party, revision]),
    (signal, tell) =>
      untilSure(
        (wait_s) => get("/api/v1/programmes/{name}/gates/{gate}/signing", party, { name, gate }, { wait_s }, signal),
        tell,
      ),
    JSON.stringify([name, gate, party]),
  );
  const shown = held.value;
  return (
    <>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {shown === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {shown?.signings.map((one) => (
        <section key={one.role} className="note signing">
          <Signed gate={gate} signing={one} surely={shown.surely} />
        </section>
      ))}
      {shown?.surely && shown.signings.length > 0 && (
        // The page is told by the stream that the gate has moved, and asks anew.
        <HandIn
          send={(file) =>
            post("/api/v1/programmes/{name}/gates/{gate}/signoffs", party, { name, gate }, { file }).then(() => {})
          }
        >
          <h3>{own.handIn}</h3>
        </HandIn>
      )}
      {shown && !shown.surely && shown.signings.length > 0 && <p className="soft">{own.signSoon}</p>}
    </>
  );
}

function Signed({ gate, signing, surely }: { gate: string; signing: Signing; surely: boolean }) {
  const here = useHere();
  const { programme, party, say, language } = here;
  const own = JUDGED[language];
  const [chosen, choose] = useState("");
  const [remarks, remark] = useState("");
  const key = signing.keys.find((one) => one.fingerprint === chosen) ?? signing.keys[0];
  const asked = { party, role: signing.role, key: key?.fingerprint ?? "", remarks: remarks.trim() };
  const path = "/api/v1/programmes/{name}/gates/{gate}/statement";
  const command = `covolt sign --statement ${signing.file} --key KEYFILE\n`;
  const role = `"${signing.role.replaceAll('"', "")}"`;
  return (
    <>
      <h3>{own.signAs(say(signing.who))}</h3>
      <details>
        <summary>{own.signWhat}</summary>
        <ul className="plain lines">
          {signing.lines.map((one) => (
            <li key={one.said.en} data-columns={one.columns}>
              {say(one.said)}
            </li>
          ))}
        </ul>
      </details>
      {signing.against.length > 0 && (
        <>
          <p>{own.signAgainst}</p>
          <ul>
            {signing.against.map((one) => (
              <li key={one.en}>{say(one)}</li>
            ))}
          </ul>
        </>
      )}
      {key === undefined && (
        <>
          <p>{own.signNoKey}</p>
          <pre>
            <code>{`covolt pull ${forScripts()}/${programme.id} --party ${party} FOLDER
covolt key new KEYFILE FOLDER --party ${party} --role ${role}
covolt push --folder FOLDER
covolt key trust FOLDER`}</code>
          </pre>
        </>
      )}
      {key !== undefined && surely && signing.against.length === 0 && (
        <>
          {signing.keys.length > 1 && (
            <label>
              {own.signKey}{" "}
              <select value={key.fingerprint} onChange={(event) => choose(event.target.value)}>
                {signing.keys.map((one) => (
                  <option key={one.fingerprint} value={one.fingerprint}>
                    {one.fingerprint_words}
                  </option>
                ))}
              </select>
            </label>
          )}
          {signing.keys.length === 1 && (
            <p>
              {own.signKey} <code>{key.fingerprint_words}</code>
            </p>
          )}
          {!key.known && (
            <>
              <p className="not-verified">{own.signUnknown}</p>
              <pre>
                <code>{`covolt key trust ${programme.id} --home HOME`}</code>
              </pre>
            </>
          )}
          <label className="remarks">
            {own.signRemarks}
            <textarea
              value={remarks}
              onChange={(event) => remark(event.target.value)}
              rows={2}
              maxLength={MOST_SIGNS}
              name="remarks"
            />
          </label>
          <ol>
            <li>
              <a href={door(path, { name: programme.id, gate }, asked)} download>
                {own.signFetch}
              </a>
            </li>
            <li>
              {own.signRun} <code>{command.trim()}</code>{" "}
              <button type="button" className="quiet" onClick={() => copied(command, here)}>
                {own.signCopy}
              </button>
            </li>
            <li>{own.signThen}</li>
          </ol>
          <p className="soft">{own.signWhy}</p>
        </>
      )}
    </>
  );
}

export function HandIn({ send, children }: { send: (file: string) => Promise<void>; children?: ReactNode }) {
  const { language } = useHere();
  const own = JUDGED[language];
  const [file, setFile] = useState("");
  const [refused, refuse] = useState<Refused>();
  const [busy, work] = useState(false);
  const given = async (event: FormEvent) => {
    event.preventDefault();
    work(true);
    refuse(undefined);
    try {
      await send(file);
      setFile("");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
    }
    work(false);
  };
  return (
    <form className="form" onSubmit={given} aria-label={own.handIn}>
      {children}
      <label>
        {own.handInFile}
        <input
          type="file"
          accept=".toml"
          onChange={async (event) => setFile((await event.target.files?.[0]?.text()) ?? "")}
        />
      </label>
      <label>
        {own.handInText}
        <textarea
          value={file}
          onChange={(event) => setFile(event.target.value)}
          rows={4}
          name="signed"
          spellCheck={false}
        />
      </label>
      {refused && <Refusal refused={refused} language={language} />}
      <div className="actions">
        <button type="submit" className="primary" disabled={busy || file.trim() === ""}>
          {busy ? own.handInBusy : own.handInDo}
        </button>
      </div>
    </form>
  );
}
