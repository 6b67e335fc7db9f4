// All verdicts, the worst first; filters stand in the address.
import { Fragment, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { go, to, withQuery } from "../address";
import type { Verdict } from "../ask";
import { gateTitle, Link, partyTitle, Title, useHere } from "../here";
import { DossierLinks } from "../parts/Dossier";
import { Explain } from "../parts/Explain";
import { Refusal } from "../parts/Problems";
import { Talk } from "../parts/Talk";
import { Trying } from "../parts/Trying";
import { Counts, ORDER, Progress, Quantity, Standing } from "../parts/Verdicts";
import { useTyping } from "../typing";
import { useTried, useVerdicts } from "../verdicts";
import { WORDS as CONFLICT_WORDS } from "../words/conflicts";

const PIECE = 25;
const FIRST = 50;
// Of a row that nobody has seen yet.
const ROW_px = 56;
const NEAR = "900px";
// Verdicts whose reason belongs beside them: value and bound alone do not give it.
const TELLING = ["not met", "not verified", "stale"];
const FILTERS = ["of", "verdict", "gate", "kind", "text"] as const;

export function RequirementsPage() {
  const here = useHere();
  const { words, say, programme, address, language } = here;
  const tried = useTried();
  const held = useVerdicts(tried);
  const { query } = address;
  const [of, verdict, gate, kind, text] = FILTERS.map((one) => query.get(one) ?? "");
  const sought = useDeferredValue(text ?? "");
  const all = held.value?.verdicts;
  const found = useMemo(() => {
    const parts = sought.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    return (all ?? []).filter((one) => {
      if ((of && one.party !== of) || (verdict && one.verdict !== verdict)) return false;
      if ((gate && one.gate !== gate) || (kind && one.kind !== kind)) return false;
      const said = `${one.requirement} ${one.title[language] ?? ""}`.toLocaleLowerCase();
      return parts.every((part) => said.includes(part));
    });
  }, [all, of, verdict, gate, kind, sought, language]);
  const filtered = FILTERS.some((one) => query.has(one));
  const set = (name: string, value: string) => go(withQuery(address, { [name]: value || null }), { replace: true });
  const kinds = [...new Set((all ?? []).map((one) => one.kind))];
  const titles = new Map((all ?? []).map((one) => [one.requirement, say(one.title)]));
  const standings = new Map((all ?? []).map((one) => [one.verdict, say(one.standing)]));
  const parties = programme.parties.filter((one) => all?.some((each) => each.party === one.id));
  return (
    <div className={tried.length > 0 ? "trying" : undefined}>
      <div className="named">
        <Title of={say(programme.title)}>{words.requirements}</Title>
        <Explain of="verdict" word={words.verdict} />
      </div>
      {tried.length > 0 && (
        <Trying>
          <Link to={to(address, "vehicle")}>{words.vehicle}</Link>
        </Trying>
      )}
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {all === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {held.value && (
        <>
          <Counts verdicts={held.value.verdicts} />
          <Progress of={held.value} />
          {held.value.contradictions && held.value.contradictions.length > 0 && (
            <section className="note bad" aria-labelledby="contradictions">
              <h2 id="contradictions">{words.contradictions}</h2>
              <ul>
                {held.value.contradictions.map((one) => (
                  <li key={`${one.at_least} ${one.at_most}`}>
                    {[one.at_least, one.at_most].map((id, index) => (
                      <Fragment key={id}>
                        {index > 0 && " ↔ "}
                        <Link to={to(address, "requirements", "", { row: id })}>{titles.get(id) ?? id}</Link> (
                        <code>{id}</code>, {partyTitle(here, one.parties[index] ?? "")})
                      </Fragment>
                    ))}
                    : {words.contradiction(say(one.gap_text))}
                  </li>
                ))}
              </ul>
            </section>
          )}
          <search className="filter">
            <label>
              {words.text}
              <input type="search" name="text" value={text} onChange={(event) => set("text", event.target.value)} />
            </label>
            <Choice label={words.party} name="of" value={of ?? ""} set={set}>
              {parties.map((one) => [one.id, say(one.title)])}
            </Choice>
            <Choice label={words.verdict} name="verdict" value={verdict ?? ""} set={set}>
              {ORDER.flatMap((one) => (standings.has(one) ? [[one, standings.get(one) ?? one]] : []))}
            </Choice>
            <Choice label={words.gate} name="gate" value={gate ?? ""} set={set}>
              {programme.gates.map((one) => [one.id, say(one.title)])}
            </Choice>
            <Choice label={words.kind} name="kind" value={kind ?? ""} set={set}>
              {kinds.map((one) => [one, words.kinds[one] ?? one])}
            </Choice>
            {filtered && (
              <button
                type="button"
                onClick={() => go(withQuery(address, Object.fromEntries(FILTERS.map((one) => [one, null]))))}
              >
                {words.clearFilters}
              </button>
            )}
            <output>{words.shown(found.length, all?.length ?? 0)}</output>
          </search>
          <Rows key={FILTERS.map((one) => query.get(one)).join(" ")} rows={found} opened={query.get("row") ?? ""} />
        </>
      )}
    </div>
  );
}

type Choosing = {
  label: string;
  name: string;
  value: string;
  set: (name: string, value: string) => void;
  children: string[][];
};

function Choice({ label, name, value, set, children }: Choosing) {
  const { words } = useHere();
  return (
    <label>
      {label}
      <select name={name} value={value} onChange={(event) => set(name, event.target.value)}>
        <option value="">{words.all}</option>
        {children.map(([id = "", said]) => (
          <option key={id} value={id}>
            {said}
          </option>
        ))}
      </select>
    </label>
  );
}

// Rows are made in pieces near the window alone: a table of two thousand is as quick as one of a hundred. A piece that is left
// keeps its height, and stays where it holds the focus or the opened row; on paper all are there.
function Rows({ rows, opened }: { rows: readonly Verdict[]; opened: string }) {
  const { words } = useHere();
  const whole = usePrinting();
  const heights = useRef(new Map<number, number>());
  const pieces = Array.from({ length: Math.ceil(rows.length / PIECE) }, (_, at) => at * PIECE);
  const place = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (opened) place.current?.scrollIntoView({ block: "nearest" });
  }, [opened]);
  if (rows.length === 0) return <p>{words.none}</p>;
  return (
    <table className="cards requirements" aria-rowcount={rows.length + 1}>
      <thead>
        <tr aria-rowindex={1}>
          <th scope="col">{words.requirement}</th>
          <th scope="col">{words.verdict}</th>
          <th scope="col" className="n">
            {words.value}
          </th>
          <th scope="col" className="n">
            {words.bound}
          </th>
          <th scope="col" className="n">
            {words.margin}
          </th>
          <th scope="col">{words.party}</th>
          <th scope="col">{words.gate}</th>
        </tr>
      </thead>
      {pieces.map((from) => (
        <Piece
          key={from}
          rows={rows.slice(from, from + PIECE)}
          from={from}
          opened={opened}
          place={place}
          whole={whole}
          heights={heights.current}
        />
      ))}
    </table>
  );
}

