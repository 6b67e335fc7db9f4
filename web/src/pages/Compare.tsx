// Two states of the programme beside each other; both stand in the address.
import { go, to, withQuery } from "../address";
import { untilSure, useAnswer } from "../answers";
import { type Compared, get, type StateRow } from "../ask";
import { forScripts } from "../entering";
import { Link, moment, partyTitle, Title, useHere } from "../here";
import { copied, known } from "../parts/Copy";
import { Refusal } from "../parts/Problems";
import { Progress, TurnedTable, TurnedTold } from "../parts/Verdicts";
import { JUDGED } from "../words/judged";

export function ComparePage() {
  const here = useHere();
  const { words, say, programme, party, revision, language, address } = here;
  const own = JUDGED[language];
  const name = programme.id;
  const states = useAnswer(
    JSON.stringify([name, party, revision]),
    (signal) => get("/api/v1/programmes/{name}/states", party, { name }, {}, signal),
    JSON.stringify([name, party]),
  );
  const all = states.value?.states ?? [];
  const commits = all.filter((one) => one.id.startsWith("commit:"));
  const before = address.query.get("before") ?? commits[1]?.id ?? commits[0]?.id ?? "";
  const after = address.query.get("after") ?? "now";
  const held = useAnswer<Compared | null>(
    JSON.stringify([name, party, revision, before, after]),
    async (signal, tell) => {
      if (!before) return null;
      return await untilSure<Compared>(
        (wait_s) => get("/api/v1/programmes/{name}/compared", party, { name }, { before, after, wait_s }, signal),
        tell,
      );
    },
    JSON.stringify([name, party, before, after]),
  );
  const shown = held.value;
  const acting = known(here) ? `, party=${JSON.stringify(party)}` : "";
  const script = [
    "import covolt",
    "",
    `ws = covolt.connect(${JSON.stringify(forScripts())})`,
    `ws.programme(${JSON.stringify(name)}${acting}).compare(${JSON.stringify(before)}, ${JSON.stringify(after)})`,
    "",
  ].join("\n");
  const set = (changes: Record<string, string>) => go(withQuery(address, changes), { replace: true });
  return (
    <>
      <div className="top">
        <Title of={say(programme.title)}>{own.compare}</Title>
        <button type="button" onClick={() => copied(script, here)}>
          {words.copyPython}
        </button>
      </div>
      {states.refused && <Refusal refused={states.refused} language={language} />}
      <div className="filter states">
        <Choice label={own.before} name="before" value={before} all={all} set={(id) => set({ before: id })} />
        <Choice label={own.after} name="after" value={after} all={all} set={(id) => set({ after: id })} />
        <button type="button" onClick={() => set({ before: after, after: before })}>
          ⇄ {own.exchange}
        </button>
      </div>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {!shown && held.busy && <p className="progress">{words.loading}</p>}
      {shown && (
        <>
          <Progress of={shown} />
          <h2>{own.moves}</h2>
          {shown.turned.length > 0 && (
            <p>
              <TurnedTold rows={shown.turned} />
            </p>
          )}
          <TurnedTable rows={shown.turned} />
          <p className="soft">{own.unmoved(shown.unmoved_count)}</p>
          <Only title={own.onlyAfter} ids={shown.new} />
          <Only title={own.onlyBefore} ids={shown.gone} />
          <h2>{own.differs}</h2>
          {shown.differences.length === 0 && <p>{own.nothingDiffers}</p>}
          {shown.differences.length > 0 && (
            <table className="cards differences">
              <thead>
                <tr>
                  <th scope="col">{own.what}</th>
                  <th scope="col">{words.party}</th>
                  <th scope="col">{own.before}</th>
                  <th scope="col">{own.after}</th>
                </tr>
              </thead>
              <tbody>
                {shown.differences.map((one) => (
                  <tr key={`${one.party} ${one.what}`}>
                    <th scope="row">
                      {one.kind === "part" ? (
                        <Link to={to(address, "parts", one.what)}>{one.what}</Link>
                      ) : (
                        <code>{one.what}</code>
                      )}{" "}
                      <span className="soft">{own.kinds[one.kind] ?? one.kind}</span>
                    </th>
                    <td data-of={words.party}>
                      {programme.parties.some((each) => each.id === one.party)
                        ? partyTitle(here, one.party)
                        : own.common}
                    </td>
                    <td data-of={own.before} lang="en" className="own">
                      {one.before}
                    </td>
                    <td data-of={own.after} lang="en" className="own">
                      {one.after}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
    </>
  );
}

function Only({ title, ids }: { title: string; ids: readonly string[] }) {
  if (ids.length === 0) return null;
  return (
    <p>
      {title}:{" "}
      {ids.map((one) => (
        <code key={one}>{one} </code>
      ))}
    </p>
  );
}

type Choosing = { label: string; name: string; value: string; all: readonly StateRow[]; set: (id: string) => void };

function Choice({ label, name, value, all, set }: Choosing) {
  const { say, language } = useHere();
  const own = JUDGED[language];
  const groups = ["now", "commit", "baseline", "proposal"].map((kind) => ({
    kind,
    states: all.filter((one) => one.id === kind || one.id.startsWith(`${kind}:`)),
  }));
  const known = all.some((one) => one.id === value);
  return (
    <label>
      {label}
      <select name={name} value={value} onChange={(event) => set(event.target.value)}>
        {!known && <option value={value}>{value || own.choose}</option>}
        {groups
          .filter((one) => one.states.length > 0)
          .map((one) => (
            <optgroup key={one.kind} label={own.groups[one.kind]}>
              {one.states.map((each) => (
                <option key={each.id} value={each.id} className="own">
                  {[each.at && (each.at.length > 10 ? moment(each.at, language) : each.at), say(each.said)]
                    .filter(Boolean)
                    .join(" · ")}
                </option>
              ))}
            </optgroup>
          ))}
      </select>
    </label>
  );
}
