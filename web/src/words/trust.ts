// Words of the log's page and of the help.
const en = {
  audit: "Log",
  auditTold: "Every entry is bound to the one before it by its hash: none can be changed or taken out unseen.",
  check: "Check the chain",
  whole: (count: number) => `The chain is whole: ${count} entries of this programme are what was written.`,
  broken: "The chain is broken: entries are not what was written.",
  brokenAt: (entries: string) => `Entries that were changed, or before which one is missing: ${entries}.`,
  brokenElsewhere: "No entry of this programme is changed; the break is in another one's.",
  keep: "Keep the newest hash: with it one can tell later whether entries were cut off at the end.",
  countersign: "Counter-sign the newest checkpoint",
  countersignTold:
    "After merges, signatures and every 100 entries the workspace signs where everything stands. Who signs that, too, and keeps the file can show later whether the log was cut off and written anew.",
  countersigned: (number: string) => `Checkpoint ${number} is counter-signed.`,
  entry: "Entry",
  who: "Who",
  what: "What",
  when: "When",
  hash: "Hash",
  verb: "Kind",
  find: "Find",
  none: "No entry is like this.",
  shown: (count: number, all: number) => `${count} of ${all} entries`,
  help: "Help",
  helpTold: "What the words mean, and where things are done.",
  glossary: "Glossary",
  word: "Word",
  meaning: "Meaning",
  other: "По-русски",
  places: "Where things are done",
  keys: "By keyboard",
  keysTold:
    "Ctrl+K (⌘K) opens the commands: type a part of a name, choose with ↑ and ↓, run with Enter. Tab goes on, Enter follows, Escape closes.",
  print: "Any page can be printed: menus and buttons stay away from the paper.",
};

export type TrustWords = typeof en;

const ru: TrustWords = {
  audit: "Журнал",
  auditTold: "Каждая запись связана с предыдущей контрольной суммой: ни изменить, ни изъять её незаметно нельзя.",
  check: "Проверить цепочку",
  whole: (count) => `Цепочка цела: записи этой программы (${count}) такие, какими были сделаны.`,
  broken: "Цепочка нарушена: есть записи, которые не такие, какими были сделаны.",
  brokenAt: (entries) => `Изменённые записи или записи, перед которыми чего-то не хватает: ${entries}.`,
  brokenElsewhere: "Записи этой программы не изменены; нарушение — в записях другой.",
  keep: "Сохраните контрольную сумму последней записи: по ней позже можно узнать, не отрезан ли конец журнала.",
  countersign: "Заверить последнюю контрольную точку",
  countersignTold:
    "После принятия предложений, подписей и каждых 100 записей сервер подписывает состояние всего. Участник, который заверит эту контрольную точку своей подписью и сохранит файл, позже сможет показать, не был ли журнал обрезан и переписан.",
  countersigned: (number) => `Контрольная точка ${number} заверена.`,
  entry: "Запись",
  who: "Кто",
  what: "Что",
  when: "Когда",
  hash: "Контрольная сумма",
  verb: "Вид",
  find: "Найти",
  none: "Таких записей нет.",
  shown: (count, all) => `записей: ${count} из ${all}`,
  help: "Справка",
  helpTold: "Что значат слова и где что делается.",
  glossary: "Словарь",
  word: "Слово",
  meaning: "Значение",
  other: "In English",
  places: "Где что делается",
  keys: "С клавиатуры",
  keysTold:
    "Ctrl+K (⌘K) открывает команды: введите часть названия, выберите стрелками ↑ и ↓, выполните клавишей Enter. Tab — дальше, Enter — перейти, Escape — закрыть.",
  print: "Любую страницу можно напечатать: меню и кнопки на бумагу не попадают.",
};

export const TRUST = { en, ru };