function usePrinting(): boolean {
  const [printing, print] = useState(false);
  useEffect(() => {
    const [before, after] = [() => flushSync(() => print(true)), () => print(false)];
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    return () => {
      removeEventListener("beforeprint", before);
      removeEventListener("afterprint", after);
    };
  }, []);
  return printing;
}

type Part = {
  rows: readonly Verdict[];
  from: number;
  opened: string;
  place: React.RefObject<HTMLTableRowElement | null>;
  whole: boolean;
  heights: Map<number, number>;
};

function Piece({ rows, from, opened, place, whole, heights }: Part) {
  const { address } = useHere();
  const body = useRef<HTMLTableSectionElement>(null);
  const [near, come] = useState(from < FIRST);
  useEffect(() => {
    const own = body.current;
    if (own === null) return;
    const watched = new IntersectionObserver(
      (seen) => {
        const last = seen.at(-1);
        if (last === undefined) return;
        const height = last.boundingClientRect.height;
        if (!last.isIntersecting && height > 0) heights.set(from, height);
        come(last.isIntersecting || own.contains(document.activeElement));
      },
      { rootMargin: NEAR },
    );
    watched.observe(own);
    return () => watched.disconnect();
  }, [from, heights]);
  if (!near && !whole && !rows.some((one) => one.requirement === opened)) {
    const known = [...heights.values()];
    const each = known.length > 0 ? known.reduce((sum, one) => sum + one, 0) / known.length / PIECE : ROW_px;
    return (
      <tbody ref={body} aria-hidden="true" className="far">
        <tr style={{ height: heights.get(from) ?? each * rows.length }} />
      </tbody>
    );
  }
  return (
    <tbody ref={body}>
      {rows.map((row, at) => {
        const open = row.requirement === opened;
        const toggle = () => go(withQuery(address, { row: open ? null : row.requirement }), { replace: true });
        const index = from + at + 2;
        return (
          <Row
            key={row.requirement}
            row={row}
            index={index}
            open={open}
            toggle={toggle}
            place={open ? place : undefined}
          />
        );
      })}
    </tbody>
  );
}

