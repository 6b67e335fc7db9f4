// The head of every page: programme, pages, party, language, commands.
import { useEffect, useState } from "react";
import { useActing } from "../acting";
import { go, LANGUAGES, OF_ONE, PAGES, RARE, to, useAddress, withQuery, written } from "../address";
import { Link, useHere } from "../here";
import { LANGUAGE_NAMES } from "../words";
import { Palette } from "./Palette";

export function Head() {
  const { address, words, programme, party, say } = useHere();
  // Who signs for an agency has its own page at hand.
  const agency = programme.parties.some((one) => one.id === party && one.roles.includes("agency"));
  const pages = PAGES.filter(
    (one) => !OF_ONE.includes(one) && (!RARE.includes(one) || (agency && one === "agency") || one === address.page),
  );
  const offered = useActing();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.code === "KeyK") {
        event.preventDefault();
        setOpen((before) => !before);
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return (
    <header>
      <div className="line">
        <Link to={to(address, "desk")} className="name">
          {say(programme.title)}
        </Link>
        <label className="acting">
          <span>{words.actFor}</span>
          <select
            value={party}
            name="party"
            onChange={(event) => go(withQuery(address, { party: event.target.value || null }))}
          >
            <option value="">{words.nobody}</option>
            {offered.map((one) => (
              <option key={one.id} value={one.id}>
                {say(one.title)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="commands" onClick={() => setOpen(true)} aria-keyshortcuts="Control+K">
          {words.commands} <kbd>Ctrl K</kbd>
        </button>
        <Languages />
      </div>
      <nav aria-label={words.pages}>
        <ul>
          {pages.map((one) => (
            <li key={one} className={address.page === one ? "here" : undefined}>
              <Link to={to(address, one)}>{words[one]}</Link>
            </li>
          ))}
        </ul>
      </nav>
      {open && <Palette acting={offered} close={() => setOpen(false)} />}
    </header>
  );
}

export function Languages() {
  const address = useAddress();
  return (
    <div className="languages">
      {LANGUAGES.map((one) => (
        <button
          key={one}
          type="button"
          lang={one}
          aria-pressed={one === address.language}
          onClick={() => go(written({ ...address, language: one }))}
        >
          {LANGUAGE_NAMES[one]}
        </button>
      ))}
    </div>
  );
}
