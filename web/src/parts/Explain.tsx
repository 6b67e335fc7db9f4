// From a heading to what its word means.
import { to } from "../address";
import { Link, useHere } from "../here";

export function Explain({ of, word }: { of: string; word: string }) {
  const { words, address } = useHere();
  return (
    <Link to={to(address, "help", of)} className="explain">
      ?<span className="unseen">{words.explain(word)}</span>
    </Link>
  );
}
