// What one sees, as a script asks it: in Python and with curl.
import type { Tried } from "../address";
import type { Here } from "../here";

function quoted(text: string): string {
  return JSON.stringify(text);
}

export function asPython({ programme, party }: Here, tried: readonly Tried[]): string {
  const acting = party ? `, party=${quoted(party)}` : "";
  const lines = [
    "import covolt",
    "",
    `ws = covolt.connect(${quoted(location.origin)})`,
    `programme = ws.programme(${quoted(programme.id)}${acting})`,
  ];
  if (tried.length === 0) return [...lines, "programme.verdicts()", ""].join("\n");
  const changes = tried.map((one) => `${quoted(`${one.slot}/${one.number}`)}: ${quoted(one.value)}`).join(", ");
  return [...lines, `programme.what_if({${changes}})`, ""].join("\n");
}

export function asCurl({ programme, party }: Here, tried: readonly Tried[]): string {
  const base = `${location.origin}/api/v1/programmes/${encodeURIComponent(programme.id)}`;
  const header = party ? ` -H 'Covolt-Party: ${party}'` : "";
  if (tried.length === 0) return `curl${header} '${base}/verdicts?wait_s=20'\n`;
  const body = JSON.stringify({ changes: tried }).replaceAll("'", "'\\''");
  return `curl${header} -H 'Content-Type: application/json' -d '${body}' '${base}/what-if?wait_s=20'\n`;
}

export async function copied(text: string, { words, tell }: Here): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(words.copied);
  } catch {
    tell(`${words.copyFailed}\n${text}`);
  }
}
