// The frame around every page: which programme, which language, for whom one acts.
import { Component, lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { go, type Language, RARE, to, useAddress, written } from "./address";
import { useAnswer } from "./answers";
import { get } from "./ask";
import { invitation } from "./entering";
import { degrees, type Here, HereIs, Link, Title } from "./here";
import { useLive } from "./live";
import { ConflictsPage } from "./pages/Conflicts";
import { DeskPage } from "./pages/Desk";
import { EntrancePage } from "./pages/Entrance";
import { FeedPage } from "./pages/Feed";
import { GatesPage } from "./pages/Gates";
import { NotificationsPage } from "./pages/Notifications";
import { ProposalPage } from "./pages/Proposal";
import { ProposalsPage } from "./pages/Proposals";
import { RequirementsPage } from "./pages/Requirements";
import { VehiclePage } from "./pages/Vehicle";
import { Head, Languages } from "./parts/Head";
import { Refusal } from "./parts/Problems";
import { WORDS } from "./words";

const SHOWN_ms = 4000;
// Pages that are not opened every day are loaded when they are.
const ArchitecturePage = lazy(() => import("./pages/Architecture").then((one) => ({ default: one.ArchitecturePage })));
const AgencyPage = lazy(() => import("./pages/Agency").then((one) => ({ default: one.AgencyPage })));
const AuditPage = lazy(() => import("./pages/Audit").then((one) => ({ default: one.AuditPage })));
const ComparePage = lazy(() => import("./pages/Compare").then((one) => ({ default: one.ComparePage })));
const GatePage = lazy(() => import("./pages/Gate").then((one) => ({ default: one.GatePage })));
const HelpPage = lazy(() => import("./pages/Help").then((one) => ({ default: one.HelpPage })));
const HistoryPage = lazy(() => import("./pages/History").then((one) => ({ default: one.HistoryPage })));
const InvitedPage = lazy(() => import("./pages/Invited").then((one) => ({ default: one.InvitedPage })));
const MeasurePage = lazy(() => import("./pages/Measure").then((one) => ({ default: one.MeasurePage })));
const PartPage = lazy(() => import("./pages/Part").then((one) => ({ default: one.PartPage })));
const StudyPage = lazy(() => import("./pages/Study").then((one) => ({ default: one.StudyPage })));
const SettingsPage = lazy(() => import("./pages/Settings").then((one) => ({ default: one.SettingsPage })));

export function App() {
  const address = useAddress();
  const { language, programme } = address;
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    if (location.pathname.split("/")[1] !== language) go(written(address), { replace: true });
  }, [address, language]);
  if (invitation())
    return (
      <Whole language={language}>
        <Suspense fallback={<p className="progress">{WORDS[language].loading}</p>}>
          <InvitedPage />
        </Suspense>
      </Whole>
    );
  return <Whole language={language}>{programme ? <Open key={programme} /> : <Start />}</Whole>;
}

// A fault of the page itself is told, not shown as an empty window.
class Whole extends Component<{ language: Language; children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <main id="content">
        <h1>covolt</h1>
        <p role="alert">{WORDS[this.props.language].broken}</p>
        <a href={`/${this.props.language}/`}>{WORDS[this.props.language].programmes}</a>
      </main>
    );
  }
}

// Without a programme in the address: the only one is opened, of several one is chosen.
function Start() {
  const address = useAddress();
  const words = WORDS[address.language];
  const held = useAnswer("programmes", (signal) => get("/api/v1/programmes", "", {}, {}, signal));
  const all = held.value?.programmes;
  useEffect(() => {
    const [only, more] = all ?? [];
    if (only && !more) go(written({ ...address, programme: only.id, page: "desk", item: "" }), { replace: true });
  }, [all, address]);
  if (held.refused?.status === 401) return <EntrancePage />;
  return (
    <main id="content">
      <div className="top">
        <Title>{words.programmes}</Title>
        <Languages />
      </div>
      {held.refused && <Refusal refused={held.refused} language={address.language} />}
      {all === undefined && held.busy && <p>{words.loading}</p>}
      {all?.length === 0 && <p>{words.programmesNone}</p>}
      <ul>
        {all?.map(({ id, title }) => (
          <li key={id}>
            <Link to={written({ ...address, programme: id, page: "desk", item: "" })}>{title[address.language]}</Link>
          </li>
        ))}
      </ul>
    </main>
  );
}

