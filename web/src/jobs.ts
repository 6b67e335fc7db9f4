// Jobs: asked for, and waited for as long as somebody looks.
import { useAnswer } from "./answers";
import { get, type Job } from "./ask";
import { useHere } from "./here";

const WAIT_s = 4;

export function isOver(one: Job): boolean {
  return one.status !== "waiting" && one.status !== "running";
}

export function useJob(number: number) {
  const { programme, party } = useHere();
  const name = programme.id;
  return useAnswer<Job>(
    JSON.stringify([name, party, number]),
    async (signal, tell) => {
      const ask = (wait_s: number) =>
        get("/api/v1/programmes/{name}/jobs/{number}", party, { name, number }, { wait_s }, signal);
      let found = await ask(0);
      while (!isOver(found)) {
        tell(found);
        found = await ask(WAIT_s);
      }
      return found;
    },
    JSON.stringify([name, party, number]),
  );
}
