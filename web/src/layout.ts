// A small layered layout: what gives stands before what takes, each in the middle of what it is coupled with.
export type Box = { id: string; x: number; y: number };
export type Layout = { boxes: Map<string, Box>; width: number; height: number };
type Links = readonly (readonly [string, string])[];
export type Sizes = { width: number; height: number; gapX: number; gapY: number; most: number; upright: boolean };

const ROUNDS = 4;

export function layout(ids: readonly string[], links: Links, sizes: Sizes): Layout {
  const rows = broken(ordered(layered(ids, links), links), links, sizes.most);
  const { width, height, gapX, gapY, upright } = sizes;
  const [along, across] = upright ? [height + gapY, width + gapX] : [width + gapX, height + gapY];
  const longest = Math.max(1, ...rows.map((row) => row.length));
  const boxes = new Map<string, Box>();
  rows.forEach((row, depth) => {
    row.forEach((id, at) => {
      const side = (at + (longest - row.length) / 2) * across;
      boxes.set(id, upright ? { id, x: side, y: depth * along } : { id, x: depth * along, y: side });
    });
  });
  const [long, wide] = [rows.length * along, longest * across];
  return { boxes, width: (upright ? wide : long) - gapX, height: (upright ? long : wide) - gapY };
}

// The layer of each: behind all that gives to it, and as near as can be to what it gives to.
function layered(ids: readonly string[], links: Links): string[][] {
  const depth = new Map(ids.map((id) => [id, 0]));
  const at = (id: string) => depth.get(id) ?? 0;
  // As many rounds as there are layers at most; a ring ends there, too.
  for (let round = 0; round < ids.length; round++)
    for (const [from, into] of links)
      if (at(into) <= at(from) && at(from) + 1 < ids.length) depth.set(into, at(from) + 1);
  for (const id of ids) {
    const takes = links.some(([, into]) => into === id);
    const gives = links.filter(([from]) => from === id).map(([, into]) => at(into));
    if (!takes && gives.length > 0) depth.set(id, Math.max(0, Math.min(...gives) - 1));
  }
  const layers: string[][] = [];
  for (const id of ids) {
    const layer = layers[at(id)] ?? [];
    layer.push(id);
    layers[at(id)] = layer;
  }
  return layers.filter((layer) => layer !== undefined);
}

// Fewer lines cross where each stands at the mean place of its neighbours.
function ordered(layers: string[][], links: Links): string[][] {
  const place = new Map(layers.flatMap((layer) => layer.map((id, at) => [id, at - layer.length / 2] as const)));
  for (let round = 0; round < ROUNDS; round++)
    for (const layer of layers) {
      const wanted = new Map(layer.map((id) => [id, mean(id, links, place)]));
      layer.sort((one, other) => (wanted.get(one) ?? 0) - (wanted.get(other) ?? 0));
      for (const [at, id] of layer.entries()) place.set(id, at - layer.length / 2);
    }
  return layers;
}

function mean(id: string, links: Links, place: Map<string, number>): number {
  const near = links.flatMap(([from, into]) => (from === id ? [into] : into === id ? [from] : []));
  if (near.length === 0) return place.get(id) ?? 0;
  return near.reduce((sum, one) => sum + (place.get(one) ?? 0), 0) / near.length;
}

// A layer that is too long for the window is broken into several; what gives on stands in the last of them.
function broken(layers: string[][], links: Links, most: number): string[][] {
  return layers.flatMap((layer) => {
    if (layer.length <= most) return [layer];
    const gives = (id: string) => links.some(([from]) => from === id);
    const sorted = [...layer.filter((id) => !gives(id)), ...layer.filter(gives)];
    const rows: string[][] = [];
    for (let at = 0; at < sorted.length; at += most) rows.push(sorted.slice(at, at + most));
    return rows;
  });
}
