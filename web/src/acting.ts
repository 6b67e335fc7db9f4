// For which parties one may act: all in a workspace of one person, else those of which one is a member.
import { useAnswer } from "./answers";
import { get } from "./ask";
import { useHere } from "./here";

export function useActing() {
  const { programme, party } = useHere();
  const session = useAnswer("session", (signal) => get("/api/v1/session", "", {}, {}, signal)).value;
  const own = (session?.memberships ?? []).filter((one) => one.programme === programme.id).map((one) => one.party);
  const all = session !== undefined && !session.together;
  // The chosen one stays, so that what stands in the address is told.
  return programme.parties.filter((one) => all || one.id === party || own.includes(one.id));
}
