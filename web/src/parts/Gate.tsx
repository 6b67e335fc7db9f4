// Gates of the programme: open, or what holds each.

import { untilSure, useAnswer } from "../answers";
import { type Gates, get } from "../ask";
import { useHere } from "../here";

export function useGates() {
  const { programme, party, revision } = useHere();
  const name = programme.id;
  return useAnswer<Gates>(
    JSON.stringify([name, party, revision]),
    (signal, tell) =>
      untilSure((wait_s) => get("/api/v1/programmes/{name}/gates", party, { name }, { wait_s }, signal), tell),
    JSON.stringify([name, party]),
  );
}
