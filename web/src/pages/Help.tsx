// Help: what the words mean, and where things are done.
import { useEffect, useRef } from "react";
import { OF_ONE, PAGES, to } from "../address";
import { Link, Title, useHere } from "../here";
import { GLOSSARY } from "../words/glossary";
import { TRUST } from "../words/trust";

export function HelpPage({ item }: { item: string }) {
  const { words, say, programme, language, address } = useHere();
  const own = TRUST[language];
  const other = language === "en" ? "ru" : "en";
  const sought = useRef<HTMLTableRowElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another word is another place.
  useEffect(() => sought.current?.scrollIntoView({ block: "center" }), [item]);
  return (
    <>
      <Title of={say(programme.title)}>{own.help}</Title>
      <p className="soft">{own.helpTold}</p>
      <h2>{own.keys}</h2>
      <p>{own.keysTold}</p>
      <p>{own.print}</p>
      <h2>{own.places}</h2>
      <ul className="columns">
        {PAGES.filter((one) => !OF_ONE.includes(one)).map((one) => (
          <li key={one}>
            <Link to={to(address, one)}>{words[one]}</Link>
          </li>
        ))}
      </ul>
      <h2>{own.glossary}</h2>
      <table className="cards">
        <thead>
          <tr>
            <th scope="col">{own.word}</th>
            <th scope="col">{own.meaning}</th>
            <th scope="col">{own.other}</th>
          </tr>
        </thead>
        <tbody>
          {GLOSSARY.map((one) => (
            <tr
              key={one.id}
              id={one.id}
              ref={one.id === item ? sought : undefined}
              className={one.id === item ? "sought" : undefined}
            >
              <th scope="row">
                <b>{one.word[language]}</b>
              </th>
              <td data-of={own.meaning}>{one.meaning[language]}</td>
              <td data-of={own.other} lang={other} className="own">
                {one.word[other]}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