function Open() {
  const address = useAddress();
  const { language, programme: name } = address;
  const party = address.query.get("party") ?? "";
  const words = WORDS[language];
  const [message, setMessage] = useState("");
  const tell = useCallback((told: string) => setMessage(told), []);
  useEffect(() => {
    const timer = setTimeout(() => setMessage(""), message.includes("\n") ? 10 * SHOWN_ms : SHOWN_ms);
    return () => clearTimeout(timer);
  }, [message]);
  const { revision, live } = useLive(name, party);
  const held = useAnswer(
    JSON.stringify([name, party, revision]),
    (signal) => get("/api/v1/programmes/{name}", party, { name }, {}, signal),
    name,
  );
  const programme = held.value;
  const here = useMemo<Here | null>(
    () =>
      programme
        ? {
            address,
            language,
            words,
            party,
            programme,
            revision,
            live,
            say: (said) => degrees(said[language] ?? said.en),
            tell,
          }
        : null,
    [address, language, words, party, programme, revision, live, tell],
  );
  if (held.refused?.status === 401) return <EntrancePage />;
  if (here === null)
    return (
      <main id="content">
        {held.refused ? (
          <>
            <Title>{words.programmes}</Title>
            <Refusal refused={held.refused} language={language} />
            <Link to={`/${language}`}>{words.programmes}</Link>
          </>
        ) : (
          <p className="progress">{words.loading}</p>
        )}
      </main>
    );
  return (
    <HereIs value={here}>
      <a className="skip" href="#content">
        {words.skip}
      </a>
      <Head />
      <main id="content" tabIndex={-1}>
        {held.refused && <Refusal refused={held.refused} language={language} />}
        <Suspense fallback={<p className="progress">{words.loading}</p>}>
          <PageOf here={here} />
        </Suspense>
      </main>
      <footer>
        {RARE.map((one) => (
          <Link key={one} to={to(address, one)}>
            {words[one]}
          </Link>
        ))}
        <Link to={`/${language}/`}>{words.programmes}</Link>
        <a href="/api/v1/openapi.json">OpenAPI</a>
      </footer>
      <div className="toast" role="status">
        {message}
      </div>
    </HereIs>
  );
}

function PageOf({ here }: { here: Here }) {
  const { address, words } = here;
  switch (address.page) {
    case "desk":
      return <DeskPage />;
    case "vehicle":
      return <VehiclePage />;
    case "architecture":
      return <ArchitecturePage />;
    case "parts":
      return <PartPage key={address.item} slot={address.item} />;
    case "requirements":
      return <RequirementsPage />;
    case "measuring":
      return <MeasurePage />;
    case "conflicts":
      return <ConflictsPage />;
    case "proposals":
      return address.item ? <ProposalPage key={address.item} number={Number(address.item)} /> : <ProposalsPage />;
    case "study":
      return <StudyPage />;
    case "gates":
      return address.item ? <GatePage key={address.item} gate={address.item} /> : <GatesPage />;
    case "agency":
      return <AgencyPage />;
    case "history":
      return <HistoryPage />;
    case "compare":
      return <ComparePage />;
    case "audit":
      return <AuditPage />;
    case "settings":
      return <SettingsPage key={here.party} />;
    case "help":
      return <HelpPage item={address.item} />;
    case "feed":
      return <FeedPage />;
    case "notifications":
      return <NotificationsPage />;
    default:
      return (
        <>
          <Title>{words.unknownPage}</Title>
          <Link to={written({ ...address, page: "desk", item: "" })}>{words.toDesk}</Link>
        </>
      );
  }
}
