// Points by two measures, with bounds and a front; what it shows stands in a table beside it, too.
import { printed, useHere } from "../here";

export type Point = { design: number; x: number; y: number; meets: boolean; today: boolean };
type Drawn = {
  points: readonly Point[];
  front: readonly Point[];
  across: string;
  up: string;
  bounds: readonly [number | null, number | null];
  label: string;
  legend: string;
};
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [720, 420, 64, 48, 12, 16];
const TICKS = 5;
const PADDED = 0.06;

function ticks(low: number, high: number): number[] {
  const rough = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, at) => (first + at) * step);
}

function ends(values: readonly number[], bound: number | null): [number, number] {
  const all = bound === null ? values : [...values, bound];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = (high - low || Math.abs(high) || 1) * PADDED;
  return [low - room, high + room];
}

export function Scatter({ points, front, across, up, bounds, label, legend }: Drawn) {
  const { language } = useHere();
  if (points.length === 0) return null;
  const [x0, x1] = ends(
    points.map((one) => one.x),
    bounds[0],
  );
  const [y0, y1] = ends(
    points.map((one) => one.y),
    bounds[1],
  );
  const px = (x: number) => LEFT + ((x - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
  const py = (y: number) => HEIGHT - BOTTOM - ((y - y0) / (y1 - y0)) * (HEIGHT - BOTTOM - TOP);
  const [xEnd, yEnd] = [WIDTH - RIGHT, HEIGHT - BOTTOM];
  const line = [...front].sort((a, b) => a.x - b.x).map((one) => `${px(one.x)},${py(one.y)}`);
  return (
    <figure className="scatter">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
        <g className="axes">
          <path d={`M${LEFT} ${TOP}V${yEnd}H${xEnd}`} />
          {ticks(x0, x1).map((one) => (
            <text key={one} x={px(one)} y={yEnd + 18} textAnchor="middle">
              {printed(one, language, 4)}
            </text>
          ))}
          {ticks(y0, y1).map((one) => (
            <text key={one} x={LEFT - 8} y={py(one) + 4} textAnchor="end">
              {printed(one, language, 4)}
            </text>
          ))}
          <text x={xEnd} y={HEIGHT - 6} textAnchor="end">
            {across}
          </text>
          <text x={LEFT + 6} y={TOP + 8}>
            {up}
          </text>
        </g>
        {bounds[0] !== null && <path className="bound" d={`M${px(bounds[0])} ${TOP}V${yEnd}`} />}
        {bounds[1] !== null && <path className="bound" d={`M${LEFT} ${py(bounds[1])}H${xEnd}`} />}
        {line.length > 1 && <polyline className="front" points={line.join(" ")} />}
        {points.map((one) =>
          one.today ? (
            <rect
              key={one.design}
              className="today"
              x={px(one.x) - 6}
              y={py(one.y) - 6}
              width={12}
              height={12}
              transform={`rotate(45 ${px(one.x)} ${py(one.y)})`}
            />
          ) : (
            <circle
              key={one.design}
              className={one.meets ? "meets" : undefined}
              cx={px(one.x)}
              cy={py(one.y)}
              r={4.5}
            />
          ),
        )}
      </svg>
      <figcaption className="soft">{legend}</figcaption>
    </figure>
  );
}
