// A job on a page: asked for with its size and time told before, its progress, and what came of it.
import { type ReactNode, useState } from "react";
import { go, withQuery } from "../address";
import { type Job, post, Refused } from "../ask";
import { moment, partyTitle, useHere } from "../here";
import { useJob } from "../jobs";
import { useTried } from "../verdicts";
import { WORDS } from "../words/conflicts";
import { ChangeList } from "./Changes";
import { Refusal } from "./Problems";

type Asking = {
  kind: "conflicts" | "settlement" | "study";
  title: string;
  told: string;
  designs: number;
  seconds: number | null;
};

export function AskJob({
  kind,
  title,
  told,
  designs,
  seconds,
  children,
}: Asking & { children: (job: Job) => ReactNode }) {
  const { address, programme, party, language } = useHere();
  const words = WORDS[language];
  const tried = useTried();
  const [refused, refuse] = useState<Refused>();
  const [busy, work] = useState(false);
  const [runner, byRunner] = useState(false);
  const number = Number(address.query.get(kind) ?? 0);
  const ask = async () => {
    work(true);
    refuse(undefined);
    try {
      const wanted = { kind, changes: [...tried], designs, runner };
      const made = await post("/api/v1/programmes/{name}/jobs", party, { name: programme.id }, wanted);
      go(withQuery(address, { [kind]: String(made.number) }), { replace: true });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
    }
    work(false);
  };
  const time = seconds === null ? words.neverTook : words.took(seconds);
  return (
    <section aria-labelledby={kind} className="job">
      <h2 id={kind}>{title}</h2>
      <p>
        {told} {number === 0 && `${words.size(designs)} ${time}`}
      </p>
      {refused && <Refusal refused={refused} language={language} />}
      {party === "" ? (
        <p className="soft">{words.needParty}</p>
      ) : number > 0 ? (
        <Running key={`${number} ${party}`} number={number} designs={designs} again={ask}>
          {children}
        </Running>
      ) : (
        <>
          <label className="beside">
            <input type="checkbox" checked={runner} onChange={(event) => byRunner(event.target.checked)} />{" "}
            {words.byRunner}
          </label>
          <button type="button" className="main" disabled={busy} onClick={ask}>
            {title}
          </button>
        </>
      )}
    </section>
  );
}

// Of which vehicle it is, who asked and who computed it.
function About({ job, by }: { job: Job; by: string }) {
  const { programme, language } = useHere();
  const words = WORDS[language];
  return (
    <div className="about">
      <p>
        {words.askedBy(job.person, moment(job.made, language))} {by ? words.computedByRunner(by) : words.computedHere}{" "}
        {job.changes.length ? words.ofTried : words.ofAgreed}
      </p>
      {job.changes.length > 0 && <ChangeList changes={job.changes} />}
      {job.state !== programme.state && <p className="note">{words.movedOn}</p>}
    </div>
  );
}

type Watched = { number: number; designs: number; again: () => void; children: (job: Job) => ReactNode };

function Running({ number, designs, again, children }: Watched) {
  const here = useHere();
  const { programme, party, language, say } = here;
  const words = WORDS[language];
  const held = useJob(number);
  const job = held.value;
  if (held.refused) return <Refusal refused={held.refused} language={language} />;
  if (job === undefined) return <p className="progress">{words.waiting}</p>;
  const by = job.runner ? partyTitle(here, job.runner) : "";
  if (job.status === "done")
    return (
      <>
        <About job={job} by={by} />
        {children(job)}
      </>
    );
  const anew = (
    <button type="button" onClick={again}>
      {words.again}
    </button>
  );
  if (job.status === "failed")
    return (
      <div className="note bad">
        {words.failed} {(job.failed ?? []).map(say).join("; ")} {anew}
      </div>
    );
  if (job.status === "cancelled")
    return (
      <p>
        {words.cancelled} {anew}
      </p>
    );
  const names = { name: programme.id, number };
  const judging = job.total <= designs + 1 && job.done < job.total;
  const told =
    job.status === "waiting"
      ? by
        ? words.waitsForRunner(by)
        : words.waiting
      : job.total === 0 || judging
        ? words.running(job.done, job.total)
        : words.verifying;
  return (
    <>
      <p className="progress" role="status">
        {told}
      </p>
      <button
        type="button"
        onClick={() => post("/api/v1/programmes/{name}/jobs/{number}/cancel", party, names, undefined)}
      >
        {words.cancel}
      </button>
    </>
  );
}
