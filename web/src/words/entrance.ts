// Words of the page by which one comes in.
import type { Language } from "../address";

const en = {
  title: "Come in",
  alone: "This workspace is its own user's alone, and this browser has not been let in.",
  again: "Open the address that covolt serve has printed: it lets one browser in, once. For a new one run again:",
  together: "Log in to see your programmes.",
  token: "Token",
  tokenHint: "A token of yours: covolt_token_… Whoever administers the workspace makes the first one.",
  enter: "Log in",
  with: (issuer: string) => `Log in with ${issuer}`,
  refused: "This lets nobody in, or no longer.",
};

const ru: typeof en = {
  title: "Вход",
  alone: "Это рабочее пространство только для его пользователя, и этот браузер в него не впущен.",
  again:
    "Откройте адрес, который напечатала команда covolt serve: он впускает один браузер один раз. За новым адресом запустите снова:",
  together: "Войдите, чтобы увидеть свои программы.",
  token: "Токен",
  tokenHint: "Ваш токен: covolt_token_… Первый создаёт тот, кто управляет рабочим пространством.",
  enter: "Войти",
  with: (issuer) => `Войти через ${issuer}`,
  refused: "Это никого не впускает или уже не впускает.",
};

export const ENTRANCE_WORDS: Record<Language, typeof en> = { en, ru };
