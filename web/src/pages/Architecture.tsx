// The slots of the vehicle and what couples them, as a graph, and as tables for whoever does not see it.
import { type MouseEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { go, to } from "../address";
import { useAnswer } from "../answers";
import { type Architecture, get } from "../ask";
import { Link, partyTitle, slotTitle, Title, useHere } from "../here";
import { layout, type Sizes } from "../layout";
import { Refusal } from "../parts/Problems";
import { PART } from "../words/part";

// Dark enough for a white letter on them; pattern and letter tell owners apart without colour.
const COLOURS = ["#085575", "#9c4a00", "#145c36", "#5a3288", "#9c1f18", "#4d5200", "#00565b", "#7a1f5c"];
const TURNS = [0, 45, 90, 135, 20, 70, 110, 160];
const BAND = 22;
const SIDEWAYS = 1000;
const LINE = 16;

export function ArchitecturePage() {
  const here = useHere();
  const { words, say, programme, party, revision, language, address } = here;
  const own = PART[language];
  const name = programme.id;
  const held = useAnswer(
    JSON.stringify([name, party, revision]),
    (signal) => get("/api/v1/programmes/{name}/architecture", party, { name }, {}, signal),
    JSON.stringify([name, party]),
  );
  const shown = held.value;
  return (
    <>
      <Title of={say(programme.title)}>{own.architecture}</Title>
      {held.refused && <Refusal refused={held.refused} language={language} />}
      {shown === undefined && held.busy && <p className="progress">{words.loading}</p>}
      {shown && (
        <>
          <p className="soft">{own.graphHint}</p>
          <Graph shown={shown} />
          <h2>{own.slots}</h2>
          <table className="cards">
            <thead>
              <tr>
                <th scope="col">{own.slotOf}</th>
                <th scope="col">{own.owner}</th>
                <th scope="col">{own.part}</th>
                <th scope="col">{own.interfaceOf}</th>
                <th scope="col">{own.contract}</th>
              </tr>
            </thead>
            <tbody>
              {shown.slots.map((one) => (
                <tr key={one.slot}>
                  <th scope="row">
                    <Link to={to(address, "parts", one.slot)}>{say(one.title)}</Link>
                  </th>
                  <td data-of={own.owner}>{partyTitle(here, one.owner)}</td>
                  <td data-of={own.part}>
                    <code>{one.part || "–"}</code>
                  </td>
                  <td data-of={own.interfaceOf}>
                    <code>{one.interface}</code>
                  </td>
                  <td data-of={own.contract}>
                    <code>{one.contract}</code>{" "}
                    <b className={one.state === "broken" ? "not-met" : undefined}>{own.states[one.state]}</b>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <h2>{own.links}</h2>
          <table className="cards">
            <thead>
              <tr>
                <th scope="col">{own.from}</th>
                <th scope="col">{own.into}</th>
                <th scope="col">{own.flows}</th>
                <th scope="col">{own.contracts}</th>
              </tr>
            </thead>
            <tbody>
              {shown.links.map((one) => (
                <tr key={`${one.one} ${one.other} ${one.ports[0]}`}>
                  <th scope="row">
                    {slotTitle(here, one.one)} <code>{one.ports[0]}</code>
                  </th>
                  <td data-of={own.into}>
                    {slotTitle(here, one.other)} <code>{one.ports[1]}</code>
                  </td>
                  <td data-of={own.flows}>{one.quantities.map((each) => own.quantities[each] ?? each).join(", ")}</td>
                  <td data-of={own.contracts}>{own.states[one.state]}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  );
}

function useWidth(): [React.RefObject<HTMLDivElement | null>, number] {
  const place = useRef<HTMLDivElement>(null);
  const [width, measure] = useState(0);
  useEffect(() => {
    const seen = place.current;
    if (seen === null) return;
    const watch = new ResizeObserver(() => measure(seen.clientWidth));
    watch.observe(seen);
    measure(seen.clientWidth);
    return () => watch.disconnect();
  }, []);
  return [place, width];
}

function Graph({ shown }: { shown: Architecture }) {
  const here = useHere();
  const { say, address, language } = here;
  const own = PART[language];
  const [place, width] = useWidth();
  const marks = useId();
  const owners = [...new Set(shown.slots.map((one) => one.owner))];
  const sizes = useMemo<Sizes>(() => {
    const upright = width < SIDEWAYS;
    const box = upright ? (width < 480 ? 108 : 150) : Math.min(190, Math.floor((width - 4 * 60) / 5));
    const gapX = upright ? 14 : 60;
    const most = upright ? Math.max(2, Math.floor((width + gapX) / (box + gapX))) : 99;
    return { width: box, height: 78, gapX, gapY: upright ? 46 : 22, most, upright };
  }, [width]);
  const drawn = useMemo(
    () =>
      layout(
        shown.slots.map((one) => one.slot),
        shown.links.map((one) => [one.one, one.other] as const),
        sizes,
      ),
    [shown, sizes],
  );
  const follow = (to: string) => (event: MouseEvent) => {
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <div ref={place} className="graph">
      {width > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a picture of links is no form.
        <svg
          className={sizes.width < 120 ? "small" : undefined}
          width={drawn.width + 4}
          height={drawn.height + 4}
          viewBox={`-2 -2 ${drawn.width + 4} ${drawn.height + 4}`}
          role="group"
          aria-label={own.graph}
        >
          <defs>
            {owners.map((one, at) => (
              <Pattern key={one} id={`${marks}-${at}`} at={at} />
            ))}
          </defs>
          {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus; the table below says the same. */}
          <g aria-hidden="true">
            {shown.links.map((one) => {
              const [from, into] = [drawn.boxes.get(one.one), drawn.boxes.get(one.other)];
              if (!from || !into) return null;
              const line = between(from, into, sizes);
              return (
                <g key={`${one.one} ${one.other} ${one.ports[0]}`} className={`link ${one.state}`}>
                  <title>{one.quantities.map((each) => own.quantities[each] ?? each).join(", ")}</title>
                  <path d={line.path} />
                  <circle cx={line.x} cy={line.y} r={9} />
                  <text x={line.x} y={line.y + 4} textAnchor="middle">
                    {own.marks[one.state]}
                  </text>
                </g>
              );
            })}
          </g>
          {shown.slots.map((one) => {
            const box = drawn.boxes.get(one.slot);
            if (!box) return null;
            const at = owners.indexOf(one.owner);
            const page = to(address, "parts", one.slot);
            const said = `${say(one.title)}: ${partyTitle(here, one.owner)}, ${own.states[one.state]}`;
            const lines = wrapped(
              say(one.title),
              Math.floor((sizes.width - BAND - 10) / (sizes.width < 120 ? 6.2 : 7.6)),
            );
            return (
              <a key={one.slot} href={page} onClick={follow(page)} aria-label={said} className={`node ${one.state}`}>
                <rect x={box.x} y={box.y} width={sizes.width} height={sizes.height} rx={5} />
                <rect x={box.x} y={box.y} width={BAND} height={sizes.height} fill={COLOURS[at % COLOURS.length]} />
                <rect x={box.x} y={box.y} width={BAND} height={sizes.height} fill={`url(#${marks}-${at})`} />
                <circle cx={box.x + BAND / 2} cy={box.y + sizes.height / 2} r={9} fill={COLOURS[at % COLOURS.length]} />
                <text className="letter" x={box.x + BAND / 2} y={box.y + sizes.height / 2 + 5} textAnchor="middle">
                  {letter(at)}
                </text>
                {lines.map((each, row) => (
                  <text key={each} x={box.x + BAND + 8} y={box.y + 22 + row * LINE}>
                    {each}
                  </text>
                ))}
                <text className="standing" x={box.x + BAND + 8} y={box.y + sizes.height - 8}>
                  {sizes.width > 120 ? own.states[one.state] : own.marks[one.state]}
                </text>
              </a>
            );
          })}
        </svg>
      )}
      <ul className="legend" aria-label={own.owners}>
        {owners.map((one, at) => (
          <li key={one}>
            <svg width={BAND} height={BAND} aria-hidden="true">
              <rect width={BAND} height={BAND} fill={COLOURS[at % COLOURS.length]} />
              <rect width={BAND} height={BAND} fill={`url(#${marks}-${at})`} />
              <circle cx={BAND / 2} cy={BAND / 2} r={9} fill={COLOURS[at % COLOURS.length]} />
              <text className="letter" x={BAND / 2} y={BAND / 2 + 5} textAnchor="middle">
                {letter(at)}
              </text>
            </svg>{" "}
            {partyTitle(here, one)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function letter(at: number): string {
  return String.fromCharCode(65 + (at % 26));
}

function Pattern({ id, at }: { id: string; at: number }) {
  const turn = TURNS[at % TURNS.length] ?? 0;
  const wide = at < COLOURS.length ? 8 : 5;
  return (
    <pattern id={id} width={wide} height={wide} patternUnits="userSpaceOnUse" patternTransform={`rotate(${turn})`}>
      <line x1={0} y1={0} x2={0} y2={wide} stroke="#fff" strokeWidth={2} strokeOpacity={0.55} />
    </pattern>
  );
}

type Place = { x: number; y: number };

function between(from: Place, into: Place, { width, height, upright }: Sizes) {
  const [a, b] = upright
    ? [
        { x: from.x + width / 2, y: from.y + height },
        { x: into.x + width / 2, y: into.y },
      ]
    : [
        { x: from.x + width, y: from.y + height / 2 },
        { x: into.x, y: into.y + height / 2 },
      ];
  const [x, y] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
  const path = upright
    ? `M${a.x} ${a.y}C${a.x} ${y} ${b.x} ${y} ${b.x} ${b.y}`
    : `M${a.x} ${a.y}C${x} ${a.y} ${x} ${b.y} ${b.x} ${b.y}`;
  return { path, x, y };
}

function wrapped(said: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of said.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.slice(0, 3);
}
