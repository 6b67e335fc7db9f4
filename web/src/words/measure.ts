// Words of the page of what to measure next.
const en = {
  lead: "Numbers that carry the ± of open verdicts, those first that decide most once they are known twice as well.",
  none: "No verdict is open by its ±: there is nothing to measure for one.",
  asked: "Whom to ask for what",
  number: "Number",
  whose: "Whose",
  uNow: "± u: today → half",
  decides: "Half of it decides",
  decidesNone: "nothing alone",
  carries: (count: number) => (count === 1 ? "carries ± of 1 open verdict" : `carries ± of ${count} open verdicts`),
  onlyCarry: (count: number) =>
    count === 1
      ? "1 more number carries ±, and decides nothing alone"
      : `${count} more numbers carry ±, and decide nothing alone`,
  generic: "generic so far",
  comment: "Comment",
  commentOn: (number: string) => `Comment on ${number}`,
  open: "Open verdicts, and what carries their ±",
  openTold:
    "Share: of the variance that falls away were the number known exactly. Margin and verdict: were its u halved, at the same value.",
  share: "Share of ±²",
  marginThen: "Margin ± U then",
  verdictThen: "Verdict then",
  needed: "Decided from u",
  neededOf: (share: string) => `${share} of today's`,
  neverAlone: "not by it alone",
  together: "Together they decide, each halved:",
  most: "Most of it:",
  unstated: "Nobody states how sure these are",
  unstatedTold:
    "Verdicts that rest on them alone have “± ?”: their owners can state it in the next version of the offer.",
  writes: "Write beside it",
  requirements: "Verdicts",
  hiddenNumbers: "numbers that you do not see",
};

export type MeasureWords = typeof en;

const ru: MeasureWords = {
  lead: "Числа, из-за ± которых требования не подтверждены. Сначала те, что решают больше всего, если узнать их вдвое точнее.",
  none: "Нет требований, не подтверждённых из-за неопределённости: измерять ради этого нечего.",
  asked: "У кого что спросить",
  number: "Число",
  whose: "Чьё",
  uNow: "± u: сейчас → половина",
  decides: "Половина решает",
  decidesNone: "само по себе ничего",
  carries: (count) => `неподтверждённых требований, на которые влияет: ${count}`,
  onlyCarry: (count) => `Ещё чисел, которые вносят ±, но сами ничего не решают: ${count}`,
  generic: "пока обобщённое",
  comment: "Комментарий",
  commentOn: (number) => `Комментарий: ${number}`,
  open: "Не подтверждено из-за неопределённости: откуда ±",
  openTold:
    "Доля — какая часть дисперсии исчезнет, если знать число точно. Запас и результат — если его u вдвое меньше при том же значении.",
  share: "Доля в ±²",
  marginThen: "Запас ± U тогда",
  verdictThen: "Результат тогда",
  needed: "Подтверждено или отклонено при u до",
  neededOf: (share) => `${share} от нынешней`,
  neverAlone: "одним им не решить",
  together: "Вместе решают, если каждое вдвое точнее:",
  most: "Больше всего:",
  unstated: "Никто не указал, насколько они надёжны",
  unstatedTold:
    "У результатов, которые опираются только на них, указано «± не указана»: владельцы могут указать это в следующей версии поставки.",
  writes: "Написать рядом",
  requirements: "Требования",
  hiddenNumbers: "числа, которые вам не видны",
};

export const MEASURE = { en, ru };
