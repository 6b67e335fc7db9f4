// Why something cannot be done: what, where, and what to do about it.

import type { Language } from "../address";
import type { Problem, Refused } from "../ask";
import { WORDS } from "../words";

export function ProblemList({ problems, language }: { problems: readonly Problem[]; language: Language }) {
  return (
    <ul>
      {problems.map((one) => (
        <li key={`${one.where} ${one.what.en}`}>
          {one.what[language]}
          {one.where && (
            <>
              {" "}
              (<code>{one.where}</code>)
            </>
          )}
          {one.hint[language] && <span className="hint">{one.hint[language]}</span>}
        </li>
      ))}
    </ul>
  );
}

export function Refusal({ refused, language }: { refused: Refused; language: Language }) {
  const words = WORDS[language];
  const told =
    refused.status === 0
      ? words.offline
      : refused.status < 0
        ? words.broken
        : refused.status >= 500
          ? words.failed
          : words.refusedTitle;
  return (
    <div className="note bad" role="alert">
      <b>{told}</b>
      {refused.problems.length > 0 && <ProblemList problems={refused.problems} language={language} />}
    </div>
  );
}
