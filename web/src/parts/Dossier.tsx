// The dossier of a gate or a requirement: fetched as a file or a page, signed by a command.
import { door } from "../ask";
import { useHere } from "../here";
import { JUDGED } from "../words/judged";
import { copied } from "./Copy";

export function DossierLinks({ kind, subject }: { kind: "gate" | "requirement"; subject: string }) {
  const here = useHere();
  const { programme, party, language } = here;
  const words = JUDGED[language];
  const names = { name: programme.id, kind, subject };
  const asked = { language, ...(party ? { party } : {}) };
  const path = "/api/v1/programmes/{name}/dossiers/{kind}/{subject}";
  const command = `covolt dossier ${subject} . --party ${party || "PARTY"} --role ROLE --key FILE --out ${subject}.json\n`;
  return (
    <div className="actions">
      <span className="soft">{words.dossier}:</span>
      <a href={door(path, names, asked)} download>
        {words.dossierFile}
      </a>
      <a href={door(path, names, { ...asked, form: "html" })} download>
        {words.dossierPage}
      </a>
      <button type="button" className="quiet" onClick={() => copied(command, here)}>
        {words.dossierCommand}
      </button>
    </div>
  );
}
