// Commands by keyboard: pages, parties, languages, numbers and the main actions.
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { go, LANGUAGES, OF_ONE, PAGES, to, withQuery, withTried, written } from "../address";
import type { Party } from "../ask";
import { type Here, useHere } from "../here";
import { useTried } from "../verdicts";
import { LANGUAGE_NAMES } from "../words";
import { asCurl, asPython, copied } from "./Copy";

type Command = { id: string; said: string; run: () => void };
const MOST = 12;

export function Palette({ acting, close }: { acting: readonly Party[]; close: () => void }) {
  const here = useHere();
  const tried = useTried();
  const { words } = here;
  const [text, write] = useState("");
  const [at, move] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const all = useMemo(() => commands(here, tried, acting), [here, tried, acting]);
  const sought = text.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((one) => sought.every((part) => one.said.toLocaleLowerCase().includes(part))).slice(0, MOST);
  if (text.trim())
    found.push({
      id: "find",
      said: words.find(text.trim()),
      run: () => go(to(here.address, "requirements", "", { text: text.trim() })),
    });
  const chosen = Math.min(at, found.length - 1);
  const run = (one: Command | undefined) => {
    if (one === undefined) return;
    close();
    one.run();
  };
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      move((chosen + step + found.length) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found[chosen]);
    }
  };
  return (
    <dialog ref={dialog} className="palette" aria-label={words.commands} onClose={close}>
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={found[chosen] ? `${list}-${found[chosen].id}` : undefined}
        aria-label={words.commandsHint}
        placeholder={words.commandsHint}
        value={text}
        onChange={(event) => {
          write(event.target.value);
          move(0);
        }}
        onKeyDown={pressed}
        autoComplete="off"
      />
      <div role="listbox" id={list} aria-label={words.commands}>
        {found.map((one, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, whose list this is.
          <div
            role="option"
            tabIndex={-1}
            key={one.id}
            id={`${list}-${one.id}`}
            aria-selected={index === chosen}
            onClick={() => run(one)}
          >
            {one.said}
          </div>
        ))}
      </div>
    </dialog>
  );
}

function commands(here: Here, tried: ReturnType<typeof useTried>, acting: readonly Party[]): Command[] {
  const { words, address, programme, say } = here;
  const pages: Command[] = PAGES.filter((one) => !OF_ONE.includes(one)).map((one) => ({
    id: one,
    said: words.goTo(words[one]),
    run: () => go(to(address, one)),
  }));
  pages.push({ id: "programmes", said: words.goTo(words.programmes), run: () => go(`/${address.language}/`) });
  const actions: Command[] = [
    ...(tried.length > 0
      ? [
          { id: "reset", said: words.reset, run: () => go(withTried(address, [])) },
          { id: "propose", said: words.propose, run: () => go(to(address, "vehicle", "", { propose: "1" })) },
        ]
      : []),
    { id: "python", said: words.copyPython, run: () => void copied(asPython(here, tried), here) },
    { id: "curl", said: words.copyCurl, run: () => void copied(asCurl(here, tried), here) },
  ];
  const parties = acting.map((one) => ({
    id: `party-${one.id}`,
    said: words.actAs(say(one.title)),
    run: () => go(withQuery(address, { party: one.id })),
  }));
  const languages = LANGUAGES.map((one) => ({
    id: `language-${one}`,
    said: words.speak(LANGUAGE_NAMES[one]),
    run: () => go(written({ ...address, language: one })),
  }));
  const slots = programme.slots.map((one) => ({
    id: `slot-${one.id}`,
    said: words.goTo(`${words.parts}: ${say(one.title)}`),
    run: () => go(to(address, "parts", one.id)),
  }));
  const numbers = programme.slots.flatMap((slot) =>
    slot.numbers
      .filter((one) => one.mine)
      .map((one) => ({
        id: one.address.replace("/", "-"),
        said: `${say(slot.title)}: ${say(one.title)}`,
        run: () => {
          go(to(address, "vehicle"));
          setTimeout(() => document.querySelector<HTMLInputElement>(`[data-number="${one.address}"]`)?.focus(), 50);
        },
      })),
  );
  return [...pages, ...actions, ...parties, ...languages, ...numbers, ...slots];
}
