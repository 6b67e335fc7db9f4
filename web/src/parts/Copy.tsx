// What one sees, as a script asks it: in Python and with curl.
import { addressOf, type Tried } from "../address";
import { forScripts } from "../entering";
import type { Here } from "../here";

function quoted(text: string): string {
  return JSON.stringify(text);
}

// A number alone is meant in the unit in which it is locked; a script says so.
function spelled({ programme }: Here, one: Tried): Tried {
  const slot = programme.slots.find((each) => each.id === one.slot);
  const locked = slot?.numbers.find((each) => each.name === one.number)?.unit ?? "";
  const unit = locked === "1" ? "" : locked;
  const bare = /^[-+−\d.,e]+$/i.test(one.value);
  return bare
    ? { ...one, value: [one.value.replace(",", ".").replace("−", "-"), unit].filter(Boolean).join(" ") }
    : one;
}

// An address may name any party; only one that is known goes into a command that somebody will run.
export function known({ programme, party }: Here): string {
  return programme.parties.some((one) => one.id === party) ? party : "";
}

export function asPython(here: Here, tried: readonly Tried[]): string {
  const { programme } = here;
  const party = known(here);
  const acting = party ? `, party=${quoted(party)}` : "";
  const lines = [
    "import covolt",
    "",
    `ws = covolt.connect(${quoted(forScripts())})`,
    `programme = ws.programme(${quoted(programme.id)}${acting})`,
  ];
  if (tried.length === 0) return [...lines, "programme.verdicts()", ""].join("\n");
  const changes = tried
    .map((each) => spelled(here, each))
    .map((one) => `${quoted(addressOf(one))}: ${quoted(one.value)}`)
    .join(", ");
  return [...lines, `programme.what_if({${changes}})`, ""].join("\n");
}

export function asCurl(here: Here, tried: readonly Tried[]): string {
  const { programme } = here;
  const party = known(here);
  const base = `${forScripts()}/api/v1/programmes/${encodeURIComponent(programme.id)}`;
  const proof = ' -H "Authorization: Bearer $COVOLT_TOKEN"';
  const header = party ? ` -H 'Covolt-Party: ${party}'` : "";
  if (tried.length === 0) return `curl${proof}${header} '${base}/verdicts?wait_s=20'\n`;
  const body = JSON.stringify({ changes: tried.map((one) => spelled(here, one)) }).replaceAll("'", "'\\''");
  return `curl${proof}${header} -H 'Content-Type: application/json' -d '${body}' '${base}/what-if?wait_s=20'\n`;
}

export async function copied(text: string, { words, tell }: Here): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(words.copied);
  } catch {
    tell(`${words.copyFailed}\n${text}`);
  }
}
