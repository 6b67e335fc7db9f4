// Words of what parties say to one another.
const en = {
  talk: (count: number) => (count > 0 ? `Talk (${count})` : "Talk"),
  about: (title: string) => `Talk about ${title}`,
  none: "Nobody has said anything about this yet.",
  needParty: "Choose above for which party you act to read and write here.",
  write: "Comment",
  writeHint: "Plain text. @battery-works calls a party by its id: its desk then shows that you wait for it.",
  readers: "For whom",
  everybody: "all parties",
  own: "my own party",
  some: "some parties",
  send: "Write",
  answer: "Answer",
  answerTo: (who: string) => `Answer to ${who}`,
  noAnswer: "No answer, but a comment of its own",
  takeBack: "Take back",
  takeBackOf: (text: string) => `Take back: ${text}`,
  onlyFor: (parties: string) => `for ${parties} only`,
  inAnswerTo: (who: string) => `answers ${who}`,
  waits: "Said to you, without an answer yet",
};

export type TalkWords = typeof en;

const ru: TalkWords = {
  talk: (count) => (count > 0 ? `Обсуждение (${count})` : "Обсуждение"),
  about: (title) => `Обсуждение: ${title}`,
  none: "Об этом ещё никто ничего не написал.",
  needParty: "Выберите вверху, за кого вы действуете, чтобы читать и писать здесь.",
  write: "Комментарий",
  writeHint:
    "Обычный текст. Запись @battery-works обращается к участнику по его обозначению: он увидит на рабочем столе, что от него ждут ответа.",
  readers: "Для кого",
  everybody: "все участники",
  own: "только свои",
  some: "некоторые участники",
  send: "Написать",
  answer: "Ответить",
  answerTo: (who) => `Ответ на комментарий: ${who}`,
  noAnswer: "Не ответ, а отдельный комментарий",
  takeBack: "Убрать",
  takeBackOf: (text) => `Убрать: ${text}`,
  onlyFor: (parties) => `только для: ${parties}`,
  inAnswerTo: (who) => `в ответ: ${who}`,
  waits: "Обращения к вам, ещё без ответа",
};

export const TALK = { en, ru };
