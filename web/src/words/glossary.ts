// The glossary: a word, and what it means, in each language; the headings that lead here name its id.
export type Entry = { id: string; word: { en: string; ru: string }; meaning: { en: string; ru: string } };

export const GLOSSARY: readonly Entry[] = [
  {
    id: "programme",
    word: { en: "programme", ru: "программа" },
    meaning: {
      en: "One vehicle that is created jointly: parties, architecture, contracts, requirements, gates.",
      ru: "Один автомобиль, который создают вместе: участники, архитектура, договоры, требования, рубежи.",
    },
  },
  {
    id: "party",
    word: { en: "party", ru: "участник" },
    meaning: {
      en: "An organisation in the programme: integrator, supplier, institute, agency.",
      ru: "Организация в программе: интегратор, поставщик, институт, ведомство.",
    },
  },
  {
    id: "slot",
    word: { en: "slot", ru: "узел" },
    meaning: {
      en: "A place in the vehicle that one part fills: battery, drive unit, body.",
      ru: "Место в автомобиле, которое занимает одна составная часть: батарея, привод, кузов.",
    },
  },
  {
    id: "interface",
    word: { en: "interface", ru: "интерфейс" },
    meaning: {
      en: "What a slot demands of a part: ports, numbers, promises. It has a version: battery@1.",
      ru: "Что узел требует от составной части: порты, числа, обязательства. У интерфейса есть версия: battery@1.",
    },
  },
  {
    id: "contract",
    word: { en: "contract", ru: "договор" },
    meaning: {
      en: "An interface as agreed between named parties, with limits and the promises that are tested.",
      ru: "Интерфейс, согласованный между названными участниками, с пределами и проверяемыми обязательствами.",
    },
  },
  {
    id: "part",
    word: { en: "part", ru: "составная часть" },
    meaning: {
      en: "What fills a slot: described by a datasheet, computed by a model.",
      ru: "Чем занят узел: описана паспортом, вычисляется моделью.",
    },
  },
  {
    id: "offer",
    word: { en: "offer", ru: "версия поставки" },
    meaning: {
      en: "A published version of a part that never changes again, known by the hash of its content.",
      ru: "Опубликованная версия составной части, которая больше не меняется; известна по контрольной сумме содержания.",
    },
  },
  {
    id: "lock",
    word: { en: "lock", ru: "зафиксированный состав" },
    meaning: {
      en: "Which offer fills which slot now. The verdicts are those on this vehicle.",
      ru: "Какая версия поставки занимает какой узел сейчас. Результаты относятся к этому автомобилю.",
    },
  },
  {
    id: "requirement",
    word: { en: "requirement", ru: "требование" },
    meaning: {
      en: "One sentence with a number: what is measured, its bound, under which conditions, whose it is, how firm.",
      ru: "Одно предложение с числом: что измеряют, какова норма, при каких условиях, чьё оно и насколько твёрдое.",
    },
  },
  {
    id: "procedure",
    word: { en: "procedure", ru: "методика" },
    meaning: {
      en: "The recipe of a regulation or a customer: what is driven and what is measured.",
      ru: "Порядок из нормативного акта или от заказчика: что проезжают и что измеряют.",
    },
  },
  {
    id: "verdict",
    word: { en: "verdict", ru: "результат" },
    meaning: {
      en: "How a vehicle stands to a requirement: met from 95 % probability to conform on, not met up to 5 %, between them within uncertainty.",
      ru: "Как автомобиль соотносится с требованием: выполнено при вероятности соответствия от 95 %, не выполнено до 5 %, между ними — в пределах неопределённости.",
    },
  },
  {
    id: "margin",
    word: { en: "margin", ru: "запас" },
    meaning: {
      en: "By how much a value is better than its bound; below zero it is worse. U is the expanded uncertainty, k = 2.",
      ru: "Насколько значение лучше нормы; ниже нуля — хуже. U — расширенная неопределённость, k = 2.",
    },
  },
  {
    id: "basis",
    word: { en: "basis", ru: "основание" },
    meaning: {
      en: "How a number came about, from the weakest: estimate, simulated, supplier's figure, measured.",
      ru: "Откуда число, от слабейшего: оценка, расчёт, данные поставщика, измерено.",
    },
  },
  {
    id: "evidence",
    word: { en: "level of validation", ru: "уровень валидации" },
    meaning: {
      en: "How well the model behind a value is tested: 0 parameterised, 1 energy per cycle, 2 time resolved, 3 thermal.",
      ru: "Насколько проверена модель, давшая значение: 0 — заданы параметры, 1 — энергия за цикл, 2 — ход во времени, 3 — тепловой режим.",
    },
  },
  {
    id: "what-if",
    word: { en: "vehicle that is tried", ru: "пробный автомобиль" },
    meaning: {
      en: "The locked vehicle with numbers changed, for whoever looks. Nothing is written until it is proposed.",
      ru: "Зафиксированный состав с изменёнными числами, только для того, кто смотрит. Ничего не записано, пока не предложено.",
    },
  },
  {
    id: "proposal",
    word: { en: "proposal", ru: "предложение" },
    meaning: {
      en: "Numbers that a party would change, with the vehicle before and after. Who is concerned must agree before it is merged.",
      ru: "Числа, которые участник хочет изменить, с автомобилем до и после. До принятия в состав должны согласиться те, кого это касается.",
    },
  },
  {
    id: "merge",
    word: { en: "merge", ru: "принятие в состав" },
    meaning: {
      en: "A proposal is carried out: a new version of each part is written, offered and locked, as commits in Git.",
      ru: "Предложение выполнено: новая версия каждой составной части записана, предложена и зафиксирована коммитами Git.",
    },
  },
  {
    id: "gate",
    word: { en: "gate", ru: "рубеж" },
    meaning: {
      en: "A stage of the programme with criteria, evidence and sign-offs; it opens only where the one before it is open.",
      ru: "Контрольная точка программы с критериями, свидетельствами и подписями; пройти её можно, только если пройден предыдущий рубеж.",
    },
  },
  {
    id: "sign-off",
    word: { en: "sign-off", ru: "подпись рубежа" },
    meaning: {
      en: "A party's signed word that it passes a gate, for one state of the programme. What changes afterwards makes it stale.",
      ru: "Подписанное слово участника, что рубеж пройден, для одного состояния программы. После изменений подпись устаревает.",
    },
  },
  {
    id: "dossier",
    word: { en: "dossier", ru: "досье" },
    meaning: {
      en: "All that shows one requirement or one gate, in one file that is checked without covolt.",
      ru: "Всё, чем подтверждается одно требование или один рубеж, одним файлом; проверяется без covolt.",
    },
  },
  {
    id: "baseline",
    word: { en: "baseline", ru: "базовое состояние" },
    meaning: {
      en: "A state that is kept under a name, with which later ones are compared.",
      ru: "Состояние, сохранённое под именем; с ним сравнивают следующие.",
    },
  },
  {
    id: "negative",
    word: { en: "negative", ru: "прежняя неудача" },
    meaning: {
      en: "What went wrong before, what would have shown it early, and which requirement, criterion or sign-off guards against it now.",
      ru: "Что однажды не удалось, что показало бы это раньше и какое требование, критерий или подпись защищает от этого теперь.",
    },
  },
  {
    id: "level",
    word: { en: "level", ru: "уровень" },
    meaning: {
      en: "Where a party stands: union body, ministry, agency, corporation, concern, enterprise. What belongs to it sums to its measures.",
      ru: "Где стоит участник: орган союза, министерство, ведомство, корпорация, концерн, предприятие. Из подчинённого складываются его показатели.",
    },
  },
  {
    id: "interest",
    word: { en: "interest", ru: "интерес" },
    meaning: {
      en: "What a party wants more of, from the worst that it accepts to what it hopes for. It is its own secret unless it says otherwise.",
      ru: "Чего участник хочет больше, от худшего приемлемого до желаемого. Это его тайна, если он не решил иначе.",
    },
  },
  {
    id: "u",
    word: { en: "u", ru: "u" },
    meaning: {
      en: "Standard uncertainty of a number; about two of three results lie within ± u.",
      ru: "Стандартная неопределённость числа; примерно два результата из трёх лежат в пределах ± u.",
    },
  },
  {
    id: "digest",
    word: { en: "digest, hash", ru: "контрольная сумма" },
    meaning: {
      en: "A short number that names exactly one content: whoever changes a byte gets another.",
      ru: "Короткое число, которое обозначает ровно одно содержание: стоит изменить байт, и оно другое.",
    },
  },
];