type Opened = {
  row: Verdict;
  index: number;
  open: boolean;
  toggle: () => void;
  place: React.RefObject<HTMLTableRowElement | null> | undefined;
};

function Row({ row, index, open, toggle, place }: Opened) {
  const here = useHere();
  const { words, say } = here;
  return (
    <>
      <tr id={row.requirement} aria-rowindex={index} ref={place} className={open ? "open" : undefined}>
        <th scope="row">
          <button type="button" className="row" aria-expanded={open} onClick={toggle}>
            {say(row.title)}
          </button>
          <code>{row.requirement}</code> <span className="soft">{words.kinds[row.kind] ?? row.kind}</span>
          {!open && TELLING.includes(row.verdict) && say(row.why) && <span className="why short">{say(row.why)}</span>}
        </th>
        <td data-of={words.verdict}>
          <Standing standing={row.standing} />
        </td>
        <td className="n" data-of={words.value}>
          <Quantity number={row.value_text} unit={row.unit} />
        </td>
        <td className="n" data-of={words.bound}>
          <Quantity number={row.bound_text} unit={row.unit} />
        </td>
        <td className="n" data-of={words.margin}>
          <Quantity number={row.margin_text} unit={row.unit} unstated={row.unstated} />
        </td>
        <td data-of={words.party}>{partyTitle(here, row.party)}</td>
        <td data-of={words.gate}>{gateTitle(here, row.gate)}</td>
      </tr>
      {open && (
        <tr className="details">
          <td colSpan={7}>
            <dl>
              <Detail name={words.why}>{say(row.why)}</Detail>
              <Detail name={words.procedure}>{say(row.procedure_title)}</Detail>
              <Detail name={words.calculation}>{row.calculation ? say(row.calculation) : ""}</Detail>
              <Detail name={words.measure}>{row.measure_title ? say(row.measure_title) : row.measure}</Detail>
              <Detail name={words.cites}>{(row.cites ?? []).map(say).join("; ")}</Detail>
              <Detail name={words.papers}>{(row.papers ?? []).map(say).join("; ")}</Detail>
              <Detail name={words.evidence}>
                {row.level === null ? "" : (words.levels[row.level] ?? String(row.level))}
              </Detail>
              <Detail name={words.probability}>{say(row.probability_text)}</Detail>
            </dl>
            {row.bound_written && row.party === here.party && <OtherBound row={row} />}
            <DossierLinks kind="requirement" subject={row.requirement} />
            <Talk about={`requirement/${row.requirement}`} title={say(row.title)} />
          </td>
        </tr>
      )}
    </>
  );
}

// Another bound of a requirement of one's own, to be tried and proposed.
function OtherBound({ row }: { row: Verdict }) {
  const { language, say } = useHere();
  const own = CONFLICT_WORDS[language];
  const type = useTyping();
  const tried = useTried().find((one) => one.slot === "" && one.number === row.requirement);
  const [text, write] = useState(tried?.value ?? row.bound_written ?? "");
  return (
    <label>
      {own.tryOther}
      <span className="unseen"> {say(row.title)}</span>{" "}
      <input
        value={text}
        name={row.requirement}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          const written = event.target.value;
          write(written);
          type(row.requirement, written.trim() === "" ? null : written.trim());
        }}
      />
    </label>
  );
}

function Detail({ name, children }: { name: string; children: string }) {
  return children ? (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  ) : null;
}
