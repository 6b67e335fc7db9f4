// Asking the workspace: every door and every answer as its OpenAPI document types them.
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type Said = Schemas["VerdictRow"]["title"];
export type Programme = Schemas["ProgrammeShown"];
export type Slot = Schemas["SlotRow"];
export type NumberRow = Schemas["NumberRow"];
export type Party = Schemas["PartyRow"];
export type Verdicts = Schemas["VerdictsShown"];
export type Verdict = Schemas["VerdictRow"];
export type Turned = Schemas["TurnedRow"];
export type Change = Schemas["ProposalRow"]["changes"][number];
export type Proposal = Schemas["ProposalShown"];
export type ProposalRow = Schemas["ProposalRow"];
export type Gates = Schemas["GatesShown"];
export type Measure = Schemas["MeasureShown"];
export type Conflicts = Schemas["ConflictsShown"];
export type BrokenRow = Schemas["BrokenRow"];
export type Job = Schemas["JobShown"];
export type Settlement = Schemas["SettlementOption"];
export type Settlements = Schemas["SettlementsShown"];
export type FoundConflicts = Schemas["ConflictsDocument"];
export type GateShown = Schemas["GateShown"];
export type Signings = Schemas["SigningsShown"];
export type Signing = Schemas["SigningShown"];
export type AgencyShown = Schemas["AgencyShown"];
export type Compared = Schemas["ComparedShown"];
export type StateRow = Schemas["StateRow"];
export type History = Schemas["HistoryShown"];
export type Chain = Schemas["ChainShown"];
export type Architecture = Schemas["ArchitectureShown"];
export type PartShown = Schemas["PartShown"];
export type PartView = Schemas["PartView"];
export type Comment = Schemas["CommentShown"];
export type FeedEvent = Schemas["EventShown"];
export type Subscriptions = Schemas["SubscriptionsShown"];
export type Subscription = Schemas["SubscriptionRow"];
export type Session = Schemas["SessionShown"];

export type Problem = { what: Said; where: string; hint: Said };

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problems: Problem[],
  ) {
    super(problems.map((one) => one.what.en).join("; "));
  }
}

type Method = "get" | "post";
type With<M extends Method> = {
  [P in keyof paths]: paths[P] extends { [K in M]: { responses: unknown } } ? P : never;
}[keyof paths];
type Answer<P extends keyof paths, M extends Method> = paths[P] extends { [K in M]: { responses: infer R } }
  ? R extends { 200: { content: { "application/json": infer T } } }
    ? T
    : R extends { 201: { content: { "application/json": infer T } } }
      ? T
      : never
  : never;
type Body<P extends keyof paths> = paths[P] extends {
  post: { requestBody: { content: { "application/json": infer T } } };
}
  ? T
  : undefined;

export type Names = Record<string, string | number>;

export function door(path: string, names: Names = {}, query: Names = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(names[name] ?? "")));
  const asked = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString();
  return asked ? `${filled}?${asked}` : filled;
}

async function answered(to: string, party: string, given: RequestInit): Promise<unknown> {
  const headers = new Headers(given.headers);
  if (party) headers.set("Covolt-Party", party);
  let answer: Response;
  try {
    answer = await fetch(to, { ...given, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused(0, []);
  }
  const content: unknown = await answer.json().catch(() => null);
  if (answer.ok) return content;
  throw new Refused(answer.status, problemsIn(content));
}

function problemsIn(content: unknown): Problem[] {
  const told = typeof content === "object" && content !== null && "problems" in content;
  return told ? (content.problems as Problem[]) : [];
}

export async function get<P extends With<"get">>(
  path: P,
  party: string,
  names: Names = {},
  query: Names = {},
  signal?: AbortSignal,
): Promise<Answer<P, "get">> {
  const given = signal ? { signal } : {};
  return (await answered(door(path, names, query), party, given)) as Answer<P, "get">;
}

export async function post<P extends With<"post">>(
  path: P,
  party: string,
  names: Names,
  body: Body<P>,
  query: Names = {},
  signal?: AbortSignal,
): Promise<Answer<P, "post">> {
  const content: RequestInit =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const given = { ...content, ...(signal ? { signal } : {}), method: "POST" };
  return (await answered(door(path, names, query), party, given)) as Answer<P, "post">;
}
